#pragma once
/*
 * rootfs: the directory that a container takes for "/".
 */
#include "failure.h"

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
 * @rootfs:     an absolute path; it is the working directory afterwards
 * @namespaces: CLONE_NEW* of those that the container does not share
 * @why:        filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ENOTDIR, ELOOP (/proc, /sys or /dev in there is no directory),
 *          EPERM (in a user namespace: the host's own /proc is partly hidden,
 *          as inside of another container).
 * Source:  mount(2); proc(5); pts(4); mq_overview(7).
 */
int rootfs_populate(const char *rootfs, int namespaces, struct failure *why);

/**
 * rootfs_pivot - make the working directory the root, and let go of the old
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EINVAL (it is no mount point, or its parent mount is shared).
 * Source:  pivot_root(2), "pivot_root(".", ".")".
 */
int rootfs_pivot(struct failure *why);
