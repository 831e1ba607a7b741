#pragma once
/*
 * oom_score: who goes first when memory runs out.
 */
#include "failure.h"

/**
 * oom_score_get - our own, which our children would have as well
 *
 * Returns: -1000 to 1000; 0 when it can't be read.
 */
int oom_score_get(void);

/**
 * oom_score_set - for us, and all that we will ever start
 * @score: -1000 (never) to 1000 (first)
 * @why:   filled in when the call fails
 *
 * Call it before a container's files come into view.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EACCES (below our own, without CAP_SYS_RESOURCE).
 * Source:  proc(5), /proc/pid/oom_score_adj.
 */
int oom_score_set(int score, struct failure *why);
