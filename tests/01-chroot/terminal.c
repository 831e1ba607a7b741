/*
 * Chapter: on a terminal. duct hands its terminal to the command: a shell
 * inside has job control, and what is typed arrives once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "suite.h"

#define CTRL_C         "\x03"
#define CTRL_Z         "\x1a"
#define CTRL_BACKSLASH "\x1c"

static struct program *on_terminal(const char *const *argv)
{
    return spawn_start(&(struct spawn){
        .argv = argv,
        .terminal = true,
        .env = ARGV("PATH=/usr/bin:/bin", "TERM=dumb"),
    });
}

static struct program *shell(void)
{
    struct program *p = on_terminal(DUCT("run", rootfs(), "sh"));

    spawn_type(p, "echo be''gin\n");
    expect_that(spawn_printed(p, "begin", SPAWN_SOON_MS),
                "a shell that answers on the terminal",
                expect_quoted(p->out, p->out_size));
    return p;
}

/* Waits for an answer that the terminal's echo of the question can't be. */
static void shell_answers(struct program *p, const char *token)
{
    spawn_type(p, keep_format("echo \"ans\"wer-%s\n", token));
    expect_that(
        spawn_printed(p, keep_format("answer-%s", token), SPAWN_SOON_MS),
        "the shell still answers", expect_quoted(p->out, p->out_size));
}

static bool is_gone(void *arg)
{
    return !kernel_alive(*(pid_t *)arg);
}

static bool is_stopped(void *arg)
{
    const char *state = kernel_status(*(pid_t *)arg, "State");

    return state != NULL && state[0] == 'T';
}

static bool is_awake(void *arg)
{
    const char *state = kernel_status(*(pid_t *)arg, "State");

    return state != NULL && state[0] == 'S';
}

/* The shell shows its prompt before it takes the terminal back. */
static pid_t foreground(struct program *p)
{
    pid_t group = 0;

    expect_call(ioctl(p->terminal_fd, TIOCGPGRP, &group));
    return group;
}

struct expected_group {
    struct program *p;
    pid_t group;
};

static bool is_foreground(void *arg)
{
    const struct expected_group *e = arg;

    return foreground(e->p) == e->group;
}

static void wait_for_foreground(struct program *p, pid_t group)
{
    struct expected_group e = {p, group};

    expect_soon(is_foreground, &e, SPAWN_SOON_MS,
                keep_format("process group %d in the foreground", group),
                keep_format("process group %d", foreground(p)));
}

static void streams_are_the_terminal(void)
{
    struct program *p = on_terminal(
        DUCT("run", rootfs(), "sh", "-c",
             "test -t 0 && test -t 1 && test -t 2 && echo all of them"));

    spawn_finish(p);
    expect_exit(p, 0);
    expect_str("the terminal", "all of them\r\n", p->out);
}

static void shell_has_job_control(void)
{
    struct program *p = shell();

    expect_lacks("what the shell says", "can't access tty", p->out);
    expect_lacks("what the shell says", "job control turned off", p->out);
    spawn_type(p, "exit 5\n");
    spawn_finish(p);
    expect_exit(p, 5);
}

static void ctrl_c_ends_the_job_only(void)
{
    struct program *p = shell();
    pid_t job;

    spawn_type(p, "/bin/sleep 4713\n");
    job = kernel_find(p->pid, "/bin/sleep 4713");
    wait_for_foreground(p, job);
    spawn_type(p, CTRL_C);
    expect_soon(is_gone, &job, SPAWN_SOON_MS, "^C ends the sleep", "it lives");
    expect_that(!p->ended, "^C leaves duct alone", "it ended");
    shell_answers(p, "1");
    spawn_type(p, CTRL_C);
    shell_answers(p, "2");
}

static void ctrl_z_stops_the_job(void)
{
    struct program *p = shell();
    pid_t job;

    spawn_type(p, "/bin/sleep 4714\n");
    job = kernel_find(p->pid, "/bin/sleep 4714");
    wait_for_foreground(p, job);
    spawn_type(p, CTRL_Z);
    expect_soon(is_stopped, &job, SPAWN_SOON_MS, "^Z stops the sleep",
                "it runs on");
    shell_answers(p, "1");
    spawn_type(p, "fg\n");
    wait_for_foreground(p, job);
    expect_soon(is_awake, &job, SPAWN_SOON_MS, "`fg` wakes the sleep",
                "it is still stopped");
    spawn_type(p, CTRL_C);
    expect_soon(is_gone, &job, SPAWN_SOON_MS, "^C ends the sleep", "it lives");
    shell_answers(p, "2");
}

static void jobs_in_the_background(void)
{
    struct program *p = shell();
    pid_t job;

    spawn_type(p, "/bin/sleep 4715 &\n");
    job = kernel_find(p->pid, "/bin/sleep 4715");
    shell_answers(p, "1");
    spawn_type(p, CTRL_C);
    shell_answers(p, "2");
    expect_that(kernel_alive(job), "^C spares a job in the background",
                "it ended");
    spawn_type(p, "fg\n");
    wait_for_foreground(p, job);
    spawn_type(p, CTRL_C);
    expect_soon(is_gone, &job, SPAWN_SOON_MS, "^C ends the sleep", "it lives");
    shell_answers(p, "3");
}

static void expect_once(struct program *p, int number, const char *what)
{
    const char *line = keep_format("signal %d.", number);
    const char *first;

    expect_that(spawn_printed(p, line, SPAWN_SOON_MS),
                keep_format("%s arrives in the container", what),
                expect_quoted(p->out, p->out_size));
    spawn_sleep_ms(60);
    first = strstr(p->out, line);
    expect_that(strstr(first + 1, line) == NULL,
                keep_format("%s arrives once", what),
                "it arrives twice: from the terminal and from duct");
}

static void what_is_typed_arrives_once(void)
{
    struct winsize size = {.ws_row = 50, .ws_col = 132};
    struct program *p =
        on_terminal(DUCT("run", rootfs(), "/inside/probe", "signals"));

    expect_that(spawn_printed(p, "ready", SPAWN_SOON_MS), "the command runs",
                expect_quoted(p->out, p->out_size));
    spawn_type(p, CTRL_C);
    expect_once(p, SIGINT, "^C");
    spawn_type(p, CTRL_BACKSLASH);
    expect_once(p, SIGQUIT, "^\\");
    expect_call(ioctl(p->terminal_fd, TIOCSWINSZ, &size));
    expect_once(p, SIGWINCH, "a new window size");
    expect_that(!p->ended, "duct outlives what is typed", "it ended");
}

static void what_is_sent_still_arrives(void)
{
    struct program *p =
        on_terminal(DUCT("run", rootfs(), "/inside/probe", "signals"));

    expect_that(spawn_printed(p, "ready", SPAWN_SOON_MS), "the command runs",
                expect_quoted(p->out, p->out_size));
    expect_call(spawn_signal(p, SIGINT));
    expect_once(p, SIGINT, "SIGINT, sent by kill(2),");
}

/* A script runs duct; the shell inside takes the terminal and is killed. */
static void terminal_is_given_back(void)
{
    struct program *p =
        on_terminal(ARGV("sh", "-c",
                         "\"$@\"; echo \"status-$?\"; read line; "
                         "echo \"got $line\"",
                         "sh", duct_path(), "run", rootfs(), "sh"));
    pid_t caller = p->pid, duct_pid, init;

    spawn_type(p, "echo be''gin\n");
    expect_that(spawn_printed(p, "begin", SPAWN_SOON_MS),
                "a shell that answers on the terminal",
                expect_quoted(p->out, p->out_size));
    duct_pid = kernel_children(caller)[0];
    init = kernel_children(duct_pid)[0];
    wait_for_foreground(p, init);
    expect_call(kill(init, SIGKILL));
    expect_that(spawn_printed(p, "status-137", SPAWN_SOON_MS),
                "duct ends with 137", expect_quoted(p->out, p->out_size));
    wait_for_foreground(p, caller);
    spawn_type(p, "a line\n");
    expect_that(spawn_printed(p, "got a line", SPAWN_SOON_MS),
                "duct's caller reads from its terminal again",
                expect_quoted(p->out, p->out_size));
}

/* A shell runs duct in the background, and something else in front. */
static void background_leaves_the_terminal(void)
{
    struct program *p = on_terminal(ARGV("sh", "-i"));
    pid_t front, sleeper;

    spawn_type(p,
               keep_format("%s run %s sleep 4717 &\n", duct_path(), rootfs()));
    sleeper = kernel_find(p->pid, "sleep 4717");
    spawn_type(p, "sleep 4718\n");
    front = kernel_find(p->pid, "sleep 4718");
    wait_for_foreground(p, front);
    expect_call(kill(sleeper, SIGKILL));
    expect_soon(is_gone, &sleeper, SPAWN_SOON_MS, "the container ends",
                "it lives");
    spawn_sleep_ms(50);
    expect_int("process group in the foreground", front, foreground(p));
}

static const struct trial trials[] = {
    {.name = "streams_are_the_terminal",
     .claim = "on a terminal, 0, 1 and 2 are that terminal",
     .usual_cause = "duct puts pipes between",
     .reread = "#terminal",
     .feature = true,
     .depends = "a_command_runs",
     .body = streams_are_the_terminal},
    {.name = "shell_has_job_control",
     .claim = "a shell inside controls its jobs, and says nothing else",
     .usual_cause = "setsid() takes the terminal from the command",
     .reread = "#terminal",
     .feature = true,
     .depends = "streams_are_the_terminal",
     .body = shell_has_job_control},
    {.name = "ctrl_c_ends_the_job_only",
     .claim = "^C ends the job in the foreground, not the shell, not duct",
     .usual_cause = "duct passes a signal on that the terminal sent already, "
                    "or takes it for its own end",
     .reread = "#terminal",
     .feature = true,
     .depends = "shell_has_job_control",
     .body = ctrl_c_ends_the_job_only},
    {.name = "ctrl_z_stops_the_job",
     .claim = "^Z stops the job in the foreground, fg goes on with it",
     .usual_cause = "SIGTSTP is blocked or ignored in the command",
     .reread = "#terminal",
     .feature = true,
     .depends = "shell_has_job_control",
     .body = ctrl_z_stops_the_job},
    {.name = "jobs_in_the_background",
     .claim = "a job in the background is spared by ^C until fg",
     .usual_cause = "no job control",
     .reread = "#terminal",
     .feature = true,
     .depends = "shell_has_job_control",
     .body = jobs_in_the_background},
    {.name = "what_is_typed_arrives_once",
     .claim = "^C, ^\\ and a new window size arrive inside once",
     .usual_cause = "the terminal signals the whole group, the command too; "
                    "what has si_code SI_KERNEL must not be passed on",
     .reread = "#terminal",
     .feature = true,
     .depends = "each_signal_arrives",
     .body = what_is_typed_arrives_once},
    {.name = "what_is_sent_still_arrives",
     .claim = "on a terminal, signals sent to duct by kill(2) are passed on",
     .usual_cause = "duct passes nothing on once it has a terminal",
     .reread = "#terminal",
     .feature = true,
     .depends = "each_signal_arrives",
     .body = what_is_sent_still_arrives},
    {.name = "background_leaves_the_terminal",
     .claim = "duct in the background leaves the terminal to whoever has it",
     .usual_cause = "tcsetpgrp() is called without a look whether the "
                    "foreground group is still alive",
     .reread = "#terminal",
     .feature = true,
     .depends = "shell_has_job_control",
     .body = background_leaves_the_terminal},
    {.name = "terminal_is_given_back",
     .claim = "when a shell inside was killed, duct's caller has the "
              "terminal again",
     .usual_cause = "a shell made itself the foreground group and is gone: "
                    "tcsetpgrp() back, with SIGTTOU ignored",
     .reread = "#terminal",
     .feature = true,
     .depends = "shell_has_job_control",
     .body = terminal_is_given_back},
};

const struct chapter chapter_terminal = {"Terminal", TRIALS(trials)};
