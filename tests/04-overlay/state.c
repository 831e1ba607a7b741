/*
 * Chapter: where layers are.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void usual_place_of_root(void)
{
    const char *tree = shared_tree();
    struct container *c = container(tree, "sleep", "4711");

    expect_contains("upperdir of root's container", "/var/lib/duct/steps/",
                    shared_upper(c));
    container_end(c);
    expect_str("what is left there", "", tree_paths("/var/lib/duct/steps"));
}

static void is_made(void)
{
    const char *tree = shared_tree();
    const char *state = keep_format("%s/a/b/state", tree_fresh_dir(0));
    struct stat st;
    struct container *c = container("--state", state, tree, "sleep", "4711");

    expect_contains("upperdir", state, shared_upper(c));
    container_end(c);
    expect_call(stat(state, &st));
    expect_int("mode of the new state directory", 040700, st.st_mode);
    expect_str("what is left in it", "", tree_paths(state));
}

static void may_be_a_link(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *link = keep_format("%s/link", tree_fresh_dir(0));

    expect_call(symlink(state, link));
    expect_exit(
        shared_sh("echo x >/data/x", "--state", link, "--name", "web", tree),
        0);
    expect_output(duct("diff", "--state", state, "web"),
                  "C /data\nA /data/x\n");
    expect_output(duct("rm", "--state", link, "web"), "");
    expect_str("what is left in the state directory", "", tree_paths(state));
    expect_call(rmdir(state));
    expect_refused(duct("run", "--state", link, "--name", "web", tree, "true"),
                   link, "(ENOENT)");
}

/* Programs in there may be set-user-ID, and others' files secret. */
static void is_shut_to_others(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct stat st;

    expect_exit(duct("run", "--state", state, "--name", "web", tree, "true"),
                0);
    expect_call(stat(keep_format("%s/web", state), &st));
    expect_int("mode of a layer's directory", 040700, st.st_mode);
}

static void must_be_a_directory(void)
{
    const char *tree = shared_tree();
    const char *file = keep_format("%s/data/one", tree);
    const struct program *p =
        duct("run", "--state", keep_format("%s/x", file), tree, "true");

    expect_refused(p, keep_format("%s", file), "(ENOTDIR)");
    expect_contains("the hint below it", "--state", p->err);
    expect_refused(duct("run", "--state", file, tree, "true"), file);
    expect_refused(duct("run", "--state", "/proc/duct", tree, "true"),
                   "/proc/duct", "(ENOENT)");
    expect_refused(duct("run", "--state", "", tree, "true"), "--state", "\"\"");
}

/* Upperdir on an overlay: what happens inside of a container. */
static void not_on_overlay(void)
{
    const char *tree = shared_tree(), *base = tree_fresh_dir(0);
    const char *state = keep_format("%s/merged", base);
    const char *options = keep_format(
        "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", tree, base, base);
    const struct program *p;

    expect_call(mkdir(state, 0755));
    expect_call(mkdir(keep_format("%s/upper", base), 0755));
    expect_call(mkdir(keep_format("%s/work", base), 0755));
    expect_call(mount("overlay", state, "overlay", 0, options));
    p = duct("run", "--state", state, tree, "true");
    expect_call(umount(state));
    expect_refused(p, "overlay", "(EINVAL)");
    expect_contains("the hint below it", "--state", p->err);
    expect_str("what is left there", "",
               tree_paths(keep_format("%s/upper", base)));
}

/* A run that is refused has not begun to keep anything. */
static void nothing_after_a_refusal(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);

    expect_refused(duct("run", "--state", state, "/no/such/tree", "true"),
                   "/no/such/tree");
    expect_refused(
        duct("run", "--state", state, "-v", "nonsense", tree, "true"),
        "nonsense");
    expect_refused(
        duct("run", "--state", state, "-w", "/no/such/dir", tree, "true"),
        "/no/such/dir");
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static const struct trial trials[] = {
    {.name = "state_of_root",
     .claim = "without --state root's layers are in /var/lib/duct/steps",
     .usual_cause = "they are in /tmp, which others may write to",
     .reread = "#layers",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = usual_place_of_root},
    {.name = "state_is_made",
     .claim = "--state DIR is made with all directories on the way, mode 0700",
     .usual_cause = "mkdir() makes one directory, not several",
     .reread = "#layers",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = is_made},
    {.name = "state_may_be_a_link",
     .claim = "--state may be a link to a directory",
     .usual_cause = "mkdir() says EEXIST for a link as well",
     .reread = "#layers",
     .feature = true,
     .depends = "state_is_made",
     .body = may_be_a_link},
    {.name = "layer_is_shut_to_others",
     .claim = "a layer's directory has mode 0700",
     .usual_cause = "mode 0755: any user could run what is set-user-ID in "
                    "there",
     .reread = "#layers",
     .feature = true,
     .depends = "name_keeps",
     .body = is_shut_to_others},
    {.name = "state_must_be_a_directory",
     .claim = "--state refuses what can't be a directory",
     .usual_cause = "the result of mkdir() is not looked at",
     .reread = "#layers",
     .feature = true,
     .body = must_be_a_directory},
    {.name = "state_is_not_on_overlay",
     .claim = "where upperdir can't be, duct says so and tells of --state",
     .usual_cause = "\"Invalid argument\", and no idea which",
     .reread = "#overlay_mount",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = not_on_overlay},
    {.name = "refusal_leaves_nothing",
     .claim = "a run that is refused leaves nothing in the state directory",
     .usual_cause = "an error path returns before the layer is removed",
     .reread = "#layers",
     .feature = true,
     .depends = "nothing_is_kept",
     .body = nothing_after_a_refusal},
};

const struct chapter chapter_state = {"State", TRIALS(trials)};
