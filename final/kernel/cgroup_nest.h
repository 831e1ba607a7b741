#pragma once
/*
 * cgroup_nest: a cgroup in a container's, for what has to end as a whole.
 */
#include "cgroup.h"

/**
 * cgroup_nest - make a cgroup below a container's
 * @cgroup: from one of the finders; from here on it is the new one
 * @name:   of the new one, a single word; it may be there already
 * @why:    filled in when the call fails
 *
 * It has no limits but those of the container, and is in one hierarchy only:
 * in the others whoever enters is where all others of the container are.
 * Where a container has no cgroup there is none, and nothing is wrong.
 *
 * Returns: 0, or -1 with @why.
 */
int cgroup_nest(struct cgroup *cgroup, const char *name, struct failure *why);

/**
 * cgroup_nest_end - take it away again
 * @cgroup:  from cgroup_nest(); is released
 * @is_kill: kill all that is in it; else it stays if something is
 */
void cgroup_nest_end(struct cgroup *cgroup, bool is_kill);
