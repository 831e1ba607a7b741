/*
 * Chapter: a container's life, from create to rm.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static void logs(void)
{
    const struct program *p;

    (void)detached("one1", "bb", "sh", "-c",
                   "echo out; sleep 0.1; echo err >&2; echo last");
    expect_str("status", "0\n", ok("wait", "one1"));
    p = duct("logs", "one1");
    expect_str("stdout of the log", "out\nlast\n", p->out);
    expect_str("stderr of the log", "err\n", p->err);
    expect_output(duct("logs", "--tail", "1", "one1"), "last\n");
}

static void logs_follow(void)
{
    struct program *p;

    (void)detached("one1", "bb", "sh", "-c", "echo a; sleep 0.5; echo b");
    p = duct_start("logs", "-f", "one1");
    expect_that(spawn_ended(p, SPAWN_SOON_MS), "logs -f to end",
                "it still runs after the container");
    spawn_finish(p);
    expect_output(p, "a\nb\n");
}

static void stop_asks(void)
{
    (void)detached("polite", "bb", "sh", "-c",
                   "trap 'echo bye; exit 3' TERM; echo ready; "
                   "while :; do sleep 0.1; done");
    logs_become("polite", "ready");
    expect_str("who was stopped", "polite\n", ok("stop", "polite"));
    expect_str("exit code", "3", told("polite", "{{.State.ExitCode}}"));
    expect_str("its last words", "ready\nbye\n", ok("logs", "polite"));
}

static void stop_kills(void)
{
    long long began;

    (void)detached("deaf", "bb", "sh", "-c",
                   "trap '' TERM; echo ready; while :; do sleep 0.1; done");
    logs_become("deaf", "ready");
    began = spawn_now_ms();
    (void)ok("stop", "-t", "1", "deaf");
    expect_between("milliseconds", 900, 4000, (double)(spawn_now_ms() - began));
    expect_str("exit code", "137", told("deaf", "{{.State.ExitCode}}"));
}

static void kill_sends(void)
{
    (void)detached("one1", "bb", "sh", "-c",
                   "trap 'echo usr1' USR1; echo ready; "
                   "while :; do sleep 0.1; done");
    logs_become("one1", "ready");
    expect_str("who was signalled", "one1\n", ok("kill", "-s", "USR1", "one1"));
    logs_become("one1", "usr1");
    expect_str("state", "true", told("one1", "{{.State.Running}}"));
    (void)ok("rm", "-f", "one1");
}

/* It counts as fast as it can: its log tells whether time passes inside. */
static size_t counted(const char *name)
{
    return strlen(ok("logs", name));
}

static void pause_freezes(void)
{
    size_t at;

    (void)detached("one1", "bb", "sh", "-c",
                   "while :; do echo .; sleep 0.02; done");
    logs_become("one1", ".\n.\n");
    expect_str("who was paused", "one1\n", ok("pause", "one1"));
    expect_str("state", "paused", told("one1", "{{.State.Status}}"));
    spawn_sleep_ms(100);
    at = counted("one1");
    spawn_sleep_ms(200);
    expect_int("what it logged while paused", (long long)at,
               (long long)counted("one1"));
    (void)ok("unpause", "one1");
    spawn_sleep_ms(300);
    expect_that(counted("one1") > at, "more in the log", "no more");
    (void)ok("rm", "-f", "one1");
}

static void renamed(void)
{
    (void)ok("create", "--name", "old1", "bb", "true");
    (void)ok("create", "--name", "third", "bb", "true");
    (void)ok("rename", "old1", "new1");
    expect_str("name", "/new1", told("new1", "{{.Name}}"));
    expect_error(duct("inspect", "old1"), 1, "No such object: old1");
    expect_error(duct("rename", "new1", "third"), 1, "\"/third\"",
                 "is already in use by container");
    expect_contains("stderr", "\"/new1\" is already in use by container",
                    duct("create", "--name", "new1", "bb", "true")->err);
}

static void removal(void)
{
    (void)detached("one1", "bb", "sleep", "4711");
    expect_error(
        duct("rm", "one1"), 1, "cannot remove a running container",
        "Stop the container before attempting removal or force remove");
    expect_str("state", "true", told("one1", "{{.State.Running}}"));
    expect_str("who was removed", "one1\n", ok("rm", "-f", "one1"));
    expect_error(duct("rm", "one1"), 1, "No such container: one1");
    expect_int("processes", 0, kernel_count("sleep 4711"));
}

static void pruning(void)
{
    (void)detached("stays", "bb", "sleep", "4712");
    expect_exit(duct("run", "--network", "none", "--name", "goes", "bb", "dd",
                     "if=/dev/zero", "of=/x", "bs=1000", "count=2500"),
                0);
    expect_contains("what was reclaimed", "Total reclaimed space: 2.5MB",
                    ok("container", "prune", "-f"));
    expect_str("who is left", "stays\n",
               ok("ps", "-a", "--format", "{{.Names}}"));
    expect_str("what is reclaimed of nothing", "Total reclaimed space: 0B\n",
               ok("container", "prune", "-f"));
    (void)ok("rm", "-f", "stays");
}

/* Nobody says yes, and then --force does. */
static void pruning_all(void)
{
    const char *told_first;

    (void)detached("stays", "bb", "sleep", "4712");
    (void)ok("run", "--network", "none", "--name", "goes", "-v", "/v", "bb",
             "true");
    (void)ok("network", "create", "net1");
    (void)ok("volume", "create", "named");
    told_first = ok("system", "prune", "--volumes");
    expect_contains("the question", "  - all stopped containers\n", told_first);
    expect_contains("the question", "  - all anonymous volumes", told_first);
    expect_contains("who is there still", "goes",
                    ok("ps", "-a", "--format", "{{.Names}}"));
    told_first = ok("system", "prune", "--force", "--volumes");
    expect_contains("what went", "Deleted Containers:\n", told_first);
    expect_contains("what went", "Deleted Networks:\nnet1\n", told_first);
    expect_contains("what went", "Deleted Volumes:\n", told_first);
    expect_lacks("what went", "named", told_first);
    expect_contains("what went", "Total reclaimed space: ", told_first);
    expect_str("who is left", "stays\n",
               ok("ps", "-a", "--format", "{{.Names}}"));
    expect_str("volumes", "named\n", ok("volume", "ls", "-q"));
    (void)ok("rm", "-f", "stays");
    (void)ok("volume", "rm", "named");
}

static void create_start_attach(void)
{
    struct program *p;

    (void)ok("create", "-i", "--network", "none", "--name", "one1", "bb",
             "cat");
    expect_str("state", "created", told("one1", "{{.State.Status}}"));
    p = spawn_run(&(struct spawn){.argv = DUCT("start", "-a", "-i", "one1"),
                                  .input = "to and fro\n",
                                  .input_size = 11});
    expect_output(p, "to and fro\n");
    expect_str("state", "exited", told("one1", "{{.State.Status}}"));
}

static void attaching(void)
{
    struct program *p;

    (void)detached("one1", "bb", "sh", "-c",
                   "trap 'echo here; exit 5' USR1; echo ready; "
                   "while :; do sleep 0.1; done");
    logs_become("one1", "ready");
    p = duct_start("attach", "one1");
    spawn_sleep_ms(300);
    (void)ok("kill", "-s", "USR1", "one1");
    spawn_finish(p);
    expect_exit(p, 5);
    expect_str("what came while attached", "here\n", p->out);
}

static void restarts(void)
{
    (void)detached("one1", "--restart", "on-failure:2", "bb", "sh", "-c",
                   "echo try; exit 9");
    becomes("one1", "{{.RestartCount}} {{.State.Status}}", "2 exited");
    expect_str("the log", "try\ntry\ntry\n", ok("logs", "one1"));
    expect_str("exit code", "9", told("one1", "{{.State.ExitCode}}"));
}

static const struct trial trials[] = {
    {.name = "logs",
     .claim = "what a detached container says is kept, stream by stream",
     .usual_cause = "both streams are logged as one",
     .body = logs},
    {.name = "logs_follow",
     .claim = "logs -f tells all and ends with the container",
     .usual_cause = "the follower waits for a file that nobody writes",
     .body = logs_follow},
    {.name = "stop_asks_first",
     .claim = "stop sends SIGTERM and keeps the container's own exit code",
     .usual_cause = "SIGKILL comes first",
     .body = stop_asks},
    {.name = "stop_kills_then",
     .claim = "who ignores SIGTERM is killed after -t seconds",
     .usual_cause = "-t counts from another moment, or not at all",
     .body = stop_kills},
    {.name = "kill_sends_any_signal",
     .claim = "kill -s sends the named signal and no other",
     .usual_cause = "the name is not parsed",
     .body = kill_sends},
    {.name = "pause_freezes",
     .claim = "a paused container does nothing until unpaused",
     .usual_cause = "only the state's text changes, not the cgroup",
     .body = pause_freezes},
    {.name = "rename_takes_the_name",
     .claim = "after rename only the new name is known; taken ones are refused",
     .usual_cause = "the old link stays",
     .body = renamed},
    {.name = "rm_refuses_who_runs",
     .claim = "rm refuses a running container, rm -f kills it",
     .usual_cause = "the state is not looked at before removing",
     .body = removal},
    {.name = "prune",
     .claim = "prune removes what does not run, and tells how much that was",
     .usual_cause = "what the container has written is not added up",
     .body = pruning},
    {.name = "system_prune",
     .claim =
         "system prune removes what no running container needs, if told to",
     .usual_cause = "networks go before the containers that are in them",
     .body = pruning_all},
    {.name = "create_start_attach",
     .claim = "a created container starts later, with stdin",
     .usual_cause = "stdin is opened at create only",
     .body = create_start_attach},
    {.name = "attach_and_exit_code",
     .claim = "attach shows what is said from then on, ends with its status",
     .usual_cause = "the end is told without the status",
     .body = attaching},
    {.name = "restart_on_failure",
     .claim = "on-failure:2 tries twice more, and counts",
     .usual_cause = "the count is reset by each start",
     .body = restarts},
};

const struct chapter chapter_life = {"A container's life", TRIALS(trials)};
