/*
 * paths: what the text of a path says, whatever is on the disk.
 *
 * For copies it matters how a path ends: "x" is a thing, "x/" is a directory,
 * and "x/." is what is in it.
 */
#include "paths.h"

#include <stdio.h>

#include "cleanup.h"

/* Takes the last part off, if there is one and it is a name.
 * Returns: was there one? */
static bool drop_last(char *path, size_t *length, bool is_absolute)
{
    size_t begin = *length;

    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    if (begin == *length || str_eq(path + begin, ".."))
        return is_absolute; /* there is nothing above "/" */
    *length = begin > is_absolute ? begin - 1 : begin;
    path[*length] = '\0';
    return true;
}

char *paths_clean(const char *path)
{
    const bool is_absolute = *path == '/';
    char *clean = malloc(strlen(path) + 2);
    size_t length = 0;

    if (clean == NULL)
        return NULL;
    if (is_absolute)
        clean[length++] = '/';
    clean[length] = '\0';
    for (path += strspn(path, "/"); *path != '\0'; path += strspn(path, "/")) {
        const size_t part = strcspn(path, "/");
        const char *name = path;

        path += part;
        if (part == 1 && *name == '.')
            continue;
        if (part == 2 && strncmp(name, "..", 2) == 0 &&
            drop_last(clean, &length, is_absolute))
            continue;
        if (length > is_absolute)
            clean[length++] = '/';
        memcpy(clean + length, name, part);
        length += part;
        clean[length] = '\0';
    }
    return length > 0 ? clean : memcpy(clean, ".", sizeof("."));
}

bool paths_is_content(const char *path)
{
    size_t length = strlen(path);

    return length > 0 && path[length - 1] == '.' &&
           (length == 1 || path[length - 2] == '/');
}

bool paths_is_directory(const char *path)
{
    size_t length = strlen(path);

    return paths_is_content(path) || (length > 0 && path[length - 1] == '/');
}

char *paths_keep_end(const char *clean, const char *path)
{
    const char *slash = clean[strlen(clean) - 1] == '/' ? "" : "/";
    char *kept = NULL;
    int length;

    if (paths_is_content(path) && !paths_is_content(clean))
        length = asprintf(&kept, "%s%s.", clean, slash);
    else if (paths_is_directory(path) && !paths_is_content(clean))
        length = asprintf(&kept, "%s%s", clean, slash);
    else
        length = asprintf(&kept, "%s", clean);
    return length < 0 ? NULL : kept;
}

int paths_split(const char *path, char **directory, char **base)
{
    cleanup_free char *clean = paths_clean(path);
    char *slash = clean == NULL ? NULL : strrchr(clean, '/');
    bool is_content = paths_is_content(path);

    *directory = *base = NULL;
    if (clean == NULL)
        return -1;
    if (is_content) {
        *directory = strdup(clean);
        *base = strdup(".");
    } else if (str_eq(clean, "/")) {
        *directory = strdup("/");
        *base = strdup("/");
    } else {
        *base = strdup(slash == NULL ? clean : slash + 1);
        *directory =
            slash == NULL
                ? strdup(".")
                : strndup(clean, slash == clean ? 1 : (size_t)(slash - clean));
    }
    if (*directory != NULL && *base != NULL)
        return 0;
    free(*directory);
    free(*base);
    *directory = *base = NULL;
    return -1;
}

char *paths_join(const char *directory, const char *path)
{
    cleanup_free char *whole = NULL;

    if (asprintf(&whole, "%s/%s", directory, path) < 0) {
        whole = NULL;
        return NULL;
    }
    return paths_clean(whole);
}
