#pragma once
/*
 * top: a container's processes, as ps tells them.
 *
 * Nothing of the container is run, nor is any ps: /proc is read.
 */
#include <jansson.h>

#include "failure.h"

struct cgroup;

/**
 * top_list - list the processes of a container
 * @cgroup:  its
 * @ps_args: as for ps: "-ef" (also when it is NULL or ""), "aux", or
 *           "-o pid,user,args"; several in one text
 * @why:     filled in when the call fails (FAILURE_BAD_PARAMETER)
 *
 * Pids and users are the host's. What ps would do about which processes to
 * choose is not done: it is always those of the container.
 *
 * Returns: {"Titles":[...], "Processes":[[...], ...]}, or NULL with @why.
 * Source:  ps(1), "STANDARD FORMAT SPECIFIERS"; proc_pid_stat(5).
 */
json_t *top_list(const struct cgroup *cgroup, const char *ps_args,
                 struct failure *why);
