/*
 * elsewhere: verbs whose libraries take longer to load than others to run.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"
#include "verb.h"

char **command_line; /* as it was typed */

/* Beside us where it was built, in libexec where it is installed. */
int verb_elsewhere(const struct call *call, struct failure *why)
{
    static const char *const places[] = {"", "../libexec/duct/"};
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    (void)call;
    if (length < 0)
        return fail(why, errno, "find duct-archive");
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s%sduct-archive", self, places[i]) < 0)
            return fail(why, ENOMEM, "find duct-archive");
        execv(path, command_line);
    }
    return fail(why, errno, "run %sduct-archive", self);
}
