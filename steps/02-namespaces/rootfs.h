#pragma once
/*
 * rootfs: the directory that a container takes for "/".
 */
#include "failure.h"

/**
 * rootfs_bind - make the directory a mount of our own, and go there
 * @rootfs: an absolute path
 * @why:    filled in when the call fails
 *
 * Call it in a mount namespace of its own. From here on, nothing that is
 * mounted in there is seen outside, or the other way round.
 *
 * Returns: 0, or -1 with @why.
 * Source:  mount(2); mount_namespaces(7), "Shared subtrees".
 */
int rootfs_bind(const char *rootfs, struct failure *why);

/**
 * rootfs_populate - give the root /proc, /sys and /dev
 * @namespaces: CLONE_NEW* of those that the container does not share
 * @why:        filled in when the call fails
 *
 * The working directory must be the new root.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ENOTDIR, ELOOP (/proc, /sys or /dev in the root is no directory),
 *          EPERM (mount of proc in a user namespace: the host's own /proc is
 *          partly hidden, as inside of another container).
 * Source:  mount(2); proc(5); pts(4); mq_overview(7).
 */
int rootfs_populate(int namespaces, struct failure *why);

/**
 * rootfs_pivot - make the working directory the root, and let go of the old
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EINVAL (it is no mount point, or its parent mount is shared).
 * Source:  pivot_root(2), "pivot_root(".", ".")".
 */
int rootfs_pivot(struct failure *why);

/**
 * rootfs_chroot - the way of step 01, for containers without a mount
 * namespace
 * @rootfs: an absolute path
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  chroot(2).
 */
int rootfs_chroot(const char *rootfs, struct failure *why);
