/*
 * procfs: the kernel's settings, and nobody's file in their place.
 *
 * A volume over /proc can turn "drop this power" into a write to a file that
 * keeps it, or "set this" into "set that" (CVE-2019-19921, CVE-2025-52881).
 *
 * Kernel object  an instance of proc, of our own
 * Side           container, before its files are in view
 */
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "cleanup.h"
#include "detached.h"

int procfs_open(struct failure *why)
{
    static const char *const no_options[] = {NULL};
    struct statfs status;
    int fd =
        detached_make("proc", no_options,
                      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);

    if (fd < 0) /* in a container that hides parts of the host's own */
        fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "open /proc");
    if (fstatfs(fd, &status) < 0 || status.f_type != PROC_SUPER_MAGIC) {
        close_fd(&fd);
        return fail(why, 0, "open /proc: it is no proc file system");
    }
    return fd;
}

int procfs_write(int proc_fd, const char *path, const char *value)
{
    struct open_how how = {
        .flags = O_WRONLY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
    };
    cleanup_close int fd =
        (int)syscall(SYS_openat2, proc_fd, path, &how, sizeof(how));
    size_t length = strlen(value);

    if (fd < 0)
        return -1;
    ssize_t written = write(fd, value, length);
    if (written >= 0 && (size_t)written != length)
        errno = EIO;
    return written == (ssize_t)length ? 0 : -1;
}
