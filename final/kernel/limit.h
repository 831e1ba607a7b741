#pragma once
/*
 * limit: how much of the machine a container may have, in docker's words.
 */
#include <limits.h>
#include <stdbool.h>

#include "failure.h"

#define LIMIT_NONE (-1LL)    /* nothing was said */
#define LIMIT_MAX  LLONG_MAX /* it was said that there is no limit */

struct limits {
    long long memory;             /* bytes */
    long long memory_reservation; /* bytes that are left to it if possible */
    long long memory_swap;        /* bytes of memory and swap together */
    long long swap_default;       /* the same, where nobody spoke of it */
    long long swappiness;         /* 0 to 100 */
    bool oom_kill_disable;        /* wait, instead, until there is memory */
    long long cpu_quota;          /* microseconds in each period, of one CPU */
    long long cpu_period;         /* microseconds; 100000 when not said */
    long long cpu_shares;         /* weight among neighbours, 2 to 262144 */
    const char *cpuset;           /* CPUs: "0-1,3", or NULL */
    const char *cpuset_mems;      /* memory nodes: "0", or NULL */
    long long pids;               /* processes and threads */
    long long pids_default;       /* the same, where nobody spoke of it */
    long long blkio_weight;       /* 10 to 1000 */
};

/* No limits at all. */
extern const struct limits limit_none;

/* How many processes a container may have when nobody says. */
enum {
    LIMIT_PIDS_DEFAULT = 2048
};

/**
 * limit_memory, limit_memory_reservation, limit_memory_swap,
 * limit_swappiness, limit_cpus, limit_cpu_period, limit_cpu_quota,
 * limit_cpu_shares, limit_cpuset, limit_cpuset_mems, limit_pids,
 * limit_blkio_weight - take one limit
 * @l:     receives it
 * @value: bytes; -1: no limit. cpus: billionths of a CPU. quota and period:
 *         microseconds; a quota of -1 is no limit. pids: -1 is no limit. In
 *         all of them 0 is as if nothing was said, but for swappiness
 * @text:  a list such as "0-1,3", borrowed; "": nothing was said
 * @why:   says in docker's words why it is nonsense (FAILURE_BAD_PARAMETER)
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Runtime options with Memory, CPUs, and GPUs".
 */
int limit_memory(struct limits *l, long long value, struct failure *why);
int limit_memory_reservation(struct limits *l, long long value,
                             struct failure *why);
int limit_memory_swap(struct limits *l, long long value, struct failure *why);
int limit_swappiness(struct limits *l, long long value, struct failure *why);
int limit_cpus(struct limits *l, long long value, struct failure *why);
int limit_cpu_period(struct limits *l, long long value, struct failure *why);
int limit_cpu_quota(struct limits *l, long long value, struct failure *why);
int limit_cpu_shares(struct limits *l, long long value, struct failure *why);
int limit_cpuset(struct limits *l, const char *text, struct failure *why);
int limit_cpuset_mems(struct limits *l, const char *text, struct failure *why);
int limit_pids(struct limits *l, long long value, struct failure *why);
int limit_blkio_weight(struct limits *l, long long value, struct failure *why);

/**
 * limit_settle - once all are taken: do they go together?
 * @l:   swap that nobody spoke of may become as much again as memory, and
 *       processes that nobody spoke of LIMIT_PIDS_DEFAULT
 * @why: filled in when they don't
 *
 * Returns: 0, or -1 with @why.
 */
int limit_settle(struct limits *l, struct failure *why);
