#pragma once
/*
 * life: what happens to a container between its creation and its end.
 *
 * Each of these takes a lock briefly, acts, and writes down what it did. All
 * may be called at once from any number of processes.
 */
#include <jansson.h>

#include "record.h"

/**
 * container_start - run a container that is not running
 * @record: from record_find()
 * @client: attached before it runs, or -1; see monitor_start()
 * @why:    FAILURE_UNCHANGED: it runs already
 *
 * Returns: 0, or -1 with @why.
 */
int container_start(struct record *record, int client, struct failure *why);

/**
 * container_kill - send a signal to the first process of a container
 * @record: from record_find()
 * @signal: "KILL", "SIGKILL", "9"; NULL is KILL
 * @why:    FAILURE_CONFLICT: it does not run; FAILURE_BAD_PARAMETER: there is
 *          no such signal
 *
 * Returns: 0, or -1 with @why.
 * Source:  pidfd_send_signal(2).
 */
int container_kill(struct record *record, const char *signal,
                   struct failure *why);

/**
 * container_stop - ask a container to end, and make it
 * @record:  from record_find()
 * @signal:  instead of its own stop signal, or NULL
 * @seconds: to wait for it before it is killed; -1: as long as it takes; -2:
 *           its own timeout
 * @why:     FAILURE_UNCHANGED: it does not run
 *
 * It is not restarted afterwards, whatever its policy.
 *
 * Returns: 0 when it has ended, or -1 with @why.
 */
int container_stop(struct record *record, const char *signal, int seconds,
                   struct failure *why);

/**
 * container_restart - stop it if it runs, and start it
 */
int container_restart(struct record *record, const char *signal, int seconds,
                      struct failure *why);

/**
 * container_pause, container_unpause - freeze all its processes; let them go on
 * @record: from record_find()
 * @why:    FAILURE_CONFLICT: it is not in the state for it
 *
 * Returns: 0, or -1 with @why.
 */
int container_pause(struct record *record, struct failure *why);
int container_unpause(struct record *record, struct failure *why);

enum wait_for {
    WAIT_NOT_RUNNING, /* now, or when it ends */
    WAIT_NEXT_EXIT,   /* when it ends the next time */
    WAIT_REMOVED,     /* when it is gone */
};

/**
 * container_wait - wait for a container
 * @record: from record_find()
 * @what:   for what
 * @why:    filled in when the call fails
 *
 * Returns: its exit status, or -1 with @why.
 */
int container_wait(struct record *record, enum wait_for what,
                   struct failure *why);

/**
 * container_rename - call it otherwise
 * @record: from record_find()
 * @name:   the new name
 * @why:    FAILURE_CONFLICT: it is taken; FAILURE_BAD_PARAMETER: it is none
 *
 * Returns: 0, or -1 with @why.
 */
int container_rename(struct record *record, const char *name,
                     struct failure *why);

/**
 * container_update - change limits and restart policy
 * @record:   from record_find()
 * @changes:  docker's body of an update
 * @why:      filled in when the call fails; nothing has changed then
 *
 * Returns: 0, or -1 with @why.
 */
int container_update(struct record *record, const json_t *changes,
                     struct failure *why);

/**
 * container_remove - forget a container, with what it wrote
 * @record:  from record_find()
 * @force:   even if it runs: it is killed
 * @volumes: its anonymous volumes too
 * @why:     FAILURE_CONFLICT: it runs
 *
 * Returns: 0, or -1 with @why.
 */
int container_remove(struct record *record, bool force, bool volumes,
                     struct failure *why);

/**
 * container_discard - the same for one that is locked and does not run
 */
int container_discard(struct record *record, bool volumes, struct failure *why);

/**
 * container_tell - note an event of a container
 * @record: the container
 * @action: "start", "die", ...
 * @more:   attributes besides its image, name and labels; stolen, may be NULL
 *
 * Nothing can be done about an event that can't be written.
 */
void container_tell(const struct record *record, const char *action,
                    json_t *more);
