/*
 * changes: what a container has done to the tree below it.
 *
 * Kernel object  the upper directory of an overlay: a file is there once it
 *                was written to; a whiteout (character device 0,0) hides what
 *                was removed; an opaque directory hides all that is below it
 * Side           host
 * Look at it     ls -laR STATE/NAME/upper     getfattr -d -m - STATE/NAME/upper
 */
#include "changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "inside.h"

/* What a walk through the layer carries along. */
struct walk {
    struct changes *changes;
    const struct layer *layer;
    bool hidden; /* is all hidden that is below where we are? */
    struct failure *why;
};

static int add(struct walk *w, char kind, const char *path)
{
    struct changes *c = w->changes;
    struct change *longer = realloc(c->list, (c->count + 1) * sizeof(*c->list));

    if (longer == NULL)
        return fail(w->why, ENOMEM, "list changes");
    c->list = longer;
    longer[c->count].kind = kind;
    longer[c->count].path = strdup(path);
    if (longer[c->count++].path == NULL)
        return fail(w->why, ENOMEM, "list changes");
    return 0;
}

static bool is_whiteout(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0);
}

/* Whether a path can be seen in the trees below, from the top down. */
static bool is_below(const struct layer *layer, const char *path)
{
    char *lowerdir;

    for (int i = 0; (lowerdir = layer_lowerdir(layer, i)) != NULL; i++) {
        cleanup_close int root =
            open(lowerdir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        cleanup_close int fd = inside_open(root, path, O_PATH | O_NOFOLLOW);
        struct stat status;

        free(lowerdir);
        if (fd >= 0 && fstat(fd, &status) == 0)
            return !is_whiteout(&status);
    }
    return false;
}

/* Root's overlay marks directories in one namespace of attributes, a user's in
 * the other. */
static bool is_opaque(int fd)
{
    char value[1];

    return (fgetxattr(fd, "trusted.overlay.opaque", value, 1) == 1 ||
            fgetxattr(fd, "user.overlay.opaque", value, 1) == 1) &&
           value[0] == 'y';
}

static int for_each_entry(struct walk *w, int fd, const char *path,
                          int (*visit)(struct walk *w, int fd, const char *name,
                                       const char *path))
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int status = 0;

    if (entries == NULL)
        return fail(w->why, errno, "read %s", path);
    while (status == 0 && (entry = readdir(entries)) != NULL) {
        cleanup_free char *child = NULL;

        if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
            continue;
        status = asprintf(&child, "%s/%s", path, entry->d_name) < 0
                     ? fail(w->why, ENOMEM, "list changes")
                     : visit(w, fd, entry->d_name, child);
    }
    closedir(entries);
    return status;
}

/* An entry of a directory below, that the same directory above hides. */
static int visit_hidden(struct walk *w, int fd, const char *name,
                        const char *path)
{
    cleanup_free char *above = NULL;

    (void)fd;
    (void)name;
    if (asprintf(&above, "%s%s", w->layer->upper, path) < 0)
        return fail(w->why, ENOMEM, "list changes");
    return faccessat(AT_FDCWD, above, F_OK, AT_SYMLINK_NOFOLLOW) == 0
               ? 0
               : add(w, 'D', path);
}

static int find_hidden(struct walk *w, const char *path)
{
    char *lowerdir;

    for (int i = 0; (lowerdir = layer_lowerdir(w->layer, i)) != NULL; i++) {
        cleanup_close int root =
            open(lowerdir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        cleanup_close int fd =
            inside_open(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

        free(lowerdir);
        if (fd >= 0 && for_each_entry(w, fd, path, visit_hidden) < 0)
            return -1;
    }
    return 0;
}

static int visit_changed(struct walk *w, int parent, const char *name,
                         const char *path);

static int visit_directory(struct walk *w, int parent, const char *name,
                           const char *path)
{
    cleanup_close int fd =
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool outside = w->hidden;
    int status = 0;

    if (fd < 0)
        return fail(w->why, errno, "open %s", path);
    w->hidden = outside || is_opaque(fd);
    if (w->hidden)
        status = find_hidden(w, path);
    if (status == 0)
        status = for_each_entry(w, fd, path, visit_changed);
    w->hidden = outside;
    return status;
}

static int visit_changed(struct walk *w, int parent, const char *name,
                         const char *path)
{
    struct stat status;

    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(w->why, errno, "look at %s", path);
    if (is_whiteout(&status))
        return add(w, 'D', path);
    if (add(w, is_below(w->layer, path) ? 'C' : 'A', path) < 0)
        return -1;
    if (!S_ISDIR(status.st_mode))
        return 0;

    return visit_directory(w, parent, name, path);
}

static int by_path(const void *a, const void *b)
{
    const struct change *one = a;
    const struct change *other = b;

    return strcmp(one->path, other->path);
}

/* What two trees below have in common was found twice. */
static void drop_repeated(struct changes *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++)
        if (kept > 0 && str_eq(c->list[kept - 1].path, c->list[i].path))
            free(c->list[i].path);
        else
            c->list[kept++] = c->list[i];
    c->count = kept;
}

int changes_find(struct changes *changes, const struct layer *layer,
                 struct failure *why)
{
    struct walk w = {.changes = changes, .layer = layer, .why = why};
    cleanup_close int fd =
        open(layer->upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return fail(why, errno, "open %s", layer->upper);
    if (for_each_entry(&w, fd, "", visit_changed) < 0) {
        changes_release(changes);
        return -1;
    }
    if (changes->count > 0)
        qsort(changes->list, changes->count, sizeof(*changes->list), by_path);
    drop_repeated(changes);
    return 0;
}

void changes_release(struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        free(changes->list[i].path);
    free(changes->list);
}
