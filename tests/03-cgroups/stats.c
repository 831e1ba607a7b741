/*
 * Chapter: what duct stats shows are the kernel's figures.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define PID(c) keep_format("%d", (c)->init)

/* "memory peak      20.355 MiB": the words after a name, or NULL. */
static const char *figure(const struct program *stats, const char *name)
{
    char *text = keep_format("%s", stats->out), *line;
    size_t size = strlen(name);

    while ((line = strsep(&text, "\n")) != NULL)
        if (strncmp(line, name, size) == 0 && strspn(line + size, " \t") >= 2)
            return line + size + strspn(line + size, " \t");
    return NULL;
}

/* A figure in its unit; the trial fails if it is none. */
static double number(const struct program *stats, const char *name,
                     const char *unit)
{
    const char *text = figure(stats, name);
    double value;
    char *end;

    expect_that(text != NULL, keep_format("a line \"%s\"", name),
                expect_quoted(stats->out, stats->out_size));
    value = strtod(text, &end);
    expect_that(end != text && strcmp(end, unit) == 0,
                keep_format("\"%s\" with a number%s%s", name,
                            unit[0] != '\0' ? " and the unit" : "", unit),
                text);
    return value;
}

static struct program *stats_of(const struct container *c)
{
    struct program *p = duct("stats", PID(c));

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    return p;
}

/* Nothing changes any more: the figures can be compared exactly. */
static void stand_still(const struct container *c)
{
    expect_output(duct("pause", PID(c)), "");
}

static void go_on(const struct container *c)
{
    expect_output(duct("unpause", PID(c)), "");
}

static double kernel_number(const struct container *c, const char *controller,
                            const char *v1, const char *v2, const char *key)
{
    bool is_v1 = cgroups_version(controller) == 1;

    return (double)cgroups_number(cgroups_with(c->init, controller),
                                  is_v1 ? v1 : v2, key);
}

static struct container *loaded(const char *done, const char *const *words)
{
    struct container *c = container_start(
        &(struct spawn){.argv = argv_of(DUCT("run"), words, NULL)});

    expect_that(spawn_printed(c->duct, done, SPAWN_DEADLINE_MS),
                keep_format("the command to print %s", done), "it is silent");
    return c;
}

#define LOADED(...) loaded("done", ARGV(__VA_ARGS__))

static const double mib = 1 << 20;

static void memory_is_shown(void)
{
    const struct container *c = LOADED("-m", "64m", rootfs(), "/inside/load",
                                       "memory", "20", "say", "done", "hold");
    const struct program *p;

    stand_still(c);
    p = stats_of(c);
    expect_between("memory, after 20 MiB were touched", 20, 30,
                   number(p, "memory", " MiB"));
    expect_between("memory, as the kernel's file",
                   kernel_number(c, "memory", "memory.usage_in_bytes",
                                 "memory.current", NULL) /
                           mib -
                       1,
                   kernel_number(c, "memory", "memory.usage_in_bytes",
                                 "memory.current", NULL) /
                           mib +
                       1,
                   number(p, "memory", " MiB"));
    expect_between("memory limit", 64, 64, number(p, "memory limit", " MiB"));
    go_on(c);
}

static void peak_is_shown(void)
{
    const struct container *c =
        LOADED("-m", "64m", rootfs(), "/inside/load", "memory", "20", "release",
               "say", "done", "hold");
    const struct program *p;
    double peak;

    stand_still(c);
    p = stats_of(c);
    peak = kernel_number(c, "memory", "memory.max_usage_in_bytes",
                         "memory.peak", NULL);
    expect_between("memory, after it was given back", 0, 10,
                   number(p, "memory", " MiB"));
    if (peak >= 0)
        expect_between("memory peak, as the kernel's file", peak / mib - 0.001,
                       peak / mib + 0.001, number(p, "memory peak", " MiB"));
    go_on(c);
}

static void oom_kills_are_shown(void)
{
    const struct container *c =
        LOADED("-m", "16m", rootfs(), "sh", "-c",
               "/inside/load memory 64; /inside/load memory 64; echo done; "
               "/inside/load hold");

    expect_between("oom kills, after two", 2, 2,
                   number(stats_of(c), "oom kills", ""));
}

static void cpu_time_is_shown(void)
{
    const struct container *c =
        LOADED(rootfs(), "/inside/load", "spin", "300", "say", "done", "hold");
    bool v1 = cgroups_version("cpuacct") == 1;
    double kernels;

    stand_still(c);
    kernels = v1 ? (double)cgroups_number(cgroups_of(c->init, "cpuacct"),
                                          "cpuacct.usage", NULL) /
                       1e9
                 : (double)cgroups_number(cgroups_of(c->init, NULL), "cpu.stat",
                                          "usage_usec") /
                       1e6;
    expect_between("cpu time, as the kernel's file", kernels - 0.001,
                   kernels + 0.001, number(stats_of(c), "cpu time", " s"));
    expect_between("cpu time, after 0.3 s of being busy", 0.02, 1.5, kernels);
    go_on(c);
}

static void throttling_is_shown(void)
{
    const struct container *c =
        LOADED("--cpus", "0.1", rootfs(), "/inside/load", "spin", "300", "say",
               "done", "hold");
    const struct program *p;
    double times, seconds;

    stand_still(c);
    p = stats_of(c);
    times = kernel_number(c, "cpu", "cpu.stat", "cpu.stat", "nr_throttled");
    seconds =
        cgroups_version("cpu") == 1
            ? kernel_number(c, "cpu", "cpu.stat", NULL, "throttled_time") / 1e9
            : kernel_number(c, "cpu", NULL, "cpu.stat", "throttled_usec") / 1e6;
    expect_between("times throttled, in the kernel's file", 1, 100, times);
    expect_between("times throttled", times, times,
                   number(p, "times throttled", ""));
    expect_between("cpu throttled", seconds - 0.001, seconds + 0.001,
                   number(p, "cpu throttled", " s"));
    go_on(c);
}

static void processes_are_shown(void)
{
    const struct container *c =
        LOADED("--pids-limit", "20", rootfs(), "/inside/load", "fork", "5",
               "say", "done", "hold");
    const struct program *p = stats_of(c);

    expect_between("pids", 6, 6, number(p, "pids", ""));
    expect_between("pids limit", 20, 20, number(p, "pids limit", ""));
}

static void unlimited_is_a_dash(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct program *p = stats_of(c);

    expect_str("memory limit", "-", figure(p, "memory limit"));
    expect_str("pids limit", "-", figure(p, "pids limit"));
    expect_between("pids", 1, 1, number(p, "pids", ""));
    expect_between("oom kills", 0, 0, number(p, "oom kills", ""));
    expect_between("times throttled", 0, 0, number(p, "times throttled", ""));
}

static void any_process_will_do(void)
{
    const struct container *c =
        container("--pids-limit", "20", rootfs(), "sh", "-c",
                  "/bin/sleep 4712 & /bin/sleep 4713 & wait");
    pid_t child = kernel_find(c->init, "/bin/sleep 4713");
    const struct program *p;

    (void)kernel_find(c->init, "/bin/sleep 4712");
    p = duct("stats", keep_format("%d", child));
    expect_exit(p, 0);
    expect_between("pids", 3, 3, number(p, "pids", ""));
    expect_between("pids limit", 20, 20, number(p, "pids limit", ""));
}

/* Without controllers, version 2 still counts the time; nothing else. */
static void unknown_is_a_dash(void)
{
    const struct view view = {"no controllers", cgroups_no_controllers};
    const struct container *c = view_container(
        &view, rootfs(), "/inside/load", "spin", "100", "say", "done", "hold");
    const struct program *p;

    expect_that(spawn_printed(c->duct, "done", SPAWN_SOON_MS),
                "the command to go on", "it is silent");
    p = view_duct(&view, "stats", PID(c));
    expect_exit(p, 0);
    expect_str("memory", "-", figure(p, "memory"));
    expect_str("memory peak", "-", figure(p, "memory peak"));
    expect_str("memory limit", "-", figure(p, "memory limit"));
    expect_str("oom kills", "-", figure(p, "oom kills"));
    expect_str("pids", "-", figure(p, "pids"));
    expect_str("pids limit", "-", figure(p, "pids limit"));
    expect_str("times throttled", "-", figure(p, "times throttled"));
    expect_str("cpu throttled", "-", figure(p, "cpu throttled"));
    expect_between("cpu time", 0.02, 1.5, number(p, "cpu time", " s"));
}

static const char *need_v2(void)
{
    return cgroups_of(0, NULL) != NULL ? NULL : "version 2 is not mounted";
}

static const struct trial trials[] = {
    {.name = "stats_of_memory",
     .claim = "duct stats shows the memory in use and its limit",
     .usual_cause = "a file of the other version is read, or one of duct's "
                    "own cgroup",
     .reread = "#accounting",
     .feature = true,
     .depends = "pause_stops_it",
     .body = memory_is_shown},
    {.name = "stats_of_peak",
     .claim = "it shows the most memory that was ever in use",
     .usual_cause = "the present use is shown twice",
     .reread = "#accounting",
     .feature = true,
     .depends = "stats_of_memory",
     .body = peak_is_shown},
    {.name = "stats_of_oom_kills",
     .claim = "it shows how many processes the kernel killed for memory",
     .usual_cause = "the file has several lines, each with a word before its "
                    "number",
     .reread = "#accounting",
     .feature = true,
     .body = oom_kills_are_shown},
    {.name = "stats_of_cpu_time",
     .claim = "it shows the CPU time that was used",
     .usual_cause = "version 1 counts in nanoseconds, version 2 in "
                    "microseconds",
     .reread = "#accounting",
     .feature = true,
     .depends = "pause_stops_it",
     .body = cpu_time_is_shown},
    {.name = "stats_of_throttling",
     .claim = "it shows how often and how long the quota made it wait",
     .usual_cause = "version 1 counts in nanoseconds, version 2 in "
                    "microseconds",
     .reread = "#accounting",
     .feature = true,
     .depends = "pause_stops_it",
     .body = throttling_is_shown},
    {.name = "stats_of_pids",
     .claim = "it shows how many processes there are, and may be",
     .usual_cause = "cgroup.procs is counted: threads are not in there",
     .reread = "#accounting",
     .feature = true,
     .body = processes_are_shown},
    {.name = "stats_of_no_limit",
     .claim = "where there is no limit, it shows -",
     .usual_cause = "version 1's number for \"unlimited\" is shown as it is",
     .reread = "#accounting",
     .feature = true,
     .body = unlimited_is_a_dash},
    {.name = "stats_by_any_pid",
     .claim = "PID may be any process of the container",
     .usual_cause = "the cgroup's path is made from the PID",
     .reread = "#cgroup_find",
     .feature = true,
     .depends = "stats_of_pids",
     .body = any_process_will_do},
    {.name = "stats_of_the_unknown",
     .claim = "without controllers it shows - for what nobody counts",
     .usual_cause = "a file that is missing reads as 0, or ends duct",
     .reread = "#accounting",
     .feature = true,
     .needs = need_v2,
     .body = unknown_is_a_dash},
};

const struct chapter chapter_stats = {"Stats", TRIALS(trials)};
