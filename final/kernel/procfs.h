#pragma once
/*
 * procfs: the kernel's settings, and nobody's file in their place.
 */
#include "failure.h"

/**
 * procfs_open - a /proc that nothing can be mounted on
 * @why: filled in when the call fails
 *
 * It shows the pid namespace that we are in, and is attached nowhere. Where
 * the kernel allows no new one it is the /proc that we see, so call it before
 * a container's files come into view.
 *
 * Returns: a descriptor, or -1 with @why.
 * Source:  fsopen(2), fsmount(2); proc(5).
 */
int procfs_open(struct failure *why);

/**
 * procfs_write - write a setting
 * @proc_fd: from procfs_open()
 * @path:    below it, such as "sys/kernel/shmmax"; over no link or mount
 * @value:   goes out in one write(2)
 *
 * Returns: 0, or -1 with errno.
 * Source:  openat2(2), RESOLVE_BENEATH, RESOLVE_NO_XDEV.
 */
int procfs_write(int proc_fd, const char *path, const char *value);
