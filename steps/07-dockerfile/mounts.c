/*
 * mounts: what else of the host is shown in a container, and what of its own.
 *
 * Kernel object  mounts that are not attached anywhere, until they are
 * Side           container, between its root's mount and the pivot
 * Look at it     findmnt -N PID
 */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "inside.h"

static int add(struct mounts *m, const struct mount_request *request,
               struct failure *why)
{
    struct mount_request *longer =
        realloc(m->list, (m->count + 1) * sizeof(*m->list));

    if (longer == NULL)
        return fail(why, ENOMEM, "note a mount");
    m->list = longer;
    m->list[m->count++] = *request;
    return 0;
}

int mounts_volume(struct mounts *m, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy;
    const char *source = strsep(&rest, ":");
    const char *target = strsep(&rest, ":");
    struct mount_request request = {0};

    if (target == NULL || *target != '/' ||
        (rest != NULL && !str_eq(rest, "ro") && !str_eq(rest, "rw")))
        return fail(why, 0, "--volume \"%s\": must be SOURCE:/TARGET[:ro]",
                    text);
    if (strchr(source, '/') == NULL) {
        fail(why, 0, "--volume \"%s\": SOURCE must be a path", text);
        return hint(why, "volumes with names come in final");
    }
    request.read_only = rest != NULL && str_eq(rest, "ro");
    request.source = realpath(source, NULL);
    if (request.source == NULL)
        return fail(why, errno, "--volume \"%s\": find %s", text, source);
    request.target = strdup(target);
    return add(m, &request, why);
}

int mounts_tmpfs(struct mounts *m, const char *text, struct failure *why)
{
    struct mount_request request = {0};

    if (*text != '/')
        return fail(why, 0, "--tmpfs \"%s\": must be an absolute path", text);
    request.target = strdup(text);
    return add(m, &request, why);
}

/* For narration, which is in the new root already. */
static const char *relative(const char *target)
{
    return target + strspn(target, "/");
}

/* A part of the host's tree of mounts, not attached yet. */
static int make_bind(const struct mount_request *r, struct failure *why)
{
    explain(CONTAINER, "mount --rbind %s %s", r->source, relative(r->target));
    int tree = open_tree(AT_FDCWD, r->source,
                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (tree < 0)
        return fail(why, errno, "--volume: clone the mount of %s", r->source);
    return tree;
}

/* A new tmpfs, not attached yet. */
static int make_tmpfs(const struct mount_request *r, struct failure *why)
{
    explain(CONTAINER,
            "mount -t tmpfs -o nosuid,nodev,noexec,mode=1777 "
            "tmpfs %s",
            relative(r->target));
    cleanup_close int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (context < 0 ||
        fsconfig(context, FSCONFIG_SET_STRING, "source", "tmpfs", 0) < 0 ||
        fsconfig(context, FSCONFIG_SET_STRING, "mode", "1777", 0) < 0 ||
        fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return fail(why, errno, "--tmpfs %s: make a tmpfs", r->target);
    int tmpfs =
        fsmount(context, FSMOUNT_CLOEXEC,
                MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (tmpfs < 0)
        return fail(why, errno, "--tmpfs %s: mount a tmpfs", r->target);
    return tmpfs;
}

static int make_target(int root_fd, const struct mount_request *r,
                       struct failure *why)
{
    struct stat status = {.st_mode = S_IFDIR};

    if (r->source != NULL && stat(r->source, &status) < 0)
        return fail(why, errno, "--volume: look at %s", r->source);
    if (S_ISDIR(status.st_mode)) {
        explain(CONTAINER, "mkdir -p %s", relative(r->target));
        return inside_make(root_fd, r->target, S_IFDIR, why);
    }
    explain(CONTAINER, "mkdir -p \"$(dirname %s)\"", relative(r->target));
    explain(CONTAINER, "touch %s", relative(r->target));
    return inside_make(root_fd, r->target, S_IFREG, why);
}

static int set_flags(int mount_fd, unsigned depth, __u64 flags,
                     const char *options, const char *target,
                     struct failure *why)
{
    struct mount_attr attributes = {.attr_set = flags};

    explain(CONTAINER, "mount -o remount,bind,%s %s", options, target);
    if (mount_setattr(mount_fd, "", AT_EMPTY_PATH | depth, &attributes,
                      sizeof(attributes)) < 0)
        return fail(why, errno, "set the flags of %s in ROOTFS", target);
    return 0;
}

/* Device nodes in there must not work: container's root may make some. */
static int set_bind_flags(int tree, const struct mount_request *r,
                          struct failure *why)
{
    if (r->read_only)
        return set_flags(tree, AT_RECURSIVE,
                         MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY, "nodev,ro",
                         relative(r->target), why);
    return set_flags(tree, AT_RECURSIVE, MOUNT_ATTR_NODEV, "nodev",
                     relative(r->target), why);
}

/* "/", "//", "/tmp/..": there are many ways to say it. */
static bool is_same(int one_fd, int other_fd)
{
    struct stat one;
    struct stat other;

    return fstat(one_fd, &one) == 0 && fstat(other_fd, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static int attach_one(int root_fd, const struct mount_request *r,
                      struct failure *why)
{
    cleanup_close int target = make_target(root_fd, r, why);
    if (target < 0)
        return -1;
    if (is_same(target, root_fd))
        return fail(why, 0, "%s \"%s\": that is the root itself",
                    r->source != NULL ? "--volume" : "--tmpfs", r->target);
    cleanup_close int tree =
        r->source != NULL ? make_bind(r, why) : make_tmpfs(r, why);
    if (tree < 0)
        return -1;
    if (r->source != NULL && set_bind_flags(tree, r, why) < 0)
        return -1;
    if (move_mount(tree, "", target, "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return fail(why, errno, "mount on %s in ROOTFS", r->target);
    return 0;
}

int mounts_attach(const struct mounts *m, struct failure *why)
{
    cleanup_close int root_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (root_fd < 0)
        return fail(why, errno, "open ROOTFS");
    for (size_t i = 0; i < m->count; i++)
        if (attach_one(root_fd, &m->list[i], why) < 0)
            return -1;
    /* The root alone, and not what is mounted in it. */
    return m->read_only_root
               ? set_flags(root_fd, 0, MOUNT_ATTR_RDONLY, "ro", ".", why)
               : 0;
}

void mounts_release(struct mounts *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->list[i].source);
        free(m->list[i].target);
    }
    free(m->list);
}
