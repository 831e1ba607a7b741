#pragma once
/*
 * record: what is known of a container, in files.
 *
 * DATA/names/NAME              a link to the id. A container is there when this
 *                              is, and its config says the same name
 * DATA/containers/ID/          locked by who changes its state
 *     config.json              as it was created
 *     state.json               how it is
 *     health.json              how well; see health.h
 *     upper, work              overlay's
 *     hosts hostname resolv.conf ID-json.log
 * RUN/ID/monitor               locked by its monitor as long as that lives
 * RUN/ID/socket                where its monitor listens
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"
#include "ids.h"

struct record {
    const struct engine *engine;
    char id[ID_LENGTH + 1];
    int fd; /* its directory */
    json_t *config;
    json_t *state;
};

#define RECORD_CLOSED                                                          \
    {                                                                          \
        .fd = -1                                                               \
    }

/* Lets go of a record when it goes out of scope. */
#define cleanup_record __attribute__((cleanup(record_close)))

/**
 * record_find - find a container by its name, its id or the beginning of it
 * @record: receives it, with its state as it is; release with record_close()
 * @engine: outlives it
 * @text:   what a user calls it, perhaps with docker's "/" before the name
 * @why:    FAILURE_NOT_FOUND: there is none; FAILURE_BAD_PARAMETER: several
 *
 * Returns: 0, or -1 with @why.
 */
int record_find(struct record *record, const struct engine *engine,
                const char *text, struct failure *why);

/**
 * record_open - the same by the whole id
 */
int record_open(struct record *record, const struct engine *engine,
                const char *id, struct failure *why);

/**
 * record_open_still, record_peek - the same for who has locked another one
 *
 * They never wait, so that two who look at each other's go on. One whose
 * monitor is lost is told as it was: see monitor_is_lost().
 */
int record_open_still(struct record *record, const struct engine *engine,
                      const char *id, struct failure *why);
int record_peek(struct record *record, const struct engine *engine,
                const char *text, struct failure *why);

/**
 * record_is_named - does a container's own word for its name lead back to it?
 * @record: a record
 *
 * One for which it doesn't was never finished.
 */
bool record_is_named(const struct record *record);

/**
 * record_close - let go of a record, and of its lock
 * @record: may be half open
 */
void record_close(struct record *record);

/**
 * record_lock - from here on nobody else changes this container
 * @record: reads its config and state again
 * @why:    FAILURE_NOT_FOUND when it was removed meanwhile
 *
 * Held briefly: never while waiting for a process, a network or a terminal.
 *
 * Returns: 0, or -1 with @why.
 * Source:  flock(2).
 */
int record_lock(struct record *record, struct failure *why);

/**
 * record_unlock - others may
 * @record: locked
 */
void record_unlock(struct record *record);

/**
 * record_save - write the state
 * @record: locked
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int record_save(const struct record *record, struct failure *why);

/**
 * record_save_config - write the config
 * @record: locked
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int record_save_config(const struct record *record, struct failure *why);

/**
 * record_status - the word for how it is: "created", "running", "exited", ...
 * @record: a record
 */
const char *record_status(const struct record *record);

/**
 * record_is_up - has it processes: running, paused, or about to be
 * @record: a record
 */
bool record_is_up(const struct record *record);

/**
 * record_name - its name, without docker's "/"
 * @record: a record
 */
const char *record_name(const struct record *record);

/**
 * record_is_auto_remove - does it go when it ends?
 * @record: a record
 */
bool record_is_auto_remove(const struct record *record);

/**
 * record_each - visit all containers
 * @engine: an engine
 * @visit:  is called with each, in no order; returns -1 with @why to stop
 * @arg:    for @visit
 * @why:    filled in when the call fails
 *
 * A container whose files are damaged is left out: the others still count.
 *
 * Returns: 0, or -1 with @why.
 */
int record_each(const struct engine *engine,
                int (*visit)(struct record *record, void *arg,
                             struct failure *why),
                void *arg, struct failure *why);
