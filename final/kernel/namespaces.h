#pragma once
/*
 * namespaces: what a process sees of the system, one kind of thing at a time.
 */
#include <sys/types.h>

#include "failure.h"

enum {
    JOIN_MOST = 4
};

struct namespaces {
    int flags;              /* CLONE_NEW* of those that are not shared */
    int time_offset;        /* seconds added to CLOCK_BOOTTIME and _MONOTONIC */
    const char *hostname;   /* the name inside, NULL: the usual one */
    const char *domainname; /* NULL or "": none */
    int joined[JOIN_MOST];  /* other containers' namespaces, first 0: no more */
    int joined_pid;         /* a pid namespace to start the child in, or 0 */
    int joined_user;        /* the user namespace that those are of, or 0 */
    int cgroup_fd;          /* of version 2, to start the child in, or -1 */
};

/**
 * namespaces_clone - fork(2) a child into new namespaces
 * @n:   which ones; the child is the first process in them
 * @why: filled in when the call fails
 *
 * Returns: 0 in the child, its pid (as seen by us) in the parent, or -1 with
 *          @why.
 * Errors:  EPERM (needs CAP_SYS_ADMIN, or a user namespace, which the system
 *          may forbid), ENOSPC (too many namespaces inside one another, or
 *          more than /proc/sys/user/max_*_namespaces), EINVAL (this kernel
 *          was built without one of them).
 * Source:  clone(2), "clone3()"; namespaces(7).
 */
pid_t namespaces_clone(const struct namespaces *n, struct failure *why);

/**
 * namespaces_map_ids - in the parent: say who the child's root is out here
 * @n:     as given to namespaces_clone(); nothing to do without CLONE_NEWUSER
 * @child: the process in the new user namespace
 * @why:   filled in when the call fails
 *
 * User and group 0 inside are the caller's own outside: see id_map.h.
 *
 * Returns: 0, or -1 with @why.
 * Source:  user_namespaces(7), "User and group ID mappings" and
 *          "/proc/pid/setgroups".
 */
int namespaces_map_ids(const struct namespaces *n, pid_t child,
                       struct failure *why);

/**
 * namespaces_settle - in the child: furnish the new namespaces
 * @n:   as given to namespaces_clone()
 * @go:  the end for reading of a pipe: the parent writes to it once it has
 *       done its part; nobody else has the other end
 * @why: filled in when the call fails
 *
 * Namespaces of others are entered here. The network is the parent's part.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ERANGE (the time offset would put a clock below zero).
 * Source:  cgroup_namespaces(7); time_namespaces(7); sethostname(2);
 *          setns(2).
 */
int namespaces_settle(const struct namespaces *n, int go, struct failure *why);

/**
 * namespaces_join - enter those of a process which are not ours already
 * @pidfd: a container's process
 * @why:   filled in when the call fails
 *
 * Enters its root directory as well. The pid namespace takes effect for
 * children only.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ESRCH (it has ended), EPERM, EACCES (it is somebody else's).
 * Source:  setns(2), "CLONE_NEW... | CLONE_NEW..." with a pidfd.
 */
int namespaces_join(int pidfd, struct failure *why);
