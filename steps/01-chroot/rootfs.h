#pragma once
/*
 * rootfs: the directory that a container takes for "/".
 */
#include "failure.h"

/**
 * rootfs_enter - make a directory this process's root
 * @rootfs: an absolute path
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EPERM (needs CAP_SYS_CHROOT: be root).
 * Source:  chroot(2).
 */
int rootfs_enter(const char *rootfs, struct failure *why);
