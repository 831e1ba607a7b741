#pragma once
/*
 * oom_score: who goes first when memory runs out.
 */
#include <sys/types.h>

#include "failure.h"

/**
 * oom_score_get - our own, which our children would have as well
 *
 * Returns: -1000 to 1000; 0 when it can't be read.
 */
int oom_score_get(void);

/**
 * oom_score_of - another process's
 * @pid: a process
 *
 * Returns: -1000 to 1000; 0 when it can't be read.
 */
int oom_score_of(pid_t pid);

/**
 * oom_score_own - for us, on the host, where /proc is the host's own
 * @score: -1000 (never) to 1000 (first)
 *
 * Returns: 0, or -1 with errno.
 */
int oom_score_own(int score);

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
