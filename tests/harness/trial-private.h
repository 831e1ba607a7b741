/*
 * trial-private: what trial.c (one trial) and suite.c (all of them) share.
 */
#pragma once
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include "trial.h"
#include "verdict.h"

/* Filled in behind the fence, printed outside. */
struct tally {
    int passed, failed, skipped, not_judged;
    bool host_changed;
};

/* A trial's function gets nothing passed by cmocka but its own record. */
struct record {
    const struct trial *trial;
    const struct chapter *chapter;
    enum outcome outcome;
};

struct judging {
    const struct suite *suite;
    struct tally *tally;
    struct record *records;
    size_t count;
    struct record *current;
    const struct chapter *chapter; /* whose title was printed last */
    char *expected, *found, *reason, *notes;
    const char *file;
    int line;
    jmp_buf end;
    FILE *verdicts; /* where the person reads */
    FILE *results;  /* RESULTS, or NULL */
    bool student, failfast, stopped;
};

/* One for the process: cmocka calls a trial's function without anything of
 * ours but its record. */
extern struct judging now;

/* What was there before, and what differs now. */
struct looked {
    const char *before;
    char *differences;
};

/** trial_flag - is this environment variable set, and not to 0? */
bool trial_flag(const char *name);

/** trial_record - the record of the trial with this name, or NULL */
struct record *trial_record(const char *name);

/** trial_conduct - one trial: judge, look for leftovers, tell, count */
enum outcome trial_conduct(struct record *record);
