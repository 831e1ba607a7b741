/*
 * state: the directory in which duct keeps what outlives it.
 *
 * Side           host
 * Look at it     ls -lA /var/lib/duct/steps ~/.local/share/duct/steps
 */
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"

char *state_path(const char *asked)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;

    if (asked != NULL)
        return strdup(asked);
    if (geteuid() == 0)
        return strdup("/var/lib/duct/steps");
    if (data != NULL)
        return asprintf(&path, "%s/duct/steps", data) < 0 ? NULL : path;
    return asprintf(&path, "%s/.local/share/duct/steps",
                    home != NULL ? home : "") < 0
               ? NULL
               : path;
}

/* mkdir -p: nobody else may look inside, programs there may be set-user-ID. */
int state_make(char *path, struct failure *why)
{
    if (path == NULL)
        return fail(why, ENOMEM, "find the state directory");
    if (*path == '\0')
        return fail(why, 0, "--state \"\": must be a directory");
    for (char *slash = path; slash != NULL;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        int failed = mkdir(path, 0700) < 0 && errno != EEXIST;
        if (failed)
            fail(why, errno, "make the state directory %s", path);
        if (slash != NULL)
            *slash = '/';
        if (failed)
            return hint(why, "choose another place with --state");
    }
    return 0;
}
