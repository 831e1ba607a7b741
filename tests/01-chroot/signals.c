/*
 * Chapter: signals that are sent to duct reach its command, once.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static const struct {
    int number;
    const char *name;
} passed_on[] = {
    {SIGINT, "INT"},     {SIGTERM, "TERM"}, {SIGHUP, "HUP"},
    {SIGQUIT, "QUIT"},   {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"},
    {SIGWINCH, "WINCH"},
};

enum {
    PASSED_ON = sizeof(passed_on) / sizeof(passed_on[0])
};

static int count_of(const char *part, const char *whole)
{
    int count = 0;

    while ((whole = strstr(whole, part)) != NULL) {
        count++;
        whole += strlen(part);
    }
    return count;
}

static void each_signal_arrives(void)
{
    struct program *p = duct_start("run", rootfs(), "/inside/probe", "signals");

    expect_that(spawn_printed(p, "ready", SPAWN_SOON_MS), "the command runs",
                expect_quoted(p->err, p->err_size));
    for (int i = 0; i < PASSED_ON; i++) {
        expect_call(spawn_signal(p, passed_on[i].number));
        expect_that(
            spawn_printed(p, keep_format("signal %d.", passed_on[i].number),
                          SPAWN_SOON_MS),
            keep_format("SIG%s arrives in the container", passed_on[i].name),
            expect_quoted(p->out, p->out_size));
    }
    for (int i = 0; i < PASSED_ON; i++)
        expect_int(
            keep_format("times that SIG%s arrived", passed_on[i].name), 1,
            count_of(keep_format("signal %d.", passed_on[i].number), p->out));
}

static void a_trap_can_answer(void)
{
    struct program *p = duct_start("run", rootfs(), "sh", "-c",
                                   "trap 'echo caught; exit 3' TERM; "
                                   "echo ready; "
                                   "while :; do sleep 0.1; done");

    expect_that(spawn_printed(p, "ready", SPAWN_SOON_MS), "the command runs",
                expect_quoted(p->err, p->err_size));
    expect_call(spawn_signal(p, SIGTERM));
    expect_that(spawn_printed(p, "caught", SPAWN_SOON_MS),
                "the shell's trap for TERM runs", "it does not");
    expect_that(spawn_ended(p, SPAWN_SOON_MS), "duct ends with its command",
                "it does not");
    expect_exit(p, 3);
}

static void duct_outlives_them(void)
{
    struct container *c = container(rootfs(), "/inside/probe", "signals");

    expect_that(spawn_printed(c->duct, "ready", SPAWN_SOON_MS),
                "the command runs", "it does not");
    for (int i = 0; i < PASSED_ON; i++)
        expect_call(spawn_signal(c->duct, passed_on[i].number));
    spawn_sleep_ms(50);
    expect_that(!c->duct->ended, "duct waits for its command",
                keep_format("it ended: status %d, signal %d",
                            c->duct->exit_status, c->duct->signal));
}

static void term_ends_a_plain_command(void)
{
    struct container *c = container(rootfs(), "sleep", "4711");

    expect_call(spawn_signal(c->duct, SIGTERM));
    expect_that(spawn_ended(c->duct, SPAWN_SOON_MS),
                "SIGTERM ends the command, and so duct", "it does not");
    expect_exit(c->duct, 128 + SIGTERM);
}

/* As a careless caller leaves them: some ignored, all blocked. */
static void spoil_signals(void *arg)
{
    sigset_t all;

    (void)arg;
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_IGN);
    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
}

static void signals_start_afresh(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .prepare = spoil_signals,
    });

    expect_hex("SigBlk, the command's blocked signals", 0,
               kernel_status_hex(c->init, "SigBlk"));
    /* 32 and 33 are glibc's own: its signal(2) doesn't touch them, and its
     * posix_spawn(3), which make uses, leaves them ignored for good. */
    expect_hex("SigIgn, the command's ignored signals", 0,
               kernel_status_hex(c->init, "SigIgn") & ~(3ULL << 31));
}

static void status_comes_all_the_same(void)
{
    expect_exit(spawn_run(&(struct spawn){
                    .argv = DUCT("run", rootfs(), "sh", "-c", "exit 7"),
                    .prepare = spoil_signals,
                    .timeout_ms = 4000,
                }),
                7);
}

static const struct trial trials[] = {
    {.name = "each_signal_arrives",
     .claim = "INT TERM HUP QUIT USR1 USR2 WINCH, sent to duct, arrive in "
              "the container once each",
     .usual_cause = "duct dies of the signal, or waits in waitpid() with no "
                    "handler that would pass it on with kill()",
     .reread = "#signals",
     .feature = true,
     .depends = "a_command_runs",
     .body = each_signal_arrives},
    {.name = "a_trap_can_answer",
     .claim = "a shell's trap for TERM runs and chooses the exit status",
     .usual_cause = "duct ends at the signal and does not wait",
     .reread = "#signals",
     .feature = true,
     .depends = "each_signal_arrives",
     .body = a_trap_can_answer},
    {.name = "duct_outlives_them",
     .claim = "duct lives as long as its command, whatever it is sent",
     .usual_cause = "a signal that is neither blocked nor handled ends duct",
     .reread = "#signals",
     .feature = true,
     .depends = "each_signal_arrives",
     .body = duct_outlives_them},
    {.name = "term_ends_a_plain_command",
     .claim = "SIGTERM sent to duct ends a command that does not catch it",
     .usual_cause = "the child inherited duct's blocked signals",
     .reread = "#signals",
     .feature = true,
     .only_here = true, /* pid 1 is spared what it does not catch */
     .depends = "each_signal_arrives",
     .body = term_ends_a_plain_command},
    {.name = "signals_start_afresh",
     .claim = "no signal is blocked or ignored in the command",
     .usual_cause = "mask and ignored signals outlive execve(): reset both "
                    "in the child",
     .reread = "#signals",
     .feature = true,
     .depends = "a_command_runs",
     .body = signals_start_afresh},
    {.name = "status_comes_all_the_same",
     .claim = "duct works although its caller ignores and blocks everything",
     .usual_cause = "SIGCHLD is awaited but ignored, or blocked by the caller",
     .reread = "#signals",
     .feature = true,
     .depends = "ignored_sigchld_is_no_hang",
     .body = status_comes_all_the_same},
};

const struct chapter chapter_signals = {"Signals", TRIALS(trials)};
