/*
 * cgroup_nest: a cgroup in a container's, for what has to end as a whole.
 *
 * A process can leave its session, and its parent; its cgroup it can't.
 *
 * Kernel object  a directory in that of the container's cgroup
 * Side           host
 * Look at it     cat DIRECTORY/health/cgroup.procs
 */
#include "cgroup_nest.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cgroup_place.h"
#include "cleanup.h"
#include "explain.h"

/* In which hierarchy it is nested: version 2's, where all can be killed at
 * once; else where they can be frozen for that; else in any. */
static int own_hierarchy(const struct cgroup *cgroup)
{
    if (cgroup->directories[CGROUP_UNIFIED] != NULL)
        return CGROUP_UNIFIED;
    if (cgroup->directories[CGROUP_FREEZER] != NULL)
        return CGROUP_FREEZER;
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->directories[h] != NULL)
            return h;
    return -1;
}

int cgroup_nest(struct cgroup *cgroup, const char *name, struct failure *why)
{
    int own = own_hierarchy(cgroup);
    cleanup_free char *outer = NULL;

    if (own < 0)
        return 0;
    outer = strdup(cgroup->directories[own]);
    if (outer == NULL)
        return fail(why, ENOMEM, "make a cgroup in a container's");
    /* One directory may stand for several controllers of version 1. */
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        char *inner;

        if (cgroup->directories[h] == NULL ||
            !str_eq(cgroup->directories[h], outer))
            continue;
        if (asprintf(&inner, "%s/%s", outer, name) < 0)
            return fail(why, ENOMEM, "make a cgroup in a container's");
        free(cgroup->directories[h]);
        cgroup->directories[h] = inner;
    }
    explain(HOST, "mkdir %s", cgroup->directories[own]);
    return mkdir(cgroup->directories[own], 0755) < 0 && errno != EEXIST
               ? fail(why, errno, "make %s", cgroup->directories[own])
               : 0;
}

void cgroup_nest_end(struct cgroup *cgroup, bool is_kill)
{
    int own = own_hierarchy(cgroup);

    if (own < 0 || !is_kill) {
        if (own >= 0)
            (void)cgroup_place_remove(cgroup->directories[own]);
        cgroup_release(cgroup);
        return;
    }
    /* The others are the container's own. */
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (h != own) {
            free(cgroup->directories[h]);
            cgroup->directories[h] = NULL;
        }
    (void)cgroup_destroy(cgroup);
}
