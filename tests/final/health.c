/*
 * Chapter: containers that say how they are.
 */
#include <string.h>

#include "suite.h"

/* How it is: its status, the failures in a row, how the last probe ended. */
static const char short_health[] =
    "{{.State.Health.Status}} {{.State.Health.FailingStreak}}";

static void start_checked(const char *name, const char *check)
{
    (void)detached(name, "--health-cmd", check, "--health-interval", "20ms",
                   "--health-timeout", "4s", "--health-retries", "2", "bb",
                   "sleep", "4711");
}

static char *health_events(const char *format)
{
    return ok("events", "--since", "0", "--until", "0s", "--filter",
              "event=health_status", "--format", format);
}

static void states(void)
{
    start_checked("one1", "until test -e /go; do sleep 0.02; done; "
                          "test -e /well");
    expect_str("at first", "starting 0", told("one1", short_health));
    expect_contains("ps", " (health: starting)",
                    ok("ps", "--format", "{{.Status}}"));
    (void)ok("exec", "one1", "touch", "/go");
    becomes("one1", "{{.State.Health.Status}}", "unhealthy");
    expect_str("unhealthy ones", "one1\n",
               ok("ps", "-f", "health=unhealthy", "--format", "{{.Names}}"));
    (void)ok("exec", "one1", "touch", "/well");
    becomes("one1", short_health, "healthy 0");
    expect_contains(
        "ps", " (healthy)\n",
        ok("ps", "-f", "health=healthy", "--format", "{{.Status}}"));
    expect_str("what was told",
               "health_status: unhealthy one1\nhealth_status: healthy one1\n",
               health_events("{{.Action}} {{.Actor.Attributes.name}}"));
    (void)ok("rm", "-f", "one1");
}

static void log_of_five(void)
{
    /* The tenth hangs, for us to look at what the nine have left. */
    start_checked("one1", "echo >>/n; n=$(wc -l </n); test $n -lt 10 || sleep "
                          "9; head -c 5000 /dev/zero | tr '\\0' x; "
                          "test $n -lt 8");
    becomes("one1", short_health, "unhealthy 2");
    expect_str("results", "5", told("one1", "{{len .State.Health.Log}}"));
    expect_str(
        "exit codes", "0 0 0 1 1 ",
        told("one1", "{{range .State.Health.Log}}{{.ExitCode}} {{end}}"));
    expect_str(
        "bytes that are kept", "4096 4096 4096 4096 4096 ",
        told("one1", "{{range .State.Health.Log}}{{len .Output}} {{end}}"));
    expect_contains("when it was begun", "T",
                    told("one1", "{{(index .State.Health.Log 0).Start}}"));
    (void)ok("rm", "-f", "one1");
}

static void exec_events(void)
{
    char *told_all;

    start_checked("one1", "exit 3");
    becomes("one1", "{{.State.Health.Status}}", "unhealthy");
    told_all = ok("events", "--since", "0", "--until", "0s", "--format",
                  "{{.Action}} {{.Actor.Attributes.exitCode}}");
    expect_contains("events", "exec_create: /bin/sh -c exit 3", told_all);
    expect_contains("events", "exec_start: /bin/sh -c exit 3", told_all);
    expect_contains("events", "exec_die 3\n", told_all);
    (void)ok("rm", "-f", "one1");
}

static void too_late(void)
{
    /* One that has left its session, and one that can't be asked to end. */
    (void)detached("one1", "--health-cmd",
                   "trap '' TERM; setsid sleep 4712 & sleep 4713; true",
                   "--health-interval", "1ms", "--health-timeout", "200ms",
                   "--health-retries", "1", "bb", "sleep", "4711");
    becomes("one1", "{{.State.Health.Status}}", "unhealthy");
    expect_str("why", "-1 Health check exceeded timeout (200ms)",
               told("one1", "{{with index .State.Health.Log 0}}{{.ExitCode}} "
                            "{{.Output}}{{end}}"));
    /* No two probes at once; and none is left of those that were late. */
    becomes("one1", "{{len .State.Health.Log}}", "3");
    expect_that(kernel_count("sleep 4712") <= 1, "one probe at a time",
                "processes of an earlier one");
    (void)ok("rm", "-f", "one1");
    expect_int("processes of probes", 0, kernel_count("sleep 4712"));
    expect_int("processes of probes", 0, kernel_count("sleep 4713"));
}

static size_t probed(const char *name)
{
    return strlen(ok("exec", name, "cat", "/probes"));
}

static void none_while_paused(void)
{
    size_t before;

    /* There is a probe under way, whose time is over before the container goes
     * on. */
    (void)detached("one1", "--health-cmd", "echo >>/probes; sleep 0.31",
                   "--health-interval", "1ms", "--health-timeout", "600ms",
                   "--health-retries", "1", "bb", "sleep", "4711");
    becomes("one1", "{{.State.Health.Status}}", "healthy");
    (void)kernel_find(0, "sleep 0.31");
    (void)ok("pause", "one1");
    expect_contains("ps", "(Paused)", ok("ps", "--format", "{{.Status}}"));
    spawn_sleep_ms(100); /* for one that has just ended */
    before = strlen(told("one1", "{{json .State.Health}}"));
    spawn_sleep_ms(700);
    expect_int("what is written while paused", (long long)before,
               (long long)strlen(told("one1", "{{json .State.Health}}")));
    (void)ok("unpause", "one1");
    expect_str("after it", "healthy 0", told("one1", short_health));
    before = probed("one1");
    spawn_sleep_ms(500);
    expect_that(probed("one1") > before, "probes again", "none");
    (void)ok("rm", "-f", "one1");
}

static void start_period(void)
{
    (void)detached("one1", "--health-cmd",
                   "echo >>/n; test $(wc -l </n) -lt 3 || "
                   "until test -e /go; do sleep 0.02; done; false",
                   "--health-interval", "9s", "--health-start-period", "600ms",
                   "--health-start-interval", "50ms", "--health-retries", "1",
                   "bb", "sleep", "4711");
    becomes("one1", "{{len .State.Health.Log}}", "2");
    expect_str("while it may fail", "starting 0", told("one1", short_health));
    (void)ok("rm", "-f", "one1");
    (void)detached("one1", "--health-cmd", "false", "--health-interval",
                   "100ms", "--health-start-period", "300ms",
                   "--health-start-interval", "50ms", "--health-retries", "1",
                   "bb", "sleep", "4711");
    becomes("one1", "{{.State.Health.Status}}", "unhealthy");
    (void)ok("rm", "-f", "one1");
}

static void begins_anew(void)
{
    start_checked("one1", "if test -e /again; then sleep 9; fi");
    becomes("one1", "{{.State.Health.Status}}", "healthy");
    (void)ok("exec", "one1", "touch", "/again");
    (void)ok("stop", "-t", "0", "one1");
    expect_str("when it has ended", "exited unhealthy",
               told("one1", "{{.State.Status}} {{.State.Health.Status}}"));
    (void)ok("start", "one1");
    expect_str("health", "starting 0", told("one1", short_health));
    expect_str("results", "0", told("one1", "{{len .State.Health.Log}}"));
    (void)ok("rm", "-f", "one1");
}

static void without(void)
{
    (void)detached("none1", "--no-healthcheck", "bb", "sleep", "4711");
    (void)detached("none2", "bb", "sleep", "4711");
    expect_str("health", "none\n",
               ok("inspect", "--format",
                  "{{if .State.Health}}some{{else}}none{{end}}", "none1"));
    expect_str("health=none", "none2\nnone1\n",
               ok("ps", "-f", "health=none", "--format", "{{.Names}}"));
    expect_error(duct("create", "--health-cmd", "true", "--health-interval",
                      "10us", "bb"),
                 1, "Interval in Healthcheck cannot be less than 1ms");
    (void)ok("rm", "-f", "none1", "none2");
}

/* Its probe hangs, and its client goes on all the same. */
static void hub_goes_on(void)
{
    long long began;
    struct program *p;

    (void)detached("one1", "--health-cmd", "sleep 4712", "--health-interval",
                   "1ms", "bb", "sh", "-c",
                   "trap 'echo here; exit 5' USR1; echo ready; "
                   "while :; do sleep 0.05; done");
    logs_become("one1", "ready");
    (void)kernel_find(0, "sleep 4712");
    p = duct_start("attach", "one1");
    spawn_sleep_ms(200);
    began = spawn_now_ms();
    (void)ok("kill", "-s", "USR1", "one1");
    spawn_finish(p);
    expect_exit(p, 5);
    expect_str("what came while attached", "here\n", p->out);
    expect_between("milliseconds", 0, 3000, (double)(spawn_now_ms() - began));
    expect_int("probes left", 0, kernel_count("sleep 4712"));
}

static void like_exec(void)
{
    const char *status;

    (void)detached("one1", "--health-cmd",
                   "grep -E '^(Cap(Eff|Inh|Amb)|NoNewPrivs|Seccomp):' "
                   "/proc/self/status; echo $A; ls /proc/self/fd; "
                   "cat /proc/self/oom_score_adj",
                   "--health-interval", "10ms", "--oom-score-adj", "123", "-e",
                   "A=of-its-own", "bb", "sleep", "4711");
    becomes("one1", "{{.State.Health.Status}}", "healthy");
    status = told("one1", "{{(index .State.Health.Log 0).Output | json}}");
    expect_contains("capabilities", "CapInh:\\t0000000000000000", status);
    expect_contains("capabilities", "CapAmb:\\t0000000000000000", status);
    expect_contains("powers to gain", "NoNewPrivs:\\t1", status);
    expect_contains("filter", "Seccomp:\\t2", status);
    expect_contains("environment", "of-its-own", status);
    expect_contains("descriptors", "\\n0\\n1\\n2\\n3\\n123\\n", status);
    (void)ok("rm", "-f", "one1");
}

static const struct trial trials[] = {
    {.name = "health_states",
     .claim = "a check makes a container starting, unhealthy and healthy",
     .usual_cause = "nobody runs the check",
     .body = states},
    {.name = "health_log",
     .claim = "the last five results are kept, of each at most 4096 bytes",
     .usual_cause = "the log grows without a bound",
     .body = log_of_five},
    {.name = "health_events",
     .claim = "each probe is told as an exec is",
     .usual_cause = "the monitor's probes are not journaled",
     .body = exec_events},
    {.name = "health_timeout",
     .claim = "a probe that takes too long is killed with all it started",
     .usual_cause = "only its first process is killed",
     .body = too_late},
    {.name = "health_paused",
     .claim = "a paused container is not probed, nor is that held against it",
     .usual_cause = "the probe freezes with it and is taken for late",
     .body = none_while_paused},
    {.name = "health_start_period",
     .claim = "failures within the start period do not count",
     .usual_cause = "the streak grows from the first probe on",
     .body = start_period},
    {.name = "health_begins_anew",
     .claim = "health is reset when a container is started again",
     .usual_cause = "the old file stays",
     .body = begins_anew},
    {.name = "health_none",
     .claim = "without a check there is no health; nonsense is refused",
     .usual_cause = "--no-healthcheck is taken for a command",
     .body = without},
    {.name = "health_never_blocks",
     .claim = "a probe that hangs keeps nobody from the container",
     .usual_cause = "the monitor waits for the probe",
     .body = hub_goes_on},
    {.name = "health_is_protected",
     .claim = "a probe has what exec gives, and can't gain more",
     .usual_cause = "the monitor's own descriptors or powers are inherited",
     .body = like_exec},
};

const struct chapter chapter_health = {"Health", TRIALS(trials)};
