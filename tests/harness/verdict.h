/*
 * verdict: what a person reads about a trial.
 */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "trial.h"

enum outcome {
    PENDING,
    PASSED,
    FAILED,
    SKIPPED,
    NOT_JUDGED
};

struct verdict {
    const struct trial *trial;
    const char *step; /* "01-chroot", for the lesson */
    enum outcome outcome;
    bool student;                 /* plain words only */
    const char *expected, *found; /* of a failure */
    const char *notes;            /* of a failure: one a line, or NULL */
    const char *reason;           /* why it was skipped or not judged */
    const char *file;             /* where it failed */
    int line;
};

/** verdict_print - tell a trial's outcome */
void verdict_print(FILE *to, const struct verdict *verdict);

/** verdict_lines - @title, then @text's lines below each other */
void verdict_lines(FILE *to, const char *title, const char *text);
