/*
 * Chapter: --read-only and --tmpfs.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static const struct mount_entry *mount_at(const struct container *c,
                                          const char *point)
{
    const struct mount_entry *entry = mounts_at(mounts_of(c->init), point);

    expect_that(entry != NULL, keep_format("a mount at %s", point), "none");
    return entry;
}

#define EXPECT_FLAG(entry, flag)                                               \
    expect_that(mounts_flag((entry)->flags, (flag)),                           \
                keep_format("the flag %s at %s", (flag), (entry)->point),      \
                (entry)->flags)

static void root_is_read_only(void)
{
    const char *state = tree_fresh_dir(0), *tree = shared_tree();
    const struct container *c =
        container("--state", state, "--read-only", tree, "sleep", "4711");
    const struct program *p =
        shared_sh("echo x >/data/one; echo x >/data/new; rm /data/two; "
                  "chmod 0 /data; cat /data/one; ls /data",
                  "--read-only", "--state", state, "--name", "web", tree);

    EXPECT_FLAG(mount_at(c, "/"), "ro");
    expect_exit(p, 0);
    expect_str("stdout", "one\nfive\nfour\nfull\none\nsub\nthree\ntwo\n",
               p->out);
    expect_contains("what the container is told", "Read-only file system",
                    p->err);
    expect_output(duct("diff", "--state", state, "web"), "");
}

static void the_rest_is_writable(void)
{
    const char *from = tree_fresh_dir(0);
    const struct program *p =
        shared_sh("set -e; echo x >/dev/shm/x; echo y >/scratch/x; "
                  "echo z >/v/x; echo n >/dev/null; cat /dev/shm/x /scratch/x "
                  "/v/x",
                  "--read-only", "--tmpfs", "/scratch", "-v",
                  keep_format("%s:/v", from), shared_tree());

    expect_output(p, "x\ny\nz\n");
    expect_str("what the container wrote, on the host", "z\n",
               file_read(keep_format("%s/x", from)));
}

static void read_only_is_not_for_ever(void)
{
    const char *state = tree_fresh_dir(0), *tree = shared_tree();

    expect_exit(duct("run", "--read-only", "--state", state, "--name", "web",
                     tree, "true"),
                0);
    expect_output(shared_sh("echo x >/data/x; cat /data/x", "--state", state,
                            "--name", "web", tree),
                  "x\n");
    expect_output(shared_sh("cat /data/x", "--read-only", "--state", state,
                            "--name", "web", tree),
                  "x\n");
}

static void tmpfs_is_mounted(void)
{
    const struct container *c =
        shared_changed("ls -A /data/full; echo x >/data/full/x", "--tmpfs",
                       "/data/full", shared_tree());
    const struct mount_entry *entry = mount_at(c, "/data/full");
    struct stat st;

    expect_str("type of the mount", "tmpfs", entry->type);
    EXPECT_FLAG(entry, "nosuid");
    EXPECT_FLAG(entry, "nodev");
    EXPECT_FLAG(entry, "noexec");
    EXPECT_FLAG(entry, "rw");
    expect_str("source of the mount", "tmpfs", entry->source);
    expect_call(stat(shared_path(c, "/data/full"), &st));
    expect_int("mode of the directory", 041777, st.st_mode);
    expect_str("what the container finds in it", "done\n", c->duct->out);
    expect_str("what is in it then", "/x\n",
               tree_paths(shared_path(c, "/data/full")));
    expect_str("what is in upperdir", "", tree_paths(shared_upper(c)));
}

static void nothing_runs_there(void)
{
    const struct program *p =
        shared_sh("cp /bin/busybox /scratch/busybox; /scratch/busybox true",
                  "--tmpfs", "/scratch", shared_tree());

    expect_exit(p, 126);
}

static void directory_is_made(void)
{
    const char *tree = shared_tree();
    const char *before = tree_record(tree);

    expect_output(shared_sh("echo x >/a/b/c/x; cat /a/b/c/x; stat -c %a /a",
                            "--tmpfs", "/a/b/c", tree),
                  "x\n755\n");
    expect_unchanged(before, tree);
}

static void each_has_its_own(void)
{
    expect_output(shared_sh("echo x >/a/x; echo y >/b/y; ls /a /b /a/in",
                            "--tmpfs", "/a", "--tmpfs", "/b", "--tmpfs",
                            "/a/in", shared_tree()),
                  "/a:\nin\nx\n\n/a/in:\n\n/b:\ny\n");
}

static void nothing_is_kept_of_it(void)
{
    const char *state = tree_fresh_dir(0), *tree = shared_tree();

    expect_exit(shared_sh("echo x >/data/full/x", "--tmpfs", "/data/full",
                          "--state", state, "--name", "web", tree),
                0);
    expect_output(duct("diff", "--state", state, "web"), "");
    expect_output(
        shared_sh("ls /data/full", "--state", state, "--name", "web", tree),
        "a\nb\n");
}

static void words_are_checked(void)
{
    const char *const *value = ARGV("", "x", "./x", "../x", " /x", "tmp/x");

    for (; *value != NULL; value++)
        expect_refused(duct("run", "--tmpfs", *value, shared_tree(), "true"),
                       "--tmpfs", keep_format("\"%s\"", *value));
    expect_refused(duct("run", "--tmpfs", "/data/one", shared_tree(), "true"),
                   "/data/one");
}

static const struct trial trials[] = {
    {.name = "root_is_read_only",
     .claim = "with --read-only nothing can be written to the root",
     .usual_cause = "the overlay is remounted, not its mount; or before the "
                    "mount points were made",
     .reread = "#read-only",
     .feature = true,
     .body = root_is_read_only},
    {.name = "the_rest_is_writable",
     .claim = "with --read-only /dev/shm, volumes and --tmpfs can be written",
     .usual_cause = "the flag is set on all mounts below as well",
     .reread = "#read-only",
     .feature = true,
     .depends = "root_is_read_only",
     .body = the_rest_is_writable},
    {.name = "read_only_is_for_one_run",
     .claim = "--read-only is for one run, not for the layer",
     .usual_cause = "upperdir itself is made read-only",
     .reread = "#read-only",
     .feature = true,
     .depends = "root_is_read_only",
     .body = read_only_is_not_for_ever},
    {.name = "tmpfs_is_mounted",
     .claim = "--tmpfs DIR is an empty tmpfs: nosuid, nodev, noexec, mode 1777",
     .usual_cause = "flags of the file system and of the mount are mixed up",
     .reread = "#read-only",
     .feature = true,
     .body = tmpfs_is_mounted},
    {.name = "tmpfs_runs_nothing",
     .claim = "a program that is copied to it can't be executed",
     .usual_cause = "noexec is missing",
     .reread = "#read-only",
     .feature = true,
     .depends = "tmpfs_is_mounted",
     .body = nothing_runs_there},
    {.name = "tmpfs_directory_is_made",
     .claim = "DIR is made if it is missing, and ROOTFS stays as it is",
     .usual_cause = "mkdir() makes one directory, not several",
     .reread = "#read-only",
     .feature = true,
     .depends = "tmpfs_is_mounted",
     .body = directory_is_made},
    {.name = "several_tmpfs",
     .claim = "several --tmpfs are apart, and may be one inside another",
     .usual_cause = "only the last one is kept",
     .reread = "#read-only",
     .feature = true,
     .depends = "tmpfs_directory_is_made",
     .body = each_has_its_own},
    {.name = "tmpfs_is_not_kept",
     .claim = "what is written to it is no change of the layer",
     .usual_cause = "it is mounted before the overlay, which then hides it",
     .reread = "#read-only",
     .feature = true,
     .depends = "tmpfs_is_mounted",
     .body = nothing_is_kept_of_it},
    {.name = "tmpfs_words_are_checked",
     .claim = "--tmpfs refuses what is no absolute path, by flag and value",
     .usual_cause = "a relative path is taken below whatever is current",
     .reread = "#read-only",
     .feature = true,
     .body = words_are_checked},
};

const struct chapter chapter_tmpfs = {"Read-only, tmpfs", TRIALS(trials)};
