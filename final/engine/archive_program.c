/*
 * archive_program: the second program, which has what is heavy.
 *
 * Side           host
 */
#include "archive_program.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"

int archive_program_exec(char *const *words, struct failure *why)
{
    static const char *const places[] = {"", "../libexec/duct/"};
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (length < 0)
        return fail(why, errno, "find duct-archive");
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s%sduct-archive", self, places[i]) < 0)
            return fail(why, ENOMEM, "find duct-archive");
        execv(path, words);
    }
    return fail(why, errno, "run %sduct-archive", self);
}
