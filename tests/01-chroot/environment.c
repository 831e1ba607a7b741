/*
 * Chapters: the command's environment, and where it begins (--workdir).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The environment of a process: "A=1 B=2 ...", sorted. */
static char *environment_of(pid_t pid)
{
    size_t size = 0, count = 0;
    char *bytes = kernel_read_bytes(&size, "%d/environ", pid);
    char **words = keep_zeroed((size + 1) * sizeof(*words));
    char *text = keep_format("%s", "");

    for (size_t at = 0; bytes != NULL && at < size;
         at += strlen(bytes + at) + 1)
        words[count++] = bytes + at;
    qsort(words, count, sizeof(*words), compare_words);
    for (size_t i = 0; i < count; i++)
        text = keep_format("%s%s%s", text, i > 0 ? " " : "", words[i]);
    return text;
}

static const char *const *caller(const char *const *more)
{
    return argv_of(ARGV("HOME=/home/student", "PATH=/host/bin:/usr/bin:/bin",
                        "SECRET=of-the-host", "LD_PRELOAD=", "TERM=vt220"),
                   more, NULL);
}

/* The environment that `duct run OPTIONS ROOTFS sleep` gives its command. */
static char *environment_with(const char *const *options)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = argv_of(DUCT("run"), options, ARGV(rootfs(), "sleep", "4711"),
                        NULL),
        .env = caller(ARGV("COLOUR=blue", "COLOURS=red")),
    });

    return environment_of(c->init);
}

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_OPTIONS   ((const char *const[]){NULL})

/* Later steps give the container a hostname of its own. */
static char *expected_with(const char *before, const char *between,
                           const char *after)
{
    const struct program *p = duct("run", rootfs(), "hostname");

    return keep_format("%sHOME=/root HOSTNAME=%.*s %sPATH=/usr/local/sbin:"
                       "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin%s "
                       "TERM=vt220",
                       before, (int)strcspn(p->out, "\n"), p->out, between,
                       after);
}

static void environment_is_clean(void)
{
    expect_str("the environment", expected_with("", "", ""),
               environment_with(NO_OPTIONS));
}

static void term_is_never_missing(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .env = ARGV("PATH=/bin"),
    });
    const char *environment = environment_of(c->init);

    expect_contains("the environment", " TERM=", environment);
    expect_lacks("the environment", "LC_", environment);
}

static void e_sets(void)
{
    expect_str("the environment", expected_with("A=1 B=x=y EMPTY= ", "", ""),
               environment_with(
                   OPTIONS("-e", "A=1", "--env", "B=x=y", "--env=EMPTY=")));
}

static void e_overrides(void)
{
    const char *environment = environment_with(
        OPTIONS("-e", "HOME=/home/me", "-e", "A=1", "-e", "A=2"));

    expect_contains("the environment", "A=2 HOME=/home/me ", environment);
    expect_lacks("the environment", "A=1", environment);
    expect_lacks("the environment", "HOME=/root", environment);
}

static void e_passes_on(void)
{
    expect_str("the environment", expected_with("COLOUR=blue ", "", ""),
               environment_with(
                   OPTIONS("-e", "COLOUR", "-e", "COLO", "-e", "UNKNOWN")));
    expect_contains("the environment", "HOME=/home/student ",
                    environment_with(OPTIONS("-e", "HOME")));
}

static void e_path_finds_commands(void)
{
    expect_output(
        duct("run", "-e", "PATH=/inside", rootfs(), "probe", "sysv", "1"),
        "none\n");
    expect_refused_as(duct("run", "-e", "PATH=/inside", rootfs(), "echo"), 127,
                      "echo");
}

static void e_needs_a_name(void)
{
    expect_refused(duct("run", "-e", "=value", rootfs(), "true"), "--env",
                   "\"=value\"");
    expect_refused(duct("run", "-e", "", rootfs(), "true"), "--env", "\"\"");
}

static const struct trial environment_trials[] = {
    {.name = "environment_is_clean",
     .claim = "the environment is PATH, HOME, TERM, HOSTNAME and no more",
     .usual_cause = "execv() hands the caller's environment on; execve() "
                    "takes the one that it is given",
     .reread = "#environment",
     .feature = true,
     .depends = "a_command_runs",
     .body = environment_is_clean},
    {.name = "term_is_never_missing",
     .claim = "the command has a TERM even if the caller has none",
     .usual_cause = "getenv(\"TERM\") may be NULL",
     .reread = "#environment",
     .feature = true,
     .depends = "a_command_runs",
     .body = term_is_never_missing},
    {.name = "e_sets",
     .claim = "-e NAME=VALUE sets a variable, as often as it is given",
     .usual_cause = "only one -e is kept, or the value is cut at a second =",
     .reread = "#environment",
     .feature = true,
     .depends = "environment_is_clean",
     .body = e_sets},
    {.name = "e_overrides",
     .claim = "-e replaces what is there: defaults, and an earlier -e",
     .usual_cause = "variables are added without looking for the name",
     .reread = "#environment",
     .feature = true,
     .depends = "e_sets",
     .body = e_overrides},
    {.name = "e_passes_on",
     .claim = "-e NAME passes the caller's value on; an unset NAME is skipped",
     .usual_cause = "the environment was cleared before it was looked into, "
                    "or a name is taken for another that it begins",
     .reread = "#environment",
     .feature = true,
     .depends = "environment_is_clean",
     .body = e_passes_on},
    {.name = "e_path_finds_commands",
     .claim = "the command is looked for in the container's PATH",
     .usual_cause = "execvp() before the environment is set: it searches "
                    "the caller's PATH",
     .reread = "#environment",
     .feature = true,
     .depends = "e_sets",
     .body = e_path_finds_commands},
    {.name = "e_needs_a_name",
     .claim = "-e without a name is refused",
     .usual_cause = "the text before = is not looked at",
     .reread = "#environment",
     .feature = true,
     .body = e_needs_a_name},
};

const struct chapter chapter_environment = {"Environment",
                                            TRIALS(environment_trials)};

static void w_is_the_cwd(void)
{
    expect_output(duct("run", "-w", "/tmp", rootfs(), "pwd"), "/tmp\n");
    expect_output(duct("run", "--workdir=/etc/", rootfs(), "pwd"), "/etc\n");
    expect_output(duct("run", "--workdir", "/bin", rootfs(), "./echo", "hi"),
                  "hi\n");
}

static void w_is_seen_from_inside(void)
{
    expect_refused(duct("run", "-w", scratch_dir(), rootfs(), "true"),
                   scratch_dir(), "(ENOENT)");
}

static void w_must_be_absolute(void)
{
    expect_refused(duct("run", "-w", "tmp", rootfs(), "true"), "--workdir",
                   "\"tmp\"");
    expect_refused(duct("run", "--workdir=", rootfs(), "true"), "--workdir",
                   "\"\"");
}

static void w_must_be_a_directory(void)
{
    expect_refused(duct("run", "-w", "/no/such/place", rootfs(), "true"),
                   "/no/such/place", "(ENOENT)");
    expect_refused(duct("run", "-w", "/etc/passwd", rootfs(), "true"),
                   "/etc/passwd", "(ENOTDIR)");
}

static void hold_a_directory(void *arg)
{
    int fd = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)arg;
    if (dup2(fd, 9) < 0)
        _exit(125);
}

/* With a /proc inside, a path leads to whatever duct has open. */
static void w_is_no_way_out(void)
{
    const char *proc = keep_format("%s/proc", rootfs_linked());
    const struct program *p;

    expect_call(mount("proc", proc, "proc", 0, NULL));
    p = spawn_run(&(struct spawn){
        .argv = DUCT("run", "-w", "/proc/self/fd/9", keep_format("%s/..", proc),
                     "/bin/cat", "hostname"),
        .prepare = hold_a_directory,
    });
    expect_call(umount2(proc, MNT_DETACH));
    expect_refused(p, "/proc/self/fd/9");
}

static const struct trial workdir_trials[] = {
    {.name = "w_is_the_cwd",
     .claim = "-w DIR is the command's working directory",
     .usual_cause = "chdir(DIR) comes before chroot(), or not at all",
     .reread = "#workdir",
     .feature = true,
     .depends = "cwd_is_the_root",
     .body = w_is_the_cwd},
    {.name = "w_is_seen_from_inside",
     .claim = "-w DIR is looked up inside the new root",
     .usual_cause = "chdir(DIR) comes before chroot()",
     .reread = "#workdir",
     .feature = true,
     .depends = "cwd_is_the_root",
     .body = w_is_seen_from_inside},
    {.name = "w_must_be_absolute",
     .claim = "-w with a relative path is refused",
     .usual_cause = "relative to what? Nobody could tell: refuse it",
     .reread = "#workdir",
     .feature = true,
     .body = w_must_be_absolute},
    {.name = "w_must_be_a_directory",
     .claim = "-w with a directory that is not there is refused, with 125",
     .usual_cause = "the result of chdir() is not checked",
     .reread = "#workdir",
     .feature = true,
     .depends = "cwd_is_the_root",
     .body = w_must_be_a_directory},
    {.name = "w_is_no_way_out",
     .claim = "-w /proc/self/fd/N does not lead out of the root",
     .usual_cause = "a link in /proc leads to an open directory, not to a "
                    "path: getcwd() after chdir() fails when it is outside",
     .reread = "#workdir",
     .feature = true,
     .depends = "w_is_the_cwd",
     .body = w_is_no_way_out},
};

const struct chapter chapter_workdir = {"Working directory",
                                        TRIALS(workdir_trials)};
