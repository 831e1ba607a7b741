/*
 * Chapter: several trees below, and paths that overlay's options could take
 * for something else.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

/* A tree with some files: name, text, name, text, ... */
static char *tree_of(const char *const *words)
{
    char *tree = tree_fresh_dir(0);

    for (; *words != NULL; words += 2)
        tree_make(tree, words[0], words[1]);
    return tree;
}

#define TREE(...) tree_of(ARGV(__VA_ARGS__))

static void upper_ones_hide(void)
{
    const char *top = TREE("data/one", "top\n", "data/t", "top\n");
    const char *middle = TREE("data/one", "middle\n", "data/two", "middle\n",
                              "data/m", "middle\n");
    const char *before = tree_record(top);
    const struct program *p = shared_sh(
        "cd /data; cat one two three t m; rm one; echo changed >two; ls",
        "--lower", top, "--lower", middle, shared_tree());

    expect_output(p, "top\nmiddle\nthree\ntop\nmiddle\n"
                     "five\nfour\nfull\nm\nsub\nt\nthree\ntwo\n");
    expect_unchanged(before, top);
}

static void one_is_enough(void)
{
    expect_output(shared_sh("cat /data/one /data/two", "--lower",
                            TREE("data/one", "lower\n"), shared_tree()),
                  "lower\ntwo\n");
}

static void root_looks_like_the_topmost(void)
{
    const char *top = TREE("data/one", "top\n");

    expect_call(chmod(top, 0750));
    expect_output(shared_sh("stat -c %a /", "--lower", top, shared_tree()),
                  "750\n");
}

static void may_be_relative(void)
{
    const char *top = TREE("data/one", "top\n");
    const struct spawn spawn = {
        .argv = DUCT("run", "--lower", "./top", "--state", "state",
                     shared_tree(), "cat", "/data/one"),
        .cwd = tree_fresh_dir(0),
    };

    expect_call(rename(top, keep_format("%s/top", spawn.cwd)));
    expect_output(spawn_run(&spawn), "top\n");
}

static void must_be_directories(void)
{
    const char *tree = shared_tree();
    const char *file = keep_format("%s/data/one", tree);

    expect_refused(duct("run", "--lower", "/no/such/tree", tree, "true"),
                   "--lower", "/no/such/tree", "(ENOENT)");
    expect_refused(duct("run", "--lower", file, tree, "true"), "--lower", file,
                   "(ENOTDIR)");
    expect_refused(duct("run", "--lower", "", tree, "true"), "--lower",
                   "(ENOENT)");
    expect_refused(duct("run", "--lower", tree, "/no/such/tree", "true"),
                   "ROOTFS", "/no/such/tree", "(ENOENT)");
}

/* Each is part of a path somewhere. */
static const char *const odd[] = {
    "a:b", "a,b",           "a\\b",       "a b",  "a'b",  "a\"b",
    "a=b", "a\\,b:c\\:d\\", "upperdir=x", "a\tb", "a\nb", "$(a)",
};

enum {
    ODD = sizeof(odd) / sizeof(odd[0])
};

static void odd_trees(void)
{
    const char *tree = shared_fresh_tree();

    for (size_t i = 0; i < ODD; i++) {
        const char *path = scratch_path("%s", odd[i]);
        const struct program *p;

        expect_call(rename(tree, path));
        p = shared_sh("echo more >>/data/one; cat /data/one", path);
        expect_call(rename(path, tree));
        expect_output(p, "one\nmore\n");
    }
}

static void odd_lowers(void)
{
    const char *tree = shared_tree();

    for (size_t i = 0; i < ODD; i++) {
        const char *top = TREE("data/one", "top\n");
        const char *path = keep_format("%s/%s", tree_fresh_dir(0), odd[i]);

        expect_call(rename(top, path));
        expect_output(shared_sh("cat /data/one /data/two", "--lower", path,
                                "--lower", TREE("data/two", "other\n"), tree),
                      "top\nother\n");
    }
}

static void odd_states(void)
{
    const char *tree = shared_tree();

    for (size_t i = 0; i < ODD; i++) {
        const char *path = keep_format("%s/%s", tree_fresh_dir(0), odd[i]);

        expect_output(shared_sh("echo more >>/data/one; cat /data/one",
                                "--state", path, "--name", "web", tree),
                      "one\nmore\n");
        expect_output(
            shared_sh("cat /data/one", "--state", path, "--name", "web", tree),
            "one\nmore\n");
        expect_output(duct("diff", "--state", path, "web"),
                      "C /data\nC /data/one\n");
        expect_exit(duct("rm", "--state", path, "web"), 0);
        expect_str("what is left there", "", tree_paths(path));
    }
}

static void too_many_are_refused(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    char *long_path = tree_fresh_dir(0);
    const char *argv[64] = {duct_path(), "run", "--state", state};
    const struct program *p;
    size_t count = 4;

    for (int i = 0; i < 4; i++) {
        char part[201] = {0};

        memset(part, 'x', 200);
        long_path = keep_format("%s/%s", long_path, part);
    }
    tree_make("/", keep_format("%s/data/one", long_path + 1), "long\n");
    for (int i = 0; i < 6; i++) {
        argv[count++] = "--lower";
        argv[count++] = long_path;
    }
    argv[count++] = tree;
    argv[count] = "true";
    p = spawn_run(&(struct spawn){.argv = argv});
    expect_refused(p, "overlay", "(ENAMETOOLONG)");
    expect_contains("the hint below it", "--lower", p->err);
    expect_str("what is left in the state directory", "", tree_paths(state));
    expect_output(shared_sh("cat /data/one", "--lower", long_path, tree),
                  "long\n");
}

static const struct trial trials[] = {
    {.name = "lower_is_above_rootfs",
     .claim = "a --lower tree lies above ROOTFS",
     .usual_cause = "lowerdir= begins with the topmost",
     .reread = "#overlay_mount",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = one_is_enough},
    {.name = "first_lower_is_topmost",
     .claim = "of several --lower trees the first is topmost, and none is "
              "ever written to",
     .usual_cause = "lowerdir= begins with the topmost; the list is reversed",
     .reread = "#overlay_mount",
     .feature = true,
     .depends = "lower_is_above_rootfs",
     .body = upper_ones_hide},
    {.name = "root_looks_like_the_topmost",
     .claim = "/ looks like the topmost tree",
     .usual_cause = "upperdir is made like ROOTFS, whatever lies above it",
     .reread = "#layers",
     .feature = true,
     .depends = "lower_is_above_rootfs",
     .body = root_looks_like_the_topmost},
    {.name = "lower_may_be_relative",
     .claim = "--lower and --state may be relative paths",
     .usual_cause = "the path is used after chdir(), in the child",
     .reread = "#layers",
     .feature = true,
     .depends = "lower_is_above_rootfs",
     .body = may_be_relative},
    {.name = "lower_must_be_a_directory",
     .claim = "--lower refuses what is no directory, by flag and value",
     .usual_cause = "it is left to mount(2), whose answer names nothing",
     .reread = "#layers",
     .feature = true,
     .body = must_be_directories},
    {.name = "odd_rootfs",
     .claim = "a colon, comma, backslash or blank in ROOTFS is part of it",
     .usual_cause =
         "overlay's options have to be escaped: \\: and \\, and \\\\",
     .reread = "#overlay_mount",
     .depends = "root_is_an_overlay",
     .feature = true,
     .body = odd_trees},
    {.name = "odd_lower",
     .claim = "a colon, comma, backslash or blank in --lower is part of it",
     .usual_cause =
         "overlay's options have to be escaped: \\: and \\, and \\\\",
     .reread = "#overlay_mount",
     .feature = true,
     .depends = "odd_rootfs",
     .body = odd_lowers},
    {.name = "odd_state",
     .claim = "a colon, comma, backslash or blank in --state is part of it",
     .usual_cause =
         "overlay's options have to be escaped: \\: and \\, and \\\\",
     .reread = "#overlay_mount",
     .feature = true,
     .depends = "odd_rootfs",
     .body = odd_states},
    {.name = "too_many_lowers_are_refused",
     .claim = "more paths than fit into the kernel's page are refused in words",
     .usual_cause = "the kernel cuts the options off after a page, and "
                    "complains of something else",
     .reread = "#overlay_mount",
     .feature = true,
     .depends = "lower_is_above_rootfs",
     .body = too_many_are_refused},
};

const struct chapter chapter_lowers = {"Several trees", TRIALS(trials)};
