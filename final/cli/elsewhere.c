/*
 * elsewhere: verbs whose libraries take longer to load than others to run.
 */
#include "archive_program.h"
#include "verb.h"

char **command_line; /* as it was typed */

int verb_elsewhere(const struct call *call, struct failure *why)
{
    (void)call;
    return archive_program_exec(command_line, why);
}
