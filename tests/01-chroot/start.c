/*
 * Chapter: a container starts. The root directory, and what the command gets
 * from duct besides: nothing.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void a_command_runs(void)
{
    expect_output(duct("run", rootfs(), "echo", "hello"), "hello\n");
}

static void root_is_rootfs(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct stat ours, its, inside;

    expect_call(kernel_stat(&ours, "0/root"));
    expect_call(kernel_stat(&its, "%d/root", c->init));
    expect_that(ours.st_ino != its.st_ino || ours.st_dev != its.st_dev,
                keep_format("/proc/%d/root is not the host's /", c->init),
                "it is");
    expect_that(kernel_stat(&inside, "%d/root/inside/probe", c->init) == 0,
                keep_format("the files of ROOTFS in /proc/%d/root", c->init),
                "other ones, or none");
}

static void root_is_the_directory(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct stat wanted, its;

    expect_call(stat(rootfs(), &wanted));
    expect_call(kernel_stat(&its, "%d/root", c->init));
    expect_same("inode of /", wanted.st_ino, its.st_ino);
    expect_same("device of /", wanted.st_dev, its.st_dev);
}

static void paths_begin_at_the_root(void)
{
    const char *host_file = scratch_path("host-file");
    const struct program *p;

    file_write(host_file, "of the host\n");
    p = duct("run", rootfs(), "cat", host_file);
    expect_call(unlink(host_file));
    expect_that(
        p->exit_status == 1, "no file of the host can be named from inside",
        keep_format("`cat` ended with status %d and printed %s", p->exit_status,
                    expect_quoted(p->out, p->out_size)));
}

static void rootfs_may_be_relative(void)
{
    const struct spawn spawn = {
        .argv = DUCT("run", "./rootfs", "echo", "hello"),
        .cwd = scratch_dir(),
    };

    expect_output(spawn_run(&spawn), "hello\n");
}

static void rootfs_may_be_a_link(void)
{
    const char *link = scratch_path("link");
    const struct program *p;

    expect_call(symlink(rootfs(), link));
    p = duct("run", link, "echo", "hello");
    expect_call(unlink(link));
    expect_output(p, "hello\n");
}

static void cwd_is_the_root(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .cwd = scratch_dir(),
    });
    struct stat root, cwd;

    expect_call(kernel_stat(&root, "%d/root", c->init));
    expect_call(kernel_stat(&cwd, "%d/cwd", c->init));
    expect_same("inode of the working directory", root.st_ino, cwd.st_ino);
    expect_same("device of the working directory", root.st_dev, cwd.st_dev);
}

static void one_child(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const pid_t *children = kernel_children(c->duct->pid);

    expect_int("duct's first child", c->init, children[0]);
    expect_int("duct's second child", 0, children[1]);
    expect_int("session of the command", getsid(c->duct->pid), getsid(c->init));
}

static void arguments_arrive(void)
{
    static const char expected[] = "\0two words\0\"'\\$HOME`*\0new\nline\0-e";
    const struct program *p =
        duct("run", rootfs(), "/inside/probe", "args", "", "two words",
             "\"'\\$HOME`*", "new\nline", "-e");

    expect_exit(p, 0);
    expect_bytes("the arguments, a NUL after each", expected, sizeof(expected),
                 p->out, p->out_size);
}

void leave_files_open(void *unused)
{
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)unused;
    for (int i = 3; i <= 20; i++)
        if (i != fd && dup2(fd, i) < 0)
            _exit(125);
    (void)fcntl(fd, F_SETFD, 0); /* what dup2() has made is open anyway */
}

static void no_file_of_the_caller(void)
{
    const char *script = scratch_path("explained");
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", keep_format("--explain=%s", script), rootfs(),
                     "sleep", "4711"),
        .prepare = leave_files_open,
    });

    for (int fd = 0; fd <= 64; fd++) {
        const char *target = kernel_link("%d/fd/%d", c->init, fd);

        expect_that(fd <= 2 || target == NULL,
                    keep_format("no descriptor %d in the container", fd),
                    keep_format("one that leads to %s", target));
    }
    expect_call(unlink(script));
}

static void strict_umask(void *arg)
{
    (void)arg;
    umask(077);
}

static void umask_is_usual(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .prepare = strict_umask,
    });

    expect_str("Umask in /proc/PID/status", "0022",
               kernel_status(c->init, "Umask"));
}

static void hundred_at_once(void)
{
    struct program *all[100];

    for (int i = 0; i < 100; i++)
        all[i] = spawn_start(&(struct spawn){
            .argv = DUCT("run", rootfs(), "sh", "-c",
                         keep_format("echo %d; exit %d", i, i)),
            .timeout_ms = 20000,
        });
    for (int i = 0; i < 100; i++) {
        spawn_finish(all[i]);
        expect_exit(all[i], i);
        expect_str("stdout", keep_format("%d\n", i), all[i]->out);
    }
}

static const struct trial trials[] = {
    {.name = "a_command_runs",
     .claim = "a command of ROOTFS runs and its output comes out",
     .usual_cause = "nothing is executed yet, or fork() is missing and duct "
                    "itself became the command",
     .reread = "#the-diff",
     .feature = true,
     .body = a_command_runs},
    {.name = "root_is_rootfs",
     .claim = "/proc/PID/root of the command holds the files of ROOTFS",
     .usual_cause = "chroot() is not called in the child, or its result is "
                    "not checked",
     .reread = "#root",
     .feature = true,
     .depends = "a_command_runs",
     .body = root_is_rootfs},
    {.name = "root_is_the_directory",
     .claim = "the command's / is the very directory that was given",
     .usual_cause = "chroot() was given another directory than ROOTFS",
     .reread = "#root",
     .feature = true,
     .only_here = true,
     .depends = "a_command_runs",
     .body = root_is_the_directory},
    {.name = "paths_begin_at_the_root",
     .claim = "a path of the host leads nowhere inside",
     .usual_cause = "chroot() is missing",
     .reread = "#root",
     .feature = true,
     .depends = "a_command_runs",
     .body = paths_begin_at_the_root},
    {.name = "rootfs_may_be_relative",
     .claim = "ROOTFS may be a path relative to where duct is called",
     .usual_cause = "chdir() comes before chroot(), so the path is looked up "
                    "from the wrong place",
     .reread = "#root",
     .feature = true,
     .depends = "a_command_runs",
     .body = rootfs_may_be_relative},
    {.name = "rootfs_may_be_a_link",
     .claim = "ROOTFS may be a symbolic link to a directory",
     .usual_cause = "lstat() in place of stat()",
     .reread = "#root",
     .feature = true,
     .depends = "a_command_runs",
     .body = rootfs_may_be_a_link},
    {.name = "cwd_is_the_root",
     .claim = "the command begins in the new /, wherever duct was called",
     .usual_cause = "chdir(\"/\") is missing after chroot(): the working "
                    "directory is still outside, which is a way out",
     .reread = "#root",
     .feature = true,
     .depends = "a_command_runs",
     .body = cwd_is_the_root},
    {.name = "one_child",
     .claim = "the command is duct's only child, in duct's own session",
     .usual_cause = "duct forks more often than once, or calls setsid()",
     .reread = "#fork-and-wait",
     .feature = true,
     .depends = "a_command_runs",
     .body = one_child},
    {.name = "arguments_arrive",
     .claim = "each argument arrives as it was given, empty ones as well",
     .usual_cause = "arguments are joined and split again; execve() takes "
                    "the array as it is",
     .reread = "#exec",
     .feature = true,
     .depends = "a_command_runs",
     .body = arguments_arrive},
    {.name = "no_file_of_the_caller",
     .claim = "the command has the descriptors 0, 1 and 2 and no other",
     .usual_cause = "descriptors without O_CLOEXEC live on after execve(): "
                    "close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) before it",
     .reread = "#exec",
     .feature = true,
     .depends = "a_command_runs",
     .body = no_file_of_the_caller},
    {.name = "umask_is_usual",
     .claim = "the command has umask 022, whatever the caller's is",
     .usual_cause = "the umask is inherited: umask(022) in the child",
     .reread = "#exec",
     .feature = true,
     .depends = "a_command_runs",
     .body = umask_is_usual},
    {.name = "hundred_at_once",
     .claim = "a hundred containers start side by side",
     .usual_cause = "a fixed name or a lock that all of them share",
     .reread = "#fork-and-wait",
     .feature = true,
     .depends = "a_command_runs",
     .body = hundred_at_once},
};

const struct chapter chapter_start = {"A container starts", TRIALS(trials)};
