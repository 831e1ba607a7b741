#pragma once
/*
 * cgroup_kept: what a cgroup's limits were before somebody changed them.
 */
#include "cgroup.h"

enum {
    CGROUP_KEPT = 19
};

struct cgroup_kept {
    char *texts[CGROUP_KEPT]; /* NULL where there is no such file */
};

/**
 * cgroup_kept_read - remember the limits of a cgroup
 * @kept:   receives them; release it with cgroup_kept_release()
 * @cgroup: has all the directories that are going to be written to
 */
void cgroup_kept_read(struct cgroup_kept *kept, const struct cgroup *cgroup);

/**
 * cgroup_kept_restore - make them what they were
 * @kept:   from cgroup_kept_read()
 * @cgroup: the same
 *
 * What the kernel refuses stays: nobody could do anything about it.
 */
void cgroup_kept_restore(const struct cgroup_kept *kept,
                         const struct cgroup *cgroup);

void cgroup_kept_release(struct cgroup_kept *kept);
