#pragma once
/*
 * probes: a container's health check, from its monitor's side.
 *
 * Each probe is a process of its own between the monitor and the command that
 * it runs. What it does, also waiting, the monitor does not have to do.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "health.h"
#include "record.h"

struct probes {
    const struct record *record; /* the monitor's own; outlives this */
    struct health_check check;
    bool is_well;       /* has it been so since it was started? */
    long long begun_at; /* the run, by restart_now() */
    long long due;      /* the next probe; -1: none */
    pid_t pid;          /* of the one that runs now, or -1 */
    int pidfd;
};

#define PROBES_NONE                                                            \
    {                                                                          \
        .due = -1, .pid = -1, .pidfd = -1                                      \
    }

/**
 * probes_start - a run begins
 * @p:      receives when to probe; PROBES_NONE before
 * @record: a container, with or without a check
 * @why:    filled in when its health can't be written down
 *
 * Its health is "starting" from now on.
 *
 * Returns: 0, or -1 with @why.
 */
int probes_start(struct probes *p, const struct record *record,
                 struct failure *why);

/**
 * probes_fd, probes_timeout - what to poll(2) for POLLIN, and for how long
 *
 * Both are -1 for a container without a check.
 */
int probes_fd(const struct probes *p);
int probes_timeout(const struct probes *p);

/**
 * probes_step - begin a probe whose time has come, see how another has ended
 * @p: from probes_start()
 *
 * Never waits.
 */
void probes_step(struct probes *p);

/**
 * probes_stop - the run has ended: so has a probe
 * @p: may not have been started
 */
void probes_stop(struct probes *p);
