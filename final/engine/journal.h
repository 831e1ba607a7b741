#pragma once
/*
 * journal: what happened in this engine, as docker's events.
 *
 * data/events/journal, and journal.1, which is older: at most 1 MiB each. A
 * record is a line:
 *
 *     {"Type":"container","Action":"start","Actor":{"ID":"…","Attributes":
 *     {"image":"…","name":"…"}},"scope":"local","time":…,"timeNano":…,
 *     "status":"start","id":"…","from":"…"}
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine.h"
#include "failure.h"

/**
 * journal_add - record that something has happened
 * @engine:     whose journal it is
 * @type:       "container", "image", "network" or "volume"
 * @action:     "start", "exec_start: ls -l", ...
 * @id:         of what it happened to
 * @attributes: of texts; of a container: image, name, all its labels. May be
 *              NULL; stays the caller's
 * @why:        filled in when the call fails: nothing that happened may be
 *              undone because of that
 *
 * Costs about as much as opening a file. Not synced: a journal is no state.
 *
 * Returns: 0, or -1 with @why.
 */
int journal_add(const struct engine *engine, const char *type,
                const char *action, const char *id, const json_t *attributes,
                struct failure *why);

struct journal_question {
    int64_t since; /* nanoseconds since 1970; 0 with no until: nothing of
                         * what has been; 0 with one: all */
    int64_t until; /* the same; 0: no end */
    const json_t *filters; /* {"type":{"container":true}} or
                            * {"type":["container"]}; may be NULL */
    bool is_following;     /* wait for what will be, up to until? */
    int quit_fd;           /* when it can be read or hangs up, stop; or -1 */
    /* What to do with each record, which stays ours; not 0 stops it. */
    int (*event)(void *context, const json_t *record);
    /* Called once, when nothing that happens from now on can be missed; may
     * be NULL. */
    void (*ready)(void *context);
    void *context;
};

/**
 * journal_read - deliver records, oldest first
 * @engine:   whose journal it is
 * @question: which
 * @why:      filled in when the call fails
 *
 * Filters are docker's: type, event, container, image, network, volume, label,
 * scope, daemon. Values of one key: any of them; of label: all.
 *
 * Returns: 0, what event() returned if that was not 0, or -1 with @why
 * (FAILURE_BAD_PARAMETER: an unknown filter).
 */
int journal_read(const struct engine *engine,
                 const struct journal_question *question, struct failure *why);
