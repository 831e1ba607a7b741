/*
 * cgroupfs: a container's own cgroups, for it to look at.
 *
 * To look at only: whoever may write to release_agent on version 1 has a
 * program of his choice run on the host (CVE-2022-0492).
 *
 * Kernel object  mounts of cgroup2, or one of cgroup for each hierarchy
 * Side           container, in its cgroup and its cgroup namespace
 * Look at it     ls /sys/fs/cgroup     cat /proc/self/cgroup
 */
#include "cgroupfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "detached.h"
#include "explain.h"

static const char place[] = "fs/cgroup";

enum {
    MOST_CONTROLLERS = 16 /* in one hierarchy */
};

static unsigned flags_of(bool is_writable)
{
    return MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
           (is_writable ? 0 : MOUNT_ATTR_RDONLY);
}

/* The host's own, where the container is in the host's namespace. */
static int bind_host(int sys_fd, bool is_writable, struct failure *why)
{
    cleanup_close int host =
        open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (host < 0)
        return 0; /* there is nothing to share */
    explain(CONTAINER, "mount --rbind /sys/fs/cgroup sys/fs/cgroup");
    cleanup_close int tree = detached_clone(host, true);
    if (tree < 0 || detached_set(tree, true, flags_of(is_writable)) < 0)
        return fail(why, errno, "clone the host's cgroup mounts");
    return detached_attach(tree, sys_fd, place, why);
}

/* What can't be had is no danger. */
static int refused(int errnum, const char *what, struct failure *why)
{
    if (errnum == EPERM || errnum == EBUSY || errnum == ENOENT ||
        errnum == ENODEV)
        return 0;
    return fail(why, errnum, "make a file system of %s", what);
}

static int show_unified(int base_fd, const char *path, bool is_writable,
                        struct failure *why)
{
    static const char *const none[] = {NULL};

    if (path != place)
        explain(CONTAINER, "mkdir sys/fs/cgroup/%s", path);
    explain(CONTAINER, "mount -t cgroup2 cgroup2 sys/fs/cgroup/%s || true",
            path != place ? path : "");
    cleanup_close int mount =
        detached_make("cgroup2", none, flags_of(is_writable));
    return mount < 0 ? refused(errno, "cgroup2", why)
                     : detached_attach(mount, base_fd, path, why);
}

/* One hierarchy, named by its controllers ("cpu,cpuacct"), or by a name that
 * stands for none ("name=systemd"). */
static int show_hierarchy(int tmpfs, char *controllers, bool is_writable,
                          struct failure *why)
{
    const char *options[MOST_CONTROLLERS + 1] = {NULL};
    bool is_named = strncmp(controllers, "name=", 5) == 0;
    const char *directory = is_named ? controllers + 5 : controllers;
    cleanup_free char *copy = strdup(controllers);
    cleanup_free char *shown = NULL;
    char *rest = copy;
    size_t count = 0;

    if (is_named)
        options[count++] = "none";
    while (rest != NULL && count < MOST_CONTROLLERS)
        options[count++] = strsep(&rest, ",");
    if (copy == NULL ||
        asprintf(&shown, "%s%s", is_named ? "none," : "", controllers) < 0 ||
        mkdirat(tmpfs, directory, 0755) < 0)
        return fail(why, errno, "make a directory for %s", controllers);
    explain(CONTAINER, "mkdir sys/fs/cgroup/%s", directory);
    explain(CONTAINER, "mount -t cgroup -o %s cgroup sys/fs/cgroup/%s || true",
            shown, directory);
    cleanup_close int mount =
        detached_make("cgroup", options, flags_of(is_writable));
    if (mount < 0)
        return refused(errno, controllers, why);
    if (detached_attach(mount, tmpfs, directory, why) < 0)
        return -1;
    /* "cpu" is where one looks for it, also when it shares a hierarchy. */
    for (size_t i = 0; !is_named && count > 1 && i < count; i++)
        if (symlinkat(directory, tmpfs, options[i]) < 0)
            return fail(why, errno, "link %s", options[i]);
    return 0;
}

/* Each line of /proc/self/cgroup is a hierarchy: "4:memory:/". */
static int show_each(int tmpfs, FILE *lines, bool is_writable,
                     struct failure *why)
{
    cleanup_free char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, lines) > 0) {
        char *rest = line;

        strsep(&rest, ":");
        char *controllers = strsep(&rest, ":");
        if (controllers == NULL || strchr(controllers, '/') != NULL)
            continue;
        if (*controllers != '\0' &&
            show_hierarchy(tmpfs, controllers, is_writable, why) < 0)
            return -1;
        if (*controllers != '\0')
            continue;
        if (mkdirat(tmpfs, "unified", 0755) < 0)
            return fail(why, errno, "make a directory for cgroup2");
        if (show_unified(tmpfs, "unified", is_writable, why) < 0)
            return -1;
    }
    return 0;
}

static int show_all(int sys_fd, FILE *lines, bool is_writable,
                    struct failure *why)
{
    static const char *const options[] = {"mode=755", "size=64k", NULL};

    explain(CONTAINER, "mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup");
    cleanup_close int tmpfs = detached_make("tmpfs", options, flags_of(true));
    if (tmpfs < 0)
        return fail(why, errno, "make a tmpfs for cgroups");
    if (detached_attach(tmpfs, sys_fd, place, why) < 0 ||
        show_each(tmpfs, lines, is_writable, why) < 0)
        return -1;
    if (!is_writable)
        explain(CONTAINER, "mount -o remount,bind,ro sys/fs/cgroup");
    if (!is_writable && detached_set(tmpfs, false, MOUNT_ATTR_RDONLY) < 0)
        return fail(why, errno, "make /sys/fs/cgroup read-only");
    return 0;
}

int cgroupfs_show(int sys_fd, bool is_private, bool is_writable,
                  struct failure *why)
{
    int first = 0;
    FILE *lines;
    int status;

    if (!is_private)
        return bind_host(sys_fd, is_writable, why);
    cleanup_close int target = detached_target(sys_fd, place);
    if (target < 0)
        return 0; /* this kernel has no cgroups */
    lines = fopen("/proc/self/cgroup", "re");
    if (lines == NULL)
        return fail(why, errno, "open /proc/self/cgroup");
    /* Only version 2 has a hierarchy 0, and it stands alone, or last. */
    first = fgetc(lines);
    rewind(lines);
    status = first == '0' ? show_unified(sys_fd, place, is_writable, why)
                          : show_all(sys_fd, lines, is_writable, why);
    fclose(lines);
    return status;
}
