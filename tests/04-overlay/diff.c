/*
 * Chapter: duct diff lists what a container has changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static const char *diff_of(const char *state)
{
    const struct program *p = duct("diff", "--state", state, "web");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    return p->out;
}

/* Runs a script over a tree, and compares duct diff with @expected. */
static void differs(const char *tree, const char *script, const char *expected)
{
    const char *state = tree_fresh_dir(0);
    const char *before = tree_record(tree);

    expect_exit(shared_sh(keep_format("set -e\n%s", script), "--state", state,
                          "--name", "web", tree),
                0);
    expect_str(keep_format("duct diff after `%s`", script), expected,
               diff_of(state));
    expect_unchanged(before, tree);
}

static void nothing(void)
{
    differs(shared_tree(), "cat /data/one >/dev/null", "");
}

static void added(void)
{
    const char *tree = shared_tree();

    differs(tree, "echo x >/data/new", "C /data\nA /data/new\n");
    differs(tree,
            "mkdir -p /new/dir; echo x >/new/dir/x; ln -s x /new/link; "
            "mkfifo /new/fifo",
            "A /new\nA /new/dir\nA /new/dir/x\nA /new/fifo\nA /new/link\n");
}

static void changed(void)
{
    const char *tree = shared_tree();

    differs(tree, "echo x >>/data/one", "C /data\nC /data/one\n");
    differs(tree, "chmod 600 /data/one", "C /data\nC /data/one\n");
    differs(tree, "chmod 700 /data", "C /data\n");
    differs(tree, "rm /data/one; echo x >/data/one", "C /data\nC /data/one\n");
    differs(tree, "rm /data/one; mkdir /data/one", "C /data\nC /data/one\n");
}

static void deleted(void)
{
    const char *tree = shared_tree();

    differs(tree, "rm /data/one", "C /data\nD /data/one\n");
    differs(tree, "rm -r /data/full", "C /data\nD /data/full\n");
    differs(tree, "rm -r /data", "D /data\n");
    differs(tree, "echo x >/data/x; rm /data/x", "C /data\n");
}

static void renamed(void)
{
    differs(shared_tree(), "mv /data/one /data/moved",
            "C /data\nA /data/moved\nD /data/one\n");
}

/* Byte order: what sorts after "/" comes after a directory's content. */
static void sorted_by_path(void)
{
    differs(shared_tree(),
            "cd /data; echo x >b; echo x >a; mkdir d; echo x >d/x; echo x >d-; "
            "echo x >d0; rm one; echo x >B",
            "C /data\nA /data/B\nA /data/a\nA /data/b\nA /data/d\n"
            "A /data/d-\nA /data/d/x\nA /data/d0\nD /data/one\n");
}

static void opaque_is_unfolded(void)
{
    const char *tree = shared_tree();

    differs(tree, "rm -r /data/full; mkdir /data/full; echo c >/data/full/c",
            "C /data\nC /data/full\nD /data/full/a\nD /data/full/b\n"
            "A /data/full/c\n");
    differs(tree, "rm -r /data/full; mkdir /data/full; echo c >/data/full/b",
            "C /data\nC /data/full\nD /data/full/a\nC /data/full/b\n");
}

static void opaque_to_the_bottom(void)
{
    char *tree = shared_fresh_tree();

    tree_make(tree, "data/full/in/deep", "deep\n");
    differs(tree, "rm -r /data/full; mkdir -p /data/full/in",
            "C /data\nC /data/full\nD /data/full/a\nD /data/full/b\n"
            "C /data/full/in\nD /data/full/in/deep\n");
}

/* What one directory hides is no matter of the next one. */
static void others_are_not_opaque(void)
{
    char *tree = shared_fresh_tree();
    const char *expected = "C /data\n";

    for (int i = 0; i < 8; i++) {
        tree_make(tree, keep_format("data/d%d/old", i), "old\n");
        tree_make(tree, keep_format("data/d%d/changed", i), "old\n");
        expected = keep_format(
            "%sC /data/d%d\nC /data/d%d/changed\n%s", expected, i, i,
            i == 2 || i == 5 ? keep_format("D /data/d%d/old\n", i) : "");
    }
    differs(tree,
            "cd /data; for d in d*; do echo x >>$d/changed; done; for d in d2 "
            "d5; do rm -r $d; mkdir $d; echo x >$d/changed; done",
            expected);
}

static struct program *diff_as_nobody(const char *script, const char **state)
{
    *state = tree_fresh_dir(NOBODY);
    expect_exit(spawn_run(&(struct spawn){
                    .argv = DUCT("run", "--state", *state, "--name", "web",
                                 shared_tree_of_nobody(), "sh", "-c", script),
                    .uid = NOBODY}),
                0);
    return spawn_run(&(struct spawn){
        .argv = DUCT("diff", "--state", *state, "web"), .uid = NOBODY});
}

static void what_can_not_be_read(void)
{
    const char *state;
    struct deny copying = {.number = SYS_fcntl,
                           .argument = 1,
                           .value = F_DUPFD_CLOEXEC,
                           .only_with = true,
                           .errnum = EMFILE,
                           .name = "fcntl(F_DUPFD_CLOEXEC)"};

    expect_refused(diff_as_nobody("mkdir -p /a/b; chmod 0 /a", &state), "/a",
                   "(EACCES)");
    expect_refused(diff_as_nobody("echo x >/data/x; chmod 0 /", &state),
                   "/upper", "(EACCES)");
    expect_output(duct("diff", "--state", state, "web"),
                  "C /data\nA /data/x\n");
    expect_refused(
        spawn_run(&(struct spawn){.argv = DUCT("diff", "--state", state, "web"),
                                  .prepare = deny_call,
                                  .prepare_arg = &copying}),
        "(EMFILE)");
}

static void link_becomes_a_directory(void)
{
    char *tree = shared_fresh_tree();

    expect_call(symlink("full", keep_format("%s/data/link", tree)));
    differs(tree, "rm /data/link; mkdir /data/link; echo x >/data/link/a",
            "C /data\nC /data/link\nA /data/link/a\n");
}

static void across_trees(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *top = tree_fresh_dir(0);

    tree_make(top, "data/full/a", "top\n");
    tree_make(top, "data/full/t", "top\n");
    tree_make(top, "data/t", "top\n");
    expect_exit(shared_sh("cd /data; echo x >>t; echo x >>one; rm -r full; "
                          "mkdir full; rm two",
                          "--state", state, "--name", "web", "--lower", top,
                          tree),
                0);
    expect_str("duct diff over two trees",
               "C /data\nC /data/full\nD /data/full/a\nD /data/full/b\n"
               "D /data/full/t\nC /data/one\nC /data/t\nD /data/two\n",
               diff_of(state));
}

/* A tree may be the layer of another container, whiteouts and all. */
static void over_whiteouts(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct container *c =
        shared_changed("rm /data/one; echo x >/data/new", tree);
    char *top = tree_fresh_dir(0);

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("cp", "-a",
                                 keep_format("%s/.", shared_upper(c)), top)}),
                0);
    expect_exit(shared_sh("ls /data; echo again >/data/one", "--state", state,
                          "--name", "web", "--lower", top, tree),
                0);
    expect_str("duct diff after a file came back", "C /data\nA /data/one\n",
               diff_of(state));
}

static void while_it_runs(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);

    (void)shared_changed("echo x >/data/x", "--state", state, "--name", "web",
                         tree);
    expect_str("duct diff of a container that runs", "C /data\nA /data/x\n",
               diff_of(state));
}

static void of_the_unknown(void)
{
    const char *above = tree_fresh_dir(0);
    const char *state = keep_format("%s/state", above);

    tree_make(above, "state/web/notes", "no layer\n");
    tree_make(above, "x/upper/file", "canary\n");
    expect_refused(duct("diff", "--state", state, "db"), "db", "(ENOENT)");
    expect_refused(duct("diff", "--state", state, "web"), "web", "(ENOENT)");
    expect_refused(duct("diff", "--state", state, "../x"), "name", "\"../x\"");
    expect_refused(duct("diff", "--state", state, ""), "name", "\"\"");
    expect_refused(duct("diff", "--state", state), "NAME");
    expect_refused(duct("diff", "--state", state, "a", "b"), "NAME");
    expect_refused(duct("diff", "--foo", "web"), "--foo");
    expect_refused(duct("diff", "--state"), "--state");
}

static const struct trial trials[] = {
    {.name = "diff_of_nothing",
     .claim = "a container that has changed nothing has no differences",
     .usual_cause = "duct itself has made /dev, /proc and /sys anew",
     .reread = "#changes",
     .feature = true,
     .depends = "name_keeps",
     .body = nothing},
    {.name = "diff_of_added",
     .claim = "what is new is A, its directory is C",
     .usual_cause = "all that is in upperdir is taken for new",
     .reread = "#changes",
     .feature = true,
     .depends = "name_keeps",
     .body = added},
    {.name = "diff_of_changed",
     .claim = "what was there before is C, also when only its mode changed",
     .usual_cause = "the trees below are not looked at",
     .reread = "#changes",
     .feature = true,
     .depends = "name_keeps",
     .body = changed},
    {.name = "diff_of_deleted",
     .claim = "what was removed is D; below a removed directory no more is "
              "told",
     .usual_cause = "a whiteout is listed as a device that was added",
     .reread = "#changes",
     .feature = true,
     .depends = "name_keeps",
     .body = deleted},
    {.name = "diff_of_renamed",
     .claim = "a renamed file is D under its old name and A under its new one",
     .usual_cause = "a whiteout is listed as a device that was added",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_of_deleted",
     .body = renamed},
    {.name = "diff_is_sorted",
     .claim = "lines are sorted by path",
     .usual_cause = "readdir() has an order of its own",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_of_added",
     .body = sorted_by_path},
    {.name = "diff_unfolds_opaque",
     .claim = "what an opaque directory hides is D, unless it was made again",
     .usual_cause = "the attribute that marks a directory is not looked at",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_of_deleted",
     .body = opaque_is_unfolded},
    {.name = "diff_unfolds_to_the_bottom",
     .claim = "what is hidden further down below an opaque directory is D too",
     .usual_cause = "only the topmost of the new directories is marked",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_unfolds_opaque",
     .body = opaque_to_the_bottom},
    {.name = "diff_unfolds_no_others",
     .claim = "what is beside an opaque directory is not hidden by it",
     .usual_cause = "the mark is remembered for longer than for its directory",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_unfolds_opaque",
     .body = others_are_not_opaque},
    {.name = "diff_tells_what_it_can_not_read",
     .claim = "without root a directory may be shut: diff says so, and lists "
              "nothing",
     .usual_cause = "half of the list is printed, with exit status 0",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_of_added",
     .body = what_can_not_be_read},
    {.name = "diff_follows_no_link",
     .claim = "a directory in the place of a link hides nothing of where the "
              "link led",
     .usual_cause = "the path is looked up below, and a link on the way is "
                    "followed",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_of_changed",
     .body = link_becomes_a_directory},
    {.name = "diff_across_trees",
     .claim = "with --lower all trees together are what was there before",
     .usual_cause = "only ROOTFS is looked at, or a hidden entry of two trees "
                    "is told twice",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_unfolds_opaque",
     .body = across_trees},
    {.name = "diff_over_whiteouts",
     .claim = "what a tree below has hidden already was not there",
     .usual_cause = "a whiteout below is taken for a file",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_across_trees",
     .body = over_whiteouts},
    {.name = "diff_while_it_runs",
     .claim = "diff may be asked while the container runs",
     .usual_cause = "diff wants the lock",
     .reread = "#changes",
     .feature = true,
     .depends = "diff_of_added",
     .body = while_it_runs},
    {.name = "diff_of_the_unknown",
     .claim = "diff refuses a name that is none, or is not there",
     .usual_cause = "the name is checked in run, and not in diff",
     .reread = "#changes",
     .feature = true,
     .body = of_the_unknown},
};

const struct chapter chapter_diff = {"Diff", TRIALS(trials)};
