#pragma once
/*
 * cgroupfs: a container's own cgroups, for it to look at.
 */
#include <stdbool.h>

#include "failure.h"

/**
 * cgroupfs_show - mount the cgroup file systems
 * @sys_fd:      the container's /sys
 * @is_private:  is the container in a cgroup namespace of its own?
 * @is_writable: may it make cgroups, and set limits?
 * @why:         filled in when the call fails
 *
 * On version 1 there is a directory for each hierarchy, as on hosts. A
 * hierarchy that can't be mounted is left out.
 *
 * Returns: 0, or -1 with @why.
 * Source:  cgroup_namespaces(7); cgroups(7), "Mounting v1 controllers".
 */
int cgroupfs_show(int sys_fd, bool is_private, bool is_writable,
                  struct failure *why);
