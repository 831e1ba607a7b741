/*
 * Chapter: what ps, inspect and events tell.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

static void events_in_order(void)
{
    expect_exit(run("--rm", "--name", "one1", "bb", "sh", "-c", "exit 3"), 3);
    expect_str("events of a run --rm",
               "container create one1\ncontainer attach one1\n"
               "container start one1\ncontainer die one1\n"
               "container destroy one1\n",
               ok("events", "--since", "0", "--until", "0s", "--filter",
                  "type=container", "--format",
                  "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}"));
    expect_str("exit code", "3\n",
               ok("events", "--since", "0", "--until", "0s", "--filter",
                  "event=die", "--format", "{{.Actor.Attributes.exitCode}}"));
}

static void ps_filters(void)
{
    (void)ok("create", "--name", "made", "--label", "a=b", "bb", "true");
    expect_exit(run("--name", "done", "bb", "sh", "-c", "exit 3"), 3);
    (void)detached("busy", "--label", "a=c", "bb", "sleep", "4711");
    expect_str("ps", "busy\n", ok("ps", "--format", "{{.Names}}"));
    expect_str("ps -a", "busy\ndone\nmade\n",
               ok("ps", "-a", "--format", "{{.Names}}"));
    expect_str("status=exited", "done\n",
               ok("ps", "-a", "-f", "status=exited", "--format", "{{.Names}}"));
    expect_str("exited=3", "done\n",
               ok("ps", "-a", "-f", "exited=3", "--format", "{{.Names}}"));
    expect_str("label=a", "busy\nmade\n",
               ok("ps", "-a", "-f", "label=a", "--format", "{{.Names}}"));
    expect_str("label=a=b", "made\n",
               ok("ps", "-a", "-f", "label=a=b", "--format", "{{.Names}}"));
    expect_str("name=on", "done\n",
               ok("ps", "-a", "-f", "name=on", "--format", "{{.Names}}"));
    expect_str("-n 1", "busy\n", ok("ps", "-n", "1", "--format", "{{.Names}}"));
    (void)ok("rm", "-f", "busy", "made", "done");
}

static void ps_columns(void)
{
    const char *id, *text;

    (void)ok("create", "--name", "made", "bb", "sleep", "a b");
    id = told("made", "{{.Id}}");
    text = ok("ps", "-a");
    expect_contains("ps -a", "CONTAINER ID   IMAGE     COMMAND", text);
    for (size_t i = 0; i < 4; i++)
        expect_contains(
            "ps -a", ARGV("CREATED ", "STATUS ", "PORTS ", "NAMES\n")[i], text);
    expect_contains("ps -a",
                    keep_format("\n%.12s   bb        \"sleep 'a b'\"   ", id),
                    text);
    expect_contains("ps -a", "   Created   ", text);
    expect_str("ps -aq", keep_format("%.12s\n", id), ok("ps", "-aq"));
    expect_str("ps -aq --no-trunc", keep_format("%s\n", id),
               ok("ps", "-aq", "--no-trunc"));
}

static void inspect_shape(void)
{
    static const char *const keys[] = {
        "Status",          "Running",     "Paused",       "Restarting",
        "OOMKilled",       "Dead",        "Pid",          "ExitCode",
        "Error",           "StartedAt",   "FinishedAt",   "HostConfig",
        "Binds",           "NetworkMode", "PortBindings", "RestartPolicy",
        "AutoRemove",      "CapAdd",      "CapDrop",      "Memory",
        "NanoCpus",        "PidsLimit",   "Privileged",   "ReadonlyRootfs",
        "SecurityOpt",     "ShmSize",     "MaskedPaths",  "ReadonlyPaths",
        "NetworkSettings", "IPAddress",   "Ports",        "Networks",
        "Config",          "Hostname",    "Env",          "Cmd",
        "Image",           "WorkingDir",  "Entrypoint",   "Labels",
        "Mounts",          "GraphDriver", "LogPath",      "RestartCount"};
    const char *text;

    (void)ok("create", "--name", "made", "-m", "64m", "--cpus", "0.5", "-p",
             "8080:80", "-e", "A=1", "--restart", "on-failure:3", "bb", "true");
    text = ok("inspect", "made");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        expect_contains("inspect", keep_format("\"%s\": ", keys[i]), text);
    expect_str("HostConfig", "67108864 500000000 on-failure 3 8080",
               told("made",
                    "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} "
                    "{{.HostConfig.RestartPolicy.Name}} "
                    "{{.HostConfig.RestartPolicy.MaximumRetryCount}} "
                    "{{(index (index .HostConfig.PortBindings \"80/tcp\") 0)"
                    ".HostPort}}"));
    expect_str("State", "created false 0",
               told("made", "{{.State.Status}} {{.State.Running}} "
                            "{{.State.ExitCode}}"));
    expect_str("Hostname", keep_format("%.12s", told("made", "{{.Id}}")),
               told("made", "{{.Config.Hostname}}"));
}

static const struct trial trials[] = {
    {.name = "events_in_order",
     .claim = "a run --rm is told as create, attach, start, die, destroy",
     .usual_cause = "an event is written before what it tells of",
     .body = events_in_order},
    {.name = "ps_filters",
     .claim = "ps lists who runs, or all, newest first, and filters",
     .usual_cause = "filters of one key are joined with and",
     .body = ps_filters},
    {.name = "ps_columns",
     .claim = "ps has docker's columns, and ids of 12 or 64 digits",
     .usual_cause = "widths are fixed",
     .body = ps_columns},
    {.name = "inspect_shape",
     .claim = "inspect has docker's keys, with what was asked for in them",
     .usual_cause = "a default is left out of the JSON",
     .body = inspect_shape},
};

const struct chapter chapter_telling = {"What is told", TRIALS(trials)};
