/*
 * Chapter: posture: what each kind of process may do, against one file.
 *
 * posture.golden has all that tests/final/inside/posture.c says in a default
 * container, and for each other kind of process the lines that differ: "-" and
 * what a default container has, "+" and what is there instead. It says what
 * "duct goal" says in the design; a change of it is a change of the sandbox.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define POSTURE                                                                \
    "/inside/posture", kernel_status(0, "CapBnd"), host_namespace("cgroup"),   \
        host_namespace("ipc"), host_namespace("mnt"), host_namespace("net"),   \
        host_namespace("pid"), host_namespace("time"), host_namespace("user"), \
        host_namespace("uts")

static const char *host_namespace(const char *kind)
{
    return keep_format("%s:[%llu]", kind,
                       (unsigned long long)kernel_namespace(0, kind));
}

static const char *needs_x86(void)
{
#if defined(__x86_64__)
    return NULL;
#else
    return "the numbers of system calls are x86_64's";
#endif
}

/* A section of the golden file: what stands behind "[name]". */
static char *golden(const char *name)
{
    const char *duct = getenv("DUCT"); /* the suite has a copy of it */
    const char *slash = duct == NULL ? NULL : strrchr(duct, '/');

    expect_that(slash != NULL, "the path of a program in DUCT", duct);
    const char *path = keep_format("%.*s/../tests/final/posture.golden",
                                   (int)(slash - duct), duct);
    const char *text = file_read(path);
    const char *head = keep_format("[%s]\n", name);
    const char *at = text == NULL ? NULL : strstr(text, head);

    expect_that(at != NULL, keep_format("%s in %s", head, path), "it is not");
    at += strlen(head);
    const char *end = strstr(at - 1, "\n["); /* it may be empty */
    return keep_format("%.*s", end ? (int)(end + 1 - at) : (int)strlen(at), at);
}

static int has_line(const char *text, const char *line, size_t length)
{
    for (; *text != '\0'; text += strcspn(text, "\n") + 1)
        if (strncmp(text, line, length) == 0 && text[length] == '\n')
            return 1;
    return 0;
}

/* The lines of one that the other has not, with a sign before each. */
static char *only_in(const char *one, const char *other, char sign)
{
    char *lines = keep_format("%s", "");

    for (; *one != '\0'; one += strcspn(one, "\n") + 1) {
        size_t length = strcspn(one, "\n");

        if (!has_line(other, one, length))
            lines = keep_format("%s%c%.*s\n", lines, sign, (int)length, one);
    }
    return lines;
}

/* Line by line, so that the first that differs is told and not a page. */
static void expect_text(const char *name, const char *expected,
                        const char *found)
{
    expect_str(keep_format("lines that should be there [%s]", name), "",
               only_in(expected, found, ' '));
    expect_str(keep_format("lines that should not be there [%s]", name), "",
               only_in(found, expected, ' '));
}

static void expect_section(const char *name, const char *found)
{
    const char *usual = golden("run");

    expect_text(name, golden(name),
                keep_format("%s%s", only_in(usual, found, '-'),
                            only_in(found, usual, '+')));
}

static void of_run(void)
{
    expect_text("run", golden("run"),
                ok("run", "--rm", "--network", "none", "bb", POSTURE));
}

static void of_user(void)
{
    expect_section("user", ok("run", "--rm", "--network", "none", "-u", "1000",
                              "bb", POSTURE));
}

static void of_privileged(void)
{
    expect_section("privileged", ok("run", "--rm", "--network", "none",
                                    "--privileged", "bb", POSTURE));
}

static void of_restricted(void)
{
    expect_section("restricted",
                   ok("run", "--rm", "--network", "none", "--cap-drop", "ALL",
                      "--security-opt", "no-new-privileges", "--read-only",
                      "--oom-score-adj", "500", "bb", POSTURE));
}

static void of_exec(void)
{
    (void)detached("one1", "bb", "sleep", "4711");
    expect_section("exec", ok("exec", "one1", POSTURE));
    expect_section("exec -u", ok("exec", "-u", "1000", "one1", POSTURE));
    expect_section("exec --privileged",
                   ok("exec", "--privileged", "one1", POSTURE));
    (void)ok("rm", "-f", "one1");
}

/* The monitor starts it a second time: nothing of it may come along. */
static void of_restart(void)
{
    const char *name = "one1";

    (void)ok(
        "create", "--name", name, "--network", "none", "--restart",
        "on-failure:1", "bb", "sh", "-c",
        keep_format("if test -e /again; then exec /inside/posture %s %s %s "
                    "%s %s %s %s %s %s; fi; >/again; exit 1",
                    kernel_status(0, "CapBnd"), host_namespace("cgroup"),
                    host_namespace("ipc"), host_namespace("mnt"),
                    host_namespace("net"), host_namespace("pid"),
                    host_namespace("time"), host_namespace("user"),
                    host_namespace("uts")));
    (void)ok("start", name);
    becomes(name, "{{.State.Status}} {{.RestartCount}}", "exited 1");
    expect_section("restart", ok("logs", name));
    (void)ok("rm", name);
}

static const char *needs_sys_resource(void)
{
    return kernel_status_hex(0, "CapEff") >> 24 & 1
               ? NULL
               : "no CAP_SYS_RESOURCE, so no score below the suite's own";
}

/* The monitor is the parent of the container's first process. */
static void of_monitor(void)
{
    pid_t init;

    (void)detached("one1", "bb", "sleep", "4711");
    init = init_of("one1");
    expect_str("of the monitor", "-900\n",
               kernel_read("%s/oom_score_adj", kernel_status(init, "PPid")));
    expect_str("of the container", "0\n",
               kernel_read("%d/oom_score_adj", init));
    (void)ok("rm", "-f", "one1");
}

static void of_group(void)
{
    (void)detached("one1", "bb", "sleep", "4711");
    expect_str("pids", "2048",
               knob_read(init_of("one1"),
                         &(struct knob){"pids", "pids.max", "pids.max"}));
    (void)ok("rm", "-f", "one1");
}

static const struct trial trials[] = {
    {.name = "posture_of_run",
     .claim = "a default container may do what posture.golden says",
     .usual_cause = "a protection was changed, and the file was not",
     .needs = needs_x86,
     .body = of_run},
    {.name = "posture_of_user",
     .claim = "with --user it has no capabilities, and all else is the same",
     .usual_cause = "what only root was tried with",
     .needs = needs_x86,
     .body = of_user},
    {.name = "posture_of_privileged",
     .claim = "--privileged opens what is listed, and nothing else",
     .usual_cause = "a protection that nobody thinks of opening, or that opens",
     .needs = needs_x86,
     .body = of_privileged},
    {.name = "posture_of_restricted",
     .claim = "flags that take more away do, and nothing is given instead",
     .usual_cause = "the filter differs without capabilities",
     .needs = needs_x86,
     .body = of_restricted},
    {.name = "posture_of_exec",
     .claim = "exec is the container's equal; --privileged gives capabilities",
     .usual_cause = "what is inherited from the caller's shell: keys, limits",
     .needs = needs_x86,
     .body = of_exec},
    {.name = "posture_of_restart",
     .claim = "a container that is restarted is as it was",
     .usual_cause = "it inherits from its monitor, which is another",
     .needs = needs_x86,
     .body = of_restart},
    {.name = "posture_of_monitor",
     .claim = "when memory runs out a container goes before its monitor",
     .usual_cause = "the container inherits the monitor's score",
     .needs = needs_sys_resource,
     .body = of_monitor},
    {.name = "posture_of_group",
     .claim = "2048 processes, if nobody says otherwise",
     .usual_cause = "no limit is taken for a limit of none",
     .body = of_group},
};

const struct chapter chapter_posture = {"Posture", TRIALS(trials)};
