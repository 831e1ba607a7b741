/*
 * Chapter: run in the foreground.
 */
#include <string.h>

#include "suite.h"

static void exit_codes(void)
{
    expect_output(run("--rm", "bb", "echo", "hi"), "hi\n");
    expect_exit(run("--rm", "bb", "sh", "-c", "exit 7"), 7);
}

static void refusals(void)
{
    expect_error(run("--rm", "bb", "/etc/passwd"), 126,
                 "/etc/passwd: Permission denied");
    expect_error(run("--rm", "bb", "nosuch"), 127,
                 "executable file not found in $PATH");
    expect_error(run("--rm", "--memory", "x", "bb", "true"), 125,
                 "invalid size: 'x'");
    expect_error(run("--nosuch", "bb", "true"), 125, "unknown flag: --nosuch");
    expect_error(run("--rm", "no/such", "true"), 125, "no/such");
    expect_str("what is left", "", ok("ps", "-aq"));
}

static void killed(void)
{
    struct program *p = run_start("--name", "victim", "bb", "sleep", "4711");

    becomes("victim", "{{.State.Running}}", "true");
    (void)ok("kill", "victim");
    spawn_finish(p);
    expect_exit(p, 137);
    expect_str("the state", "exited 137",
               told("victim", "{{.State.Status}} {{.State.ExitCode}}"));
}

static void streams_apart(void)
{
    const struct program *p =
        run("--rm", "bb", "sh", "-c", "echo out; echo err >&2");

    expect_exit(p, 0);
    expect_str("stdout", "out\n", p->out);
    expect_str("stderr", "err\n", p->err);
}

static void binary_input(void)
{
    enum {
        SIZE = 1 << 20
    };
    char *bytes = keep_zeroed(SIZE);
    const struct program *p;

    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i ^ (i >> 8) ^ (i >> 16));
    p = spawn_run(&(struct spawn){
        .argv = RUN_ARGV("--rm", "-i", "bb", "cat"),
        .input = bytes,
        .input_size = SIZE,
    });
    expect_exit(p, 0);
    expect_bytes("what came back", bytes, SIZE, p->out, p->out_size);
}

static void no_input(void)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = RUN_ARGV("--rm", "bb", "cat"), .input = "x", .input_size = 1});

    expect_output(p, "");
}

static void leaves_nothing(void)
{
    const char *before;

    (void)sh("true");
    before = state_left();
    expect_exit(run("--rm", "-v", "/anonymous", "bb", "touch", "/file"), 0);
    expect_exit(run("--rm", "bb", "nosuch"), 127);
    expect_str("what is left", before, state_left());
}

static const struct trial trials[] = {
    {.name = "exit_codes",
     .claim = "duct ends with the status of the command",
     .usual_cause = "the monitor's status is passed on in place of it",
     .body = exit_codes},
    {.name = "refusals",
     .claim = "125, 126 and 127 tell who refused, with docker's words",
     .usual_cause = "the errno of execve(2) is lost on its way to duct",
     .body = refusals},
    {.name = "killed_is_137",
     .claim = "a killed container gives 128 and the signal's number",
     .usual_cause = "WTERMSIG() is passed on without the 128",
     .body = killed},
    {.name = "streams_apart",
     .claim = "stdout and stderr stay two",
     .usual_cause = "the frames of both are written to one descriptor",
     .body = streams_apart},
    {.name = "binary_input",
     .claim = "a megabyte of all byte values goes in and comes out unchanged",
     .usual_cause = "a short write(2), or text functions on bytes",
     .body = binary_input},
    {.name = "no_input",
     .claim = "without -i the command reads nothing",
     .usual_cause = "duct's own stdin is inherited",
     .body = no_input},
    {.name = "rm_leaves_nothing",
     .claim = "run --rm leaves no file, volume or control group",
     .usual_cause = "a way out that forgets one of them",
     .body = leaves_nothing},
};

const struct chapter chapter_foreground = {"In the foreground", TRIALS(trials)};
