/*
 * Chapter: --explain tells the limits, as a script that sets them.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static const struct knob *const knobs[] = {
    &knob_memory, &knob_swap, &knob_quota, &knob_shares, &knob_cpus, &knob_pids,
};

enum {
    KNOBS = sizeof(knobs) / sizeof(knobs[0])
};

struct seen {
    const char *knobs[KNOBS];
    const char *cgroup;
};

static struct seen look(pid_t pid)
{
    struct seen seen = {.cgroup = kernel_read("%d/cgroup", pid)};

    for (size_t i = 0; i < KNOBS; i++)
        seen.knobs[i] = knob_read(pid, knobs[i]);
    return seen;
}

/* Runs a script until `sleep 4711` sleeps in it; looks; ends it. */
static struct seen replayed(const char *script)
{
    struct program *p =
        spawn_start(&(struct spawn){.argv = ARGV("sh", script)});
    pid_t sleeper = kernel_find(p->pid, "sleep 4711");
    struct seen seen = look(sleeper);

    expect_call(kill(sleeper, SIGKILL));
    spawn_finish(p); /* not every unshare(1) passes on that it was killed */
    return seen;
}

/* What is written to a file is one word, and stands before it. */
static void each_line_is_one(const char *script)
{
    char *text = keep_format("%s", script), *line;

    while ((line = strsep(&text, "\n")) != NULL)
        if (strstr(line, " >/sys/fs/cgroup/") != NULL)
            expect_that(strncmp(line, "echo ", 5) == 0 &&
                            strchr(line, '\'') == NULL,
                        "each value in the script to be one plain word", line);
}

static void compare(const char *const *limits)
{
    cgroups_sweep();
    const char *script = scratch_path("explained.sh");
    struct container *c = container_start(&(struct spawn){
        .argv = argv_of(DUCT("run", keep_format("--explain=%s", script)),
                        limits, ARGV(rootfs(), "sleep", "4711"), NULL)});
    struct seen first = look(c->init), again;

    container_end(c);
    each_line_is_one(file_read(script));
    again = replayed(script);
    expect_call(unlink(script));
    expect_str("/proc/PID/cgroup of the script's command, as of duct's",
               first.cgroup, again.cgroup);
    for (size_t i = 0; i < KNOBS; i++)
        expect_str(keep_format("%s of the script's container, as of duct's",
                               knobs[i]->v1),
                   first.knobs[i] == NULL ? "none" : first.knobs[i],
                   again.knobs[i] == NULL ? "none" : again.knobs[i]);
    expect_no_cgroup();
}

static void replay_has_the_limits(void)
{
    compare(ARGV("-m", "64m", "--memory-swap", "96m", "--cpus", "0.5",
                 "--cpu-shares", "512", "--pids-limit", "20", "--cpuset-cpus",
                 kernel_status(0, "Cpus_allowed_list")));
}

static void replay_without_limits(void)
{
    cgroups_sweep();
    const char *script = scratch_path("explained.sh");

    compare(ARGV("-m", "64m"));
    expect_exit(
        duct("run", keep_format("--explain=%s", script), rootfs(), "true"), 0);
    expect_exit(explain_replay(script), 0);
    expect_contains("the script", "/cgroup.procs", file_read(script));
    expect_call(unlink(script));
    expect_no_cgroup();
}

static void replay_of_a_bomb(void)
{
    cgroups_sweep();
    const char *script = scratch_path("explained.sh");
    const struct program *p =
        duct("run", keep_format("--explain=%s", script), "--pids-limit", "20",
             rootfs(), "/inside/load", "fork", "50");

    expect_output(p, "children: 19\n");
    p = explain_replay(script);
    expect_call(unlink(script));
    expect_exit(p, 0);
    expect_contains("how many of 50 children it could have",
                    "children: ", p->out);
    expect_lacks("how many of 50 children it could have", "children: 50",
                 p->out);
    expect_no_cgroup();
}

static void says_where_to_look(void)
{
    const char *script = scratch_path("explained.sh"), *text;
    struct container *c = container(keep_format("--explain=%s", script), "-m",
                                    "64m", rootfs(), "sleep", "4711");

    spawn_sleep_ms(20);
    text = file_read(script);
    container_end(c);
    expect_call(unlink(script));
    expect_contains("the script",
                    keep_format("\n# cat /proc/%d/cgroup\n", c->init), text);
}

/* What comes after the command's end is the host's again. */
static void removal_is_told(void)
{
    cgroups_sweep();
    const char *script = scratch_path("explained.sh"), *text;

    expect_exit(duct("run", keep_format("--explain=%s", script), "-m", "64m",
                     rootfs(), "sh", "-c", "exit 42"),
                42);
    text = file_read(script);
    expect_contains("the script", "\nrmdir ", text);
    expect_exit(explain_replay(script), 42);
    expect_call(unlink(script));
    expect_no_cgroup();
}

/* What was tried and not allowed is no part of the script. */
static void works_for_nobody(void)
{
    const char *script = scratch_path("home-of-nobody/explained.sh");
    const struct program *p, *again;

    p = spawn_run(
        &(struct spawn){.argv = DUCT("run", keep_format("--explain=%s", script),
                                     rootfs_of_nobody(), "sh", "-c", "exit 42"),
                        .uid = NOBODY});
    again =
        spawn_run(&(struct spawn){.argv = ARGV("sh", script), .uid = NOBODY});
    expect_call(unlink(script));
    expect_exit(p, 42);
    expect_exit(again, 42);
}

static const struct trial trials[] = {
    {.name = "explain_sets_the_limits",
     .claim = "sh FILE makes a container in the same cgroup, with the same "
              "limits",
     .usual_cause = "a file is written but not told, or told otherwise than "
                    "written",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "limits_go_together",
     .body = replay_has_the_limits},
    {.name = "explain_without_limits",
     .claim = "the script does the same where there are few limits, or none",
     .usual_cause = "the cgroup is told only with limits",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_sets_the_limits",
     .body = replay_without_limits},
    {.name = "explain_limits_hold",
     .claim = "the limits hold for the script's command",
     .usual_cause = "the shell's own pid is not the one that was moved",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_sets_the_limits",
     .body = replay_of_a_bomb},
    {.name = "explain_shows_the_cgroup",
     .claim = "a comment tells to look at /proc/PID/cgroup",
     .usual_cause = "the comment is printed before there is a child",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = says_where_to_look},
    {.name = "explain_removes_the_cgroup",
     .claim = "the script removes the cgroup, and ends as the command does",
     .usual_cause = "rmdir is told inside of the subshell",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_sets_the_limits",
     .body = removal_is_told},
    {.name = "explain_without_root",
     .claim = "the script works where no cgroup can be made, as duct does",
     .usual_cause = "mkdir is told before it is known to work",
     .reread = "#delegation",
     .feature = false,
     .depends = "nobody_runs_without_limits",
     .body = works_for_nobody},
};

const struct chapter chapter_explain = {"--explain", TRIALS(trials)};
