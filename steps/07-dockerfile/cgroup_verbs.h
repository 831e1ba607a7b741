#pragma once
/*
 * cgroup_verbs: pause, unpause and stats, for a container that runs.
 */
#include "failure.h"

/**
 * cgroup_verbs_pause, cgroup_verbs_unpause, cgroup_verbs_stats - do the verb
 * @argc: as main()'s; argv[0] is the verb, argv[1] a PID
 * @argv: as main()'s
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int cgroup_verbs_pause(int argc, char **argv, struct failure *why);
int cgroup_verbs_unpause(int argc, char **argv, struct failure *why);
int cgroup_verbs_stats(int argc, char **argv, struct failure *why);
