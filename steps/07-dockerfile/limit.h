#pragma once
/*
 * limit: how much of the machine a container may have, in docker's words.
 */
#include "failure.h"

enum {
    LIMIT_NONE = -1
};

struct limits {
    long long memory;       /* bytes */
    long long memory_swap;  /* bytes of memory and swap together */
    const char *swap_text;  /* as it was typed */
    long long swap_default; /* the same, where nobody spoke of it */
    long long cpu_quota;    /* microseconds in each period of 100000 */
    long long cpu_shares;   /* weight among neighbours, 2 to 262144 */
    long long pids;         /* processes and threads */
    const char *cpuset;     /* "0-1,3", or NULL */
};

/* No limits at all. */
extern const struct limits limit_none;

/**
 * limit_memory, limit_memory_swap, limit_cpus, limit_cpu_shares,
 * limit_cpuset, limit_pids - read the value of one flag
 * @l:    receives the limit
 * @text: the value: a size (512m, 1.5g), a number of CPUs (1.5), a weight, a
 *        list of CPUs (0-1,3), a number of processes; -1 is no limit for
 *        memory_swap and pids
 * @why:  names flag and value when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Runtime options with Memory, CPUs, and GPUs".
 */
int limit_memory(struct limits *l, const char *text, struct failure *why);
int limit_memory_swap(struct limits *l, const char *text, struct failure *why);
int limit_cpus(struct limits *l, const char *text, struct failure *why);
int limit_cpu_shares(struct limits *l, const char *text, struct failure *why);
int limit_cpuset(struct limits *l, const char *text, struct failure *why);
int limit_pids(struct limits *l, const char *text, struct failure *why);

/**
 * limit_settle - once all flags are read: do they go together?
 * @l:   swap that nobody spoke of may become as much again as memory
 * @why: filled in when they don't
 *
 * Returns: 0, or -1 with @why.
 */
int limit_settle(struct limits *l, struct failure *why);
