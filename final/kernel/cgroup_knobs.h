#pragma once
/*
 * cgroup_knobs: which file of a cgroup a limit is written to, and how.
 */
#include "cgroup.h"

/**
 * cgroup_knobs_needed - which controllers do these limits need?
 * @limits: settled
 *
 * Returns: a bit for each, 1 << CGROUP_MEMORY, ...; not for those that nobody
 *          asked for.
 */
int cgroup_knobs_needed(const struct limits *limits);

/**
 * cgroup_knobs_set - write limits
 * @cgroup: has directories for those controllers
 * @limits: settled; LIMIT_NONE leaves a file alone
 * @why:    names docker's flag when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  cgroup-v2.rst, "Controllers"; cgroup-v1/memory.rst, cpusets.rst,
 *          blkio-controller.rst; scheduler/sched-bwc.rst.
 */
int cgroup_knobs_set(const struct cgroup *cgroup, const struct limits *limits,
                     struct failure *why);

/* Limits that not every kernel has. */
enum knob_kind {
    KNOB_SWAP,
    KNOB_SWAPPINESS,       /* version 1 */
    KNOB_OOM_KILL_DISABLE, /* version 1 */
    KNOB_BLKIO_WEIGHT      /* with a scheduler that knows weights */
};

/**
 * cgroup_knobs_has - can this host limit that?
 * @kind: what
 *
 * Whether we may is another question, which cgroup_create() answers.
 */
bool cgroup_knobs_has(enum knob_kind kind);
