/*
 * Chapter: many at once, and SIGKILL at any moment.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static void many_runs(void)
{
    enum {
        RUNS = 30
    };
    struct program *runs[RUNS];
    const char *before;

    (void)sh("true");
    before = state_left();
    for (int i = 0; i < RUNS; i++)
        runs[i] = run_start("--rm", "bb", "echo", keep_format("%d", i));
    for (int i = 0; i < RUNS; i++) {
        spawn_finish(runs[i]);
        expect_output(runs[i], keep_format("%d\n", i));
    }
    expect_str("what is left", before, state_left());
}

/* Between the end of a container and that of its monitor. */
static void looked_at(void)
{
    enum {
        RUNS = 150
    };
    struct program *looker = spawn_start(&(struct spawn){
        .argv =
            ARGV("sh", "-c", "while \"$0\" ps -aq; do :; done", duct_path()),
    });

    for (int i = 0; i < RUNS; i++)
        (void)shared_out(__FILE__, __LINE__,
                         run("-d", "bb", "sh", "-c", "exit 3"));
    expect_call(kill(looker->pid, SIGKILL));
    spawn_finish(looker);
    expect_str("who ended with another status than 3", "",
               ok("ps", "-aq", "--filter", "exited=255"));
}

static void monitor_killed(void)
{
    const char *before;
    pid_t init, monitor;

    (void)sh("true");
    before = state_left();
    (void)detached("one1", "bb", "sleep", "4711");
    init = init_of("one1");
    monitor = (pid_t)strtol(kernel_status(init, "PPid"), NULL, 10);
    expect_that(monitor > 1, "a parent of pid 1", "none");
    expect_call(kill(monitor, SIGKILL));
    expect_str("state", "exited 255 0",
               told("one1", "{{.State.Status}} {{.State.ExitCode}} "
                            "{{.State.Pid}}"));
    expect_contains("ps -a", "Exited (255)", ok("ps", "-a"));
    expect_that(!kernel_alive(init), "pid 1 to have ended", "it runs");
    (void)ok("start", "one1");
    (void)ok("rm", "-f", "one1");
    expect_str("what is left", before, state_left());
}

/* Names, sockets, locks and control groups. */
static char *held(void)
{
    const struct program *p = spawn_run(
        &(struct spawn){.argv = ARGV("find", DATA_ROOT "/names", RUN_ROOT,
                                     "-mindepth", "1", "!", "-type", "d"),
                        .aside = true});

    return keep_format("%s%s", p->out, cgroups_left());
}

static bool can_be_removed(void *arg)
{
    char *ids = ok("ps", "-aq", "--no-trunc"), *id;

    (void)arg;
    while ((id = strsep(&ids, "\n"))[0] != '\0')
        (void)duct("rm", "-f", "-v", id);
    return held()[0] == '\0' && kernel_count("sleep 4711") == 0;
}

static void run_killed(void)
{
    srandom((unsigned)spawn_now_ms());
    for (int i = 0; i < 30; i++) {
        struct program *p =
            run_start("--name", keep_format("run%d", i), "bb", "sleep", "4711");
        int ms = (int)(random() % 60);

        trial_note("run %d is killed after %d ms", i, ms);
        spawn_sleep_ms(ms);
        expect_call(spawn_signal(p, SIGKILL));
        (void)ok("ps", "-a");
    }
    expect_soon(can_be_removed, NULL, 2 * SPAWN_SOON_MS,
                "no name, socket, control group or process", held());
    expect_output(run("--rm", "--name", "run1", "bb", "echo", "hi"), "hi\n");
}

static const struct trial trials[] = {
    {.name = "thirty_runs_at_once",
     .claim = "thirty runs at once all succeed and leave nothing",
     .usual_cause = "two tidy up what a third one is about to use",
     .body = many_runs},
    {.name = "looked_at_as_it_ends",
     .claim = "who looks at a container that ends does not change its status",
     .usual_cause = "it is judged without its lock",
     .body = looked_at},
    {.name = "monitor_killed",
     .claim = "without its monitor a container ends, as 255, and can go",
     .usual_cause = "the state on disk is believed",
     .body = monitor_killed},
    {.name = "run_killed_anywhere",
     .claim =
         "whenever run is killed, ps works, rm ends what runs, names are free",
     .usual_cause = "an object that is half made is not told from a whole one",
     .body = run_killed},
};

const struct chapter chapter_crashes = {"Crashes and crowds", TRIALS(trials)};
