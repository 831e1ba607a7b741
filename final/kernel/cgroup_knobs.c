/*
 * cgroup_knobs: which file of a cgroup a limit is written to, and how.
 *
 * Kernel object  the files of a cgroup's directory
 * Side           host
 * Look at it     cat DIRECTORY/memory.max          (version 2)
 *                cat DIRECTORY/memory.limit_in_bytes          (version 1)
 */
#include "cgroup_knobs.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"
#include "hierarchy.h"
#include "numbers.h"

enum {
    PERIOD_DEFAULT = 100000 /* microseconds, the kernel's */
};

int cgroup_knobs_needed(const struct limits *l)
{
    bool memory = l->memory != LIMIT_NONE ||
                  l->memory_reservation != LIMIT_NONE ||
                  l->memory_swap != LIMIT_NONE || l->swappiness != LIMIT_NONE ||
                  l->oom_kill_disable;
    bool cpu = l->cpu_quota != LIMIT_NONE || l->cpu_period != LIMIT_NONE ||
               l->cpu_shares != LIMIT_NONE;
    bool cpuset = l->cpuset != NULL || l->cpuset_mems != NULL;

    return memory << CGROUP_MEMORY | cpu << CGROUP_CPU |
           cpuset << CGROUP_CPUSET | (l->pids != LIMIT_NONE) << CGROUP_PIDS |
           (l->blkio_weight != LIMIT_NONE) << CGROUP_BLKIO;
}

/* docker's weights go to 262144, version 2's to 10000. */
static long long cpu_weight(long long shares)
{
    return shares == LIMIT_NONE ? LIMIT_NONE : 1 + (shares - 2) * 9999 / 262142;
}

/* docker's weights go from 10 to 1000. */
static long long io_weight(long long weight)
{
    return weight == LIMIT_NONE ? LIMIT_NONE : 1 + (weight - 10) * 9999 / 990;
}

/* Version 2 limits swap alone. */
static long long swap_of(long long memory_swap, const struct limits *l)
{
    if (memory_swap == LIMIT_NONE || memory_swap == LIMIT_MAX)
        return memory_swap;
    return memory_swap - l->memory;
}

struct knob {
    const char *flag;     /* NULL: nobody asked for it */
    int controller;       /* CGROUP_MEMORY, ... */
    const char *v1_files; /* one, or several to try: "a b" */
    long long v1_value;
    const char *v2_files; /* NULL: version 2 has no such thing */
    long long v2_value;
};

static char *value_text(long long value, bool is_v1_memory)
{
    char *text;

    if (value == LIMIT_MAX)
        return strdup(is_v1_memory ? "-1" : "max");
    return asprintf(&text, "%lld", value) < 0 ? NULL : text;
}

/* Which file a kernel has depends on how it was built. */
static int write_first(const char *directory, const char *files,
                       const char *value)
{
    cleanup_free char *copy = strdup(files);
    char *rest = copy;
    const char *file;

    errno = ENOENT;
    while (directory != NULL && (file = strsep(&rest, " ")) != NULL) {
        if (hierarchy_write(directory, file, value) == 0)
            return 0;
        if (errno != ENOENT)
            return -1;
    }
    return -1;
}

static int set_knob(const struct cgroup *cgroup, const struct knob *k,
                    struct failure *why)
{
    const char *directory = cgroup_knobs(cgroup, k->controller);
    bool v1 = cgroup->directories[k->controller] != NULL;
    const char *files = v1 ? k->v1_files : k->v2_files;
    long long number = v1 ? k->v1_value : k->v2_value;
    cleanup_free char *value =
        value_text(number, v1 && k->controller == CGROUP_MEMORY);

    if (number == LIMIT_NONE)
        return 0;
    if (value == NULL)
        return fail(why, ENOMEM, "set limits");
    if (files == NULL)
        return fail(why, 0, "%s: cgroups of version 2 have no such limit",
                    k->flag);
    if (write_first(directory, files, value) == 0)
        return 0;
    /* Nobody asked, or what can't be limited isn't. */
    if (errno == ENOENT && (k->flag == NULL || number == LIMIT_MAX))
        return 0;
    fail(why, errno, "%s: write %s to %s/%s",
         k->flag == NULL ? "usual limit" : k->flag, value,
         directory == NULL ? "" : directory, files);
    return errno == EBUSY ? hint(why, "more is in use than that") : -1;
}

/* Memory can't have a higher limit than memory and swap together, so the order
 * of the two depends on where they were. */
static bool is_swap_first(const struct cgroup *cgroup, const struct limits *l)
{
    const char *directory = cgroup->directories[CGROUP_MEMORY];
    long long now;

    if (directory == NULL || l->memory == LIMIT_NONE)
        return false;
    cleanup_free char *text =
        hierarchy_read(directory, "memory.memsw.limit_in_bytes");
    text[strcspn(text, "\n")] = '\0';
    return numbers_parse(text, 0, LLONG_MAX, &now) == 0 && l->memory > now;
}

static int set_memory(const struct cgroup *cgroup, const struct limits *l,
                      struct failure *why)
{
    const struct knob memory = {
        "--memory", CGROUP_MEMORY, "memory.limit_in_bytes",
        l->memory,  "memory.max",  l->memory,
    };
    const struct knob swap = {
        "--memory-swap", CGROUP_MEMORY,     "memory.memsw.limit_in_bytes",
        l->memory_swap,  "memory.swap.max", swap_of(l->memory_swap, l),
    };
    const struct knob usual_swap = {
        NULL,
        CGROUP_MEMORY,
        "memory.memsw.limit_in_bytes",
        l->swap_default,
        "memory.swap.max",
        swap_of(l->swap_default, l),
    };
    const struct knob *const order[2][3] = {
        {&memory, &swap, &usual_swap},
        {&swap, &usual_swap, &memory},
    };
    bool swap_first = is_swap_first(cgroup, l);

    for (int i = 0; i < 3; i++)
        if (set_knob(cgroup, order[swap_first][i], why) < 0)
            return -1;
    return 0;
}

/* Version 1 has a file for each of the two, version 2 one for both. */
static int set_cpu(const struct cgroup *cgroup, const struct limits *l,
                   struct failure *why)
{
    const char *v1 = cgroup->directories[CGROUP_CPU];
    const char *v2 = cgroup->directories[CGROUP_UNIFIED];
    cleanup_free char *quota = l->cpu_quota == LIMIT_MAX
                                   ? strdup(v1 != NULL ? "-1" : "max")
                                   : value_text(l->cpu_quota, false);
    cleanup_free char *period = NULL;
    cleanup_free char *both = NULL;
    bool has_quota = l->cpu_quota != LIMIT_NONE;
    bool has_period = l->cpu_period != LIMIT_NONE;

    if (asprintf(&period, "%lld", has_period ? l->cpu_period : PERIOD_DEFAULT) <
            0 ||
        asprintf(&both, "%s %s", has_quota ? quota : "max", period) < 0)
        return fail(why, ENOMEM, "set limits");
    errno = ENOENT;
    if (v1 != NULL) {
        if (has_period && hierarchy_write(v1, "cpu.cfs_period_us", period) < 0)
            return fail(why, errno, "--cpu-period: write %s to %s", period, v1);
        if (has_quota && hierarchy_write(v1, "cpu.cfs_quota_us", quota) < 0)
            return fail(why, errno, "--cpus: write %s to %s/cpu.cfs_quota_us",
                        quota, v1);
    } else if ((has_quota || has_period) &&
               (v2 == NULL || hierarchy_write(v2, "cpu.max", both) < 0)) {
        return fail(why, errno, "--cpus: write \"%s\" to %s/cpu.max", both,
                    v2 == NULL ? "" : v2);
    }
    return 0;
}

static int set_cpuset(const struct cgroup *cgroup, const struct limits *l,
                      struct failure *why)
{
    const char *directory = cgroup_knobs(cgroup, CGROUP_CPUSET);

    if (l->cpuset != NULL &&
        write_first(directory, "cpuset.cpus", l->cpuset) < 0)
        return fail(why, errno, "--cpuset-cpus \"%s\"", l->cpuset);
    if (l->cpuset_mems != NULL &&
        write_first(directory, "cpuset.mems", l->cpuset_mems) < 0)
        return fail(why, errno, "--cpuset-mems \"%s\"", l->cpuset_mems);
    return 0;
}

int cgroup_knobs_set(const struct cgroup *cgroup, const struct limits *l,
                     struct failure *why)
{
    const struct knob knobs[] = {
        {"--memory-reservation", CGROUP_MEMORY, "memory.soft_limit_in_bytes",
         l->memory_reservation, "memory.low", l->memory_reservation},
        {"--memory-swappiness", CGROUP_MEMORY, "memory.swappiness",
         l->swappiness, NULL, l->swappiness},
        {"--oom-kill-disable", CGROUP_MEMORY, "memory.oom_control",
         l->oom_kill_disable ? 1 : LIMIT_NONE, NULL,
         l->oom_kill_disable ? 1 : LIMIT_NONE},
        {"--cpu-shares", CGROUP_CPU, "cpu.shares", l->cpu_shares, "cpu.weight",
         cpu_weight(l->cpu_shares)},
        {"--pids-limit", CGROUP_PIDS, "pids.max", l->pids, "pids.max", l->pids},
        {NULL, CGROUP_PIDS, "pids.max", l->pids_default, "pids.max",
         l->pids_default},
        {"--blkio-weight", CGROUP_BLKIO, "blkio.bfq.weight blkio.weight",
         l->blkio_weight, "io.weight io.bfq.weight",
         io_weight(l->blkio_weight)},
    };

    if (set_memory(cgroup, l, why) < 0 || set_cpu(cgroup, l, why) < 0 ||
        set_cpuset(cgroup, l, why) < 0)
        return -1;
    for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++)
        if (set_knob(cgroup, &knobs[i], why) < 0)
            return -1;
    return 0;
}

static bool is_there(const char *directory, const char *file)
{
    cleanup_free char *path = NULL;

    return directory != NULL &&
           asprintf(&path, "%s/%s", directory, file) >= 0 &&
           access(path, F_OK) == 0;
}

/* The cgroup at the top has no weight, but something to count by when there is
 * a scheduler that weighs. */
static bool has_weight(const char *v1, const char *v2)
{
    if (v1 != NULL)
        return is_there(v1, "blkio.weight") ||
               is_there(v1, "blkio.bfq.io_serviced");
    cleanup_free char *controllers = hierarchy_read(v2, "cgroup.controllers");
    return hierarchy_lists(controllers, " \n", "io");
}

bool cgroup_knobs_has(enum knob_kind kind)
{
    const char *controller = kind == KNOB_BLKIO_WEIGHT ? "blkio" : "memory";
    cleanup_free char *v1 = hierarchy_mount(getpid(), controller);
    cleanup_free char *v2 = hierarchy_mount(getpid(), NULL);

    switch (kind) {
    case KNOB_SWAP:
        return v1 == NULL ? access("/proc/swaps", F_OK) == 0
                          : is_there(v1, "memory.memsw.limit_in_bytes");
    case KNOB_SWAPPINESS:
        return is_there(v1, "memory.swappiness");
    case KNOB_OOM_KILL_DISABLE:
        return is_there(v1, "memory.oom_control");
    case KNOB_BLKIO_WEIGHT:
        return has_weight(v1, v2);
    }
    return false;
}
