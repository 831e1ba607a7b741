/*
 * fence: protects the host while a suite judges.
 *
 * A beginner's program, run as root, can do the host harm: mount over its
 * /proc when it forgets MS_PRIVATE, rename it when it forgets CLONE_NEWUTS,
 * kill everything when it calls kill(-1, ...) with a pid that fork() never
 * gave it, write to its /etc when it forgets chroot(2). So a suite runs in
 * pid, mnt, uts and ipc namespaces of its own: for the judged program these
 * are "the host". Its mounts are *shared* among each other, as systemd makes
 * them on real hosts, and cut off from the real ones: what leaks from a
 * container is seen here and goes no further. All files but those of the
 * suite and of the kernel itself are read-only, and those in the directory
 * that REPORTS names, for whatever watches the judged program. The suite is
 * pid 1: when it ends, the kernel ends all that it left running.
 *
 * Outside stays a warden, who compares the real host before and after.
 */
#pragma once

/**
 * fence_run - run @inside behind the fence
 *
 * Returns: what @inside returned, or 1 when the host was changed, or 2.
 */
int fence_run(int (*inside)(void *arg), void *arg);

/**
 * fence_mask - behind the fence, show @in_place where @directory is
 *
 * For places where a program keeps state: what it leaves there can be seen,
 * and does not reach the host.
 */
void fence_mask(const char *directory, const char *in_place);
