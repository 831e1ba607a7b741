/*
 * cgroup_verbs: pause, unpause and stats, for a container that runs.
 *
 * Like duct.c a part of the command line: it prints.
 */
#include "cgroup_verbs.h"

#include <limits.h>
#include <stdio.h>

#include "accounting.h"
#include "cgroup.h"
#include "cleanup.h"
#include "numbers.h"

static int pid_help(const char *verb)
{
    printf("Usage: duct %s PID\n\n"
           "PID is any process of the container.\n\n"
           "Example: duct %s 4321\n",
           verb, verb);
    return 0;
}

/* The cgroup of the container that a verb's only argument, a PID, is in.
 * Returns 1 when it was found, and 0 when the help was shown. */
static int find_cgroup(int argc, char **argv, struct cgroup *cgroup,
                       struct failure *why)
{
    long long pid;

    if (argc == 2 && str_eq(argv[1], "--help"))
        return pid_help(argv[0]);
    if (argc != 2) {
        fail(why, 0, "%s needs PID, a container's process", argv[0]);
        return hint(why, "`lsns -t pid` lists them");
    }
    if (numbers_parse(argv[1], 1, INT_MAX, &pid) < 0)
        return fail(why, 0, "PID \"%s\": not a process id", argv[1]);
    if (cgroup_find(cgroup, (pid_t)pid) == 0)
        return fail(why, 0, "process %s is in no cgroup of duct's", argv[1]);
    return 1;
}

static int freeze(int argc, char **argv, bool frozen, struct failure *why)
{
    struct cgroup cgroup;
    int found = find_cgroup(argc, argv, &cgroup, why);

    if (found <= 0)
        return found;
    int status = cgroup_freeze(&cgroup, frozen, why);
    cgroup_release(&cgroup);
    return status;
}

int cgroup_verbs_pause(int argc, char **argv, struct failure *why)
{
    return freeze(argc, argv, true, why);
}

int cgroup_verbs_unpause(int argc, char **argv, struct failure *why)
{
    return freeze(argc, argv, false, why);
}

/* What is unknown, or a limit that is not set, is shown as "-". */
static void print_figure(const char *name, long long value, double unit,
                         const char *unit_name)
{
    if (value < 0)
        printf("%-16s -\n", name);
    else
        printf("%-16s %.*f%s\n", name, unit > 1 ? 3 : 0, (double)value / unit,
               unit_name);
}

int cgroup_verbs_stats(int argc, char **argv, struct failure *why)
{
    const double mebibyte = 1 << 20;
    const double second = 1000000;
    struct cgroup cgroup;
    int found = find_cgroup(argc, argv, &cgroup, why);

    if (found <= 0)
        return found;
    struct accounts a = accounting_read(&cgroup);
    cgroup_release(&cgroup);
    print_figure("memory", a.memory, mebibyte, " MiB");
    print_figure("memory peak", a.memory_peak, mebibyte, " MiB");
    print_figure("memory limit", a.memory_limit, mebibyte, " MiB");
    print_figure("oom kills", a.oom_kills, 1, "");
    print_figure("cpu time", a.cpu, second, " s");
    print_figure("cpu throttled", a.throttled, second, " s");
    print_figure("times throttled", a.throttled_times, 1, "");
    print_figure("pids", a.pids, 1, "");
    print_figure("pids limit", a.pids_limit, 1, "");
    return 0;
}
