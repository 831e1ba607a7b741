/*
 * Chapter: duct exec, one more command in a container that runs.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static const char *pid_of(const struct container *c)
{
    return keep_format("%d", c->init);
}

/* `duct exec PID sleep N`, and the pid of that sleep. */
static pid_t exec_sleep(const struct container *c, struct program **exec)
{
    *exec = duct_start("exec", pid_of(c), "sleep", "4730");
    return kernel_find((*exec)->pid, "sleep 4730");
}

static void expect_joined(const struct container *c)
{
    struct program *exec;
    pid_t pid = exec_sleep(c, &exec);
    struct stat root, its;

    for (size_t i = 0; namespace_names[i] != NULL; i++)
        expect_same(keep_format("%s namespace of the second command",
                                namespace_names[i]),
                    kernel_namespace(c->init, namespace_names[i]),
                    kernel_namespace(pid, namespace_names[i]));
    expect_call(kernel_stat(&root, "%d/root", c->init));
    expect_call(kernel_stat(&its, "%d/root", pid));
    expect_same("inode of /", root.st_ino, its.st_ino);
    expect_same("device of /", root.st_dev, its.st_dev);
    expect_call(kernel_stat(&its, "%d/cwd", pid));
    expect_same("inode of the working directory", root.st_ino, its.st_ino);
}

static void exec_joins_all(void)
{
    expect_joined(container(rootfs(), "sleep", "4711"));
}

static void exec_joins_what_there_is(void)
{
    static const char *const shares[] = {"pid", "uts",    "ipc",
                                         "net", "cgroup", "time"};

    expect_joined(container("--userns", rootfs(), "sleep", "4711"));
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
        expect_joined(
            container("--share", shares[i], rootfs(), "sleep", "4711"));
}

static void exec_joins_a_chroot(void)
{
    expect_joined(container("--share", "mnt", rootfs(), "sleep", "4711"));
}

static void exec_sees_the_container(void)
{
    const struct container *c =
        container("-h", "box", rootfs(), "sleep", "4711");

    expect_output(duct("exec", pid_of(c), "sh", "-c",
                       "hostname; tr '\\0' ' ' </proc/1/cmdline; echo; "
                       "ls -d /sys/class/net/lo; pwd"),
                  "box\nsleep 4711 \n/sys/class/net/lo\n/\n");
    expect_that(kernel_alive(c->init), "the container runs on", "it ended");
}

static void exec_has_the_same_rights(void)
{
    static const char *const fields[] = {
        "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
        "Groups", "SigIgn", "Umask",  "Uid",    "Gid"};
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct program *exec;
    pid_t pid = exec_sleep(c, &exec);

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        expect_str(keep_format("%s of the second command", fields[i]),
                   kernel_status(c->init, fields[i]),
                   kernel_status(pid, fields[i]));
}

static void exec_passes_the_status_on(void)
{
    const char *pid = pid_of(container(rootfs(), "sleep", "4711"));

    expect_exit(duct("exec", pid, "true"), 0);
    expect_exit(duct("exec", pid, "sh", "-c", "exit 7"), 7);
    expect_exit(duct("exec", pid, "sh", "-c", "kill -9 $$"), 128 + SIGKILL);
    expect_exit(duct("exec", pid, "sh", "-c", "kill -15 $$"), 128 + SIGTERM);
    expect_refused_as(duct("exec", pid, "no-such-command"), 127,
                      "no-such-command", "(ENOENT)");
    expect_refused_as(duct("exec", pid, "/etc/passwd"), 126, "/etc/passwd",
                      "(EACCES)");
}

static void exec_passes_signals_on(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct program *exec;

    (void)exec_sleep(c, &exec);
    expect_call(spawn_signal(exec, SIGTERM));
    expect_that(spawn_ended(exec, SPAWN_SOON_MS),
                "SIGTERM ends the second command", "it does not");
    expect_exit(exec, 128 + SIGTERM);
    expect_that(kernel_alive(c->init), "the container runs on", "it ended");
}

static void exec_has_streams(void)
{
    const char *pid = pid_of(container(rootfs(), "sleep", "4711"));
    const struct program *p = spawn_run(&(struct spawn){
        .argv = DUCT("exec", pid, "sh", "-c", "cat; echo err >&2"),
        .input = "in\n",
        .input_size = 3,
    });

    expect_exit(p, 0);
    expect_str("stdout", "in\n", p->out);
    expect_str("stderr", "err\n", p->err);
}

static void exec_has_a_clean_environment(void)
{
    const char *pid = pid_of(container("-h", "box", rootfs(), "sleep", "4711"));
    const struct program *p = spawn_run(&(struct spawn){
        .argv = DUCT("exec", "-e", "A=1", "-e", "COLOUR", pid, "env"),
        .env = ARGV("COLOUR=blue", "SECRET=of-the-host", "TERM=vt220"),
    });

    expect_exit(p, 0);
    expect_contains("env", "A=1\n", p->out);
    expect_contains("env", "COLOUR=blue\n", p->out);
    expect_contains("env", "HOSTNAME=box\n", p->out);
    expect_contains("env", "HOME=/root\n", p->out);
    expect_contains("env", "TERM=vt220\n", p->out);
    expect_contains("env", "PATH=", p->out);
    expect_lacks("env", "SECRET", p->out);
}

static void exec_has_a_workdir(void)
{
    const char *pid = pid_of(container(rootfs(), "sleep", "4711"));

    expect_output(duct("exec", "-w", "/tmp", pid, "pwd"), "/tmp\n");
    expect_refused(duct("exec", "-w", "tmp", pid, "true"), "--workdir",
                   "\"tmp\"");
    expect_refused(duct("exec", "-w", "/no/such", pid, "true"), "/no/such",
                   "(ENOENT)");
}

static void exec_on_a_terminal(void)
{
    const char *pid = pid_of(container(rootfs(), "sleep", "4711"));
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("exec", pid, "sh"),
        .terminal = true,
    });

    spawn_type(p, "echo be''gin\n");
    expect_that(spawn_printed(p, "begin", SPAWN_SOON_MS),
                "a shell that answers on the terminal",
                expect_quoted(p->out, p->out_size));
    expect_lacks("what the shell says", "can't access tty", p->out);
    spawn_type(p, "exit 5\n");
    spawn_finish(p);
    expect_exit(p, 5);
}

static void exec_ends_with_the_container(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct program *exec;

    (void)exec_sleep(c, &exec);
    expect_call(kill(c->init, SIGKILL));
    expect_that(spawn_ended(exec, SPAWN_SOON_MS),
                "the second command dies with the container", "it lives");
    expect_exit(exec, 128 + SIGKILL);
}

static void exec_refuses_bad_pids(void)
{
    static const char *const bad[] = {"",   "abc", "12x", "0",
                                      "-1", " 1",  "1.0", "99999999999"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_refused(duct("exec", "--", bad[i], "true"),
                       keep_format("\"%s\"", bad[i]));
}

static void exec_needs_a_container(void)
{
    struct program *neighbour =
        spawn_start(&(struct spawn){.argv = ARGV("sleep", "4716")});
    const char *pid = keep_format("%d", neighbour->pid);

    expect_refused(duct("exec", pid, "true"), pid, "container");
    expect_call(spawn_signal(neighbour, SIGKILL));
    spawn_finish(neighbour);
    expect_refused(duct("exec", pid, "true"), pid, "(ESRCH)");
}

static void exec_tells_its_flags(void)
{
    const struct program *p = duct("exec", "--help");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    expect_contains("the help text", "duct exec [OPTIONS] PID COMMAND [ARG...]",
                    p->out);
    expect_contains("the help text", "--env", p->out);
    expect_contains("the help text", "--workdir", p->out);
    expect_contains("the help text", "--explain", p->out);
    expect_contains("the help text", "Example", p->out);
    expect_contains("`duct --help`", "exec", duct("--help")->out);
    expect_refused(duct("exec"), "PID", "COMMAND");
    expect_refused(duct("exec", "1"), "COMMAND");
    expect_refused(duct("exec", "--foo", "1", "true"), "--foo");
    expect_refused(duct("exec", "-e"), "-e");
    expect_refused(duct("exec", "-e", "=x", "1", "true"), "--env", "\"=x\"");
}

static void users_exec_in_their_own(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", "-h", "mine", rootfs_of_nobody(), "sleep", "4711"),
        .uid = NOBODY,
    });
    const struct program *p = spawn_run(&(struct spawn){
        .argv = DUCT("exec", pid_of(c), "sh", "-c",
                     "id -u; hostname; tr '\\0' ' ' </proc/1/cmdline; "
                     "readlink /proc/self/ns/user | wc -l"),
        .uid = NOBODY,
    });

    expect_output(p, "0\nmine\nsleep 4711 1\n");
    expect_output(duct("exec", pid_of(c), "sh", "-c", "id -u; hostname"),
                  "0\nmine\n");
}

static void users_keep_out_of_roots(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct program *p = spawn_run(&(struct spawn){
        .argv = DUCT("exec", pid_of(c), "true"),
        .uid = NOBODY,
    });

    /* Which door is closed first, later steps may decide. */
    expect_refused(p, "(EACCES)");
}

static const struct trial trials[] = {
    {.name = "exec_joins_all",
     .claim = "duct exec runs a command in all namespaces of the container, "
              "with its root",
     .usual_cause = "setns() was called for some of them only; the pid "
                    "namespace takes a fork() after it",
     .reread = "#exec",
     .feature = true,
     .depends = "user_namespace_stays",
     .body = exec_joins_all},
    {.name = "exec_joins_what_there_is",
     .claim = "it joins what the container has, --userns or --share",
     .usual_cause = "setns() into the own user namespace fails with EINVAL: "
                    "leave out what is the same",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_joins_what_there_is},
    {.name = "exec_joins_a_chroot",
     .claim = "with --share mnt, the second command has the same root",
     .usual_cause = "setns() knows nothing of a root made by chroot()",
     .reread = "#exec",
     .feature = true,
     .only_here = true, /* --share mnt is refused from step 04 on */
     .depends = "exec_joins_all",
     .body = exec_joins_a_chroot},
    {.name = "exec_sees_the_container",
     .claim = "it sees the container's name, processes, links and root",
     .usual_cause = "a namespace was not joined",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_sees_the_container},
    {.name = "exec_has_the_same_rights",
     .claim = "it has the capabilities, user, groups and no_new_privs of the "
              "container's pid 1",
     .usual_cause = "capabilities are dropped for run, and not for exec",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_has_the_same_rights},
    {.name = "exec_passes_the_status_on",
     .claim = "exit statuses as for run: the command's own, 126, 127, 128+N",
     .usual_cause = "the child's status is not awaited, or not read",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_passes_the_status_on},
    {.name = "exec_passes_signals_on",
     .claim = "a signal sent to duct exec reaches its command",
     .usual_cause = "duct exec waits without passing anything on",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_passes_signals_on},
    {.name = "exec_has_streams",
     .claim = "stdin, stdout and stderr are the caller's",
     .usual_cause = "a pipe is put between",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_has_streams},
    {.name = "exec_has_a_clean_environment",
     .claim = "the environment is as clean as for run, -e adds to it",
     .usual_cause = "execv() in place of execve()",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_has_a_clean_environment},
    {.name = "exec_has_a_workdir",
     .claim = "-w works as for run",
     .usual_cause = "chdir() comes before setns()",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_has_a_workdir},
    {.name = "exec_on_a_terminal",
     .claim = "a shell by duct exec has job control",
     .usual_cause = "setsid() in the child",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_on_a_terminal},
    {.name = "exec_ends_with_the_container",
     .claim = "what duct exec started dies with the container, 137",
     .usual_cause = "it runs in the host's pid namespace: setns() takes "
                    "effect for children only",
     .reread = "#exec",
     .feature = true,
     .depends = "exec_joins_all",
     .body = exec_ends_with_the_container},
    {.name = "exec_refuses_bad_pids",
     .claim = "what is no process id is refused by name, with 125",
     .usual_cause = "strtol() without a look at where it stopped",
     .reread = "#exec",
     .feature = true,
     .body = exec_refuses_bad_pids},
    {.name = "exec_needs_a_container",
     .claim = "a process that is gone, or in no container, is refused",
     .usual_cause = "namespaces are joined without a look whether they are "
                    "the host's",
     .reread = "#exec",
     .feature = true,
     .body = exec_needs_a_container},
    {.name = "exec_tells_its_flags",
     .claim = "--help tells all flags; what is missing or unknown is named",
     .usual_cause = "exec does not use the same parser as run",
     .reread = "#exec",
     .feature = true,
     .body = exec_tells_its_flags},
    {.name = "users_exec_in_their_own",
     .claim = "a user may exec in a container of his own; root may as well",
     .usual_cause = "the user namespace has to be joined first or with the "
                    "others, it is what gives the right to the rest",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_needs_no_root",
     .body = users_exec_in_their_own},
    {.name = "users_keep_out_of_roots",
     .claim = "a user may not exec in a container of root's",
     .usual_cause = "a call's result is not checked",
     .reread = "#rootless",
     .feature = true,
     .body = users_keep_out_of_roots},
};

const struct chapter chapter_exec = {"duct exec", TRIALS(trials)};
