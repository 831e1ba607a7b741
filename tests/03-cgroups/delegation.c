/*
 * Chapter: without root.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"
#include "trees.h"

#define PID(c) keep_format("%d", (c)->init)

/* As nobody, where nobody has a cgroup of its own. */
#define DELEGATED(...)                                                         \
    &(struct spawn)                                                            \
    {                                                                          \
        .argv = DUCT(__VA_ARGS__), .uid = NOBODY,                              \
        .prepare = cgroups_as_delegated                                        \
    }

/* As nobody, where everything is root's. */
#define UNDELEGATED(...)                                                       \
    &(struct spawn)                                                            \
    {                                                                          \
        .argv = DUCT(__VA_ARGS__), .uid = NOBODY                               \
    }

static void runs_without(void)
{
    cgroups_sweep();
    const char *before = cgroups_with(0, "memory");
    struct container *c = container_start(
        UNDELEGATED("run", rootfs_of_nobody(), "sleep", "4711"));

    expect_str("cgroup of the container, as of the suite", before,
               cgroups_with(c->init, "memory"));
    expect_no_cgroup();
    container_end(c);
    expect_exit(c->duct, 137);
}

static void limits_are_refused(void)
{
    cgroups_sweep();
    const char *const *limit = ARGV(
        "--memory=64m", "--cpus=0.5", "--cpu-shares=512", "--pids-limit=20",
        keep_format("--cpuset-cpus=%s", kernel_status(0, "Cpus_allowed_list")));

    for (; *limit != NULL; limit++) {
        const struct program *p = spawn_run(
            UNDELEGATED("run", *limit, rootfs_of_nobody(), "echo", "hello"));

        expect_refused(p, "cgroup", "(EACCES)");
        expect_contains("the hint below it", "systemd-run --user --scope",
                        p->err);
    }
    expect_no_cgroup();
}

/* On version 2 a cgroup that passes controllers on may be there, and not be
 * nobody's. */
static void refused_on_version_2(void)
{
    cgroups_sweep();
    const char *file = scratch_path("promised");
    const struct program *p;

    if (cgroups_of(0, NULL) == NULL)
        return;
    file_write(file, "cpuset cpu io memory pids\n");
    p = spawn_run(&(struct spawn){
        .argv = DUCT("run", "-m", "64m", rootfs_of_nobody(), "true"),
        .env = ARGV(keep_format("HOME=%s", scratch_path("home-of-nobody"))),
        .prepare = cgroups_promised_nobody,
        .prepare_arg = &(struct cgroups_promise){.here = file},
    });
    expect_call(unlink(file));
    expect_refused(p, "cgroup", "(EACCES)");
    expect_contains("the hint below it", "systemd-run --user --scope", p->err);
    expect_no_cgroup();
}

static void limits_are_set(void)
{
    cgroups_sweep();
    int first = 0, second = 0;

    (void)shared_cpus(&first, &second);
    const char *cpu = keep_format("%d", first);
    struct container *c = container_start(
        DELEGATED("run", "-m", "64m", "--cpus", "0.5", "--cpu-shares", "512",
                  "--pids-limit", "20", "--cpuset-cpus", cpu,
                  rootfs_of_nobody(), "sleep", "4711"));

    expect_knob(c, &knob_memory, "67108864", "67108864");
    expect_knob(c, &knob_quota, "50000", "50000 100000");
    expect_knob(c, &knob_shares, "512", "20");
    expect_knob(c, &knob_pids, "20", "20");
    expect_knob(c, &knob_cpus, cpu, cpu);
    expect_contains("its cgroup", keep_format("/nobody/duct-%d", c->duct->pid),
                    cgroups_with(c->init, "memory"));
    container_end(c);
    expect_no_cgroup();
}

static void hog_dies_as_well(void)
{
    cgroups_sweep();
    expect_refused_as(
        spawn_run(DELEGATED("run", "-m", "16m", rootfs_of_nobody(),
                            "/inside/load", "memory", "64")),
        137, "memory");
    expect_no_cgroup();
}

static void verbs_work(void)
{
    cgroups_sweep();
    struct container *c = container_start(DELEGATED(
        "run", "--pids-limit", "20", rootfs_of_nobody(), "sleep", "4711"));
    const struct program *p;
    struct container *more;

    expect_output(spawn_run(DELEGATED("pause", PID(c))), "");
    expect_output(spawn_run(DELEGATED("unpause", PID(c))), "");
    p = spawn_run(DELEGATED("stats", PID(c)));
    expect_exit(p, 0);
    expect_contains("stats", "\npids limit       20\n", p->out);
    more = container_start(DELEGATED("exec", PID(c), "sleep", "4712"));
    expect_str("/proc/PID/cgroup of the second command, as of the first",
               kernel_read("%d/cgroup", c->init),
               kernel_read("%d/cgroup", more->init));
    container_end(more);
    container_end(c);
    expect_no_cgroup();
}

static void not_of_others(void)
{
    struct container *c = container(rootfs(), "/inside/load", "count");
    const struct program *p = spawn_run(DELEGATED("pause", PID(c)));

    expect_refused(p, "(EACCES)");
    expect_lacks("the message", "null", p->err);
}

static void exec_without(void)
{
    struct container *c = container_start(
        UNDELEGATED("run", rootfs_of_nobody(), "sleep", "4711"));
    const struct program *p;

    expect_output(spawn_run(UNDELEGATED("exec", PID(c), "echo", "hello")),
                  "hello\n");
    p = spawn_run(UNDELEGATED("pause", PID(c)));
    expect_refused(p, keep_format("process %d ", c->init));
    container_end(c);
}

/* A cgroup for one controller of version 1 has nothing to freeze with. */
static void one_hierarchy_is_delegated(void)
{
    cgroups_sweep();
    struct container *c;
    const char *cwd = scratch_path("nowhere");
    const struct program *p;
    static char only[] = "pids";

    if (cgroups_of(0, only) == NULL)
        return; /* on version 2 every cgroup can be frozen */
    c = container_start(&(struct spawn){
        .argv = DUCT("run", "--pids-limit", "20", rootfs_of_nobody(), "sleep",
                     "4711"),
        .uid = NOBODY,
        .prepare = cgroups_as_delegated,
        .prepare_arg = only,
    });
    expect_knob(c, &knob_pids, "20", "20");
    expect_refused(spawn_run(UNDELEGATED("pause", PID(c))), "frozen");
    /* What printf() makes of a path that is not there. */
    tree_make(cwd, "(null)/memory.current", "123456789\n");
    p = spawn_run(&(struct spawn){
        .argv = DUCT("stats", PID(c)), .uid = NOBODY, .cwd = cwd});
    expect_call(file_remove_tree(cwd));
    expect_contains("stats", "\npids limit       20\n", p->out);
    expect_contains("stats", "memory           -\n", p->out);
    container_end(c);
    expect_no_cgroup();
}

static const struct trial trials[] = {
    {.name = "nobody_runs_without_limits",
     .claim = "who may not make cgroups can run containers without limits, in "
              "the cgroup that duct is in",
     .usual_cause = "mkdir() says EACCES, and duct gives up",
     .reread = "#delegation",
     .body = runs_without},
    {.name = "nobody_is_refused_limits",
     .claim = "who asks for limits and may not make cgroups is told so, and "
              "how to get one",
     .usual_cause = "limits are left out silently",
     .reread = "#delegation",
     .feature = true,
     .body = limits_are_refused},
    {.name = "nobody_is_refused_on_version_2",
     .claim = "on version 2 the same is told where controllers are passed on, "
              "and the cgroup is somebody else's",
     .usual_cause = "the reason of an earlier attempt is told",
     .reread = "#delegation",
     .feature = true,
     .depends = "nobody_is_refused_limits",
     .body = refused_on_version_2},
    {.name = "delegated_limits",
     .claim = "who was given a cgroup can set every limit without root",
     .usual_cause = "geteuid() is asked, not the kernel",
     .reread = "#delegation",
     .feature = true,
     .body = limits_are_set},
    {.name = "delegated_limits_hold",
     .claim = "a memory hog dies at its limit without root, too",
     .usual_cause = "the limit is on a cgroup in which the command is not",
     .reread = "#delegation",
     .feature = true,
     .depends = "delegated_limits",
     .body = hog_dies_as_well},
    {.name = "delegated_verbs",
     .claim = "pause, unpause, stats and exec work on it without root",
     .usual_cause = "a file is opened for reading and writing, where one of "
                    "them is allowed",
     .reread = "#delegation",
     .feature = true,
     .depends = "delegated_limits",
     .body = verbs_work},
    {.name = "one_hierarchy_is_delegated",
     .claim = "on version 1, one hierarchy may be delegated and others not: "
              "its limits hold, and pause says what is missing",
     .usual_cause = "a directory that is not there is used as if it were",
     .reread = "#delegation",
     .feature = true,
     .depends = "delegated_limits",
     .body = one_hierarchy_is_delegated},
    {.name = "others_can_not_be_paused",
     .claim = "nobody can't pause root's container, and is told so",
     .usual_cause = "the result of write() is not looked at",
     .reread = "#delegation",
     .feature = true,
     .body = not_of_others},
    {.name = "no_cgroup_no_pause",
     .claim = "a container without a cgroup can be entered, and not paused",
     .usual_cause = "exec wants a cgroup that is not there",
     .reread = "#delegation",
     .feature = true,
     .depends = "nobody_runs_without_limits",
     .body = exec_without},
};

const struct chapter chapter_delegation = {"Without root", TRIALS(trials)};
