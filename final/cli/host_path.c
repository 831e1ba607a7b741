/*
 * host_path: "./here" means something else once it has left this process.
 *
 * "a/../b" becomes "b" without a look at a, which may be a symbolic link: so
 * does docker, and so does cd in a shell.
 */
#include "host_path.h"

#include <stdio.h>

#include "cleanup.h"

/* Appends the parts of @path to @clean, which begins and stays as "" or
 * "/a/b", and has room. */
static void append_parts(char *clean, char *path)
{
    char *rest = path;
    char *part;

    while ((part = strsep(&rest, "/")) != NULL) {
        char *last = strrchr(clean, '/');

        if (str_eq(part, "..") && last != NULL)
            *last = '\0';
        if (str_eq(part, "") || str_eq(part, ".") || str_eq(part, ".."))
            continue;
        last = strchr(clean, '\0');
        *last = '/';
        memcpy(last + 1, part, strlen(part) + 1);
    }
}

char *host_path(const char *text)
{
    cleanup_free char *here = NULL;
    cleanup_free char *path = NULL;

    if (*text != '.')
        return strdup(text);
    here = getcwd(NULL, 0);
    if (here == NULL || asprintf(&path, "%s/%s", here, text) < 0)
        return NULL;
    char *clean = calloc(1, strlen(path) + 2);
    if (clean == NULL)
        return NULL;
    append_parts(clean, path);
    if (*clean == '\0')
        memcpy(clean, "/", 2);
    return clean;
}
