#pragma once
/*
 * cgroup: how much of the machine a group of processes may use, and has used.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "failure.h"
#include "limit.h"

/* A cgroup has a directory in each hierarchy: in the unified one of version
 * 2, and in those of version 1, which hold one controller each (or few). */
enum {
    CGROUP_UNIFIED,
    CGROUP_MEMORY,
    CGROUP_CPU,
    CGROUP_CPUACCT,
    CGROUP_CPUSET,
    CGROUP_PIDS,
    CGROUP_FREEZER,
    CGROUP_HIERARCHIES
};

struct cgroup {
    char *directories[CGROUP_HIERARCHIES]; /* NULL where there is none */
    int locks[CGROUP_HIERARCHIES];         /* on those that we made, or -1 */
    int doors[CGROUP_HIERARCHIES];         /* their cgroup.procs, or -1 */
};

/* Lets go of what cgroup_find() found when it goes out of scope. */
#define cleanup_cgroup __attribute__((cleanup(cgroup_release)))

/**
 * cgroup_create - make a cgroup for a container and set its limits
 * @cgroup: receives where it is; release it with cgroup_destroy()
 * @limits: settled; those that are LIMIT_NONE stay the kernel's
 * @why:    filled in when the call fails
 *
 * It lies below our own cgroup; on version 2 perhaps beside it, as a cgroup
 * whose children have controllers can't have processes itself. Without
 * permission and without limits there is none, and nothing is wrong.
 *
 * Returns: 0, or -1 with @why and nothing left behind.
 * Errors:  EACCES (not root, and no cgroup was delegated to this user),
 *          ENOENT (this kernel has no such knob).
 * Source:  cgroups(7); Documentation/admin-guide/cgroup-v2.rst, "No Internal
 *          Process Constraint" and "Delegation"; cgroup-v1/memory.rst, ...
 */
int cgroup_create(struct cgroup *cgroup, const struct limits *limits,
                  struct failure *why);

/**
 * cgroup_find - find the cgroup that duct made for a process's container
 * @cgroup: receives where it is; release it with cgroup_release()
 * @pid:    any process in it, as seen by us
 *
 * Returns: in how many hierarchies it was found; 0 when it has none.
 */
int cgroup_find(struct cgroup *cgroup, pid_t pid);

/**
 * cgroup_open - open the doors, while we see the file systems they are in
 * @cgroup: from cgroup_create() or cgroup_find()
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int cgroup_open(struct cgroup *cgroup, struct failure *why);

/**
 * cgroup_enter - in the child: go in, with everything it will ever start
 * @cgroup: from cgroup_open()
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int cgroup_enter(const struct cgroup *cgroup, struct failure *why);

/**
 * cgroup_freeze - stop all processes where they are, or let them go on
 * @cgroup: from cgroup_find()
 * @freeze: which of both; returns when it has happened
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  cgroup-v2.rst, "cgroup.freeze"; cgroup-v1/freezer-subsystem.rst.
 */
int cgroup_freeze(const struct cgroup *cgroup, bool freeze,
                  struct failure *why);

/**
 * cgroup_knobs - find the directory that has a controller's files
 * @cgroup:     from cgroup_create() or cgroup_find()
 * @controller: CGROUP_MEMORY, ...
 *
 * Returns: that on version 1 if there is one, else that on version 2, or
 *          NULL; it lives as long as @cgroup.
 */
const char *cgroup_knobs(const struct cgroup *cgroup, int controller);

/**
 * cgroup_release - forget where a cgroup is, and leave it there
 * @cgroup: may be half built
 */
void cgroup_release(struct cgroup *cgroup);

/**
 * cgroup_destroy - kill what is left in a cgroup and remove it
 * @cgroup: may be half built; is released as well
 */
void cgroup_destroy(struct cgroup *cgroup);
