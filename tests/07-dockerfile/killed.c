/*
 * Chapter: a build that is ended, or killed, midway.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static struct program *waiting(const struct site *site, const char *lines)
{
    struct program *p = spawn_start(&(struct spawn){
        .argv = shared_build(site,
                             ARGV(keep_format(DOCKERFILE("RUN echo one >/one\n"
                                                         "RUN %s echo waiting; "
                                                         "exec sleep 4711\n"),
                                              lines)))});

    expect_that(spawn_printed(p, "\nwaiting\n", SPAWN_SOON_MS),
                "the second RUN to begin", expect_quoted(p->out, p->out_size));
    return p;
}

static void signals_end_it(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    const struct site *site = site_new();

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct program *p = waiting(site, "");

        expect_call(spawn_signal(p, numbers[i]));
        expect_that(spawn_ended(p, SPAWN_SOON_MS),
                    keep_format("signal %d to end the build", numbers[i]),
                    "it goes on");
        spawn_finish(p);
        expect_exit(p, 128 + SIGKILL);
        expect_int("commands that still run", 0, kernel_count("sleep 4711"));
        expect_nothing_left(site);
    }
}

static void other_signals_do_not(void)
{
    const struct site *site = site_new();
    struct program *p = waiting(site, "trap 'echo heard' USR1;");

    expect_call(spawn_signal(p, SIGWINCH));
    expect_that(!spawn_ended(p, 200), "the build to go on", "it has ended");
    expect_call(spawn_signal(p, SIGTERM));
    spawn_finish(p);
}

/* Between two steps nothing waits for it. */
static void ended_between_steps(void)
{
    const struct site *site = site_new();
    struct deny call = {.number = SYS_syncfs, .name = "syncfs"};
    struct held held;
    struct program *p = spawn_start(&(struct spawn){
        .argv = shared_build(
            site, ARGV(DOCKERFILE("ENV a=1\nENV b=2\nRUN touch /x\n"))),
        .prepare = hold_call,
        .prepare_arg = &call});

    expect_that(hold_wait(p, false, &held), "a syncfs() of ENV", "none");
    expect_call(spawn_signal(p, SIGTERM));
    hold_no_more(&held);
    spawn_finish(p);
    expect_that(p->signal == SIGTERM || p->exit_status == 128 + SIGTERM,
                "the build to be ended by the signal",
                keep_format("exit status %d", p->exit_status));
    (void)built(site, DOCKERFILE("RUN true\n"), "-t", "next");
    expect_nothing_left(site);
}

static void killed_in_a_run(void)
{
    const struct site *site = site_new();
    struct program *p = waiting(site, "");

    expect_call(spawn_signal(p, SIGKILL));
    spawn_finish(p);
    (void)spawn_ended(p, 100);
    (void)built(site, DOCKERFILE("RUN echo one >/one\nRUN echo two >/two\n"));
    expect_int("commands that still run", 0, kernel_count("sleep 4711"));
    expect_inside(site, "cat /one /two", "one\ntwo\n");
    expect_tidy(site);
}

/* Killed at each call of a kind: the next build has a whole image. */
static void killed_at(const struct deny *kind)
{
    const struct site *site = site_new();
    static const char text[] = DOCKERFILE("ENV a=1\nCOPY a /a\n"
                                          "RUN echo x >/x\n");
    struct deny call = *kind;
    bool is_held = true;
    int number;

    site_file(site, "a", "a\n");
    for (number = 1; is_held; number++) {
        struct held held;
        struct program *p = spawn_start(&(struct spawn){
            .argv = shared_build(site, ARGV(text, "--no-cache")),
            .prepare = hold_call,
            .prepare_arg = &call});

        for (int i = 0; i < number && is_held; i++) {
            is_held = hold_wait(p, false, &held);
            if (is_held && i + 1 < number)
                hold_answer(&held, 0);
        }
        if (is_held) {
            trial_note("killed at %s number %d", call.name, number);
            expect_call(spawn_signal(p, SIGKILL));
            hold_answer(&held, 0);
        }
        spawn_finish(p);
        if (!is_held) {
            expect_exit(p, 0);
            break;
        }
        (void)built(site, text);
        expect_inside(site, "cat /a /x; echo $a", "a\nx\n1\n");
        expect_tidy(site);
    }
    expect_between(keep_format("calls of %s", call.name), 2, 100, number - 1);
}

static void killed_midway(void)
{
    killed_at(&(struct deny){.number = SYS_linkat, .name = "linkat"});
    killed_at(&(struct deny){.number = SYS_renameat, .name = "renameat"});
}

static void killed_while_it_makes_room(void)
{
    killed_at(&(struct deny){.number = SYS_mkdirat, .name = "mkdirat"});
}

static const struct trial trials[] = {
    {.name = "signals_end_a_build",
     .claim =
         "SIGTERM, SIGINT, SIGHUP and SIGQUIT end a build at once, and its RUN",
     .usual_cause = "the first process of a pid namespace need not listen",
     .reread = "#run_step",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = signals_end_it},
    {.name = "other_signals_do_not",
     .claim = "SIGWINCH does not",
     .usual_cause = "every signal is taken for an end",
     .reread = "#run_step",
     .feature = true,
     .depends = "signals_end_a_build",
     .body = other_signals_do_not},
    {.name = "ended_between_steps",
     .claim = "between two steps such a signal ends it as well",
     .usual_cause = "it is blocked, and nobody looks whether it has come",
     .reread = "#build",
     .feature = true,
     .depends = "signals_end_a_build",
     .body = ended_between_steps},
    {.name = "killed_in_a_run",
     .claim = "what a killed build has left is swept by the next",
     .usual_cause = "its directories stay for ever",
     .reread = "#commit",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = killed_in_a_run},
    {.name = "killed_midway",
     .claim = "a build may be killed at any link() or rename(): the next "
              "one finds a "
              "whole image, or none",
     .usual_cause = "the record is written before what it speaks of",
     .reread = "#cache",
     .feature = true,
     .depends = "killed_in_a_run",
     .body = killed_midway},
    {.name = "killed_while_it_makes_room",
     .claim = "or at any mkdir()",
     .usual_cause = "a directory that is there is taken for a complete one",
     .reread = "#cache",
     .feature = true,
     .depends = "killed_in_a_run",
     .body = killed_while_it_makes_room},
};

const struct chapter chapter_killed = {"Killed", TRIALS(trials)};
