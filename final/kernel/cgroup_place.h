#pragma once
/*
 * cgroup_place: where in each hierarchy a new cgroup goes.
 */
#include "cgroup.h"

/* The hierarchies' names: "memory", ..., and NULL for version 2. */
extern const char *const cgroup_controllers[CGROUP_HIERARCHIES];

struct cgroup_place {
    const char *name;               /* the whole, "/batch/duct-ID" */
    const char *leaf;               /* the last of it: "duct-ID" */
    char *own[CGROUP_HIERARCHIES];  /* the cgroup that it counts from */
    char *tops[CGROUP_HIERARCHIES]; /* where the hierarchies are mounted */
};

/* Lets go of a place when it goes out of scope. */
#define cleanup_cgroup_place __attribute__((cleanup(cgroup_place_release)))

/**
 * cgroup_place_find - look where we are ourselves
 * @place: receives it; release it with cgroup_place_release()
 * @name:  as for cgroup_create(), borrowed
 *
 * Returns: 0, or -1 with errno EINVAL when a part of the name is "", "." or
 *          "..".
 */
int cgroup_place_find(struct cgroup_place *place, const char *name);
void cgroup_place_release(struct cgroup_place *place);

/**
 * cgroup_place_make_v1 - make a cgroup's directory in one of version 1
 * @place:     from cgroup_place_find()
 * @hierarchy: CGROUP_MEMORY, ...
 *
 * Returns: the directory, which the caller frees; or NULL with errno, ENOENT
 *          when there is no such hierarchy.
 */
char *cgroup_place_make_v1(const struct cgroup_place *place, int hierarchy);

/**
 * cgroup_place_make_v2 - make a cgroup's directory in the unified hierarchy
 * @place:  from cgroup_place_find()
 * @wanted: a bit for each controller that has to be there: 1 << CGROUP_...
 *
 * It is as near to our own as the controllers are passed on. Where they are
 * nowhere, the nearest that can is told to pass them on, which takes root.
 *
 * Returns: the directory, which the caller frees; or NULL with errno, ENOENT
 *          when no cgroup passes these controllers on.
 */
char *cgroup_place_make_v2(const struct cgroup_place *place, int wanted);

/**
 * cgroup_place_look - look for a cgroup that was made at such a place
 * @place:     from cgroup_place_find()
 * @hierarchy: CGROUP_UNIFIED, ...
 *
 * Returns: the directory, which the caller frees, or NULL.
 */
char *cgroup_place_look(const struct cgroup_place *place, int hierarchy);

/**
 * cgroup_place_remove - remove a directory with the sub-cgroups in it
 * @directory: of a cgroup
 *
 * Returns: 0, also when it was gone; or -1 with errno, EBUSY when there are
 *          processes.
 */
int cgroup_place_remove(const char *directory);
