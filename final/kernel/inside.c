/*
 * inside: paths that can't lead out of a tree, whatever links it holds.
 *
 * Kernel object  a path, resolved below a descriptor
 * Side           either
 * Look at it     a tree with `ln -s / data` in it, and -v SRC:/data/x
 */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"

enum {
    MOST_TRIES = 10000 /* some milliseconds */
};

int inside_open(int root_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };

    int fd = -1;

    if (flags & O_NOFOLLOW)
        how.resolve |= RESOLVE_NO_SYMLINKS;

    /* EAGAIN: somebody renames, anywhere, while it follows a "..". Who renames
     * all the time shall not keep us here. */
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    return fd;
}

/* Makes the last part of a path whose other parts there are. */
static int make_last(int parent_fd, const char *name, mode_t type)
{
    if (str_eq(name, ".") || str_eq(name, ".."))
        return 0; /* these come with the directory */
    if (type == S_IFDIR)
        return mkdirat(parent_fd, name, 0755);
    return mknodat(parent_fd, name, S_IFREG | 0644, 0);
}

int inside_make(int root_fd, const char *path, mode_t type, struct failure *why)
{
    int fd = inside_open(root_fd, path, O_PATH);

    if (fd >= 0 || errno != ENOENT)
        return fd >= 0 ? fd : fail(why, errno, "open %s in ROOTFS", path);

    cleanup_free char *copy = strdup(path);
    if (copy == NULL)
        return fail(why, ENOMEM, "make %s in ROOTFS", path);
    const char *parent = dirname(copy);
    const char *name = path + strlen(parent);
    name += strspn(name, "/");
    cleanup_close int parent_fd = inside_make(root_fd, parent, S_IFDIR, why);
    if (parent_fd < 0)
        return -1;
    /* EEXIST: a link that leads nowhere, or somebody was faster. */
    const bool is_there = make_last(parent_fd, name, type) < 0;
    if (is_there && errno != EEXIST)
        return fail(why, errno, "make %s in ROOTFS", path);
    fd = inside_open(root_fd, path, O_PATH);
    if (fd >= 0)
        return fd;
    fail(why, errno, "open %s in ROOTFS", path);
    return hint(why, is_there ? "is there a link that leads nowhere?" : NULL);
}
