/*
 * Chapter: each flag, in the kernel's own file.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "absent.h"
#include "suite.h"

struct row {
    const char *value;
    const char *v1, *v2;
};

#define ROWS(array) (array), sizeof(array) / sizeof((array)[0])

static void each_sets(const struct knob *knob, const char *flag,
                      const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct container *c =
            container(flag, rows[i].value, rootfs(), "sleep", "4711");

        expect_knob(c, knob, rows[i].v1, rows[i].v2);
        container_end(c);
    }
}

static void memory_is_limited(void)
{
    static const struct row rows[] = {
        {"64m", "67108864", "67108864"},
    };

    each_sets(&knob_memory, "--memory", ROWS(rows));
    each_sets(&knob_memory, "-m", ROWS(rows));
}

static void memory_has_units(void)
{
    static const struct row rows[] = {
        {"8388608", "8388608", "8388608"},
        {"8388608b", "8388608", "8388608"},
        {"8192k", "8388608", "8388608"},
        {"64M", "67108864", "67108864"},
        {"64mb", "67108864", "67108864"},
        {"6m", "6291456", "6291456"},
        {"7.5m", "7864320", "7864320"},
        {"0.5g", "536870912", "536870912"},
        {"1.5GB", "1610612736", "1610612736"},
        {"1t", "1099511627776", "1099511627776"},
    };

    each_sets(&knob_memory, "--memory", ROWS(rows));
}

static void swap_default_is_twice(void)
{
    static const struct row rows[] = {
        {"64m", "134217728", "67108864"},
        {"100m", "209715200", "104857600"},
    };

    each_sets(&knob_swap, "--memory", ROWS(rows));
}

static void swap_is_limited(void)
{
    static const struct row rows[] = {
        {"96m", "100663296", "33554432"},
        {"64m", "67108864", "0"},
        {"1g", "1073741824", "1006632960"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct container *c = container("--memory-swap", rows[i].value, "-m",
                                        "64m", rootfs(), "sleep", "4711");

        expect_knob(c, &knob_swap, rows[i].v1, rows[i].v2);
        expect_knob(c, &knob_memory, "67108864", "67108864");
        container_end(c);
    }
}

/* What a cgroup has that nobody has limited. */
static const char *unlimited(const struct knob *knob)
{
    const char *directory =
        cgroups_make(knob_is_v1(knob) ? knob->controller : NULL, "unlimited");
    const char *value =
        cgroups_read(directory, knob_is_v1(knob) ? knob->v1 : knob->v2);

    expect_that(value != NULL, "the suite's own cgroup to have the file",
                "none");
    return value;
}

static void swap_may_be_unlimited(void)
{
    const struct container *c = container("-m", "64m", "--memory-swap", "-1",
                                          rootfs(), "sleep", "4711");

    expect_knob(c, &knob_memory, "67108864", "67108864");
    expect_knob(c, &knob_swap, unlimited(&knob_swap), "max");
}

static void cpus_are_limited(void)
{
    static const struct row rows[] = {
        {"0.5", "50000", "50000 100000"},
        {"1", "100000", "100000 100000"},
        {"1.0", "100000", "100000 100000"},
        {"0.01", "1000", "1000 100000"},
        {"0.125", "12500", "12500 100000"},
        {"0.29", "29000", "29000 100000"}, /* 28999.99... in binary */
    };
    static const struct row more[] = {
        {"1.5", "150000", "150000 100000"},
        {"2", "200000", "200000 100000"},
    };
    int cpu;

    each_sets(&knob_quota, "--cpus", ROWS(rows));
    if (shared_cpus(&cpu, &cpu) > 1)
        each_sets(&knob_quota, "--cpus", ROWS(more));
}

static void period_is_usual(void)
{
    static const struct knob period = {"cpu", "cpu.cfs_period_us", "cpu.max"};
    const struct container *c =
        container("--cpus", "0.5", rootfs(), "sleep", "4711");

    expect_knob(c, &period, "100000", "50000 100000");
}

static void shares_are_set(void)
{
    static const struct row rows[] = {
        {"512", "512", "20"},          {"1024", "1024", "39"},  {"2", "2", "1"},
        {"262144", "262144", "10000"}, {"8192", "8192", "313"},
    };

    each_sets(&knob_shares, "--cpu-shares", ROWS(rows));
}

static void processes_are_limited(void)
{
    static const struct row rows[] = {
        {"20", "20", "20"},
        {"1", "1", "1"},
        {"4194303", "4194303", "4194303"},
    };

    each_sets(&knob_pids, "--pids-limit", ROWS(rows));
}

static void processes_may_be_unlimited(void)
{
    static const struct row rows[] = {
        {"-1", "max", "max"},
        {"0", "max", "max"},
    };

    each_sets(&knob_pids, "--pids-limit", ROWS(rows));
}

static void runs_on(const char *list, const char *told)
{
    struct container *c =
        container("--cpuset-cpus", list, rootfs(), "sleep", "4711");

    expect_knob(c, &knob_cpus, told, told);
    expect_str("Cpus_allowed_list in /proc/PID/status", told,
               kernel_status(c->init, "Cpus_allowed_list"));
    container_end(c);
}

static void cpus_are_chosen(void)
{
    int first, second;

    if (shared_cpus(&first, &second) == 1) {
        runs_on(keep_format("%d", first), keep_format("%d", first));
        return;
    }
    const char *both =
        keep_format(second == first + 1 ? "%d-%d" : "%d,%d", first, second);

    runs_on(keep_format("%d", first), keep_format("%d", first));
    runs_on(keep_format("%d", second), keep_format("%d", second));
    runs_on(keep_format("%d-%d", second, second), keep_format("%d", second));
    runs_on(keep_format("%d,%d", first, second), both);
    runs_on(both, both);
}

/* The nodes of memory come with it: on version 1 nobody fits in without. */
static void cpus_have_memory(void)
{
    int first, second;

    (void)shared_cpus(&first, &second);
    const struct container *c = container(
        "--cpuset-cpus", keep_format("%d", first), rootfs(), "sleep", "4711");

    expect_str("Mems_allowed_list in /proc/PID/status, as of the suite",
               kernel_status(0, "Mems_allowed_list"),
               kernel_status(c->init, "Mems_allowed_list"));
}

static void all_at_once(void)
{
    int first, second;

    (void)shared_cpus(&first, &second);
    const char *cpu = keep_format("%d", first);
    const struct container *c = container(
        "--memory", "64m", "--cpus", "0.5", "--cpu-shares", "512",
        "--cpuset-cpus", cpu, "--pids-limit", "20", rootfs(), "sleep", "4711");

    expect_knob(c, &knob_memory, "67108864", "67108864");
    expect_knob(c, &knob_quota, "50000", "50000 100000");
    expect_knob(c, &knob_shares, "512", "20");
    expect_knob(c, &knob_cpus, cpu, cpu);
    expect_knob(c, &knob_pids, "20", "20");
}

static void last_one_counts(void)
{
    const struct container *c =
        container("--pids-limit", "30", "-m", "1g", "-m", "64m", "--pids-limit",
                  "20", rootfs(), "sleep", "4711");

    expect_knob(c, &knob_memory, "67108864", "67108864");
    expect_knob(c, &knob_pids, "20", "20");
}

static const struct knob *const plain_knobs[] = {
    &knob_memory, &knob_swap, &knob_quota, &knob_shares, &knob_pids,
};

static void nothing_is_limited(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_contains("the cgroup of the container",
                    keep_format("/duct-%d", c->duct->pid),
                    cgroups_with(c->init, "memory"));
    for (size_t i = 0; i < sizeof(plain_knobs) / sizeof(plain_knobs[0]); i++)
        if (knob_read(c->init, plain_knobs[i]) != NULL)
            expect_str(knob_file(c->init, plain_knobs[i]),
                       unlimited(plain_knobs[i]),
                       knob_read(c->init, plain_knobs[i]));
}

static void only_its_own(void)
{
    const char *before = knob_read(0, &knob_pids);
    const struct container *few =
        container("--pids-limit", "20", "-m", "64m", rootfs(), "sleep", "4711");
    const struct container *many =
        container("--pids-limit", "40", rootfs(), "sleep", "4711");

    expect_knob(few, &knob_pids, "20", "20");
    expect_knob(many, &knob_pids, "40", "40");
    expect_knob(many, &knob_memory, unlimited(&knob_memory), "max");
    expect_str("pids.max of the suite", before, knob_read(0, &knob_pids));
}

static void swap_may_be_unknown(void)
{
    const char *const *files =
        ARGV("/memory.memsw.limit_in_bytes", "/memory.swap.max");

    expect_output(
        absent_run(
            &(struct spawn){.argv = DUCT("run", "-m", "64m", "--memory-swap",
                                         "-1", rootfs(), "echo", "hello")},
            files),
        "hello\n");
    expect_output(
        absent_run(&(struct spawn){.argv = DUCT("run", "-m", "64m", rootfs(),
                                                "echo", "hello")},
                   files),
        "hello\n");
    expect_refused(
        absent_run(
            &(struct spawn){.argv = DUCT("run", "-m", "64m", "--memory-swap",
                                         "96m", rootfs(), "echo", "hello")},
            files),
        "--memory-swap", "(ENOENT)");
}

static const struct trial trials[] = {
    {.name = "memory_is_limited",
     .claim = "-m and --memory set the memory limit of the container's cgroup",
     .usual_cause = "the limit is written to a cgroup in which the command is "
                    "not, or to version 2's file on a host with version 1",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = memory_is_limited},
    {.name = "memory_has_units",
     .claim = "sizes are bytes, or have a unit b, k, m, g, t, as docker's do",
     .usual_cause = "a unit is taken for a power of 1000, or the fraction is "
                    "cut off before the unit is applied",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_limited",
     .body = memory_has_units},
    {.name = "swap_default_is_twice",
     .claim = "without --memory-swap, memory and swap together are limited to "
              "twice the memory",
     .usual_cause = "only the memory limit is set, and the container swaps "
                    "without end",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_limited",
     .needs = need_swap,
     .body = swap_default_is_twice},
    {.name = "swap_is_limited",
     .claim = "--memory-swap is memory and swap together: version 2's file "
              "gets the difference",
     .usual_cause = "the value is written to memory.swap.max as it is, or "
                    "before the memory limit, which must not be larger",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_limited",
     .needs = need_swap,
     .body = swap_is_limited},
    {.name = "swap_may_be_unlimited",
     .claim = "--memory-swap -1 leaves swap without a limit",
     .usual_cause = "-1 is taken for a number of bytes",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_limited",
     .needs = need_swap,
     .body = swap_may_be_unlimited},
    {.name = "swap_may_be_unknown",
     .claim = "a kernel that can't limit swap is no obstacle, unless it was "
              "asked to",
     .usual_cause = "the default for --memory-swap is taken as seriously as "
                    "the flag",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_limited",
     .body = swap_may_be_unknown},
    {.name = "cpus_are_limited",
     .claim = "--cpus sets the quota in each period of 100000 microseconds",
     .usual_cause = "the number is read as a whole one, or cut off where it "
                    "should be rounded",
     .reread = "#limits",
     .feature = true,
     .body = cpus_are_limited},
    {.name = "cpu_period_is_usual",
     .claim = "the period stays 100000 microseconds",
     .usual_cause = "the period is written instead of the quota",
     .reread = "#limits",
     .feature = true,
     .depends = "cpus_are_limited",
     .body = period_is_usual},
    {.name = "cpu_shares_are_set",
     .claim = "--cpu-shares sets version 1's shares, or the weight of version "
              "2 that stands for them",
     .usual_cause = "shares (2 to 262144) are written to cpu.weight (1 to "
                    "10000) as they are",
     .reread = "#limits",
     .feature = true,
     .body = shares_are_set},
    {.name = "pids_are_limited",
     .claim = "--pids-limit sets pids.max",
     .usual_cause = "the pids controller is forgotten when the cgroup's place "
                    "is chosen",
     .reread = "#limits",
     .feature = true,
     .body = processes_are_limited},
    {.name = "pids_may_be_unlimited",
     .claim = "--pids-limit -1 (or 0) leaves pids.max at max",
     .usual_cause = "-1 is written into the file",
     .reread = "#limits",
     .feature = true,
     .depends = "pids_are_limited",
     .body = processes_may_be_unlimited},
    {.name = "cpus_are_chosen",
     .claim = "--cpuset-cpus sets on which CPUs the command may run",
     .usual_cause = "on version 1, nobody can enter a cpuset whose "
                    "cpuset.mems is still empty",
     .reread = "#limits",
     .feature = true,
     .body = cpus_are_chosen},
    {.name = "cpus_have_memory",
     .claim = "--cpuset-cpus leaves all nodes of memory to the command",
     .usual_cause = "cpuset.mems is filled with 0, not with the parent's list",
     .reread = "#limits",
     .feature = true,
     .depends = "cpus_are_chosen",
     .body = cpus_have_memory},
    {.name = "limits_go_together",
     .claim = "all limits may be given at once",
     .usual_cause = "on version 2 the place is chosen for one controller only",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_limited",
     .body = all_at_once},
    {.name = "last_limit_counts",
     .claim = "a flag that is given twice counts as it was given last",
     .usual_cause = "limits are written while flags are still being read",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_limited",
     .body = last_one_counts},
    {.name = "no_flag_no_limit",
     .claim = "without flags the container has a cgroup, and it has no limits",
     .usual_cause = "the value for \"not given\" is written as a limit",
     .reread = "#limits",
     .feature = true,
     .body = nothing_is_limited},
    {.name = "limits_are_its_own",
     .claim = "two containers have limits of their own, and the host has none",
     .usual_cause = "the cgroup has a fixed name, or limits are written to "
                    "duct's own cgroup",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "pids_are_limited",
     .body = only_its_own},
};

const struct chapter chapter_limits = {"Limits", TRIALS(trials)};
