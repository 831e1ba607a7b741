/*
 * Chapter: --name keeps a layer; without one nothing is kept.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define STATE_AND_NAME(state, name) "--state", (state), "--name", (name)

static void name_keeps(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *before = tree_record(tree);

    expect_exit(shared_sh("echo kept >/data/new; rm /data/one",
                          STATE_AND_NAME(state, "web"), tree),
                0);
    expect_unchanged(before, tree);
    expect_output(shared_sh("cat /data/new; ls /data; echo more >>/data/new",
                            STATE_AND_NAME(state, "web"), tree),
                  "kept\nfive\nfour\nfull\nnew\nsub\nthree\ntwo\n");
    expect_output(
        shared_sh("cat /data/new", STATE_AND_NAME(state, "web"), tree),
        "kept\nmore\n");
}

static void names_are_apart(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);

    expect_exit(
        shared_sh("echo web >/data/one", STATE_AND_NAME(state, "web"), tree),
        0);
    expect_output(shared_sh("cat /data/one", STATE_AND_NAME(state, "db"), tree),
                  "one\n");
    expect_output(shared_sh("cat /data/one", "--state", state, tree), "one\n");
    expect_output(shared_sh("cat /data/one", "--state", tree_fresh_dir(0),
                            "--name", "web", tree),
                  "one\n");
    expect_output(
        shared_sh("cat /data/one", STATE_AND_NAME(state, "web"), tree),
        "web\n");
}

static void nothing_is_kept(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct container *c;

    expect_exit(shared_sh("echo x >/data/x; mkdir -p /a/b; chmod 0 /a",
                          "--state", state, tree),
                0);
    expect_str("what is left in the state directory", "", tree_paths(state));
    expect_exit(duct("run", "--state", state, tree, "/no/such/command"), 127);
    expect_str("what is left after a failure", "", tree_paths(state));
    c = container("--state", state, tree, "sleep", "4711");
    container_end(c);
    expect_str("what is left after a signal", "", tree_paths(state));
}

static void rm_forgets_a_name(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);

    expect_exit(shared_sh("echo x >/data/x", "--rm",
                          STATE_AND_NAME(state, "web"), tree),
                0);
    expect_str("what is left in the state directory", "", tree_paths(state));
    expect_exit(
        shared_sh("echo x >/data/x", STATE_AND_NAME(state, "web"), tree), 0);
    expect_output(
        shared_sh("cat /data/x", "--rm", STATE_AND_NAME(state, "web"), tree),
        "x\n");
    expect_str("what is left in the state directory", "", tree_paths(state));
    expect_exit(shared_sh("true", "--rm", "--state", state, tree), 0);
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void one_at_a_time(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct container *c = shared_changed("echo first >/data/new",
                                         STATE_AND_NAME(state, "web"), tree);
    const struct program *p =
        shared_sh("echo second >/data/new", STATE_AND_NAME(state, "web"), tree);

    expect_refused(p, "web");
    expect_contains("the hint below it", "runs", p->err);
    expect_refused(
        shared_sh("true", "--rm", STATE_AND_NAME(state, "web"), tree), "web");
    expect_that(kernel_alive(c->init), "the first one to go on", "it ended");
    expect_str("/data/new of the first one", "first\n",
               file_read(shared_path(c, "/data/new")));
    container_end(c);
    expect_output(
        shared_sh("cat /data/new", STATE_AND_NAME(state, "web"), tree),
        "first\n");
}

static void one_of_many_at_once(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct program *all[20];
    int count = 0;

    for (size_t i = 0; i < 20; i++)
        all[i] = spawn_start(&(struct spawn){
            .argv = DUCT("run", STATE_AND_NAME(state, "web"), tree, "sh", "-c",
                         "echo x >>/data/one; sleep 0.1")});
    for (size_t i = 0; i < 20; i++) {
        spawn_finish(all[i]);
        if (all[i]->exit_status == 0)
            count++;
        else
            expect_refused(all[i], "web");
    }
    expect_between("containers that could have the name", 1, 20, count);
    expect_output(
        shared_sh("grep -c x /data/one", STATE_AND_NAME(state, "web"), tree),
        keep_format("%d\n", count));
}

static void other_trees_are_refused(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *other = shared_fresh_tree();

    expect_exit(shared_sh("echo x >/data/x", STATE_AND_NAME(state, "web"),
                          "--lower", other, tree),
                0);
    expect_refused(shared_sh("true", STATE_AND_NAME(state, "web"), tree), "web",
                   "other directories");
    expect_refused(shared_sh("true", STATE_AND_NAME(state, "web"), other),
                   "web", "other directories");
    expect_refused(
        shared_sh("true", STATE_AND_NAME(state, "web"), "--lower", tree, other),
        "web", "other directories");
    expect_refused(shared_sh("true", STATE_AND_NAME(state, "web"), "--rm",
                             "--lower", other, "--lower", tree, tree),
                   "web", "other directories");
    expect_output(shared_sh("cat /data/x", STATE_AND_NAME(state, "web"),
                            "--lower", other, tree),
                  "x\n");
}

static bool init_is_gone(void *arg)
{
    const struct container *c = arg;

    return kill(c->init, 0) < 0;
}

static void survives_a_kill(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *before = mounts_told(mounts_of(0));
    struct container *c = shared_changed("echo kept >/data/new",
                                         STATE_AND_NAME(state, "web"), tree);

    expect_call(spawn_signal(c->duct, SIGKILL));
    expect_soon(init_is_gone, c, SPAWN_SOON_MS, "the command to die with duct",
                "it lives");
    expect_mounts_unchanged(before);
    expect_output(
        shared_sh("cat /data/new", STATE_AND_NAME(state, "web"), tree),
        "kept\n");
}

static void nameless_are_swept(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct container *running =
        shared_changed("echo runs >/data/new", "--state", state, tree);
    struct container *c = shared_changed(
        "echo lost >/data/new; mkdir -p /a/b/c; echo x >/a/b/c/x; chmod 0 /a/b",
        "--state", state, tree);
    const char *upper = shared_upper(c);

    expect_call(spawn_signal(c->duct, SIGKILL));
    expect_soon(init_is_gone, c, SPAWN_SOON_MS, "the command to die with duct",
                "it lives");
    expect_exit(shared_sh("true", "--state", state, tree), 0);
    expect_that(access(upper, F_OK) < 0,
                "the layer of the duct that was killed to be swept",
                "it is there");
    expect_str("/data/new of a container that runs", "runs\n",
               file_read(shared_path(running, "/data/new")));
    container_end(running);
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void named_are_not_swept(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);

    tree_make(state, "notes.txt", "of somebody\n");
    tree_make(state, "mine/file", "of somebody\n");
    expect_exit(
        shared_sh("echo x >/data/x", STATE_AND_NAME(state, "web"), tree), 0);
    expect_exit(shared_sh("true", "--state", state, tree), 0);
    expect_output(shared_sh("cat /data/x", STATE_AND_NAME(state, "web"), tree),
                  "x\n");
    expect_str("a file of somebody else", "of somebody\n",
               file_read(keep_format("%s/mine/file", state)));
    expect_str("another one", "of somebody\n",
               file_read(keep_format("%s/notes.txt", state)));
}

static const char *const bad_names[] = {
    "",         ".",         "..", "../x", "/x",  "a/b",    "a/",
    ".hidden",  "-x",        "_x", "a b",  "a:b", "a*",     "a\\",
    "\xc3\xa9", "a\xc3\xa9", " a", "a ",   "@",   "a/../b",
};

static void names_are_checked(void)
{
    const char *tree = shared_tree(), *above = tree_fresh_dir(0);
    const char *state = keep_format("%s/state", above);

    expect_call(mkdir(state, 0700));
    for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++)
        expect_refused(
            duct("run", STATE_AND_NAME(state, bad_names[i]), tree, "true"),
            "name", keep_format("\"%s\"", bad_names[i]));
    expect_str("what was made", "/state\n", tree_paths(above));
}

static void good_names(void)
{
    const char *const *name = ARGV("a", "0", "Web-1.2_3", "a.", "a-", "A__b");
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);

    for (; *name != NULL; name++)
        expect_exit(
            duct("run", "--rm", STATE_AND_NAME(state, *name), tree, "true"), 0);
}

static void rm_removes(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);

    expect_exit(shared_sh("echo x >/data/x; rm /data/one; mkdir -p /a/b/c/d; "
                          "echo x >/a/b/x; ln -s /etc /a/link; mkfifo /a/f; "
                          "chmod 0 /a/b",
                          STATE_AND_NAME(state, "web"), tree),
                0);
    expect_exit(shared_sh("true", STATE_AND_NAME(state, "db"), tree), 0);
    expect_output(duct("rm", "--state", state, "web"), "");
    expect_output(shared_sh("ls /data/one /data/x 2>/dev/null; true",
                            STATE_AND_NAME(state, "web"), tree),
                  "/data/one\n");
    expect_output(duct("rm", "--state", state, "web"), "");
    expect_output(duct("rm", "--state", state, "db"), "");
    expect_str("what is left in the state directory", "", tree_paths(state));
    expect_that(access("/etc/passwd", F_OK) == 0,
                "no link to be followed: /etc on the host", "it is gone");
}

static void rm_of_the_unknown(void)
{
    const char *state = tree_fresh_dir(0);

    expect_refused(duct("rm", "--state", state, "web"), "web", "(ENOENT)");
    expect_refused(duct("rm", "--state", "/no/such/state", "web"), "web",
                   "(ENOENT)");
    expect_refused(duct("rm", "--state", state), "NAME");
    expect_refused(duct("rm", "--state", state, "a", "b"), "NAME");
    expect_refused(duct("rm", "--foo", "web"), "--foo");
    expect_refused(duct("rm", "--state"), "--state");
}

/* What would be removed if names were paths. */
static void rm_checks_names(void)
{
    const char *above = tree_fresh_dir(0);
    const char *state = keep_format("%s/state", above), *before;

    tree_make(above, "x/upper/file", "canary\n");
    tree_make(above, "state/a/upper/file", "canary\n");
    tree_make(above, "state/.hidden/upper/file", "canary\n");
    before = tree_record(above);
    for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++)
        if (bad_names[i][0] != '-')
            expect_refused(duct("rm", "--state", state, bad_names[i]), "name",
                           keep_format("\"%s\"", bad_names[i]));
    expect_refused(duct("rm", "--state", state, "--", "-x"), "\"-x\"");
    expect_unchanged(before, above);
}

static void rm_of_a_running_one(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct container *c =
        shared_changed("echo x >/data/x", STATE_AND_NAME(state, "web"), tree);
    const struct program *p = duct("rm", "--state", state, "web");

    expect_refused(p, "web");
    expect_contains("the hint below it", "runs", p->err);
    expect_str("/data/x of the container", "x\n",
               file_read(shared_path(c, "/data/x")));
    container_end(c);
    expect_output(duct("rm", "--state", state, "web"), "");
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static const struct trial trials[] = {
    {.name = "nothing_is_kept",
     .claim = "without --name nothing is left in the state directory, however "
              "the container ends",
     .usual_cause = "the layer is removed on one way out of several; overlay's "
                    "own directory in workdir has mode 0",
     .reread = "#layers",
     .feature = true,
     .body = nothing_is_kept},
    {.name = "name_keeps",
     .claim = "with --name a later run goes on where the earlier one ended",
     .usual_cause = "the layer is removed, or made anew",
     .reread = "#layers",
     .feature = true,
     .body = name_keeps},
    {.name = "names_are_apart",
     .claim = "another name, none, or another --state is another layer",
     .usual_cause = "the layer's path lacks the name",
     .reread = "#layers",
     .feature = true,
     .depends = "name_keeps",
     .body = names_are_apart},
    {.name = "rm_forgets_a_name",
     .claim = "with --rm even a layer with a name ends with its container",
     .usual_cause = "--rm is looked at only without --name",
     .reread = "#layers",
     .feature = true,
     .depends = "name_keeps",
     .body = rm_forgets_a_name},
    {.name = "one_at_a_time",
     .claim = "a name that is in use is refused",
     .usual_cause = "two overlays with one upperdir: the kernel promises "
                    "nothing for that",
     .reread = "#locks",
     .feature = true,
     .depends = "name_keeps",
     .body = one_at_a_time},
    {.name = "one_of_many_at_once",
     .claim = "of many that want one name at the same time, no two have it",
     .usual_cause = "whether it is in use is looked at first, and noted later",
     .reread = "#locks",
     .feature = true,
     .depends = "one_at_a_time",
     .body = one_of_many_at_once},
    {.name = "other_trees_are_refused",
     .claim = "a layer made over other trees, or in another order, is refused",
     .usual_cause = "its whiteouts would hide what they were not meant for",
     .reread = "#layers",
     .feature = true,
     .depends = "name_keeps",
     .body = other_trees_are_refused},
    {.name = "survives_a_kill",
     .claim = "when duct is killed nothing stays mounted, and the name can be "
              "used again",
     .usual_cause = "a file says that the name is in use; a lock ends with "
                    "its process",
     .reread = "#locks",
     .feature = true,
     .depends = "name_keeps",
     .body = survives_a_kill},
    {.name = "nameless_are_swept",
     .claim = "what a duct that was killed left without a name, the next run "
              "removes, and no layer in use",
     .usual_cause = "nothing looks for them; or the lock is not looked at",
     .reread = "#locks",
     .feature = true,
     .depends = "nothing_is_kept",
     .body = nameless_are_swept},
    {.name = "named_are_not_swept",
     .claim = "layers with a name, and what is no layer, are left alone",
     .usual_cause = "everything that is not locked is removed",
     .reread = "#locks",
     .feature = true,
     .depends = "name_keeps",
     .body = named_are_not_swept},
    {.name = "names_are_checked",
     .claim = "--name refuses what docker refuses: a name is no path",
     .usual_cause = "../x leads out of the state directory",
     .reread = "#layers",
     .feature = true,
     .body = names_are_checked},
    {.name = "good_names",
     .claim = "letters and digits, and then also _ . - are a name",
     .usual_cause = "the first character's rule is applied to all",
     .reread = "#layers",
     .feature = true,
     .depends = "name_keeps",
     .body = good_names},
    {.name = "rm_removes",
     .claim = "duct rm NAME removes the layer, whatever is in it, and no other",
     .usual_cause = "a directory that can't be read is not emptied; a link "
                    "is followed",
     .reread = "#layers",
     .feature = true,
     .depends = "name_keeps",
     .body = rm_removes},
    {.name = "rm_of_the_unknown",
     .claim = "duct rm refuses a name that is not there",
     .usual_cause = "ENOENT is taken for success",
     .reread = "#layers",
     .feature = true,
     .body = rm_of_the_unknown},
    {.name = "rm_checks_names",
     .claim = "duct rm takes names only: no path leads it astray",
     .usual_cause = "the name is checked in run, and not in rm",
     .reread = "#layers",
     .feature = true,
     .body = rm_checks_names},
    {.name = "rm_of_a_running_one",
     .claim = "duct rm refuses a layer that is in use",
     .usual_cause = "the lock is not looked at",
     .reread = "#locks",
     .feature = true,
     .depends = "one_at_a_time",
     .body = rm_of_a_running_one},
};

const struct chapter chapter_names = {"Names", TRIALS(trials)};
