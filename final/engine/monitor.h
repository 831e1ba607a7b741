#pragma once
/*
 * monitor: the one process that stays with a container.
 *
 * It is the parent of the container's first process, holds the other ends of
 * its pipes or terminal, and writes down how it ends. Nobody else does.
 */
#include "record.h"

/**
 * monitor_start - make a container run
 * @record:  locked by the caller; unlocked when this returns
 * @client:  a stream socket that is attached before the container runs, or -1;
 *           the caller's end is another
 * @why:     filled in when it does not run; docker's exit status is in it
 *
 * The monitor is a child of ours in a session of its own, and outlives us.
 *
 * Returns: 0 once the command has been executed, or -1 with @why.
 */
int monitor_start(struct record *record, int client, struct failure *why);

/**
 * monitor_is_lost - is a container said to run, and nobody looks after it?
 * @record: read. Unless it is locked as well, it may just have ended: the
 *          monitor writes that down before it goes
 */
bool monitor_is_lost(const struct record *record);

/**
 * monitor_check - clear away what a killed monitor has left
 * @record: locked, and read after that; if its monitor is lost, the state
 *          becomes "exited" with 255
 *
 * It may have been killed before it said that the container runs, or after it
 * said that it has ended: an intent tells of that.
 */
void monitor_check(struct record *record);

/**
 * monitor_connect - talk to a container's monitor
 * @record: a container that is up
 * @why:    filled in when the call fails
 *
 * Returns: a connected stream socket that speaks frames.h, or -1 with @why.
 */
int monitor_connect(const struct record *record, struct failure *why);

/**
 * monitor_sweep - clear away what a killed monitor may have left on the host
 * @record: locked; nobody runs it
 *
 * Its cgroup with all processes, its addresses and ports, its sockets.
 */
void monitor_sweep(const struct record *record);

/**
 * monitor_sweep_at - the same when nothing was written down of its cgroup
 * @where: from cgroup_foresee(); or NULL
 */
void monitor_sweep_at(const struct record *record, const char *where);
