/*
 * What the chapters of this suite share.
 */
#include <sched.h>
#include <unistd.h>

#include "suite.h"

const struct knob knob_memory = {"memory", "memory.limit_in_bytes",
                                 "memory.max"};
const struct knob knob_swap = {"memory", "memory.memsw.limit_in_bytes",
                               "memory.swap.max"};
const struct knob knob_quota = {"cpu", "cpu.cfs_quota_us", "cpu.max"};
const struct knob knob_shares = {"cpu", "cpu.shares", "cpu.weight"};
const struct knob knob_cpus = {"cpuset", "cpuset.cpus", "cpuset.cpus"};
const struct knob knob_pids = {"pids", "pids.max", "pids.max"};

const char *need_swap(void)
{
    return knob_read(0, &knob_swap) != NULL
               ? NULL
               : "this kernel can't limit swap (see swapaccount=)";
}

int shared_cpus(int *first, int *second)
{
    cpu_set_t allowed;
    int count = 0;

    expect_call(sched_getaffinity(0, sizeof(allowed), &allowed));
    for (size_t cpu = 0; cpu < CPU_SETSIZE && count < 2; cpu++)
        if (CPU_ISSET(cpu, &allowed))
            *(count++ == 0 ? first : second) = (int)cpu;
    return count;
}

long long shared_oom_kills(pid_t pid)
{
    return cgroups_number(cgroups_with(pid, "memory"),
                          knob_is_v1(&knob_memory) ? "memory.oom_control"
                                                   : "memory.events",
                          "oom_kill");
}

const struct view *shared_views(void)
{
    static struct view views[5];
    size_t count = 0;

    views[count++] = (struct view){"this host", NULL};
    views[count++] =
        (struct view){"as from inside of a container", cgroups_as_in_container};
    views[count++] =
        (struct view){"where parts are mounted too", cgroups_covered};
    if (cgroups_version("memory") == 1 && cgroups_of(0, NULL) != NULL)
        views[count++] = (struct view){"version 1 alone", cgroups_v1_alone};
    views[count] = (struct view){0};
    return views;
}
