/*
 * copy_rules: what cp makes of the names it is given.
 *
 *     from a   to              becomes
 *     file     nothing         a file of that name
 *     file     nothing, "x/"   refused
 *     file     file            that file, replaced
 *     file     directory       a file in it
 *     dir      nothing         a directory of that name
 *     dir      file            refused
 *     dir      directory       a directory in it; from "dir/.": more in it
 */
#include "copy_rules.h"

#include <errno.h>

#include "cleanup.h"
#include "paths.h"

const char *copy_split(const char *word, char **container)
{
    const char *colon = strchr(word, ':');

    *container = NULL;
    /* "./a:b" is a file of that name, whatever containers there are. */
    if (*word == '/' || *word == '.' || colon == NULL)
        return word;
    *container = strndup(word, (size_t)(colon - word));
    return colon + 1;
}

static int refuse(const struct copy_end *from, const struct copy_end *to,
                  struct failure *why)
{
    if (to->is_there && from->is_directory)
        return fail_as(why, FAILURE_BAD_PARAMETER, "cannot copy directory");
    if (!to->is_there && !from->is_directory && paths_is_directory(to->path))
        return fail_as(why, FAILURE_BAD_PARAMETER, "no such directory");
    return 0;
}

/* In a directory that is there it keeps its name. */
static int keep_name(const struct copy_end *from, const struct copy_end *to,
                     char **directory, char **name)
{
    cleanup_free char *parent = NULL;
    cleanup_free char *base = NULL;

    if (paths_split(from->path, &parent, &base) < 0)
        return -1;
    *directory = strdup(to->path);
    *name = strdup(from->name != NULL  ? from->name
                   : str_eq(base, "/") ? "."
                                       : base);
    if (*directory != NULL && *name != NULL)
        return 0;
    free(*directory);
    free(*name);
    return -1;
}

int copy_settle(const struct copy_end *from, const struct copy_end *to,
                char **directory, char **name, struct failure *why)
{
    if (to->is_there && to->is_directory)
        return keep_name(from, to, directory, name) < 0
                   ? fail(why, ENOMEM, "copy %s", from->path)
                   : 0;
    if (refuse(from, to, why) < 0)
        return -1;
    return paths_split(to->path, directory, name) < 0
               ? fail(why, ENOMEM, "copy %s", from->path)
               : 0;
}
