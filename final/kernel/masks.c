/*
 * masks: what of the kernel a container need not see, or not change.
 *
 * Much in /proc and /sys is the whole machine's, and has no namespace.
 *
 * Kernel object  mounts: of /dev/null over files, of an empty tmpfs over
 *                directories, of the same thing read-only over itself
 * Side           container, after /proc, /sys and /dev are there
 * Look at it     findmnt -N PID -R /proc
 */
#include "masks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "cleanup.h"
#include "detached.h"
#include "explain.h"

const char *const masks_hidden[] = {
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kallsyms",
    "/proc/kcore",
    "/proc/keys",
    "/proc/kpagecgroup",
    "/proc/kpagecount",
    "/proc/kpageflags",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/slabinfo",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/vmallocinfo",
    "/sys/dev/block",
    "/sys/devices/system/cpu/cpu*/thermal_throttle",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
    "/sys/fs/selinux",
    "/sys/kernel/debug",
    "/sys/kernel/security",
    "/sys/kernel/tracing",
    NULL,
};

const char *const masks_read_only[] = {
    "/proc/bus", "/proc/driver",        "/proc/fs", "/proc/irq", "/proc/mtrr",
    "/proc/sys", "/proc/sysrq-trigger", NULL,
};

/* Does something to one path, relative to a mount of ours. */
typedef int (*mask_function)(struct masks *masks, int base_fd, const char *path,
                             int target, struct failure *why);

/* "/proc/kcore" is "kcore" in our proc. Returns its descriptor, or -1. */
static int base_of(const struct masks *masks, const char **path)
{
    static const char proc[] = "/proc/";
    static const char sys[] = "/sys/";

    if (strncmp(*path, proc, strlen(proc)) == 0) {
        *path += strlen(proc);
        return masks->proc_fd;
    }
    if (strncmp(*path, sys, strlen(sys)) == 0) {
        *path += strlen(sys);
        return masks->sys_fd;
    }
    return -1;
}

int masks_check(const char *path, struct failure *why)
{
    static const struct masks any = {0};
    const char *rest = path;

    if (base_of(&any, &rest) < 0 || *rest == '\0' || strstr(path, "..") != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid masked or read-only path \"%s\": must be below "
                       "/proc or /sys",
                       path);
    return 0;
}

/* What lies in the tree may not be ours; what we show in its place is, and
 * detached_attach_to() looks whether that is what is seen there. */
static int clone_null(int dev_fd, struct failure *why)
{
    struct stat status;
    cleanup_close int null_fd = detached_target(dev_fd, "null");
    int mask = null_fd < 0 ? -1 : detached_clone(null_fd, false);

    if (mask < 0 || fstat(mask, &status) < 0) {
        fail(why, errno, "clone the mount of /dev/null in ROOTFS");
    } else if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) {
        return mask;
    } else {
        fail(why, 0, "/dev/null in ROOTFS is another file");
    }
    close_fd(&mask);
    return -1;
}

static int make_empty(struct failure *why)
{
    static const char *const empty[] = {"ro", "nr_inodes=1", "mode=555", NULL};
    int mask = detached_make("tmpfs", empty,
                             MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                 MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);

    return mask < 0 ? fail(why, errno, "make an empty tmpfs") : mask;
}

static const char *base_name(const struct masks *masks, int base_fd)
{
    return base_fd == masks->proc_fd ? "proc" : "sys";
}

/* The first of its kind is made, the others are copies of it: a file system of
 * its own for each would take longer than all the rest. */
static int hide(struct masks *masks, int base_fd, const char *path, int target,
                struct failure *why)
{
    struct stat status;

    if (fstat(target, &status) < 0)
        return fail(why, errno, "look at %s", path);
    bool is_directory = S_ISDIR(status.st_mode);
    int *first = is_directory ? &masks->empty_fd : &masks->null_fd;
    cleanup_close int copy = *first < 0 ? -1 : detached_clone(*first, false);

    explain(CONTAINER,
            is_directory ? "mount -t tmpfs -o ro tmpfs %s/%s"
                         : "mount --bind dev/null %s/%s",
            base_name(masks, base_fd), path);
    if (*first >= 0)
        return copy < 0 ? fail(why, errno, "copy a mount that hides %s", path)
                        : detached_attach_to(copy, target, base_fd, path, why);
    *first = is_directory ? make_empty(why) : clone_null(masks->dev_fd, why);
    return *first < 0 ? -1
                      : detached_attach_to(*first, target, base_fd, path, why);
}

static int protect(struct masks *masks, int base_fd, const char *path,
                   int target, struct failure *why)
{
    const char *base = base_name(masks, base_fd);
    struct statfs status;

    explain(CONTAINER, "mount --rbind %s/%s %s/%s", base, path, base, path);
    explain(CONTAINER, "mount -o remount,bind,ro %s/%s", base, path);
    /* It is its own mask. */
    cleanup_close int mask = detached_clone(target, true);

    if (mask < 0 || detached_set(mask, true, MOUNT_ATTR_RDONLY) < 0)
        return fail(why, errno, "make %s read-only", path);
    if (fstatfs(mask, &status) < 0 || !(status.f_flags & ST_RDONLY))
        return fail(why, 0, "make %s read-only: it is not", path);
    return detached_attach_to(mask, target, base_fd, path, why);
}

static int apply_one(struct masks *masks, int base_fd, const char *path,
                     mask_function function, struct failure *why)
{
    cleanup_close int target = detached_target(base_fd, path);

    if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0; /* not on this kernel */
    if (target < 0)
        return fail(why, errno, "open %s", path);
    return function(masks, base_fd, path, target, why);
}

/* "system/cpu/cpu*" and "/thermal_throttle": each directory that fits. */
static int apply_pattern(struct masks *masks, int base_fd, const char *path,
                         mask_function function, struct failure *why)
{
    const char *star = strchr(path, '*');
    const char *end = strchrnul(star, '/');
    const char *begin = star;
    while (begin > path && begin[-1] != '/')
        begin--;
    cleanup_free char *parent = strndup(path, (size_t)(begin - path));
    cleanup_free char *pattern = strndup(begin, (size_t)(end - begin));
    cleanup_close int parent_fd =
        detached_target(base_fd, *parent != '\0' ? parent : ".");
    int fd = parent_fd < 0
                 ? -1
                 : openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int status = 0;

    while (status == 0 && entries != NULL &&
           (entry = readdir(entries)) != NULL) {
        cleanup_free char *one = NULL;

        if (*entry->d_name == '.' || fnmatch(pattern, entry->d_name, 0) != 0)
            continue;
        if (asprintf(&one, "%s%s%s", parent, entry->d_name, end) < 0)
            status = fail(why, ENOMEM, "open %s", path);
        else
            status = apply_one(masks, base_fd, one, function, why);
    }
    if (entries != NULL)
        closedir(entries);
    return status;
}

static int apply(struct masks *masks, const char *const paths[],
                 mask_function function, struct failure *why)
{
    for (; *paths != NULL; paths++) {
        const char *path = *paths;

        if (masks_check(path, why) < 0)
            return -1;
        int base_fd = base_of(masks, &path);
        if (base_fd < 0)
            continue;
        if ((strchr(path, '*') != NULL
                 ? apply_pattern(masks, base_fd, path, function, why)
                 : apply_one(masks, base_fd, path, function, why)) < 0)
            return -1;
    }
    return 0;
}

int masks_hide(const struct masks *masks, const char *const paths[],
               struct failure *why)
{
    struct masks own = *masks;

    own.null_fd = own.empty_fd = -1;
    int status = apply(&own, paths, hide, why);
    close_fd(&own.null_fd);
    close_fd(&own.empty_fd);
    return status;
}

int masks_protect(const struct masks *masks, const char *const paths[],
                  struct failure *why)
{
    struct masks own = *masks;

    return apply(&own, paths, protect, why);
}
