/*
 * Chapter: when duct is interrupted, and when it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "atend.h"
#include "suite.h"

/* A duct that waits when it makes a system call. */
static struct program *held_at(struct deny *call, const char *const *words)
{
    return spawn_start(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL),
        .prepare = hold_call,
        .prepare_arg = call,
    });
}

static void wait_held(struct program *p, struct held *held)
{
    expect_that(hold_wait(p, false, held), "duct to make the call",
                "it does not");
    expect_int("who makes it", p->pid, held->pid);
}

static void kill_held(struct program *p, struct held *held)
{
    expect_call(spawn_signal(p, SIGKILL));
    hold_answer(held, 0);
    spawn_finish(p);
}

/* Its directory is there, and it is not locked yet. */
static void lock_is_of_what_is_there(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct deny lock = {.number = SYS_flock, .name = "flock"};
    struct container *c;
    struct held held;
    struct program *p =
        held_at(&lock, ARGV("run", "--state", state, "--name", "web", tree,
                            "sh", "-c", shared_and_sleep("echo x >/data/new")));

    wait_held(p, &held);
    expect_call(rmdir(keep_format("%s/web", state)));
    hold_answer(&held, 0);
    wait_held(p, &held);
    hold_no_more(&held);
    c = shared_done(p);
    expect_lacks("what duct has open meanwhile", "(deleted)",
                 at_end_descriptors(p->pid));
    container_end(c);
    expect_output(
        shared_sh("cat /data/new", "--state", state, "--name", "web", tree),
        "x\n");
}

/* Somebody's sweep was quicker: it has the lock, and will remove it. */
static void nameless_try_again(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct deny lock = {.number = SYS_flock, .name = "flock"};
    struct held held;
    struct program *p =
        held_at(&lock, ARGV("run", "--state", state, tree, "echo", "hello"));
    const char *first;
    int fd;

    wait_held(p, &held);
    first = keep_format("%s%.*s", state, (int)strcspn(tree_paths(state), "\n"),
                        tree_paths(state));
    fd = open(first, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    expect_call(fd);
    expect_call(flock(fd, LOCK_EX | LOCK_NB));
    hold_answer(&held, 0);
    wait_held(p, &held);
    expect_call(close(fd));
    hold_no_more(&held);
    spawn_finish(p);
    expect_output(p, "hello\n");
    expect_call(rmdir(first));
    expect_str("what else is left in the state directory", "",
               tree_paths(state));
}

static void half_made_is_completed(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *top = tree_fresh_dir(0);
    struct deny link = {.number = SYS_symlink, .name = "symlink"};
    struct held held;
    struct program *p;

    tree_make(top, "data/top", "top\n");
    p = held_at(&link, ARGV("run", "--state", state, "--name", "web", "--lower",
                            top, tree, "true"));
    wait_held(p, &held);
    hold_answer(&held, 0); /* for one of the two trees */
    wait_held(p, &held);
    kill_held(p, &held);
    expect_output(shared_sh("cat /data/top /data/one", "--state", state,
                            "--name", "web", "--lower", top, tree),
                  "top\none\n");
    expect_refused(shared_sh("true", "--state", state, "--name", "web", tree),
                   "web", "other directories");
}

static void half_removed_is_swept(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct deny remove = {.number = SYS_unlinkat, .name = "unlinkat"};
    struct held held;
    struct program *p;

    expect_exit(shared_sh("echo x >/data/x; rm /data/one", "--state", state,
                          "--name", "web", tree),
                0);
    p = held_at(&remove, ARGV("rm", "--state", state, "web"));
    wait_held(p, &held);
    kill_held(p, &held);
    expect_refused(duct("diff", "--state", state, "web"), "web", "(ENOENT)");
    expect_output(
        shared_sh("ls /data", "--state", state, "--name", "web", tree),
        "five\nfour\nfull\none\nsub\nthree\ntwo\n");
    expect_output(duct("rm", "--state", state, "web"), "");
    expect_str("what is left in the state directory", "", tree_paths(state));
}

/* What a run that was killed before it had a lock has left. */
static void empty_ones_are_swept(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct deny lock = {.number = SYS_flock, .name = "flock"};
    struct held held;
    struct program *p =
        held_at(&lock, ARGV("run", "--state", state, tree, "true"));

    wait_held(p, &held);
    kill_held(p, &held);
    expect_that(tree_paths(state)[0] != '\0',
                "a directory of the duct that was killed", "none");
    expect_exit(duct("run", "--state", state, tree, "true"), 0);
    expect_str("what is left in the state directory", "", tree_paths(state));
}

/* Whoever mounted it will not want it emptied. */
static void mounts_stay(void)
{
    const char *state = tree_fresh_dir(0);
    const char *point = keep_format("%s/.one/upper/mount", state);

    tree_make(state, ".one/upper/file", "x\n");
    expect_call(mkdir(point, 0755));
    expect_call(mount("tmpfs", point, "tmpfs", 0, NULL));
    tree_make(point, "dir/canary", "canary\n");
    expect_exit(duct("run", "--state", state, shared_tree(), "true"), 0);
    expect_str("what is left in the layer that was to be removed",
               "/.one\n/.one/upper\n/.one/upper/mount\n"
               "/.one/upper/mount/dir\n/.one/upper/mount/dir/canary\n",
               tree_paths(state));
    expect_call(umount(point));
    expect_exit(duct("run", "--state", state, shared_tree(), "true"), 0);
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void removal_may_fail(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    struct deny looking_inside = {
        .number = SYS_openat,
        .argument = 2,
        .value = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
        .only_with = true,
        .errnum = EMFILE,
        .name = "openat(O_DIRECTORY | O_NOFOLLOW)",
    };

    expect_exit(
        shared_sh("echo x >/data/x", "--state", state, "--name", "web", tree),
        0);
    expect_refused(
        spawn_run(&(struct spawn){.argv = DUCT("rm", "--state", state, "web"),
                                  .prepare = deny_call,
                                  .prepare_arg = &looking_inside}),
        "/web", "(EMFILE)");
    expect_exit(duct("run", "--state", state, tree, "true"), 0);
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void expect_let_go(const struct at_end *end)
{
    expect_lacks("what duct has open at its end", scratch_dir(),
                 end->descriptors);
    expect_contains("what duct has open at its end: stdin", "/dev/null\n",
                    end->descriptors);
    expect_str("paths in memory that duct has not freed", "",
               at_end_texts(end, scratch_dir()));
    expect_str("paths in memory that duct has not freed", "",
               at_end_texts(end, "/data/"));
}

static void lets_go_as(uid_t uid, int status, const char *const *words)
{
    struct at_end end = at_end_look(at_end_start(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL), .uid = uid}));

    expect_exit(end.program, status);
    expect_let_go(&end);
}

static void lets_go(int status, const char *const *words)
{
    lets_go_as(0, status, words);
}

static void run_lets_go(const char *const *words)
{
    struct container *c = container_wait(at_end_start(&(struct spawn){
        .argv = argv_of(DUCT("run"), words,
                        ARGV(shared_tree(), "sleep", "4711"), NULL)}));
    struct at_end end;

    expect_call(kill(c->init, SIGKILL));
    end = at_end_look(c->duct);
    expect_let_go(&end);
}

static void all_is_let_go(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *from = keep_format("%s:/data/full", tree_fresh_dir(0));
    const char *top = tree_fresh_dir(0);

    tree_make(top, "data/full/a", "top\n");
    run_lets_go(ARGV("--state", state));
    run_lets_go(ARGV("--state", state, "--name", "web", "-v", from, "--tmpfs",
                     "/data/sub", "--lower", top));
    run_lets_go(
        ARGV("--state", state, "--name", "web", "--rm", "--lower", top));
    lets_go(125, ARGV("run", "--state", state, "--lower", top, "-v", from,
                      "--tmpfs", "x", tree, "true"));
    lets_go(125, ARGV("run", "--state", state, "--lower", top, "-v", from,
                      "/no/such/tree", "true"));
}

static void verbs_let_go(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const char *top = tree_fresh_dir(0), *nobodys = tree_fresh_dir(NOBODY);
    struct container *c;

    /* Of which nobody can list a part. */
    expect_exit(spawn_run(&(struct spawn){
                    .argv = DUCT("run", "--state", nobodys, "--name", "web",
                                 shared_tree_of_nobody(), "sh", "-c",
                                 "cd /data; echo x >a; echo x >z; mkdir m n; "
                                 "chmod 0 m n"),
                    .uid = NOBODY}),
                0);
    tree_make(top, "data/full/a", "top\n");
    expect_exit(shared_sh("cd /data; rm one; rm -r full sub; mkdir full; echo "
                          "x >full/x; echo x >new; mkdir -p dir/in",
                          "--state", state, "--name", "web", "--lower", top,
                          tree),
                0);
    lets_go(0, ARGV("diff", "--state", state, "web"));
    lets_go(125, ARGV("diff", "--state", state, "db"));
    c = container("--state", state, "--name", "web", "--lower", top, tree,
                  "sleep", "4711");
    lets_go(125, ARGV("rm", "--state", state, "web"));
    lets_go(125, ARGV("run", "--state", state, "--name", "web", tree, "true"));
    container_end(c);
    lets_go(125, ARGV("run", "--state", state, "--name", "web", tree, "true"));
    lets_go(0, ARGV("rm", "--state", state, "web"));
    lets_go_as(NOBODY, 125, ARGV("diff", "--state", nobodys, "web"));
    lets_go(125, ARGV("rm", "--state", state, "web"));
}

/* Two nameless ones, made and left. */
static void sweep_lets_go(void)
{
    const char *state = tree_fresh_dir(0);

    tree_make(state, ".one/upper/deep/file", "x\n");
    tree_make(state, ".two/upper/file", "x\n");
    run_lets_go(ARGV("--state", state));
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static const struct trial trials[] = {
    {.name = "lock_is_of_what_is_there",
     .claim = "a layer that is removed before it could be locked is made again",
     .usual_cause = "between mkdir() and flock() anything may happen: look "
                    "whether the directory is still there",
     .reread = "#locks",
     .feature = true,
     .depends = "one_at_a_time",
     .body = lock_is_of_what_is_there},
    {.name = "nameless_try_again",
     .claim = "a nameless layer that another duct sweeps is replaced by one "
              "more",
     .usual_cause = "the lock that can't be had ends the run",
     .reread = "#locks",
     .feature = true,
     .depends = "nothing_is_kept",
     .body = nameless_try_again},
    {.name = "half_made_is_completed",
     .claim = "a layer whose duct was killed while it made it can be used",
     .usual_cause = "what is there is taken for complete, or for an error",
     .reread = "#layers",
     .feature = true,
     .depends = "other_trees_are_refused",
     .body = half_made_is_completed},
    {.name = "half_removed_is_swept",
     .claim = "a layer whose duct was killed while it removed it is gone by "
              "name, and the rest is swept",
     .usual_cause = "files are removed one by one under the layer's own name",
     .reread = "#layers",
     .feature = true,
     .depends = "rm_removes",
     .body = half_removed_is_swept},
    {.name = "empty_ones_are_swept",
     .claim = "so is a nameless one that was not even locked",
     .usual_cause = "only complete layers are looked for",
     .reread = "#locks",
     .feature = true,
     .depends = "nameless_are_swept",
     .body = empty_ones_are_swept},
    {.name = "sweep_stops_at_mounts",
     .claim = "what is mounted in a layer that is swept is not emptied",
     .usual_cause = "EBUSY is taken for ENOTEMPTY",
     .reread = "#locks",
     .feature = true,
     .depends = "nameless_are_swept",
     .body = mounts_stay},
    {.name = "removal_may_fail",
     .claim = "duct rm tells why it could not remove all, and a later run "
              "removes the rest",
     .usual_cause = "the result of opendir() is not looked at",
     .reread = "#layers",
     .feature = true,
     .depends = "rm_removes",
     .body = removal_may_fail},
    {.name = "run_lets_go",
     .claim = "at its end duct run has closed and freed what it took",
     .usual_cause = "an opendir() without its closedir(), a strdup() without "
                    "its free()",
     .reread = "#layers",
     .depends = "other_trees_are_refused",
     .body = all_is_let_go},
    {.name = "diff_and_rm_let_go",
     .claim = "so have duct diff and duct rm",
     .usual_cause = "an opendir() without its closedir(), a strdup() without "
                    "its free()",
     .reread = "#changes",
     .depends = "rm_removes",
     .body = verbs_let_go},
    {.name = "sweep_lets_go",
     .claim = "so has a run that had to sweep",
     .usual_cause = "an opendir() without its closedir()",
     .reread = "#locks",
     .depends = "nameless_are_swept",
     .body = sweep_lets_go},
};

const struct chapter chapter_end = {"Interrupted, ended", TRIALS(trials)};
