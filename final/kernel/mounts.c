/*
 * mounts: what else of the host is shown in a container, and what of its own.
 *
 * Kernel object  mounts that are not attached anywhere, until they are
 * Side           container, between its root's mount and the pivot
 * Look at it     findmnt -N PID -o TARGET,SOURCE,OPTIONS,PROPAGATION
 *
 * Each name is looked up once. From then on there are only descriptors: of
 * the source, of the target, and of the mount that comes between them.
 */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "cleanup.h"
#include "copy_up.h"
#include "explain.h"
#include "inside.h"
#include "mountinfo.h"

static void release_one(struct mount_request *r)
{
    free(r->target);
    free(r->source);
    free(r->subpath);
    free(r->options);
    close_fd(&r->source_fd);
    close_fd(&r->mark_fd);
    close_fd(&r->tree_fd);
}

int mounts_add(struct mounts *m, const struct mount_request *request,
               struct failure *why)
{
    struct mount_request copy = *request;
    struct mount_request *longer =
        realloc(m->list, (m->count + 1) * sizeof(*m->list));

    if (longer == NULL) {
        release_one(&copy);
        return fail(why, ENOMEM, "note a mount");
    }
    m->list = longer;
    m->list[m->count++] = copy;
    return 0;
}

void mounts_release(struct mounts *m)
{
    for (size_t i = 0; i < m->count; i++)
        release_one(&m->list[i]);
    free(m->list);
    *m = (struct mounts){0};
}

/* Take it from who would close it. */
static int steal(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

/* For narration, which is in the new root already. */
static const char *relative(const char *target)
{
    return target + strspn(target, "/");
}

static int set_flags(int mount_fd, unsigned depth,
                     const struct mount_attr *attributes, const char *target,
                     struct failure *why)
{
    if (mount_setattr(mount_fd, "", AT_EMPTY_PATH | depth,
                      (struct mount_attr *)attributes, sizeof(*attributes)) < 0)
        return fail(why, errno, "set the flags of the mount for %s", target);
    return 0;
}

/* What the tree is a copy of. */
static int open_source(const struct mount_request *r, struct failure *why)
{
    cleanup_close int source = r->source_fd >= 0
                                   ? fcntl(r->source_fd, F_DUPFD_CLOEXEC, 3)
                                   : open(r->source, O_PATH | O_CLOEXEC);

    if (source < 0)
        return fail(why, errno, "open %s, to mount it on %s", r->source,
                    r->target);
    if (r->subpath == NULL)
        return steal(&source);
    int fd = inside_open(source, r->subpath, O_PATH);
    return fd >= 0 ? fd
                   : fail(why, errno, "open %s in %s, to mount it on %s",
                          r->subpath, r->source, r->target);
}

/* Device nodes in a directory must not work: container's root may make some.
 * A node that was named itself has to. */
static unsigned attributes_for(const struct mount_request *r, int source)
{
    struct stat st;

    if (fstat(source, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
        return r->attributes & ~(unsigned)MOUNT_ATTR_NODEV;
    return r->attributes;
}

/* A part of the host's tree of mounts, not attached yet. */
static int open_bind(const struct mount_request *r, struct failure *why)
{
    const unsigned depth = r->is_shallow ? 0 : AT_RECURSIVE;
    const unsigned long spread =
        r->propagation != 0 ? r->propagation : MS_PRIVATE | MS_REC;
    cleanup_close int source = open_source(r, why);

    if (source < 0)
        return -1;
    cleanup_close int tree =
        open_tree(source, "",
                  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | depth);
    if (tree < 0)
        return fail(why, errno, "clone the mount of %s", r->source);
    const struct mount_attr flags = {.attr_set = attributes_for(r, source)};
    const struct mount_attr propagation = {.propagation = spread & ~MS_REC};
    if (set_flags(tree, depth, &flags, r->target, why) < 0 ||
        set_flags(tree, spread & MS_REC ? AT_RECURSIVE : 0, &propagation,
                  r->target, why) < 0)
        return -1;
    return steal(&tree);
}

int mounts_open(struct mounts *m, struct failure *why)
{
    for (size_t i = 0; i < m->count; i++) {
        struct mount_request *r = &m->list[i];

        if (r->type != MOUNT_BIND || r->tree_fd >= 0)
            continue;
        r->tree_fd = open_bind(r, why);
        if (r->tree_fd < 0)
            return -1;
    }
    return 0;
}

/* "size=64m,mode=755": one parameter of the new file system after another. */
static int set_options(int context, const char *text)
{
    cleanup_free char *copy = text != NULL ? strdup(text) : NULL;
    char *rest = copy;
    char *key;

    while ((key = strsep(&rest, ",")) != NULL) {
        char *value = strchr(key, '=');

        if (*key == '\0')
            continue;
        if (value != NULL)
            *value++ = '\0';
        if (fsconfig(context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
                     key, value, 0) < 0)
            return -1;
    }
    return 0;
}

/* A new tmpfs, not attached yet, that looks like what it hides. */
static int make_tmpfs(const struct mount_request *r, const struct stat *hidden,
                      struct failure *why)
{
    cleanup_free char *mode = NULL;
    cleanup_close int context = fsopen("tmpfs", FSOPEN_CLOEXEC);

    if (asprintf(&mode, "%04o", hidden->st_mode & 07777) < 0) {
        mode = NULL;
        return fail(why, ENOMEM, "make a tmpfs for %s", r->target);
    }
    explain(CONTAINER, "mount -t tmpfs -o mode=%s,%s tmpfs %s", mode,
            r->options != NULL ? r->options : "rw", relative(r->target));
    if (context < 0 ||
        fsconfig(context, FSCONFIG_SET_STRING, "source", "tmpfs", 0) < 0 ||
        fsconfig(context, FSCONFIG_SET_STRING, "mode", mode, 0) < 0 ||
        set_options(context, r->options) < 0 ||
        fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return fail(why, errno, "make a tmpfs for %s with \"%s\"", r->target,
                    r->options != NULL ? r->options : "");
    int tmpfs = fsmount(context, FSMOUNT_CLOEXEC, r->attributes);
    return tmpfs >= 0 ? tmpfs
                      : fail(why, errno, "mount a tmpfs for %s", r->target);
}

/* "/", "//", "/tmp/..": there are many ways to say it. */
static bool is_same(int one_fd, int other_fd)
{
    struct stat one;
    struct stat other;

    return fstat(one_fd, &one) == 0 && fstat(other_fd, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* What is mounted in there would answer for the kernel: what we write to
 * /proc later on has to reach it. */
static int check_target(int root_fd, int target, const struct mount_request *r,
                        struct failure *why)
{
    struct statfs fs;

    if (is_same(target, root_fd))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "mount on %s: that is the root itself", r->target);
    if (fstatfs(target, &fs) < 0)
        return fail(why, errno, "look at %s in ROOTFS", r->target);
    if (fs.f_type == PROC_SUPER_MAGIC)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "mount on %s: cannot be mounted because it is inside "
                       "/proc",
                       r->target);
    return 0;
}

/* @hidden receives what is there, or what a tmpfs is by itself. */
static int open_target(int root_fd, const struct mount_request *r, mode_t type,
                       struct stat *hidden, struct failure *why)
{
    cleanup_close int target = inside_open(root_fd, r->target, O_PATH);

    hidden->st_mode = S_IFDIR | 01777;
    if (target >= 0 && fstat(target, hidden) < 0)
        return fail(why, errno, "look at %s in ROOTFS", r->target);
    if (target < 0) {
        if (type != S_IFDIR)
            explain(CONTAINER, "mkdir -p \"$(dirname %s)\"",
                    relative(r->target));
        explain(CONTAINER, type == S_IFDIR ? "mkdir -p %s" : "touch %s",
                relative(r->target));
        target = inside_make(root_fd, r->target, type, why);
    }
    if (target < 0 || check_target(root_fd, target, r, why) < 0)
        return -1;
    return steal(&target);
}

/* The number that mountinfo has in its first column; 0: none. */
static unsigned long long mount_id(int fd)
{
    struct statx stx;

    return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) == 0 &&
                   stx.stx_mask & STATX_MNT_ID
               ? stx.stx_mnt_id
               : 0;
}

/* Somebody who shares a volume with us may have moved the target away while we
 * mounted: then another directory has its name now. */
static int check_attached(int root_fd, int tree, const struct mount_request *r,
                          struct failure *why)
{
    cleanup_close int seen = inside_open(root_fd, r->target, O_PATH);

    if (seen >= 0 && mount_id(seen) != 0 && mount_id(seen) == mount_id(tree))
        return 0;
    return fail(why, 0, "mount on %s: it was replaced meanwhile", r->target);
}

static void explain_bind(const struct mount_request *r)
{
    const char *target = relative(r->target);

    explain(CONTAINER,
            r->is_shallow ? "mount --bind %s %s" : "mount --rbind %s %s",
            r->source, target);
    if (r->attributes & MOUNT_ATTR_NODEV)
        explain(CONTAINER, "mount -o remount,bind,nodev %s", target);
}

static int attach_tree(int root_fd, int tree, int target,
                       const struct mount_request *r, struct failure *why)
{
    const struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

    if (r->read_only) {
        explain(CONTAINER, "mount -o remount,bind,ro %s", relative(r->target));
        if (set_flags(tree, r->read_only_shallow ? 0 : AT_RECURSIVE, &read_only,
                      r->target, why) < 0)
            return -1;
    }
    if (move_mount(tree, "", target, "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
        fail(why, errno, "mount on %s in ROOTFS", r->target);
        return hint(why, errno == ENOTDIR
                             ? "is one a file, and the other a directory?"
                             : NULL);
    }
    return check_attached(root_fd, tree, r, why);
}

static int attach_one(int root_fd, const struct mount_request *r,
                      struct failure *why)
{
    struct stat status = {.st_mode = S_IFDIR};
    struct stat hidden;
    cleanup_close int tree = -1;

    if (r->type == MOUNT_BIND) {
        explain_bind(r);
        tree = r->tree_fd >= 0 ? fcntl(r->tree_fd, F_DUPFD_CLOEXEC, 3)
                               : open_bind(r, why);
        if (tree < 0)
            return -1;
        if (fstat(tree, &status) < 0)
            return fail(why, errno, "look at %s", r->source);
    }
    cleanup_close int target = open_target(
        root_fd, r, S_ISDIR(status.st_mode) ? S_IFDIR : S_IFREG, &hidden, why);
    if (target < 0)
        return -1;
    if (r->type == MOUNT_TMPFS)
        tree = make_tmpfs(r, &hidden, why);
    return tree < 0 ? -1 : attach_tree(root_fd, tree, target, r, why);
}

/* Before anything is attached: what is at the target is the image's. */
static int copy_up(int root_fd, const struct mount_request *r,
                   struct failure *why)
{
    if (r->type != MOUNT_BIND || r->mark_fd < 0)
        return 0;
    cleanup_close int from =
        inside_open(root_fd, r->target, O_PATH | O_DIRECTORY);
    if (from < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : fail(why, errno, "open %s in ROOTFS", r->target);
    if (check_target(root_fd, from, r, why) < 0)
        return -1;
    explain(CONTAINER, "cp -an %s/. %s", relative(r->target), r->source);
    cleanup_close int tree = r->tree_fd >= 0
                                 ? fcntl(r->tree_fd, F_DUPFD_CLOEXEC, 3)
                                 : open_bind(r, why);
    return tree < 0 ? -1 : copy_up_tree(from, tree, r->mark_fd, why);
}

int mounts_attach(const struct mounts *m, struct failure *why)
{
    const struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    cleanup_close int root_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (root_fd < 0)
        return fail(why, errno, "open ROOTFS");
    for (size_t i = 0; i < m->count; i++)
        if (copy_up(root_fd, &m->list[i], why) < 0)
            return -1;
    mode_t mask = umask(0022); /* of targets that have to be made */
    for (size_t i = 0; i < m->count; i++)
        if (attach_one(root_fd, &m->list[i], why) < 0)
            return -1;
    umask(mask);
    if (!m->read_only_root)
        return 0;
    /* The root alone, and not what is mounted in it. */
    explain(CONTAINER, "mount -o remount,bind,ro .");
    return set_flags(root_fd, 0, &read_only, "/", why);
}

int mounts_can_spread(const char *path, unsigned long propagation,
                      struct failure *why)
{
    cleanup_close int fd = open(path, O_PATH | O_CLOEXEC);
    FILE *list = fopen("/proc/self/mountinfo", "re");
    struct mountinfo info = {0};

    if (list == NULL || mountinfo_find(list, mount_id(fd), &info) < 0)
        fail(why, 0, "find the mount that %s is in", path);
    else if (propagation & MS_SHARED && !info.is_shared)
        fail(why, 0, "path %s is mounted on %s but it is not a shared mount",
             path, info.mount_point);
    else if (propagation & MS_SLAVE && !info.is_shared && !info.is_slave)
        fail(why, 0,
             "path %s is mounted on %s but it is not a shared or slave mount",
             path, info.mount_point);
    else
        why = NULL;
    if (list != NULL)
        fclose(list);
    free(info.mount_point);
    return why == NULL ? 0 : -1;
}
