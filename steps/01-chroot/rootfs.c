/*
 * rootfs: the directory that a container takes for "/".
 *
 * Kernel object  a process's root directory, where every path with a leading
 *                slash begins
 * Side           container
 * Needs          a tree with the command, its libraries and its loader
 * Look at it     ls -l /proc/PID/root
 */
#include "rootfs.h"

#include <errno.h>
#include <unistd.h>

#include "explain.h"

int rootfs_enter(const char *rootfs, struct failure *why)
{
    explain(CONTAINER, "exec chroot %s /bin/sh -ec \"$(cat <<'CONTAINER'",
            rootfs);
    if (chroot(rootfs) < 0) {
        fail(why, errno, "chroot to %s", rootfs);
        return hint(why, errno == EPERM ? "only root may: try sudo" : NULL);
    }
    /* The working directory is still outside, and would be a way back. */
    if (chdir("/") < 0)
        return fail(why, errno, "chdir to / in %s", rootfs);
    return 0;
}
