/*
 * elsewhere: cgroups as a program finds them on other hosts.
 *
 * Each is for a spawn's .prepare: it gives the program mounts of its own, in
 * which hierarchies are missing, covered or cut. They need root.
 */
#pragma once

/** cgroups_v1_alone - no version 2 is mounted */
void cgroups_v1_alone(void *unused);

/** cgroups_no_controllers - version 2 alone, which passes no controller on */
void cgroups_no_controllers(void *unused);

/* What cgroup.subtree_control says of the suite's own cgroup, and of the one
 * above: paths of files that stand in for them; NULL: nothing is passed on. */
struct cgroups_promise {
    const char *here, *above;
};

/**
 * cgroups_promised - version 2 alone, whose cgroup.subtree_control says more
 * than is there: struct cgroups_promise
 */
void cgroups_promised(void *promise);

/** cgroups_promised_nobody - the same, and become NOBODY afterwards */
void cgroups_promised_nobody(void *promise);

/**
 * cgroups_as_in_container - each hierarchy shows the suite's own cgroup as
 * its top, while /proc/PID/cgroup tells the path on the host: a container
 * without a cgroup namespace
 */
void cgroups_as_in_container(void *unused);

/**
 * cgroups_covered - each hierarchy is mounted four times: as on this host; over
 * that, twice, the suite's own cgroup alone; and elsewhere a part of the
 * hierarchy in which the program is not
 */
void cgroups_covered(void *unused);
