/*
 * Chapter: the full disk, and a reboot.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* ---------------------------------------------------------- the full disk */

/* A data root so small that it can be filled. */
#define TINY(...)                                                              \
    DUCT("--data-root", scratch_path("tiny"), "--run-root",                    \
         scratch_path("tiny-run"), __VA_ARGS__)
#define tiny(...)    spawn_run(&(struct spawn){.argv = TINY(__VA_ARGS__)})
#define tiny_ok(...) shared_out(__FILE__, __LINE__, tiny(__VA_ARGS__))

static void make_tiny(void)
{
    expect_call(mkdir(scratch_path("tiny"), 0700));
    expect_call(
        mount("tiny", scratch_path("tiny"), "tmpfs", 0, "size=16m,mode=700"));
    (void)tiny("import", scratch_path("bb.tar"), "bb:latest");
    (void)tiny_ok("run", "--rm", "--network", "none", "bb", "true");
}

/* To the last byte. */
static void fill(void)
{
    static const char zeroes[4096];
    const char *path = scratch_path("tiny/fill");
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    expect_call(fd);
    while (write(fd, zeroes, sizeof(zeroes)) > 0)
        ;
    expect_call(close(fd));
}

static char *tiny_told(const char *container, const char *format)
{
    char *out = tiny_ok("inspect", "--format", format, container);

    out[strcspn(out, "\n")] = '\0';
    return out;
}

static char *tiny_files(void)
{
    return spawn_run(&(struct spawn){
                         .argv = ARGV("sh", "-c",
                                      "find \"$0\" ! -path '*/events/*' | sort",
                                      scratch_path("tiny")),
                         .aside = true})
        ->out;
}

static void full_at_create(void)
{
    const char *before = tiny_files();

    expect_error(tiny("create", "--name", "new", "bb", "true"), 1,
                 "No space left on device");
    expect_str("the data root", before, tiny_files());
}

static void full_at_start(void)
{
    expect_error(tiny("start", "made"), 1, "No space left on device");
    expect_str("its state", "created", tiny_told("made", "{{.State.Status}}"));
}

/* It goes on, and how it ends is known: the state has its place already. */
static void full_at_end(void)
{
    (void)tiny_ok("stop", "talker");
    expect_str("its state", "exited 7",
               tiny_told("talker", "{{.State.Status}} {{.State.ExitCode}}"));
}

static bool has_talked(void *arg)
{
    (void)arg;
    return tiny("logs", "talker")->out_size > 100;
}

static void disk_full(void)
{
    make_tiny();
    (void)tiny_ok("create", "--name", "made", "--network", "none", "bb",
                  "true");
    (void)tiny_ok("run", "-d", "--name", "talker", "--network", "none", "bb",
                  "sh", "-c",
                  "trap 'exit 7' TERM; while :; do echo line; usleep 1000; "
                  "done");
    expect_soon(has_talked, NULL, SPAWN_SOON_MS, "a log", "none");
    fill();
    full_at_create();
    full_at_start();
    expect_str("its state", "running",
               tiny_told("talker", "{{.State.Status}}"));
    full_at_end();
    (void)tiny_ok("rm", "talker", "made");
    expect_call(unlink(scratch_path("tiny/fill")));
    expect_output(tiny("run", "--rm", "--network", "none", "bb", "echo", "hi"),
                  "hi\n");
    expect_str("what is left", "", tiny_ok("ps", "-aq"));
    expect_call(umount(scratch_path("tiny")));
}

/* ----------------------------------------------------------------- reboot */

static void end_as_the_machine_does(const char *name)
{
    pid_t init = init_of(name);
    pid_t monitor = (pid_t)strtol(kernel_status(init, "PPid"), NULL, 10);

    expect_call(kill(monitor, SIGKILL));
    expect_call(kill(init, SIGKILL));
}

static bool no_sleeper(void *arg)
{
    (void)arg;
    return kernel_count("sleep 4711") == 0;
}

static void rebooted(void)
{
    static const char *const names[] = {"plain", "always", "passing"};

    (void)detached("plain", "bb", "sleep", "4711");
    (void)detached("always", "--restart", "always", "bb", "sleep", "4711");
    (void)detached("passing", "--rm", "bb", "sleep", "4711");
    for (size_t i = 0; i < 3; i++)
        end_as_the_machine_does(names[i]);
    expect_soon(no_sleeper, NULL, SPAWN_SOON_MS, "no process", "one");
    cgroups_sweep();
    expect_exit(spawn_run(&(struct spawn){.argv = ARGV("rm", "-rf", RUN_ROOT),
                                          .aside = true}),
                0);
    expect_str("ps -a", "always exited\nplain exited\n",
               ok("ps", "-a", "--format", "{{.Names}} {{.State}}"));
    expect_str("its state", "exited 255 0",
               told("always", "{{.State.Status}} {{.State.ExitCode}} "
                              "{{.State.Pid}}"));
    (void)ok("start", "always", "plain");
    (void)ok("rm", "-f", "always", "plain");
    expect_str("names", "", ok("ps", "-aq"));
}

static const struct trial trials[] = {
    {.name = "disk_full",
     .claim = "on a full disk create and start say so, what runs goes on, and "
              "stop and rm work",
     .usual_cause = "what is half written stays, or there is no way out",
     .body = disk_full},
    {.name = "rebooted",
     .claim = "after a reboot all containers have ended, with 255, and start",
     .usual_cause = "the state on disk is believed",
     .body = rebooted},
};

const struct chapter chapter_hardship = {"Hardship", TRIALS(trials)};
