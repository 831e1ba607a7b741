/*
 * rootfs: the directory that a container takes for "/".
 *
 * Kernel object  the tree of mounts of a mount namespace, and its root
 * Side           container, as the first process of its mount namespace
 * Needs          a tree with the command, its libraries and its loader
 * Look at it     findmnt -N PID     cat /proc/PID/mountinfo
 */
#include "rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "explain.h"

/* File systems of the container's own, in the order of mounting. */
static const struct mount_point {
    const char *type;
    const char *target;  /* below the new root */
    unsigned long flags; /* what mount(2) understands */
    const char *data;    /* what the file system itself understands */
    const char *options; /* both in words, for mount(8) */
    int namespace;       /* whose things it shows */
    const char *host;    /* the host's own */
} mount_points[] = {
    {"proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL,
     "nosuid,nodev,noexec", CLONE_NEWPID, "/proc"},
    {"sysfs", "sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL,
     "nosuid,nodev,noexec,ro", CLONE_NEWNET, "/sys"},
    {"tmpfs", "dev", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k",
     "nosuid,nodev,noexec,mode=755,size=64k", 0, NULL},
    {"devpts", "dev/pts", MS_NOSUID | MS_NOEXEC,
     "newinstance,ptmxmode=666,mode=620",
     "nosuid,noexec,newinstance,ptmxmode=666,mode=620", 0, NULL},
    {"tmpfs", "dev/shm", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m",
     "nosuid,nodev,noexec,mode=1777,size=64m", 0, NULL},
    {"mqueue", "dev/mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL,
     "nosuid,nodev,noexec", CLONE_NEWIPC, "/dev/mqueue"},
};

static const char *const devices[] = {"null",   "zero",    "full",
                                      "random", "urandom", "tty"};

static const struct link {
    const char *target;
    const char *path;
} links[] = {
    {"/proc/self/fd", "dev/fd"},       {"/proc/self/fd/0", "dev/stdin"},
    {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
    {"pts/ptmx", "dev/ptmx"},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

int rootfs_isolate(struct failure *why)
{
    explain(CONTAINER, "mount --make-rprivate /");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return fail(why, errno, "make all mounts private");
    return 0;
}

/* The tree may be anybody's work: a link here would lead out of it. */
static int own_directory(const char *path, struct failure *why)
{
    explain(CONTAINER, "mkdir -p %s", path);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return fail(why, errno, "mkdir %s in ROOTFS", path);

    cleanup_close int fd =
        open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        fail(why, errno, "open %s in ROOTFS", path);
        return hint(why, "it has to be a directory, and not a link to one");
    }
    return 0;
}

/* A user namespace may mount only what shows things of its own. */
static int bind_from_host(const struct mount_point *m, struct failure *why)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

    if (access(m->host, F_OK) < 0)
        return 0; /* few hosts lack it; then there is nothing to share */
    explain(CONTAINER, "mount --rbind %s %s", m->host, m->target);
    if (mount(m->host, m->target, NULL, MS_BIND | MS_REC, NULL) < 0)
        return fail(why, errno, "bind the host's %s", m->host);
    if (!(m->flags & MS_RDONLY))
        return 0;

    explain(CONTAINER,
            "findmnt -Rrno TARGET \"$PWD\"/%s | while read -r mount; do "
            "mount -o remount,bind,ro \"$mount\"; done",
            m->target);
    if (mount_setattr(AT_FDCWD, m->target, AT_RECURSIVE, &read_only,
                      sizeof(read_only)) < 0)
        return fail(why, errno, "make %s read-only", m->target);
    return 0;
}

static int mount_own(const struct mount_point *m, struct failure *why)
{
    explain(CONTAINER, "mount -t %s -o %s %s %s", m->type, m->options, m->type,
            m->target);
    if (mount(m->type, m->target, m->type, m->flags, m->data) < 0) {
        fail(why, errno, "mount %s on %s in ROOTFS", m->type, m->target);
        return hint(why, errno == EPERM ? "are we inside of a container that "
                                          "hides parts of the host's own?"
                                        : NULL);
    }
    return 0;
}

/* A user namespace may not make device nodes, but it may show the host's. */
static int bind_device(const char *name, struct failure *why)
{
    cleanup_free char *host = NULL;

    if (asprintf(&host, "/dev/%s", name) < 0)
        return fail(why, errno, "bind a device");
    const char *target = host + 1; /* the same path, below the new root */

    explain(CONTAINER, "touch %s", target);
    cleanup_close int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(why, errno, "create %s in ROOTFS", target);

    explain(CONTAINER, "mount --bind %s %s", host, target);
    if (mount(host, target, NULL, MS_BIND, NULL) < 0)
        return fail(why, errno, "bind the host's %s", host);
    return 0;
}

int rootfs_populate(const char *rootfs, int namespaces, struct failure *why)
{
    explain(CONTAINER, "cd %s", rootfs);
    if (chdir(rootfs) < 0)
        return fail(why, errno, "chdir to %s", rootfs);
    for (size_t i = 0; i < LENGTH(mount_points); i++) {
        const struct mount_point *m = &mount_points[i];
        bool foreign = namespaces & CLONE_NEWUSER && m->namespace != 0 &&
                       !(namespaces & m->namespace);

        if (own_directory(m->target, why) < 0)
            return -1;
        if ((foreign ? bind_from_host(m, why) : mount_own(m, why)) < 0)
            return -1;
    }
    for (size_t i = 0; i < LENGTH(devices); i++)
        if (bind_device(devices[i], why) < 0)
            return -1;
    for (size_t i = 0; i < LENGTH(links); i++) {
        explain(CONTAINER, "ln -s %s %s", links[i].target, links[i].path);
        if (symlink(links[i].target, links[i].path) < 0)
            return fail(why, errno, "link %s in ROOTFS", links[i].path);
    }
    return 0;
}

int rootfs_pivot(struct failure *why)
{
    /* The old root comes to lie on top of the new one ... */
    explain(CONTAINER, "pivot_root . .");
    if (syscall(SYS_pivot_root, ".", ".") < 0) {
        fail(why, errno, "pivot_root to ROOTFS");
        return hint(why, errno == EINVAL
                             ? "the new root must be a mount point other than "
                               "\"/\", and neither may be shared"
                             : NULL);
    }
    /* ... and is taken away: there is no way back, as after chroot(2). */
    explain(CONTAINER, "umount -l .");
    if (umount2(".", MNT_DETACH) < 0)
        return fail(why, errno, "unmount the old root");
    return 0;
}
