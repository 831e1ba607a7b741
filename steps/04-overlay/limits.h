#pragma once
/*
 * limits: how much of the machine a container may have, in docker's words.
 */
#include "failure.h"

enum {
    LIMITS_NONE = -1
};

struct limits {
    long long memory;       /* bytes */
    long long memory_swap;  /* bytes of memory and swap together */
    long long swap_default; /* the same, where nobody spoke of it */
    long long cpu_quota;    /* microseconds in each period of 100000 */
    long long cpu_shares;   /* weight among neighbours, 2 to 262144 */
    long long pids;         /* processes and threads */
    const char *cpuset;     /* "0-1,3", or NULL */
};

/* No limits at all. */
extern const struct limits limits_none;

/**
 * limits_memory, limits_memory_swap, limits_cpus, limits_cpu_shares,
 * limits_cpuset, limits_pids - read the value of one flag
 * @l:    receives the limit
 * @text: the value: a size (512m, 1.5g), a number of CPUs (1.5), a weight, a
 *        list of CPUs (0-1,3), a number of processes; -1 is no limit for
 *        memory_swap and pids
 * @why:  names flag and value when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Runtime options with Memory, CPUs, and GPUs".
 */
int limits_memory(struct limits *l, const char *text, struct failure *why);
int limits_memory_swap(struct limits *l, const char *text, struct failure *why);
int limits_cpus(struct limits *l, const char *text, struct failure *why);
int limits_cpu_shares(struct limits *l, const char *text, struct failure *why);
int limits_cpuset(struct limits *l, const char *text, struct failure *why);
int limits_pids(struct limits *l, const char *text, struct failure *why);

/**
 * limits_settle - once all flags are read: do they go together?
 * @l:   swap that nobody spoke of may become as much again as memory
 * @why: filled in when they don't
 *
 * Returns: 0, or -1 with @why.
 */
int limits_settle(struct limits *l, struct failure *why);
