#pragma once
/*
 * restart: is a container that has ended to run again, and when?
 */
#include <stdbool.h>

#include "record.h"

/* What a monitor remembers from one run to the next; begin with zeroes. */
struct restart {
    int delay;    /* milliseconds before the next run */
    int failures; /* runs in a row that ended with another status than 0 */
    long long begun_at; /* when the last run was begun */
};

/**
 * restart_check - is this a policy?
 * @policy: docker's RestartPolicy, or NULL
 * @why:    FAILURE_BAD_PARAMETER, in docker's words
 *
 * Returns: 0, or -1 with @why.
 */
int restart_check(const json_t *policy, struct failure *why);

/**
 * restart_is_policy - does it ever say that a container runs again?
 * @policy: as above
 */
bool restart_is_policy(const json_t *policy);

/**
 * restart_now - milliseconds, from a clock that nobody sets
 */
long long restart_now(void);

/**
 * restart_wanted - does its policy say that it runs again?
 * @r:      what was before
 * @record: locked
 * @status: how it has ended
 */
bool restart_wanted(struct restart *r, const struct record *record, int status);

/**
 * restart_delay - how long to wait before, in milliseconds
 * @r: after restart_wanted()
 *
 * 100 ms, then twice as much each time, a minute at most; 100 again after a
 * run of ten seconds.
 */
int restart_delay(struct restart *r);

/**
 * restart_count - note that it runs once more
 * @r:      what was before
 * @record: locked
 */
void restart_count(struct restart *r, struct record *record);
