#pragma once
/*
 * process: the first process of a container, and what it is in.
 */
#include <jansson.h>

#include "cgroup.h"
#include "record.h"

/**
 * process_open - hold the first process of a container
 * @state: a container's state: Pid, and StartTime to know it by
 * @why:   filled in when it is gone
 *
 * A number may have been given to another process since it was written down:
 * then that was started at another time.
 *
 * Returns: a pidfd, or -1 with @why.
 * Source:  pidfd_open(2); proc_pid_stat(5), "starttime".
 */
int process_open(const json_t *state, struct failure *why);

/**
 * process_start_time - when was a process started?
 * @pid: a process
 *
 * Returns: ticks since the machine was, or -1 when there is no such process.
 */
long long process_start_time(pid_t pid);

/**
 * process_cgroup - find the cgroup of a container
 * @record: a container
 * @cgroup: receives it; release it with cgroup_release()
 *
 * Returns: in how many hierarchies it is.
 */
int process_cgroup(const struct record *record, struct cgroup *cgroup);

/**
 * process_thaw - let a paused container go on
 * @record: a container; its state is not changed
 */
int process_thaw(const struct record *record, struct failure *why);

/**
 * process_limit - change the limits of a container that runs
 * @record:      the container, locked; learns of new directories of its cgroup
 * @host_config: with the new limits
 * @why:         filled in when the call fails; all limits are as before then
 *
 * Returns: 0, or -1 with @why.
 */
int process_limit(struct record *record, const json_t *host_config,
                  struct failure *why);

/**
 * monitor_cancel - don't restart a container that waits for that
 * @record: a container, restarting
 */
int monitor_cancel(const struct record *record, struct failure *why);
