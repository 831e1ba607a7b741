/*
 * Chapter: how it ended. Exit statuses in docker's way, and the reasons that
 * a command can't be executed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void status_is_the_commands(void)
{
    static const int statuses[] = {0,   1,   2,   3,   42,  99,  100,
                                   124, 125, 126, 127, 128, 200, 255};

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        expect_exit(duct("run", rootfs(), "sh", "-c",
                         keep_format("exit %d", statuses[i])),
                    statuses[i]);
}

static void killed_is_137(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_call(kill(c->init, SIGKILL));
    spawn_finish(c->duct);
    expect_exit(c->duct, 128 + SIGKILL);
}

static void a_fault_is_139(void)
{
    expect_exit(duct("run", rootfs(), "/inside/probe", "fault"), 128 + SIGSEGV);
}

static void signals_are_128_plus(void)
{
    static const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGABRT,
                                  SIGUSR1, SIGALRM, SIGTERM};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        const struct container *c = container(rootfs(), "sleep", "4711");

        expect_call(kill(c->init, signals[i]));
        spawn_finish(c->duct);
        expect_exit(c->duct, 128 + signals[i]);
    }
}

static void a_stop_is_no_end(void)
{
    struct container *c = container(rootfs(), "sleep", "4711");

    expect_call(kill(c->init, SIGSTOP));
    spawn_sleep_ms(50);
    expect_call(kill(c->init, SIGCONT));
    spawn_sleep_ms(50);
    expect_that(!c->duct->ended, "duct waits while its command is stopped",
                keep_format("it ended with status %d", c->duct->exit_status));
    expect_call(kill(c->init, SIGKILL));
    spawn_finish(c->duct);
    expect_exit(c->duct, 128 + SIGKILL);
}

static void ignore_children(void *arg)
{
    (void)arg;
    (void)signal(SIGCHLD, SIG_IGN);
}

static void ignored_sigchld_is_no_hang(void)
{
    const struct spawn spawn = {
        .argv = DUCT("run", rootfs(), "sh", "-c", "exit 7"),
        .prepare = ignore_children,
        .timeout_ms = 4000,
    };

    expect_exit(spawn_run(&spawn), 7);
}

static void not_found_is_127(void)
{
    expect_refused_as(duct("run", rootfs(), "no-such-command"), 127,
                      "no-such-command", "(ENOENT)");
    expect_refused_as(duct("run", rootfs(), "/bin/no-such-file"), 127,
                      "/bin/no-such-file", "(ENOENT)");
    expect_refused_as(duct("run", rootfs(), "/etc/passwd/x"), 127,
                      "/etc/passwd/x", "(ENOTDIR)");
    expect_refused_as(duct("run", rootfs(), ""), 127, "(ENOENT)");
}

static void not_executable_is_126(void)
{
    expect_refused_as(duct("run", rootfs(), "/etc/passwd"), 126, "/etc/passwd",
                      "(EACCES)");
    expect_refused_as(duct("run", rootfs(), "/etc"), 126, "/etc", "(EACCES)");
}

/* What a shell does: a file that may not be executed is remembered, and told
 * if no other directory of PATH has a better one. */
static void path_search_remembers(void)
{
    char *tree = rootfs_linked();
    const struct program *p;

    file_write(keep_format("%s/etc/tool", tree), "#!/bin/sh\n");
    expect_refused_as(duct("run", "-e", "PATH=/etc:/nowhere", tree, "tool"),
                      126, "tool", "(EACCES)");
    expect_refused_as(
        duct("run", "-e", "PATH=/etc/passwd:/nowhere", tree, "tool"), 127,
        "tool", "(ENOENT)");

    file_write(keep_format("%s/tmp/tool", tree), "#!/bin/sh\necho found\n");
    expect_call(chmod(keep_format("%s/tmp/tool", tree), 0755));
    p = duct("run", "-e", "PATH=/etc:/nowhere:/tmp", tree, "tool");
    expect_output(p, "found\n");
}

static void no_format_is_126(void)
{
    char *tree = rootfs_linked();
    const char *file = keep_format("%s/tmp/data", tree);

    file_write(file, "neither a script nor ELF\n");
    expect_call(chmod(file, 0755));
    expect_refused_as(duct("run", tree, "/tmp/data"), 126, "/tmp/data",
                      "(ENOEXEC)");
}

/* "No such file", and there it is: the complaint of every first evening. */
static void missing_interpreter_is_explained(void)
{
    char *tree = rootfs_linked();
    const char *file = keep_format("%s/tmp/script", tree);
    const struct program *p;

    file_write(file, "#!/no/such/interpreter\n");
    expect_call(chmod(file, 0755));
    p = duct("run", tree, "/tmp/script");
    expect_refused_as(p, 127, "/tmp/script", "(ENOENT)");
    expect_contains("the hint below the message", "interpreter", p->err);

    p = duct("run", tree, "/tmp/no-such-script");
    expect_lacks("the message about a file that isn't there", "interpreter",
                 p->err);
}

static void bad_rootfs_is_125(void)
{
    const char *file = scratch_path("a-file");
    const struct program *p;

    expect_refused(duct("run", "/no/such/rootfs", "true"), "/no/such/rootfs",
                   "(ENOENT)");
    file_write(file, "");
    p = duct("run", file, "true");
    expect_call(unlink(file));
    expect_refused(p, file, "(ENOTDIR)");
    expect_refused(duct("run", "", "true"), "(ENOENT)");
}

/* The message says what failed; a line below it, what to do about it. */
static void expect_hint(const struct program *p)
{
    const char *below = strchrnul(p->err, '\n');

    expect_that(below[0] == '\n' && below[1] == ' ' && strlen(below) > 10,
                "an indented hint below the message",
                expect_quoted(p->err, p->err_size));
}

static void usual_causes_are_told(void)
{
    char *tree = rootfs_linked();
    const char *file = keep_format("%s/tmp/data", tree);

    file_write(file, "neither a script nor ELF\n");
    expect_call(chmod(file, 0755));
    expect_hint(duct("run", tree, "/tmp/data"));
    expect_hint(duct("run", tree, "/etc/passwd"));
    expect_hint(duct("run", "/no/such/rootfs", "true"));
    expect_hint(duct("run", "--foo", tree, "true"));
}

/* Whom nobody waited for would come to us, the suite is pid 1 here. */
static void failed_child_is_awaited(void)
{
    (void)duct("run", rootfs(), "no-such-command");
    expect_int("child that was left behind, its pid", 0, kernel_children(0)[0]);
}

static void only_root_may(void)
{
    const struct spawn spawn = {
        .argv = DUCT("run", rootfs(), "true"),
        .uid = NOBODY,
    };

    expect_refused(spawn_run(&spawn), "chroot", rootfs(), "(EPERM)");
}

static const struct trial trials[] = {
    {.name = "status_is_the_commands",
     .claim = "duct ends with the exit status of its command",
     .usual_cause = "the status that waitpid() fills in is returned as it is: "
                    "it has to go through WEXITSTATUS()",
     .reread = "#fork-and-wait",
     .feature = true,
     .depends = "a_command_runs",
     .body = status_is_the_commands},
    {.name = "killed_is_137",
     .claim = "a command killed by SIGKILL makes duct end with 137",
     .usual_cause = "WIFSIGNALED() is not asked: 128 + WTERMSIG()",
     .reread = "#fork-and-wait",
     .feature = true,
     .depends = "a_command_runs",
     .body = killed_is_137},
    {.name = "a_fault_is_139",
     .claim = "a command that dies of SIGSEGV makes duct end with 139",
     .usual_cause = "WIFSIGNALED() is not asked: 128 + WTERMSIG()",
     .reread = "#fork-and-wait",
     .feature = true,
     .depends = "a_command_runs",
     .body = a_fault_is_139},
    {.name = "signals_are_128_plus",
     .claim = "a command killed by signal N makes duct end with 128 + N",
     .usual_cause = "WIFSIGNALED() is not asked, or the child still blocks "
                    "or ignores what duct does",
     .reread = "#fork-and-wait",
     .feature = true,
     .only_here = true, /* pid 1 is spared most */
     .depends = "a_command_runs",
     .body = signals_are_128_plus},
    {.name = "a_stop_is_no_end",
     .claim = "duct waits on while its command is stopped",
     .usual_cause = "waitpid() with WUNTRACED reports a stop, not an end",
     .reread = "#fork-and-wait",
     .feature = true,
     .depends = "a_command_runs",
     .body = a_stop_is_no_end},
    {.name = "ignored_sigchld_is_no_hang",
     .claim = "duct ends with its command's status, although its caller "
              "ignores SIGCHLD",
     .usual_cause = "an ignored SIGCHLD is inherited: children then vanish "
                    "without a status; set it to SIG_DFL first",
     .reread = "#signals",
     .feature = true,
     .depends = "a_command_runs",
     .body = ignored_sigchld_is_no_hang},
    {.name = "not_found_is_127",
     .claim = "exit status 127 when there is no such command",
     .usual_cause = "the child's exit status is not chosen by errno: ENOENT "
                    "and ENOTDIR are 127",
     .reread = "#exit-status",
     .feature = true,
     .depends = "a_command_runs",
     .body = not_found_is_127},
    {.name = "not_executable_is_126",
     .claim = "exit status 126 when the command can't be executed",
     .usual_cause = "the child's exit status is not chosen by errno: other "
                    "errors than ENOENT are 126",
     .reread = "#exit-status",
     .feature = true,
     .depends = "a_command_runs",
     .body = not_executable_is_126},
    {.name = "path_search_remembers",
     .claim = "PATH is searched as a shell does it: to the end, and EACCES "
              "is told rather than ENOENT",
     .usual_cause = "the search stops at the first error, or reports the "
                    "last one",
     .reread = "#exec",
     .feature = true,
     .depends = "not_executable_is_126",
     .body = path_search_remembers},
    {.name = "no_format_is_126",
     .claim = "exit status 126 for a file that is no program",
     .usual_cause = "the child's exit status is not chosen by errno: other "
                    "errors than ENOENT are 126",
     .reread = "#exit-status",
     .feature = true,
     .depends = "not_executable_is_126",
     .body = no_format_is_126},
    {.name = "missing_interpreter_is_explained",
     .claim = "ENOENT for a script that is there is explained: its "
              "interpreter is missing",
     .usual_cause = "no hint: when access(path, F_OK) succeeds, the missing "
                    "file is the interpreter or the loader",
     .reread = "#exit-status",
     .feature = true,
     .depends = "not_found_is_127",
     .body = missing_interpreter_is_explained},
    {.name = "bad_rootfs_is_125",
     .claim = "exit status 125 when ROOTFS is missing or is no directory",
     .usual_cause = "duct's own failures must not look like the command's: "
                    "they are 125",
     .reread = "#exit-status",
     .feature = true,
     .body = bad_rootfs_is_125},
    {.name = "usual_causes_are_told",
     .claim = "where there is a usual cause, a hint follows the message",
     .usual_cause = "EACCES, ENOEXEC, a missing ROOTFS and an unknown flag "
                    "each have one: say what to look at",
     .reread = "#exit-status",
     .feature = true,
     .depends = "not_executable_is_126",
     .body = usual_causes_are_told},
    {.name = "failed_child_is_awaited",
     .claim = "duct waits for its child also when that has failed",
     .usual_cause = "waitpid() is left out where the child reported an error",
     .reread = "#fork-and-wait",
     .feature = true,
     .depends = "not_found_is_127",
     .body = failed_child_is_awaited},
    {.name = "only_root_may",
     .claim = "the kernel lets only root call chroot(2); duct says so",
     .usual_cause = "the result of chroot() is not checked, so that the "
                    "command would run with the host's files",
     .reread = "#root",
     .feature = true,
     .only_here = true, /* step 02 has user namespaces */
     .depends = "a_command_runs",
     .body = only_root_may},
};

const struct chapter chapter_status = {"How it ended", TRIALS(trials)};
