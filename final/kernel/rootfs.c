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

#include "cgroupfs.h"
#include "cleanup.h"
#include "detached.h"
#include "explain.h"
#include "masks.h"

enum {
    LOCKED = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    DEVICES = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
    SHM_SIZE = 64 << 20,
};

static const char *const no_options[] = {NULL};

static const struct link {
    const char *target;
    const char *path;
} links[] = {
    {"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"},
    {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"},
    {"pts/ptmx", "ptmx"},
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
static int own_directory(int root_fd, const char *name, struct failure *why)
{
    if (mkdirat(root_fd, name, 0755) < 0 && errno != EEXIST)
        return fail(why, errno, "mkdir %s in ROOTFS", name);

    cleanup_close int fd =
        openat(root_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        fail(why, errno, "open %s in ROOTFS", name);
        return hint(why, "it has to be a directory, and not a link to one");
    }
    return 0;
}

/* A user namespace may mount only what shows things of its own. Is this one
 * the host's, and are we in a user namespace? */
static bool is_foreign(const struct rootfs_request *request, int namespace)
{
    return request->namespaces & CLONE_NEWUSER &&
           !(request->namespaces & namespace);
}

/* The host's own, with all that is mounted in it. Returns a descriptor. */
static int clone_host(const char *path, unsigned flags, struct failure *why)
{
    cleanup_close int host = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int tree = host < 0 ? -1 : detached_clone(host, true);

    explain(CONTAINER, "mkdir -p %s", path + 1);
    explain(CONTAINER, "mount --rbind %s %s", path, path + 1);
    if (tree >= 0 && flags != 0 && detached_set(tree, true, flags) < 0)
        close_fd(&tree);
    return tree >= 0 ? tree : fail(why, errno, "bind the host's %s", path);
}

static int make(const char *type, const char *const options[], unsigned flags,
                const char *target, struct failure *why)
{
    explain(CONTAINER, "mkdir -p %s", target);
    explain(CONTAINER, "mount -t %s -o %s %s %s", type,
            flags & MOUNT_ATTR_RDONLY ? "ro,nosuid" : "nosuid", type, target);
    int mount = detached_make(type, options, flags);
    if (mount >= 0)
        return mount;
    fail(why, errno, "make a file system for /%s in ROOTFS: %s", target, type);
    return hint(why, errno == EPERM ? "are we inside of a container that hides "
                                      "parts of the host's own?"
                                    : NULL);
}

/* Returns the root of what was mounted. */
static int attach(int root_fd, const char *name, int mount, struct failure *why)
{
    if (mount < 0)
        return -1;
    if (own_directory(root_fd, name, why) == 0 &&
        detached_attach(mount, root_fd, name, why) == 0)
        return mount;
    close_fd(&mount);
    return -1;
}

static int make_proc(int root_fd, const struct rootfs_request *request,
                     struct failure *why)
{
    int mount = is_foreign(request, CLONE_NEWPID)
                    ? clone_host("/proc", 0, why)
                    : make("proc", no_options, LOCKED, "proc", why);

    return attach(root_fd, "proc", mount, why);
}

static int make_sys(int root_fd, const struct rootfs_request *request,
                    struct failure *why)
{
    unsigned read_only = request->is_privileged ? 0 : MOUNT_ATTR_RDONLY;
    int mount = is_foreign(request, CLONE_NEWNET)
                    ? clone_host("/sys", read_only, why)
                    : make("sysfs", no_options, LOCKED | read_only, "sys", why);
    cleanup_close int sys_fd = attach(root_fd, "sys", mount, why);

    if (sys_fd < 0 ||
        cgroupfs_show(sys_fd, request->namespaces & CLONE_NEWCGROUP,
                      request->is_privileged || request->cgroup_writable,
                      why) < 0)
        return -1;
    return take_fd(&sys_fd);
}

/* ------------------------------------------------------------------ /dev */

/* Group 5 is the terminals' everywhere, but need not exist in a user
 * namespace. */
static int make_pts(struct failure *why)
{
    static const char *const options[] = {"newinstance", "ptmxmode=666",
                                          "mode=620", "gid=5", NULL};
    static const char *const groupless[] = {"newinstance", "ptmxmode=666",
                                            "mode=620", NULL};

    explain(CONTAINER, "mkdir -p dev/pts");
    explain(CONTAINER, "mount -t devpts -o newinstance,ptmxmode=666,mode=620 "
                       "devpts dev/pts");
    int mount = detached_make("devpts", options, DEVICES);

    if (mount < 0)
        mount = detached_make("devpts", groupless, DEVICES);
    return mount >= 0 ? mount
                      : fail(why, errno, "make a file system for /dev/pts");
}

static int make_shm(const struct rootfs_request *request, struct failure *why)
{
    const char *options[] = {"mode=1777", NULL, NULL};
    cleanup_free char *size = NULL;

    if (request->shm_fd >= 0) /* a copy, as we close ours */
        return fcntl(request->shm_fd, F_DUPFD_CLOEXEC, 0);
    if (asprintf(&size, "size=%lld",
                 request->shm_size > 0 ? request->shm_size
                                       : (long long)SHM_SIZE) < 0)
        return fail(why, ENOMEM, "make /dev/shm in ROOTFS");
    options[1] = size;
    return make("tmpfs", options, LOCKED, "dev/shm", why);
}

static int make_mqueue(const struct rootfs_request *request,
                       struct failure *why)
{
    if (is_foreign(request, CLONE_NEWIPC))
        return access("/dev/mqueue", F_OK) < 0
                   ? make("tmpfs", no_options, LOCKED, "dev/mqueue", why)
                   : clone_host("/dev/mqueue", 0, why);
    return make("mqueue", no_options, LOCKED, "dev/mqueue", why);
}

/* Shows the terminal's inner end, which has a mount of its own already. */
static int make_console(int dev_fd, int pts_fd, struct console *console,
                        struct failure *why)
{
    struct console made;

    if (console == NULL)
        return 0;
    if (console_open(pts_fd, &made, why) < 0)
        return -1;
    cleanup_close int slave = made.slave;
    cleanup_close int master = made.master;
    explain(CONTAINER, "touch dev/console");
    if (mknodat(dev_fd, "console", S_IFREG | 0600, 0) < 0)
        return fail(why, errno, "make dev/console in ROOTFS");
    explain(CONTAINER, "mount --bind \"$(tty)\" dev/console");
    cleanup_close int mount = detached_clone(slave, false);
    if (mount < 0)
        return fail(why, errno, "clone the mount of the terminal");
    if (detached_attach(mount, dev_fd, "console", why) < 0)
        return -1;
    *console = made;
    (void)take_fd(&slave);
    (void)take_fd(&master);
    return 0;
}

static int make_links(int dev_fd, struct failure *why)
{
    for (size_t i = 0; i < LENGTH(links); i++) {
        explain(CONTAINER, "ln -s %s dev/%s", links[i].target, links[i].path);
        if (symlinkat(links[i].target, dev_fd, links[i].path) < 0)
            return fail(why, errno, "link dev/%s in ROOTFS", links[i].path);
    }
    return 0;
}

static int furnish_dev(int dev_fd, const struct rootfs_request *request,
                       struct failure *why)
{
    cleanup_close int pts_fd = attach(dev_fd, "pts", make_pts(why), why);
    cleanup_close int shm_fd =
        pts_fd < 0 ? -1 : attach(dev_fd, "shm", make_shm(request, why), why);
    cleanup_close int mqueue_fd =
        shm_fd < 0 ? -1
                   : attach(dev_fd, "mqueue", make_mqueue(request, why), why);

    if (mqueue_fd < 0)
        return -1;
    if (make_links(dev_fd, why) < 0 ||
        nodes_make(dev_fd, request->devices, why) < 0)
        return -1;
    return make_console(dev_fd, pts_fd, request->console, why);
}

static int make_dev(int root_fd, const struct rootfs_request *request,
                    struct failure *why)
{
    static const char *const options[] = {"mode=755", "size=64k", NULL};
    cleanup_close int dev_fd = attach(
        root_fd, "dev", make("tmpfs", options, DEVICES, "dev", why), why);

    if (dev_fd < 0 || furnish_dev(dev_fd, request, why) < 0)
        return -1;
    return take_fd(&dev_fd);
}

int rootfs_populate(const char *rootfs, const struct rootfs_request *request,
                    struct failure *why)
{
    explain(CONTAINER, "cd %s", rootfs);
    if (chdir(rootfs) < 0)
        return fail(why, errno, "chdir to %s", rootfs);
    cleanup_close int root_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        return fail(why, errno, "open %s", rootfs);

    mode_t mask = umask(0022);
    cleanup_close int proc_fd = make_proc(root_fd, request, why);
    cleanup_close int sys_fd =
        proc_fd < 0 ? -1 : make_sys(root_fd, request, why);
    cleanup_close int dev_fd =
        sys_fd < 0 ? -1 : make_dev(root_fd, request, why);
    umask(mask);
    if (dev_fd < 0 || request->is_privileged)
        return dev_fd < 0 ? -1 : 0;

    struct masks masks = {
        .proc_fd = proc_fd, .sys_fd = sys_fd, .dev_fd = dev_fd};
    if (masks_hide(&masks, request->hidden ? request->hidden : masks_hidden,
                   why) < 0)
        return -1;
    return masks_protect(
        &masks, request->read_only ? request->read_only : masks_read_only, why);
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
