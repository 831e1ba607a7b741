#pragma once
/*
 * rootfs: the directory that a container takes for "/".
 */
#include <stdbool.h>

#include "console.h"
#include "failure.h"
#include "nodes.h"

struct rootfs_request {
    int namespaces;       /* CLONE_NEW* of those that it does not share */
    bool is_privileged;   /* no masks, and everything may be written to */
    bool cgroup_writable; /* else its cgroups are for looking at */
    long long shm_size;   /* of /dev/shm, in bytes; 0: 64 MiB */
    int shm_fd;           /* another's /dev/shm, from detached_clone(), that
                              is attached here; -1: one of its own */
    const struct nodes *devices;  /* besides the usual; NULL: none */
    const char *const *hidden;    /* masks, NULL: masks_hidden */
    const char *const *read_only; /* ..., NULL: masks_read_only */
    struct console *console;      /* receives a terminal; NULL: none */
};

/**
 * rootfs_isolate - keep our mounts to ourselves
 * @why: filled in when the call fails
 *
 * Call it first in a mount namespace. Most distributions make "/" shared: what
 * we mount would appear on the host, what we unmount would be gone there.
 *
 * Returns: 0, or -1 with @why.
 * Source:  mount(2), MS_PRIVATE; mount_namespaces(7), "Shared subtrees".
 */
int rootfs_isolate(struct failure *why);

/**
 * rootfs_populate - go there, and give it /proc, /sys and /dev
 * @rootfs:  an absolute path; it is the working directory afterwards
 * @request: what they are to be like
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ENOTDIR, ELOOP (/proc, /sys or /dev in there is no directory),
 *          EPERM (in a user namespace: the host's own /proc is partly hidden,
 *          as inside of another container).
 * Source:  fsmount(2); proc(5); pts(4); mq_overview(7).
 */
int rootfs_populate(const char *rootfs, const struct rootfs_request *request,
                    struct failure *why);

/**
 * rootfs_pivot - make the working directory the root, and let go of the old
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EINVAL (it is no mount point, or its parent mount is shared).
 * Source:  pivot_root(2), "pivot_root(".", ".")".
 */
int rootfs_pivot(struct failure *why);
