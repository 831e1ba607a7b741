#pragma once
/*
 * accounting: what the processes of a cgroup use, and have used.
 */
#include "cgroup.h"

struct accounts {              /* -1 for what is unknown or unlimited */
    long long memory;          /* bytes, now */
    long long memory_peak;     /* bytes */
    long long memory_limit;    /* bytes */
    long long memory_failures; /* how often the limit was hit */
    long long cpu;             /* microseconds */
    long long cpu_user;        /* of these, in programs */
    long long cpu_system;      /* and in the kernel */
    long long periods;         /* of the quota, that have passed */
    long long throttled;       /* microseconds spent waiting for the quota */
    long long throttled_times; /* how often it had to wait */
    long long pids;            /* processes and threads, now */
    long long pids_limit;
    long long oom_kills; /* processes killed for lack of memory */
};

/**
 * accounting_oom_kills - how often was memory short enough to kill for?
 * @cgroup: a cgroup
 *
 * One file, where accounting_read() takes more than a dozen.
 *
 * Returns: a number, or -1 when nobody counts them.
 */
long long accounting_oom_kills(const struct cgroup *cgroup);

/**
 * accounting_read - read a cgroup's accounts
 * @cgroup: from cgroup_create() or cgroup_find()
 *
 * Source:  cgroup-v2.rst, "Memory Interface Files", "CPU Interface Files";
 *          cgroup-v1/memory.rst; cgroup-v1/cpuacct.rst; cgroup-v1/pids.rst.
 */
struct accounts accounting_read(const struct cgroup *cgroup);
