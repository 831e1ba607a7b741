/*
 * suite: the chapters of step 01's suite, in the order of suite.c.
 */
#pragma once
#include "harness.h"

extern const struct chapter chapter_start;       /* start.c */
extern const struct chapter chapter_status;      /* status.c */
extern const struct chapter chapter_environment; /* environment.c */
extern const struct chapter chapter_workdir;     /* environment.c */
extern const struct chapter chapter_words;       /* words.c */
extern const struct chapter chapter_streams;     /* streams.c */
extern const struct chapter chapter_signals;     /* signals.c */
extern const struct chapter chapter_terminal;    /* terminal.c */
extern const struct chapter chapter_explain;     /* explain.c */
extern const struct chapter chapter_weakness;    /* weakness.c */
extern const struct chapter chapter_refusals;    /* refusals.c */

/* A spawn's .prepare: descriptors 3 to 20 are open, as a careless caller has
 * them, without close-on-exec. In start.c. */
void leave_files_open(void *unused);
