/*
 * Chapter: all of it without root.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static struct program *as_nobody(const char *const *words)
{
    return spawn_run(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL), .uid = NOBODY});
}

#define AS_NOBODY(...) as_nobody(ARGV(__VA_ARGS__))
#define SH_AS_NOBODY(script, ...)                                              \
    AS_NOBODY("run", __VA_ARGS__, "sh", "-c", (script))

static struct container *nobodys(const char *script, const char *const *words)
{
    return shared_done(spawn_start(&(struct spawn){
        .argv = argv_of(DUCT("run"), words,
                        ARGV("sh", "-c", shared_and_sleep(script)), NULL),
        .uid = NOBODY}));
}

#define NOBODYS(script, ...) nobodys((script), ARGV(__VA_ARGS__))

static void tree_is_unchanged(void)
{
    const char *tree = shared_tree_of_nobody();
    const char *before = tree_record(tree);
    const char *mounts = mounts_told(mounts_of(0));
    const struct program *p = SH_AS_NOBODY(
        "set -e; echo more >>/data/one; rm /data/two; mv /data/three /data/x; "
        "rm -r /data/full; chmod 700 /etc; cat /data/one /data/x; ls /data",
        tree);

    expect_unchanged(before, tree);
    expect_mounts_unchanged(mounts);
    expect_output(p, "one\nmore\nthree\nfive\nfour\none\nsub\nx\n");
}

/* Nothing can be copied up into a directory whose owner has no number in the
 * user namespace; but / is as upperdir is. */
static void roots_tree_will_do(void)
{
    const char *tree = shared_tree();
    const char *before = tree_record(tree);

    expect_output(SH_AS_NOBODY("cat /data/one; echo x >/x; cat /x", tree),
                  "one\nx\n");
    expect_unchanged(before, tree);
}

static void usual_place(void)
{
    const char *tree = shared_tree_of_nobody(), *data = tree_fresh_dir(NOBODY);
    const char *home = scratch_path("home-of-nobody");
    struct container *c = NOBODYS("", tree);

    expect_contains("upperdir of nobody's container",
                    keep_format("%s/.local/share/duct/steps/", home),
                    shared_upper(c));
    container_end(c);
    c = container_start(&(struct spawn){
        .argv = DUCT("run", tree, "sleep", "4711"),
        .env = ARGV(keep_format("HOME=%s", home),
                    keep_format("XDG_DATA_HOME=%s", data)),
        .uid = NOBODY,
    });
    expect_contains("upperdir with XDG_DATA_HOME",
                    keep_format("%s/duct/steps/", data), shared_upper(c));
    container_end(c);
    expect_refused(spawn_run(&(struct spawn){
                       .argv = DUCT("run", tree, "true"),
                       .env = ARGV("PATH=/bin"),
                       .uid = NOBODY,
                   }),
                   "state");
}

static void name_keeps(void)
{
    const char *tree = shared_tree_of_nobody();
    const char *state = tree_fresh_dir(NOBODY);

    expect_exit(SH_AS_NOBODY("echo kept >/data/new; rm /data/one", "--state",
                             state, "--name", "web", tree),
                0);
    expect_output(SH_AS_NOBODY("cat /data/new; ls /data", "--state", state,
                               "--name", "web", tree),
                  "kept\nfive\nfour\nfull\nnew\nsub\nthree\ntwo\n");
    expect_output(AS_NOBODY("diff", "--state", state, "web"),
                  "C /data\nA /data/new\nD /data/one\n");
    expect_output(AS_NOBODY("rm", "--state", state, "web"), "");
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void marks_are_nobodys(void)
{
    const char *tree = shared_tree_of_nobody();
    const char *state = tree_fresh_dir(NOBODY);
    struct container *c =
        NOBODYS("rm /data/one; rm -r /data/full; mkdir /data/full; echo c "
                ">/data/full/c",
                "--state", state, "--name", "web", tree);
    const char *upper = shared_upper(c);

    expect_that(mounts_flag(shared_root(c)->options, "userxattr"),
                "the option userxattr", shared_root(c)->options);
    expect_that(tree_is_whiteout(keep_format("%s/data/one", upper)),
                "a character device 0,0 for the file", "something else");
    expect_that(tree_is_opaque(keep_format("%s/data/full", upper),
                               "user.overlay.opaque"),
                "the attribute user.overlay.opaque to be y",
                "no such attribute, or another value");
    expect_output(AS_NOBODY("diff", "--state", state, "web"),
                  "C /data\nC /data/full\nD /data/full/a\nD /data/full/b\n"
                  "A /data/full/c\nD /data/one\n");
}

static void userns_of_root(void)
{
    const char *state = tree_fresh_dir(0);
    const struct container *c =
        shared_changed("rm /data/one", "--userns", "--state", state, "--name",
                       "web", shared_tree());

    expect_that(mounts_flag(shared_root(c)->options, "userxattr"),
                "the option userxattr", shared_root(c)->options);
    expect_output(duct("diff", "--state", state, "web"),
                  "C /data\nD /data/one\n");
}

static void no_such_mark_for_root(void)
{
    const struct container *c = container(shared_tree(), "sleep", "4711");

    expect_that(!mounts_flag(shared_root(c)->options, "userxattr"),
                "no option userxattr without a user namespace",
                shared_root(c)->options);
}

static void all_is_removed(void)
{
    const char *tree = shared_tree_of_nobody();
    const char *state = tree_fresh_dir(NOBODY);
    static const char script[] =
        "mkdir -p /a/b/c; echo x >/a/b/c/x; chmod 0 /a/b/c /a/b; "
        "rm -r /data/full; mkdir /data/full; echo x >/data/full/x; "
        "chmod 0 /data/full";

    expect_exit(SH_AS_NOBODY(script, "--state", state, tree), 0);
    expect_str("what is left in the state directory", "", tree_paths(state));
    expect_exit(SH_AS_NOBODY(script, "--state", state, "--name", "web", tree),
                0);
    expect_output(AS_NOBODY("rm", "--state", state, "web"), "");
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void volumes_and_tmpfs(void)
{
    const char *from = tree_fresh_dir(NOBODY), *tree = shared_tree_of_nobody();
    const struct program *p;

    tree_make(from, "file", "of the host\n");
    p = SH_AS_NOBODY(
        "cat /ro/file; echo x >/rw/x; echo t >/t/t; cat /rw/x /t/t; "
        "echo x >/ro/x; echo x >/data/x; ls /data",
        "-v", keep_format("%s:/ro:ro", from), "-v", keep_format("%s:/rw", from),
        "--tmpfs", "/t", "--read-only", tree);
    expect_exit(p, 0);
    expect_str("stdout",
               "of the host\nx\nt\nfive\nfour\nfull\none\nsub\nthree\ntwo\n",
               p->out);
    expect_str("what the container wrote, on the host", "/file\n/x\n",
               tree_paths(from));
}

static void state_of_others(void)
{
    const char *tree = shared_tree_of_nobody();
    const struct program *p =
        AS_NOBODY("run", "--state", tree_fresh_dir(0), tree, "true");

    expect_refused(p, "(EACCES)");
    p = AS_NOBODY("run", "--state",
                  keep_format("%s/new/state", tree_fresh_dir(0)), tree, "true");
    expect_refused(p, "state", "(EACCES)");
    expect_contains("the hint below it", "--state", p->err);
}

/* That it is there can be seen; it can't be opened. */
static void layers_of_others(void)
{
    const char *state = tree_fresh_dir(0);
    const struct program *p;

    expect_exit(
        duct("run", "--state", state, "--name", "web", shared_tree(), "true"),
        0);
    expect_call(chmod(keep_format("%s/web", state), 0711));
    p = AS_NOBODY("rm", "--state", state, "web");
    expect_refused(p, "/web", "(EACCES)");
    expect_lacks("the hint below it", "runs", p->err);
    expect_exit(duct("rm", "--state", state, "web"), 0);
}

static const struct trial trials[] = {
    {.name = "nobodys_tree_is_unchanged",
     .claim = "without root a container over nobody's tree works the same, "
              "and the tree stays as it is",
     .usual_cause = "overlay is mounted outside of the user namespace",
     .reread = "#rootless",
     .feature = true,
     .body = tree_is_unchanged},
    {.name = "roots_tree_will_do",
     .claim = "the tree may be root's: it is only read",
     .usual_cause = "a file is opened for writing in a tree below",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobodys_tree_is_unchanged",
     .body = roots_tree_will_do},
    {.name = "state_of_nobody",
     .claim = "without --state, layers are in $XDG_DATA_HOME/duct/steps, or "
              "~/.local/share/duct/steps",
     .usual_cause = "/var/lib is tried, which is root's",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobodys_tree_is_unchanged",
     .body = usual_place},
    {.name = "nobodys_name_keeps",
     .claim = "--name, diff and rm work without root",
     .usual_cause = "whiteouts can be made without root since Linux 5.8 only "
                    "where userxattr is given",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobodys_tree_is_unchanged",
     .body = name_keeps},
    {.name = "marks_are_nobodys",
     .claim = "whiteouts are the same, opaque directories are marked by "
              "user.overlay.opaque",
     .usual_cause = "userxattr is missing: trusted.* is for root only",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobodys_name_keeps",
     .body = marks_are_nobodys},
    {.name = "userns_has_userxattr",
     .claim = "root's container with --userns is mounted with userxattr",
     .usual_cause = "geteuid() is asked, not whether there is a user namespace",
     .reread = "#rootless",
     .feature = true,
     .body = userns_of_root},
    {.name = "root_has_no_userxattr",
     .claim = "without a user namespace it is not",
     .usual_cause = "the option is always given",
     .reread = "#rootless",
     .feature = true,
     .body = no_such_mark_for_root},
    {.name = "all_is_removed",
     .claim = "without root too, nothing is left: directories of mode 0, "
              "overlay's own among them, are removed",
     .usual_cause = "who isn't root can't read a directory of mode 0, not "
                    "even to empty it",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobodys_name_keeps",
     .body = all_is_removed},
    {.name = "nobodys_volumes",
     .claim = "-v, :ro, --tmpfs and --read-only work without root",
     .usual_cause = "in a user namespace a remount must keep the flags that "
                    "are locked",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobodys_tree_is_unchanged",
     .body = volumes_and_tmpfs},
    {.name = "state_of_others",
     .claim = "a --state that nobody may not write to is refused",
     .usual_cause = "the result of mkdir() is not looked at",
     .reread = "#rootless",
     .feature = true,
     .body = state_of_others},
    {.name = "layers_of_others",
     .claim = "nobody can't remove root's layer, and is told why",
     .usual_cause = "a layer that can't be opened is said to be in use",
     .reread = "#rootless",
     .feature = true,
     .body = layers_of_others},
};

const struct chapter chapter_rootless = {"Without root", TRIALS(trials)};
