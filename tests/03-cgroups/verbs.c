/*
 * Chapter: pause and unpause.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

enum {
    STILL_MS = 100
}; /* a counter prints every 5 ms */

struct counter {
    const struct program *program;
    size_t seen;
};

static bool has_printed_more(void *arg)
{
    struct counter *counter = arg;

    return counter->program->out_size > counter->seen;
}

static void expect_going_on(const struct program *p)
{
    struct counter counter = {p, p->out_size};

    expect_soon(has_printed_more, &counter, SPAWN_SOON_MS,
                "the counting command goes on", "it stands still");
}

static void expect_standing_still(const struct program *p)
{
    size_t before;

    spawn_sleep_ms(20); /* reads what was printed before */
    before = p->out_size;
    spawn_sleep_ms(STILL_MS);
    expect_int("bytes that a stopped command prints", 0,
               (long long)(p->out_size - before));
}

static struct container *counting(const struct view *view)
{
    struct container *c =
        view_container(view, rootfs(), "/inside/load", "count");

    expect_going_on(c->duct);
    return c;
}

#define PID(c) keep_format("%d", (c)->init)

static void pause_stops_it(void)
{
    const struct view *view = shared_views();
    struct container *c = counting(view);

    expect_output(view_duct(view, "pause", PID(c)), "");
    expect_standing_still(c->duct);
    expect_that(kernel_alive(c->init), "the command to live", "it is dead");
    expect_output(view_duct(view, "unpause", PID(c)), "");
}

static void unpause_lets_it_go_on(void)
{
    cgroups_sweep();
    const struct view *view = shared_views();
    struct container *c = counting(view);

    expect_output(view_duct(view, "pause", PID(c)), "");
    expect_standing_still(c->duct);
    expect_output(view_duct(view, "unpause", PID(c)), "");
    expect_going_on(c->duct);
    container_end(c);
    expect_no_cgroup();
}

/* "frozen 1" among the events of version 2, or version 1's state. */
static const char *frozen(const struct container *c, bool v2)
{
    if (v2)
        return cgroups_number(cgroups_of(c->init, NULL), "cgroup.events",
                              "frozen") == 1
                   ? "frozen"
                   : "not frozen";
    return strcmp(cgroups_read(cgroups_of(c->init, "freezer"), "freezer.state"),
                  "FROZEN") == 0
               ? "frozen"
               : "not frozen";
}

static void frozen_in(const struct view *view, bool v2)
{
    struct container *c = counting(view);

    expect_str("the cgroup at first", "not frozen", frozen(c, v2));
    expect_output(view_duct(view, "pause", PID(c)), "");
    expect_str("the cgroup after pause", "frozen", frozen(c, v2));
    expect_output(view_duct(view, "unpause", PID(c)), "");
    expect_str("the cgroup after unpause", "not frozen", frozen(c, v2));
    container_end(c);
}

static void kernel_says_frozen(void)
{
    bool v2 = cgroups_of(0, NULL) != NULL;

    frozen_in(&(struct view){"this host", NULL}, v2);
    if (v2 && cgroups_of(0, "freezer") != NULL)
        frozen_in(&(struct view){"version 1 alone", cgroups_v1_alone}, false);
}

static void all_are_stopped(void)
{
    struct container *c = container(
        rootfs(), "sh", "-c", "/inside/load count & /inside/load count & wait");
    pid_t first = kernel_find(c->init, "/inside/load count");

    expect_going_on(c->duct);
    expect_output(duct("pause", keep_format("%d", first)), "");
    expect_standing_still(c->duct);
    expect_output(duct("unpause", keep_format("%d", first)), "");
    expect_going_on(c->duct);
}

static bool crowd_is_there(void *arg)
{
    const struct container *c = arg;

    return cgroups_number(cgroups_with(c->init, "pids"), "pids.current",
                          NULL) >= 4;
}

/* Who waits for his next period of CPU time comes to a stop only then. */
static void pause_waits(void)
{
    for (int i = 0; i < 5; i++) {
        struct container *c = container("--cpus", "0.05", rootfs(),
                                        "/inside/load", "crowd", "3", "spin");

        expect_soon(crowd_is_there, c, SPAWN_SOON_MS, "4 processes", "fewer");
        expect_output(duct("pause", PID(c)), "");
        expect_str("the cgroup as soon as pause has ended", "frozen",
                   frozen(c, cgroups_of(0, NULL) != NULL));
        expect_output(duct("unpause", PID(c)), "");
        container_end(c);
    }
}

static void neighbour_goes_on(void)
{
    struct container *c = counting(shared_views());
    struct container *neighbour = counting(shared_views());

    expect_output(duct("pause", PID(c)), "");
    expect_going_on(neighbour->duct);
    expect_standing_still(c->duct);
    expect_output(duct("unpause", PID(c)), "");
}

static void twice_is_no_error(void)
{
    struct container *c = counting(shared_views());

    expect_output(duct("pause", PID(c)), "");
    expect_output(duct("pause", PID(c)), "");
    expect_standing_still(c->duct);
    expect_output(duct("unpause", PID(c)), "");
    expect_output(duct("unpause", PID(c)), "");
    expect_going_on(c->duct);
}

static const struct trial trials[] = {
    {.name = "pause_stops_it",
     .claim = "after duct pause PID the container's command stands still, and "
              "lives",
     .usual_cause = "SIGSTOP in place of the freezer, or nothing is written",
     .reread = "#cgroup_freeze",
     .feature = true,
     .body = pause_stops_it},
    {.name = "unpause_lets_it_go_on",
     .claim = "after duct unpause PID it goes on",
     .usual_cause = "unpause writes what pause wrote",
     .reread = "#cgroup_freeze",
     .feature = true,
     .depends = "pause_stops_it",
     .body = unpause_lets_it_go_on},
    {.name = "kernel_says_frozen",
     .claim = "cgroup.events says \"frozen 1\", on version 1 alone "
              "freezer.state FROZEN, until unpause",
     .usual_cause = "duct stops the processes by a signal",
     .reread = "#cgroup_freeze",
     .feature = true,
     .depends = "pause_stops_it",
     .body = kernel_says_frozen},
    {.name = "all_processes_are_stopped",
     .claim = "every process of the container stops, whichever PID is named",
     .usual_cause = "only the process that was named is stopped",
     .reread = "#cgroup_freeze",
     .feature = true,
     .depends = "pause_stops_it",
     .body = all_are_stopped},
    {.name = "pause_waits",
     .claim = "when duct pause ends, all processes have come to a stop",
     .usual_cause = "freezing takes time: after writing, wait for the state "
                    "to change",
     .reread = "#cgroup_freeze",
     .feature = true,
     .depends = "kernel_says_frozen",
     .body = pause_waits},
    {.name = "neighbour_is_not_paused",
     .claim = "another container goes on meanwhile",
     .usual_cause = "duct's own cgroup is frozen, not the container's",
     .reread = "#cgroup_freeze",
     .feature = true,
     .depends = "pause_stops_it",
     .body = neighbour_goes_on},
    {.name = "pause_twice_is_no_error",
     .claim = "pausing what is paused, and unpausing what runs, is no error",
     .usual_cause = "the state is waited for without a look at the present "
                    "one",
     .reread = "#cgroup_freeze",
     .feature = true,
     .depends = "unpause_lets_it_go_on",
     .body = twice_is_no_error},
};

const struct chapter chapter_verbs = {"Pause and unpause", TRIALS(trials)};
