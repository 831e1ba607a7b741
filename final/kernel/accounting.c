/*
 * accounting: what the processes of a cgroup use, and have used.
 *
 * Kernel object  counters, in files of a cgroup's directory
 * Side           host
 * Look at it     cat DIRECTORY/memory.current     cat DIRECTORY/cpu.stat
 *                systemd-cgtop
 */
#include "accounting.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "cleanup.h"
#include "hierarchy.h"
#include "numbers.h"

/* Version 1 says "unlimited" by a number near this one's double. */
static const long long unlimited = 1LL << 62;

/* The number in a file, after a key if there is one; -1 when there is none. */
static long long read_number(const char *directory, const char *file,
                             const char *key)
{
    cleanup_free char *text = hierarchy_read(directory, file);
    char *rest = text;
    char *line;
    long long number;

    while ((line = strsep(&rest, "\n")) != NULL) {
        size_t length = key == NULL ? 0 : strlen(key);

        if (key != NULL) {
            if (strncmp(line, key, length) != 0 || line[length] != ' ')
                continue;
            length++;
        }
        return numbers_parse(line + length, 0, LLONG_MAX, &number) < 0 ? -1
                                                                       : number;
    }
    return -1;
}

/* On version 1 those are in three files of two controllers, one of them in
 * clock ticks. On hosts between the two versions the unified hierarchy counts
 * as well, and takes no more than a look. */
static void read_cpu(const struct cgroup *cgroup, struct accounts *a)
{
    const char *cpuacct = cgroup->directories[CGROUP_CPUACCT];
    const char *unified = cgroup->directories[CGROUP_UNIFIED];
    const char *cpu = cgroup_knobs(cgroup, CGROUP_CPU);
    long long tick = 1000000 / sysconf(_SC_CLK_TCK);

    if (unified != NULL) {
        a->cpu = read_number(unified, "cpu.stat", "usage_usec");
        a->cpu_user = read_number(unified, "cpu.stat", "user_usec");
        a->cpu_system = read_number(unified, "cpu.stat", "system_usec");
    } else if (cpuacct != NULL) {
        long long user = read_number(cpuacct, "cpuacct.stat", "user");
        long long system = read_number(cpuacct, "cpuacct.stat", "system");

        a->cpu = read_number(cpuacct, "cpuacct.usage", NULL) / 1000;
        a->cpu_user = user < 0 ? -1 : user * tick;
        a->cpu_system = system < 0 ? -1 : system * tick;
    }
    a->periods = read_number(cpu, "cpu.stat", "nr_periods");
    a->throttled_times = read_number(cpu, "cpu.stat", "nr_throttled");
    a->throttled = read_number(cpu, "cpu.stat", "throttled_usec");
    if (cgroup->directories[CGROUP_CPU] != NULL) /* in nanoseconds */
        a->throttled = read_number(cpu, "cpu.stat", "throttled_time") / 1000;
}

long long accounting_oom_kills(const struct cgroup *cgroup)
{
    bool v1 = cgroup->directories[CGROUP_MEMORY] != NULL;

    return read_number(cgroup_knobs(cgroup, CGROUP_MEMORY),
                       v1 ? "memory.oom_control" : "memory.events", "oom_kill");
}

struct accounts accounting_read(const struct cgroup *cgroup)
{
    bool v1 = cgroup->directories[CGROUP_MEMORY] != NULL;
    const char *memory = cgroup_knobs(cgroup, CGROUP_MEMORY);
    const char *pids = cgroup_knobs(cgroup, CGROUP_PIDS);
    struct accounts a = {
        .memory = read_number(
            memory, v1 ? "memory.usage_in_bytes" : "memory.current", NULL),
        .memory_peak = read_number(
            memory, v1 ? "memory.max_usage_in_bytes" : "memory.peak", NULL),
        .memory_limit = read_number(
            memory, v1 ? "memory.limit_in_bytes" : "memory.max", NULL),
        .memory_failures = v1 ? read_number(memory, "memory.failcnt", NULL)
                              : read_number(memory, "memory.events", "max"),
        .oom_kills = accounting_oom_kills(cgroup),
        .cpu = -1,
        .cpu_user = -1,
        .cpu_system = -1,
        .pids = read_number(pids, "pids.current", NULL),
        .pids_limit = read_number(pids, "pids.max", NULL),
    };

    if (a.memory_limit > unlimited)
        a.memory_limit = -1;
    read_cpu(cgroup, &a);
    return a;
}
