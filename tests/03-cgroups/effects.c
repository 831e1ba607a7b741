/*
 * Chapter: what limits are for. A number in a file is not yet an effect.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static void hog_dies(void)
{
    cgroups_sweep();
    const struct program *p = duct("run", "-m", "16m", rootfs(), "/inside/load",
                                   "memory", "64", "say", "survived");

    expect_refused_as(p, 137, "memory");
    expect_contains("the hint below it", "--memory", p->err);
    expect_no_cgroup();
}

static void enough_is_enough(void)
{
    expect_output(duct("run", "-m", "128m", rootfs(), "/inside/load", "memory",
                       "64", "say", "survived"),
                  "survived\n");
}

/* The counter is in the container's cgroup: look while it is there. */
static void kernel_counts_it(void)
{
    struct container *neighbour =
        container("-m", "16m", rootfs(), "/inside/load", "memory", "10", "say",
                  "neighbour", "hold");
    struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", "-m", "16m", rootfs(), "sh", "-c",
                     "read line; /inside/load memory 64; echo status $?; "
                     "read line"),
        .stdin_is = INPUT_OPEN,
    });

    expect_int("oom_kill in the container's cgroup, before", 0,
               shared_oom_kills(c->init));
    spawn_type(c->duct, "go\n");
    expect_that(spawn_printed(c->duct, "status", SPAWN_DEADLINE_MS),
                "the hog to end", "it goes on");
    expect_str("what the shell says of the hog", "status 137\n", c->duct->out);
    expect_int("oom_kill in the container's cgroup, after", 1,
               shared_oom_kills(c->init));
    expect_int("oom_kill in a neighbour's cgroup", 0,
               shared_oom_kills(neighbour->init));
    expect_that(kernel_alive(neighbour->init), "the neighbour to live",
                "it is dead");
    spawn_type(c->duct, "enough\n");
    spawn_finish(c->duct);
    expect_exit(c->duct, 0);
    expect_str("stderr of a container that has survived it", "Killed\n",
               c->duct->err);
}

static void other_kills_are_not_memory(void)
{
    struct container *c = container("-m", "64m", rootfs(), "sleep", "4711");

    container_end(c);
    expect_exit(c->duct, 137);
    expect_str("stderr of a container that was killed", "", c->duct->err);
}

static void bomb_stops(void)
{
    const struct container *neighbour =
        container("--pids-limit", "20", rootfs(), "/inside/load", "fork", "3",
                  "say", "done", "hold");
    const struct container *c =
        container("--pids-limit", "20", rootfs(), "/inside/load", "fork", "200",
                  "say", "done", "hold");
    const char *directory = cgroups_with(c->init, "pids");

    expect_that(spawn_printed(c->duct, "done", SPAWN_DEADLINE_MS),
                "the bomb to be told no", "it is silent");
    expect_str("how many of 200 children it could have", "children: 19\ndone\n",
               c->duct->out);
    expect_int("pids.current", 20,
               cgroups_number(directory, "pids.current", NULL));
    expect_between("\"max\" in pids.events", 1, 1000,
                   (double)cgroups_number(directory, "pids.events", "max"));
    expect_that(
        spawn_printed(neighbour->duct, "children: 3\ndone\n", SPAWN_SOON_MS),
        "a neighbour to have 3 children", neighbour->duct->out);
}

/* Seconds of CPU time that the container's cgroup has used. */
static double used_time(const struct container *c)
{
    const char *v1 = cgroups_of(c->init, "cpuacct");

    return v1 != NULL ? (double)cgroups_number(v1, "cpuacct.usage", NULL) / 1e9
                      : (double)cgroups_number(cgroups_of(c->init, NULL),
                                               "cpu.stat", "usage_usec") /
                            1e6;
}

/* Seconds that CPUs were idle, all together: the fourth number of "cpu". */
static double idle_time(void)
{
    char *text = kernel_read("stat");

    if (text == NULL || strncmp(text, "cpu ", 4) != 0)
        return 0;
    text += 4;
    for (int i = 0; i < 3; i++)
        (void)strtod(text, &text);
    return strtod(text, NULL) / 100;
}

static double now(void)
{
    return (double)spawn_now_ms() / 1000;
}

enum {
    MEASURED_MS = 2000
};

static void quota_holds(void)
{
    /* Several, or on a busy machine it may not even get that much. */
    const struct container *c = container("--cpus", "0.5", rootfs(),
                                          "/inside/load", "crowd", "7", "spin");
    const char *directory = cgroups_with(c->init, "cpu");
    double used, idle, time, share;
    long long throttled;

    spawn_sleep_ms(200); /* the first period may be a whole one */
    used = used_time(c);
    idle = idle_time();
    time = now();
    throttled = cgroups_number(directory, "cpu.stat", "nr_throttled");
    spawn_sleep_ms(MEASURED_MS);
    time = now() - time;
    used = used_time(c) - used;
    idle = idle_time() - idle;
    throttled =
        cgroups_number(directory, "cpu.stat", "nr_throttled") - throttled;
    share = used / time;
    trial_note("measured: %.3f s of CPU in %.3f s, others left %.3f s idle",
               used, time, idle);
    expect_that(share <= 0.5 * 1.15, "at most half of a CPU, within 15 %",
                keep_format("%.3f of a CPU", share));
    /* Who shares the machine may take what this one could have had. */
    if (idle > time * 0.75)
        expect_that(share >= 0.5 * 0.85, "half of a CPU, within 15 %",
                    keep_format("%.3f of a CPU", share));
    expect_between("nr_throttled in cpu.stat, meanwhile", share < 0.45 ? 0 : 5,
                   1000, (double)throttled);
}

static const struct trial trials[] = {
    {.name = "memory_hog_dies",
     .claim = "who uses more memory than --memory is killed by the kernel: "
              "exit status 137, and duct says why",
     .usual_cause = "the limit is on a cgroup in which the command is not; or "
                    "the counter is read after the cgroup is gone",
     .reread = "#break-it",
     .feature = true,
     .body = hog_dies},
    {.name = "enough_memory_is_enough",
     .claim = "who stays below the limit is not disturbed",
     .usual_cause = "the size is taken for kilobytes",
     .reread = "#break-it",
     .feature = true,
     .body = enough_is_enough},
    {.name = "kernel_counts_oom_kills",
     .claim = "oom_kill rises in the container's cgroup and no other; a "
              "neighbour lives, and so does the container's first process",
     .usual_cause = "both are in one cgroup",
     .reread = "#break-it",
     .feature = true,
     .depends = "memory_hog_dies",
     .body = kernel_counts_it},
    {.name = "other_kills_are_not_memory",
     .claim = "who is killed by somebody else gets no word about memory",
     .usual_cause = "exit status 137 is taken for a lack of memory",
     .reread = "#break-it",
     .body = other_kills_are_not_memory},
    {.name = "fork_bomb_stops",
     .claim = "a fork bomb stops at --pids-limit, and a neighbour can fork",
     .usual_cause = "pids.max is set after the command has begun, or on a "
                    "cgroup in which it is not",
     .reread = "#break-it",
     .feature = true,
     .body = bomb_stops},
    {.name = "cpu_quota_holds",
     .claim = "a busy command with --cpus 0.5 gets half of a CPU, within 15 %",
     .usual_cause = "the quota is for another period than the one that is set",
     .reread = "#break-it",
     .feature = true,
     .body = quota_holds},
};

const struct chapter chapter_effects = {"Effects", TRIALS(trials)};
