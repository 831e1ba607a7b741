/*
 * Chapter: update, and exec where it can't be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static const struct knob memory = {"memory", "memory.limit_in_bytes",
                                   "memory.max"};
static const struct knob pids = {"pids", "pids.max", "pids.max"};
static const struct knob shares = {"cpu", "cpu.shares", "cpu.weight"};
static const struct knob cpus = {"cpuset", "cpuset.cpus", "cpuset.cpus"};

/* Each of the limits that this chapter changes, as the kernel has them. */
static char *kernel_limits(const char *name)
{
    pid_t pid = init_of(name);

    return keep_format("%s %s %s", knob_read(pid, &memory),
                       knob_read(pid, &pids), knob_read(pid, &shares));
}

static char *written_limits(const char *name)
{
    return told(name, "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} "
                      "{{.HostConfig.CpuShares}} "
                      "{{.HostConfig.RestartPolicy.Name}}");
}

static const char *shares_text(long long value)
{
    return keep_format(
        "%lld", knob_is_v1(&shares) ? value : 1 + (value - 2) * 9999 / 262142);
}

static void runs(void)
{
    (void)detached("one1", "-m", "64m", "--pids-limit", "50", "bb", "sleep",
                   "4711");
    expect_str("who was updated", "one1\n",
               ok("update", "-m", "96m", "--memory-swap", "-1", "--pids-limit",
                  "60", "-c", "512", "--restart", "always", "one1"));
    expect_str("the kernel's limits",
               keep_format("100663296 60 %s", shares_text(512)),
               kernel_limits("one1"));
    expect_str("what is written down", "100663296 60 512 always",
               written_limits("one1"));
    expect_contains("events", "update\n",
                    ok("events", "--since", "0", "--until", "0s", "--format",
                       "{{.Action}}"));
    (void)ok("rm", "-f", "one1");
    expect_str("cgroups left", "", cgroups_left());
}

/* One whose cgroup is so far in no hierarchy with that controller. */
static void grows(void)
{
    (void)detached("one1", "bb", "sleep", "4711");
    (void)ok("update", "--cpuset-cpus", "0", "one1");
    expect_str("the kernel's list", "0", knob_read(init_of("one1"), &cpus));
    (void)ok("exec", "one1", "true");
    (void)ok("stop", "-t", "0", "one1");
    expect_str("cgroups left", "", cgroups_left());
}

static void stopped(void)
{
    (void)ok("create", "--network", "none", "--name", "one1", "bb", "sleep",
             "4711");
    (void)ok("create", "--network", "none", "--name", "two2", "bb", "sleep",
             "4711");
    expect_str("who was updated", "one1\ntwo2\n",
               ok("update", "--pids-limit", "70", "one1", "two2"));
    (void)ok("start", "one1");
    expect_str("the kernel's limit", "70", knob_read(init_of("one1"), &pids));
    (void)ok("rm", "-f", "one1", "two2");
}

/* Nothing of what stands beside the mistake is obeyed either. */
static void refused(void)
{
    char *limits, *written;

    (void)detached("one1", "-m", "64m", "--tmpfs", "/t", "bb", "sh", "-c",
                   "head -c 20000000 /dev/zero >/t/x; echo full; sleep 4711");
    logs_become("one1", "full");
    limits = kernel_limits("one1");
    written = written_limits("one1");
    expect_error(duct("update", "-m", "1m", "-c", "512", "one1"), 1,
                 "Minimum memory limit allowed is 6MB");
    if (knob_is_v1(&memory))
        expect_error(duct("update", "-m", "8m", "-c", "512", "--restart",
                          "always", "one1"),
                     1, "Cannot update container", "more is in use than that");
    expect_error(
        duct("update", "-m", "90m", "-c", "512", "--cpuset-mems", "77", "one1"),
        1, "Error response from engine: ");
    expect_error(duct("update", "-c", "512", "--restart", "sometimes", "one1"),
                 1, "invalid restart policy 'sometimes'");
    expect_error(duct("update", "--restart", "always:3", "one1"), 1,
                 "maximum retry count cannot be used with restart policy "
                 "'always'");
    expect_error(duct("update", "one1"), 1,
                 "you must provide one or more flags");
    expect_error(duct("update", "-c", "512", "none1"), 1,
                 "No such container: none1");
    expect_str("the kernel's limits", limits, kernel_limits("one1"));
    expect_str("what is written down", written, written_limits("one1"));
    (void)ok("rm", "-f", "one1");
}

static void obeyed(void)
{
    static const char script[] = "trap 'exit 3' USR1; echo ready; "
                                 "while :; do sleep 0.02; done";

    (void)detached("one1", "bb", "sh", "-c", script);
    (void)ok("update", "--restart", "on-failure:5", "one1");
    logs_become("one1", "ready");
    (void)ok("kill", "-s", "USR1", "one1");
    becomes("one1", "{{.RestartCount}} {{.State.Status}}", "1 running");
    (void)ok("update", "--restart", "no", "one1");
    logs_become("one1", "ready\nready");
    (void)ok("kill", "-s", "USR1", "one1");
    becomes("one1", "{{.RestartCount}} {{.State.Status}}", "1 exited");
    expect_error(run("--restart", "sometimes", "bb", "true"), 125,
                 "invalid restart policy 'sometimes'");
}

static void obeyed_while_waiting(void)
{
    (void)detached("one1", "--restart", "always", "bb", "sh", "-c",
                   "echo try; exit 9");
    logs_become("one1", "try\ntry\ntry\ntry");
    becomes("one1", "{{.State.Status}}", "restarting"); /* for 0.8 s */
    (void)ok("update", "--restart", "no", "one1");
    becomes("one1", "{{.State.Status}}", "exited");
    expect_str("runs after the first", "3", told("one1", "{{.RestartCount}}"));
}

static void exec_refused(void)
{
    const char *id;

    (void)ok("create", "--network", "none", "--name", "one1", "bb", "sleep",
             "4711");
    id = told("one1", "{{.Id}}");
    expect_error(duct("exec", "one1", "true"), 1,
                 keep_format("Error response from engine: Container %s is not "
                             "running\n",
                             id));
    (void)ok("start", "one1");
    (void)ok("pause", "one1");
    expect_error(duct("exec", "one1", "true"), 1,
                 "Error response from engine: Container one1 is paused, "
                 "unpause the container before exec\n");
    (void)ok("unpause", "one1");
    expect_error(duct("exec", "none1", "true"), 1,
                 "Error: No such container: none1\n");
    (void)ok("rm", "-f", "one1");
}

static void exec_score(void)
{
    (void)detached("one1", "--oom-score-adj", "321", "bb", "sleep", "4711");
    expect_str("score of exec", "321\n",
               ok("exec", "one1", "cat", "/proc/self/oom_score_adj"));
    (void)detached("two2", "bb", "sleep", "4711");
    expect_str("score of exec",
               ok("exec", "two2", "cat", "/proc/1/oom_score_adj"),
               spawn_run(&(struct spawn){
                             .argv = ARGV("choom", "-n", "555", "--",
                                          DUCT("exec", "two2", "cat",
                                               "/proc/self/oom_score_adj")[0],
                                          "exec", "two2", "cat",
                                          "/proc/self/oom_score_adj")})
                   ->out);
    (void)ok("rm", "-f", "one1", "two2");
}

static const struct trial trials[] = {
    {.name = "update_running",
     .claim = "update changes the kernel's limits and the record",
     .usual_cause = "only the record is changed",
     .body = runs},
    {.name = "update_grows",
     .claim = "a limit may need another hierarchy, which goes with the rest",
     .usual_cause = "the monitor does not know of the new directory",
     .body = grows},
    {.name = "update_stopped",
     .claim = "a stopped container has the new limits when it runs",
     .usual_cause = "update asks for a cgroup",
     .body = stopped},
    {.name = "update_refused",
     .claim = "an update that is refused changes nothing, and says why",
     .usual_cause = "limits before the wrong one are set already",
     .body = refused},
    {.name = "update_restart_policy",
     .claim = "the monitor of a running container obeys a new policy",
     .usual_cause = "it still has the config that it was started with",
     .body = obeyed},
    {.name = "update_while_restarting",
     .claim = "who waits for its next run is not run any more",
     .usual_cause = "the monitor asks for the policy before it waits",
     .body = obeyed_while_waiting},
    {.name = "exec_refused",
     .claim = "exec in a stopped or paused container is refused as by docker",
     .usual_cause = "it waits for the frozen cgroup",
     .body = exec_refused},
    {.name = "exec_oom_score",
     .claim = "exec goes when memory runs out as the container would",
     .usual_cause = "it keeps the score of the shell that called it",
     .body = exec_score},
};

const struct chapter chapter_changes = {"Changes", TRIALS(trials)};
