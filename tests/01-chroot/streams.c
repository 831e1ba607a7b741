/*
 * Chapter: stdin, stdout and stderr go through untouched.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

enum {
    MUCH = 3 * 1000 * 1000
};

/* All byte values, in no period that a buffer's size could hide. */
static char *many_bytes(void)
{
    char *bytes = keep_zeroed(MUCH);

    for (size_t i = 0; i < MUCH; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    return bytes;
}

static void bytes_pass_through(void)
{
    const char *bytes = many_bytes();
    const struct program *p = spawn_run(&(struct spawn){
        .argv = DUCT("run", rootfs(), "cat"),
        .input = bytes,
        .input_size = MUCH,
    });

    expect_exit(p, 0);
    expect_bytes("stdout of cat", bytes, MUCH, p->out, p->out_size);
    expect_str("stderr", "", p->err);
}

static void out_and_err_are_apart(void)
{
    const struct program *p = duct("run", rootfs(), "sh", "-c",
                                   "echo to out; echo to err >&2; echo out");

    expect_exit(p, 0);
    expect_str("stdout", "to out\nout\n", p->out);
    expect_str("stderr", "to err\n", p->err);
}

static void input_comes_as_typed(void)
{
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "cat"),
        .stdin_is = INPUT_OPEN,
    });

    spawn_type(p, "first\n");
    expect_that(spawn_printed(p, "first\n", SPAWN_SOON_MS),
                "each line comes back as soon as it was given",
                expect_quoted(p->out, p->out_size));
    spawn_end_input(p);
    spawn_finish(p);
    expect_output(p, "first\n");
}

static void closed_stdin_stays_closed(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .stdin_is = INPUT_CLOSED,
    });
    const char *target = kernel_link("%d/fd/0", c->init);

    expect_that(target == NULL, "no descriptor 0 in the container",
                keep_format("one that leads to %s", target));
}

static void close_all(void *arg)
{
    (void)arg;
    (void)close(0);
    (void)close(1);
    (void)close(2);
}

static void all_closed_is_no_trouble(void)
{
    expect_exit(spawn_run(&(struct spawn){
                    .argv = DUCT("run", rootfs(), "sh", "-c", "exit 7"),
                    .prepare = close_all,
                }),
                7);
}

static const struct trial trials[] = {
    {.name = "bytes_pass_through",
     .claim = "3 MB of every byte value go in and come out unchanged",
     .usual_cause = "duct reads its own stdin, or copies text in place of "
                    "bytes; the command simply inherits 0, 1 and 2",
     .reread = "#streams",
     .feature = true,
     .depends = "a_command_runs",
     .body = bytes_pass_through},
    {.name = "out_and_err_are_apart",
     .claim = "stdout and stderr are not mixed, and duct adds nothing",
     .usual_cause = "duct prints a word of its own, or dup2()s one to the "
                    "other",
     .reread = "#streams",
     .feature = true,
     .depends = "a_command_runs",
     .body = out_and_err_are_apart},
    {.name = "input_comes_as_typed",
     .claim = "what is written to stdin arrives at once",
     .usual_cause = "duct copies in blocks and waits for more",
     .reread = "#streams",
     .feature = true,
     .depends = "a_command_runs",
     .body = input_comes_as_typed},
    {.name = "closed_stdin_stays_closed",
     .claim = "a stdin that the caller has closed is closed inside",
     .usual_cause = "a pipe of duct's own got number 0 and went on to the "
                    "command: it needs O_CLOEXEC",
     .reread = "#streams",
     .feature = true,
     .depends = "a_command_runs",
     .body = closed_stdin_stays_closed},
    {.name = "all_closed_is_no_trouble",
     .claim = "with 0, 1 and 2 closed the command runs all the same",
     .usual_cause = "a pipe of duct's own got number 2, where messages go",
     .reread = "#streams",
     .feature = true,
     .depends = "status_is_the_commands",
     .body = all_closed_is_no_trouble},
};

const struct chapter chapter_streams = {"Streams", TRIALS(trials)};
