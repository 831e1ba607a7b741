/*
 * Chapter: --explain tells the mounts, as a script that makes them.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

/* Runs a script until `sleep 4711` sleeps in it. */
static pid_t replayed(const char *script, uid_t uid, struct program **p)
{
    *p = spawn_start(&(struct spawn){.argv = ARGV("sh", script), .uid = uid});
    return kernel_find((*p)->pid, "sleep 4711");
}

struct seen {
    const char *mounts;
    const char *options; /* of the overlay */
    const char *data;    /* files in /data */
};

static struct seen look(pid_t pid)
{
    const struct mounts *m = mounts_of(pid);
    const struct mount_entry *root = mounts_at(m, "/");

    return (struct seen){
        .mounts = mounts_told(m),
        .options = root == NULL ? "none" : root->options,
        .data = tree_paths(keep_format("/proc/%d/root/data", pid)),
    };
}

/* Compares what duct made with what its script makes. */
static void compare(uid_t uid, const char *const *words)
{
    const char *script = keep_format("%s/script", tree_fresh_dir(uid));
    struct program *p;
    struct container *c = container_start(&(struct spawn){
        .argv = argv_of(DUCT("run", keep_format("--explain=%s", script)), words,
                        ARGV("sleep", "4711"), NULL),
        .uid = uid});
    struct seen first = look(c->init), again;
    pid_t sleeper;

    container_end(c);
    sleeper = replayed(script, uid, &p);
    again = look(sleeper);
    expect_call(kill(sleeper, SIGKILL));
    spawn_finish(p);
    expect_str("mounts of the script's container, as of duct's", first.mounts,
               again.mounts);
    expect_str("options of its overlay", first.options, again.options);
    expect_str("files in its /data", first.data, again.data);
}

static void overlay_is_mounted(void)
{
    const char *state = tree_fresh_dir(0);

    compare(0, ARGV("--state", state, shared_tree()));
    expect_str("what the script leaves in the state directory", "",
               tree_paths(state));
}

static void all_mounts_are_made(void)
{
    const char *from = tree_fresh_dir(0), *top = tree_fresh_dir(0);

    tree_make(from, "file", "of the host\n");
    tree_make(top, "data/top", "top\n");
    compare(0,
            ARGV("--state", tree_fresh_dir(0), "--lower", top, "-v",
                 keep_format("%s:/new/dir:ro", from), "-v",
                 keep_format("%s:/data/full", from), "-v",
                 keep_format("%s/file:/other/file", from), "--tmpfs",
                 "/data/sub", "--tmpfs", "/t", "--read-only", shared_tree()));
}

static void name_is_kept(void)
{
    const char *state = tree_fresh_dir(0), *tree = shared_tree();
    const char *script = keep_format("%s/script", tree_fresh_dir(0));

    expect_exit(shared_sh("echo x >>/data/new",
                          keep_format("--explain=%s", script), "--state", state,
                          "--name", "web", tree),
                0);
    expect_exit(explain_replay(script), 0);
    expect_output(
        shared_sh("cat /data/new", "--state", state, "--name", "web", tree),
        "x\nx\n");
    expect_output(duct("rm", "--state", state, "web"), "");
    expect_exit(explain_replay(script), 0);
    expect_str("what the script made in the state directory", "x\n",
               file_read(keep_format("%s/web/upper/data/new", state)));
}

static void works_for_nobody(void)
{
    compare(NOBODY, ARGV("--state", tree_fresh_dir(NOBODY), "--tmpfs", "/t",
                         shared_tree_of_nobody()));
}

static void tree_is_unchanged(void)
{
    const char *tree = shared_tree();
    const char *script = keep_format("%s/script", tree_fresh_dir(0));
    const char *before = tree_record(tree);
    const char *mounts = mounts_told(mounts_of(0));

    expect_exit(shared_sh("echo x >/data/new; rm /data/one; exit 42",
                          keep_format("--explain=%s", script), tree),
                42);
    expect_exit(explain_replay(script), 42);
    expect_unchanged(before, tree);
    expect_mounts_unchanged(mounts);
}

static void root_looks_the_same(void)
{
    char *tree = shared_fresh_tree();
    const char *script = keep_format("%s/script", tree_fresh_dir(0));
    const struct program *p;

    expect_call(chown(tree, 3, 4));
    expect_call(chmod(tree, 0751));
    p = duct("run", keep_format("--explain=%s", script), tree, "stat", "-c",
             "%a %u %g", "/");
    expect_output(p, "751 3 4\n");
    expect_output(explain_replay(script), "751 3 4\n");
}

static const struct trial trials[] = {
    {.name = "explain_mounts_the_overlay",
     .claim = "sh FILE makes a container with the same overlay, and removes "
              "its layer as well",
     .usual_cause = "a directory is made but not told; or it is told after it "
                    "is used",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = overlay_is_mounted},
    {.name = "explain_mounts_all",
     .claim = "the script makes every mount: --lower, -v, :ro, --tmpfs, "
              "--read-only",
     .usual_cause = "an operation is done but not told, or told otherwise "
                    "than done",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_mounts_the_overlay",
     .body = all_mounts_are_made},
    {.name = "explain_keeps_a_name",
     .claim = "the script of a run with --name goes on with the same layer",
     .usual_cause = "the script removes the layer; or can't make it",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_mounts_the_overlay",
     .body = name_is_kept},
    {.name = "explain_leaves_the_tree",
     .claim = "the script does not write to ROOTFS either, and nothing stays "
              "mounted",
     .usual_cause = "the script's mounts are not in a namespace of their own",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_mounts_the_overlay",
     .body = tree_is_unchanged},
    {.name = "explain_root_looks_the_same",
     .claim = "/ has the same mode and owner in the script's container",
     .usual_cause = "chmod() or chown() of upperdir is done but not told",
     .reread = "#run-it-look-at-it",
     .depends = "explain_mounts_the_overlay",
     .body = root_looks_the_same},
    {.name = "explain_without_root",
     .claim = "the script works without root as well",
     .usual_cause = "userxattr is not told",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_mounts_the_overlay",
     .body = works_for_nobody},
};

const struct chapter chapter_explain = {"--explain", TRIALS(trials)};
