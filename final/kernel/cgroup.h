#pragma once
/*
 * cgroup: how much of the machine a group of processes may use, and has used.
 *
 * A container's cgroup has a name that anybody can work out from its id, so
 * whoever comes later finds it, also when all its processes are dead.
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
    CGROUP_BLKIO, /* "io" on version 2 */
    CGROUP_FREEZER,
    CGROUP_DEVICES,
    CGROUP_HIERARCHIES
};

struct cgroup {
    char *name;                            /* as given to cgroup_create() */
    char *directories[CGROUP_HIERARCHIES]; /* NULL where there is none */
    int doors[CGROUP_HIERARCHIES];         /* what one enters by, or -1 */
    int unified_fd;                        /* from cgroup_unified_fd(), or -1 */
};

/* Lets go of a cgroup when it goes out of scope. */
#define cleanup_cgroup __attribute__((cleanup(cgroup_release)))

/**
 * cgroup_create - make a cgroup for a container and set its limits
 * @cgroup: receives where it is; release it with cgroup_destroy(), or with
 *          cgroup_release() to leave it there
 * @name:   "duct-ID", or with a parent: "batch/duct-ID" below our own cgroup,
 *          "/batch/duct-ID" below the first that we can see. Parents are made
 *          when they are missing, and stay.
 * @limits: settled; those that are LIMIT_NONE stay the kernel's
 * @why:    filled in when the call fails
 *
 * It lies below our own cgroup; on version 2 perhaps beside it, as a cgroup
 * whose children have controllers can't have processes itself. What a dead
 * container of the same name left is removed first; the caller makes sure that
 * nobody else is making the same. Without permission and without limits there
 * is none, and nothing is wrong: see cgroup_exists().
 *
 * Returns: 0, or -1 with @why and nothing left behind.
 * Errors:  EACCES (not root, and no cgroup was delegated to this user),
 *          EBUSY (there is one, and processes are in it), ENOENT (this kernel
 *          has no such knob).
 * Source:  cgroups(7); Documentation/admin-guide/cgroup-v2.rst, "No Internal
 *          Process Constraint" and "Delegation"; cgroup-v1/memory.rst, ...
 */
int cgroup_create(struct cgroup *cgroup, const char *name,
                  const struct limits *limits, struct failure *why);

/**
 * cgroup_find_named - find a container's cgroup, processes or not
 * @cgroup: receives where it is; release it with cgroup_release()
 * @name:   as for cgroup_create()
 *
 * Looks where cgroup_create() would make it now: it misses one that was made
 * from another cgroup than ours, of which cgroup_describe() knew.
 *
 * Returns: in how many hierarchies it was found; 0 when it has none.
 */
int cgroup_find_named(struct cgroup *cgroup, const char *name);

/**
 * cgroup_find - find the cgroup that duct made for a process's container
 * @cgroup: receives where it is; release it with cgroup_release()
 * @pid:    any process in it, as seen by us
 *
 * Returns: in how many hierarchies it was found; 0 when it has none.
 */
int cgroup_find(struct cgroup *cgroup, pid_t pid);

/**
 * cgroup_describe - where is it? as text for a file
 * @cgroup: from cgroup_create() or one of the finders
 *
 * Returns: a line for each hierarchy, "NAME DIRECTORY\n"; the caller frees it.
 *          NULL without memory.
 */
char *cgroup_describe(const struct cgroup *cgroup);

/**
 * cgroup_foresee - where could cgroup_create() make it?
 * @name: as for cgroup_create()
 *
 * Returns: as cgroup_describe(), with all places that it may choose from.
 */
char *cgroup_foresee(const char *name);

/**
 * cgroup_recall - find a cgroup by what was written down about it
 * @cgroup: receives where it is; release it with cgroup_release()
 * @text:   from cgroup_describe()
 *
 * Returns: in how many hierarchies it still is; 0 when it is gone.
 */
int cgroup_recall(struct cgroup *cgroup, const char *text);

/**
 * cgroup_exists - is there any directory at all?
 * @cgroup: from cgroup_create() or one of the finders
 */
bool cgroup_exists(const struct cgroup *cgroup);

/**
 * cgroup_update - change limits while processes are in it
 * @cgroup: from cgroup_create() or one of the finders; may grow a directory in
 *          a hierarchy that was not needed before, so describe it again
 * @limits: settled; LIMIT_NONE leaves one as it is, LIMIT_MAX clears it
 * @why:    filled in when the call fails; all limits are as before then
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EBUSY (more memory in use than the new limit), EINVAL, ENOENT (this
 *          kernel has no such knob, or not for this cgroup).
 */
int cgroup_update(struct cgroup *cgroup, const struct limits *limits,
                  struct failure *why);

/**
 * cgroup_open - open the doors, while we see the file systems they are in
 * @cgroup: from cgroup_create() or one of the finders
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int cgroup_open(struct cgroup *cgroup, struct failure *why);

/**
 * cgroup_unified_fd - what clone3(2) starts a child in, at no cost
 * @cgroup: from cgroup_create() or one of the finders
 *
 * For clone_args.cgroup with CLONE_INTO_CGROUP. Whoever asks has to use it:
 * from now on cgroup_enter() sees to the hierarchies of version 1 only. A
 * cgroup namespace has to be made after that, by unshare(2): clone3(2) would
 * give the child one of its parent's.
 *
 * Returns: a descriptor that belongs to @cgroup, or -1 when it has no
 *          directory on version 2.
 * Source:  clone(2), CLONE_INTO_CGROUP.
 */
int cgroup_unified_fd(struct cgroup *cgroup);

/**
 * cgroup_enter - in the child: go in, with everything it will ever start
 * @cgroup: from cgroup_open()
 * @why:    filled in when the call fails
 *
 * For a process with one thread: on version 1 only that goes in, as taking all
 * of them waits for every CPU, up to 9 ms.
 *
 * Returns: 0, or -1 with @why.
 */
int cgroup_enter(const struct cgroup *cgroup, struct failure *why);

/**
 * cgroup_freeze - stop all processes where they are, or let them go on
 * @cgroup: from cgroup_create() or one of the finders
 * @freeze: which of both; returns when it has happened
 * @why:    filled in when the call fails; nothing is frozen then
 *
 * Returns: 0, or -1 with @why.
 * Source:  cgroup-v2.rst, "cgroup.freeze"; cgroup-v1/freezer-subsystem.rst.
 */
int cgroup_freeze(const struct cgroup *cgroup, bool freeze,
                  struct failure *why);

/**
 * cgroup_kill - kill all that is in it, frozen or not, and wait until it is
 * @cgroup: from cgroup_create() or one of the finders
 * @why:    filled in when the call fails
 *
 * Takes sub-cgroups as well, and what forks meanwhile. Zombies that nobody has
 * waited for are no hindrance.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ETIMEDOUT (something doesn't die, in five seconds), EPERM.
 * Source:  cgroup-v2.rst, "cgroup.kill".
 */
int cgroup_kill(const struct cgroup *cgroup, struct failure *why);

/**
 * cgroup_is_empty - has every process ended, also in sub-cgroups?
 * @cgroup: from cgroup_create() or one of the finders
 *
 * Returns: true as well when it is gone, or there never was one.
 */
bool cgroup_is_empty(const struct cgroup *cgroup);

/**
 * cgroup_pids - list the processes in it and in its sub-cgroups
 * @cgroup: from cgroup_create() or one of the finders
 * @list:   receives an array of pids as seen by us; the caller frees it
 *
 * A process may have ended, and its number be another's, by the time it is
 * looked at.
 *
 * Returns: how many there are, sorted, each once; or -1 with errno.
 */
ssize_t cgroup_pids(const struct cgroup *cgroup, pid_t **list);

/**
 * cgroup_oom_fd - watch for a lack of memory
 * @cgroup: from cgroup_create() or one of the finders
 *
 * It can be read when the kernel found no memory for somebody in it (or the
 * cgroup was removed); then read it empty and ask cgroup_oom_kills().
 *
 * Returns: a descriptor that doesn't block and that the caller closes, or -1
 *          with errno: ENOENT where memory isn't counted.
 * Source:  cgroup-v2.rst, "memory.events", with inotify(7);
 *          cgroup-v1/memory.rst, "OOM Control", with eventfd(2).
 */
int cgroup_oom_fd(const struct cgroup *cgroup);

/**
 * cgroup_oom_kills - how many of it were killed for lack of memory, so far?
 * @cgroup: from cgroup_create() or one of the finders
 *
 * Returns: their number, or -1 when it is unknown.
 */
long long cgroup_oom_kills(const struct cgroup *cgroup);

/**
 * cgroup_knobs - find the directory that has a controller's files
 * @cgroup:     from cgroup_create() or one of the finders
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
 * @cgroup: may be half built, and have sub-cgroups; is released as well
 *
 * Returns: 0, or -1 with errno when something of it is still there.
 */
int cgroup_destroy(struct cgroup *cgroup);
