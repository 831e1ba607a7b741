/*
 * detached: mounts that are finished before anybody can see them.
 *
 * mount(2) takes a path, attaches first and sets most flags later; each is a
 * gap for somebody who renames what the path leads to. These take
 * descriptors, in the other order.
 *
 * Kernel object  a mount without a parent
 * Side           either
 * Look at it     findmnt, which shows it only once it is attached
 */
#include "detached.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"

static int configure(int context, const char *const options[])
{
    for (; *options != NULL; options++) {
        cleanup_free char *key = strdup(*options);
        char *value = key == NULL ? NULL : strchr(key, '=');
        int failed;

        if (key == NULL)
            return -1;
        if (value != NULL) {
            *value++ = '\0';
            failed = fsconfig(context, FSCONFIG_SET_STRING, key, value, 0);
        } else {
            failed = fsconfig(context, FSCONFIG_SET_FLAG, key, NULL, 0);
        }
        if (failed < 0)
            return -1;
    }
    return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int detached_make(const char *type, const char *const options[], unsigned flags)
{
    cleanup_close int context = fsopen(type, FSOPEN_CLOEXEC);

    if (context < 0 ||
        fsconfig(context, FSCONFIG_SET_STRING, "source", type, 0) < 0 ||
        configure(context, options) < 0)
        return -1;
    return fsmount(context, FSMOUNT_CLOEXEC, flags);
}

int detached_clone(int fd, bool is_recursive)
{
    return open_tree(fd, "",
                     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
                         (is_recursive ? AT_RECURSIVE : 0));
}

int detached_set(int fd, bool is_recursive, uint64_t flags)
{
    struct mount_attr attributes = {.attr_set = flags};

    return mount_setattr(fd, "",
                         AT_EMPTY_PATH | (is_recursive ? AT_RECURSIVE : 0),
                         &attributes, sizeof(attributes));
}

int detached_target(int base_fd, const char *path)
{
    struct open_how how = {
        .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    int fd;

    do /* EAGAIN: somebody renames, anywhere, while it follows a ".." */
        fd = (int)syscall(SYS_openat2, base_fd, path, &how, sizeof(how));
    while (fd < 0 && errno == EAGAIN);
    return fd;
}

static bool is_same_mount(int one_fd, int other_fd)
{
    struct statx one;
    struct statx other;

    return statx(one_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &one) == 0 &&
           statx(other_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &other) == 0 &&
           one.stx_mnt_id == other.stx_mnt_id;
}

int detached_attach_to(int fd, int target, int base_fd, const char *path,
                       struct failure *why)
{
    if (move_mount(fd, "", target, "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return fail(why, errno, "mount on /%s in ROOTFS", path);
    cleanup_close int seen = detached_target(base_fd, path);
    if (seen < 0 || !is_same_mount(fd, seen))
        return fail(why, EAGAIN, "mount on /%s in ROOTFS, and find it there",
                    path);
    return 0;
}

int detached_attach(int fd, int base_fd, const char *path, struct failure *why)
{
    cleanup_close int target = detached_target(base_fd, path);

    if (target >= 0)
        return detached_attach_to(fd, target, base_fd, path, why);
    fail(why, errno, "open /%s in ROOTFS", path);
    return hint(why, errno == ELOOP ? "it must not be a link, nor lie "
                                      "behind one"
                                    : NULL);
}
