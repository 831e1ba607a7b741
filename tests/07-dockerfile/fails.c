/*
 * Chapter: when the kernel says no, midway.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absent.h"
#include "scarce.h"
#include "suite.h"

/* Each build makes the call some times; the one with this number fails.
 * Returns false when there was none. */
static bool build_with_failure(const struct site *site, const char *text,
                               struct deny *call, bool child, int number,
                               struct program **p)
{
    struct held held;

    *p = spawn_start(&(struct spawn){
        .argv = shared_build(site, ARGV(text, "--no-cache")),
        .prepare = hold_call,
        .prepare_arg = call,
    });
    while (number-- > 0) {
        if (!hold_wait(*p, child, &held)) {
            spawn_finish(*p);
            return false;
        }
        if (number > 0)
            hold_answer(&held, 0);
    }
    hold_fail_once(&held, call->errnum);
    spawn_finish(*p);
    return true;
}

/* Either it is refused, and the reason told, or all is done. A child that
 * crashes has no reason. */
static void expect_told(const struct program *p, const char *reason)
{
    if (p->exit_status == 0)
        return;
    expect_exit(p, 125);
    expect_contains("what duct says", "duct: ", p->err);
    expect_contains("what duct says", reason, p->err);
    expect_lacks("what duct says", "was killed", p->err);
    expect_lacks("what duct says", "Successfully", p->out);
}

/* An image that is there is whole; what could not be removed goes with the
 * next build. */
static void expect_sound(const struct site *site, const struct program *p,
                         const char *script)
{
    bool is_there =
        strstr(keep_format("\n%s", shared_images(site)), "\nt ") != NULL;

    if (p->exit_status == 0 || is_there) {
        expect_exit(in_image(site, script), 0);
        expect_exit(on(site, "rmi", "t"), 0);
    }
    if (!shared_is_tidy(site))
        (void)built(site, DOCKERFILE("RUN true\n"), "--no-cache", "-t", "next");
    expect_tidy(site);
}

static const char copies[] = DOCKERFILE("COPY d /d\n");

/* Returns how many of them have made duct refuse. */
static int fail_each(const char *text, struct deny call, bool child,
                     const char *script)
{
    const struct site *site = site_new();
    struct program *p;
    int refused = 0, number;

    site_file(site, "d/f", "f\n");
    site_file(site, "d/e/g", "g\n");
    expect_call(symlink("f", site_path(site, "d/l")));
    expect_call(mkfifo(site_path(site, "d/p"), 0600));
    expect_exit(
        spawn_run(&(struct spawn){.argv = ARGV("touch", "-d", "@1000000000",
                                               site_path(site, "d/f"),
                                               site_path(site, "d/e"))}),
        0);
    for (number = 1; build_with_failure(site, text, &call, child, number, &p);
         number++) {
        trial_note("call %d of %s fails with %s", number, call.name,
                   strerrorname_np(call.errnum));
        expect_told(p, text == copies ? "(E"
                       : call.number == SYS_flock
                           ? "lock "
                           : keep_format("(%s)", strerrorname_np(call.errnum)));
        expect_sound(site, p, script);
        refused += p->exit_status == 125;
    }
    expect_exit(p, 0);
    trial_note("%d of %d make duct refuse", refused, number - 1);
    return refused;
}

static const char look_at_copies[] =
    "cd /d; test \"$(ls -A | xargs)\" = 'e f l p' && "
    "test \"$(cat f e/g) $(readlink l)\" = \"$(printf 'f\\ng') f\" && "
    "test \"$(stat -c %u:%g:%a f e)\" = \"$(printf "
    "'0:0:644\\n0:0:755')\" && test -p p";

#define CALL(call, error)                                                      \
    ((struct deny){.number = SYS_##call, .errnum = (error), .name = #call})

static void expect_refusals(const char *text, struct deny call,
                            const char *script)
{
    expect_between(
        keep_format("calls of %s whose failure makes duct refuse", call.name),
        1, 100, fail_each(text, call, false, script));
}

static void copies_fail(struct deny call)
{
    expect_refusals(copies, call, look_at_copies);
}

static void attributes_fail(void)
{
    copies_fail(CALL(lchown, EPERM));
    copies_fail(CALL(fchmodat, EPERM));
    copies_fail(CALL(utimensat, EROFS));
}

static void files_fail(void)
{
    copies_fail(CALL(mkdir, ENOSPC));
    copies_fail(CALL(symlink, ENOSPC));
    copies_fail(CALL(mknodat, ENOSPC));
    copies_fail(CALL(chroot, EPERM));
}

static void links_fail(void)
{
    copies_fail(CALL(readlink, EIO));
    expect_refusals(DOCKERFILE("RUN ln -s a /l\n"), CALL(readlink, EIO),
                    "test $(readlink /l) = a");
}

static void contexts_fail(void)
{
    struct deny call = {.number = SYS_openat,
                        .argument = 2,
                        .value = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                        .only_with = true,
                        .errnum = EACCES,
                        .name = "openat(O_NOFOLLOW | O_NONBLOCK)"};

    expect_between("files that can't be opened and make duct refuse", 2, 100,
                   fail_each(copies, call, false, look_at_copies));
}

static const char file[] = DOCKERFILE("COPY d/f /w\n");

static void making_fails(struct deny call)
{
    expect_refusals(file, call, "test -f /w");
}

static void commits_fail(void)
{
    making_fails(CALL(syncfs, EIO));
    making_fails(CALL(fsync, EIO));
    making_fails(CALL(pipe2, EMFILE));
    making_fails(CALL(linkat, EIO));
    making_fails(CALL(renameat, EIO));
}

static void room_fails(void)
{
    making_fails(CALL(mkdirat, ENOSPC));
    making_fails(CALL(clone3, EAGAIN));
    making_fails(CALL(flock, EINTR));
}

static void layers_fail(void)
{
    struct deny call = {.number = SYS_openat,
                        .argument = 2,
                        .value = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                        .only_with = true,
                        .errnum = EACCES,
                        .name = "openat(O_NOFOLLOW | O_NONBLOCK)"};

    expect_between("files that can't be opened and make duct refuse", 1, 1000,
                   fail_each(DOCKERFILE("RUN echo x >/x\n"), call, true,
                             "test \"$(cat /x)\" = x"));
}

static void runs_fail(void)
{
    const struct site *site = site_new();

    expect_refused(
        denied_run(&(struct spawn){.argv = shared_build(
                                       site, ARGV(DOCKERFILE("RUN true\n")))},
                   ARGV("/dev/null"), EACCES),
        "/dev/null", "(EACCES)");
    expect_nothing_left(site);
}

/* What it is told can't be written: a full disk below stdout. */
static void nowhere_to_tell(void)
{
    const struct site *site = site_new();
    const struct program *p = spawn_run(&(struct spawn){
        .argv =
            argv_of(ARGV("sh", "-c", "exec \"$@\" >/dev/full", "sh"),
                    shared_build(site, ARGV(DOCKERFILE("ENV a=1\n"))), NULL)});

    expect_that(p->exit_status == 0 || p->exit_status == 125,
                "an end like any other", keep_format("%d", p->exit_status));
    expect_inside(site, "echo $a", "1\n");
    expect_tidy(site);
}

/* For each file there is room in the layer, and not in the store as well. */
static void disk_is_full(void)
{
    const struct site *site = site_new();
    struct site small = *site;
    const char *text = DOCKERFILE("RUN head -c 3000000 /dev/zero >/x\n");

    small.state = tree_fresh_dir(0);
    expect_call(mount("tmpfs", small.state, "tmpfs", 0, "size=9m,mode=755"));
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("cp", "-a", keep_format("%s/.", site->state),
                                 small.state)}),
                0);
    expect_failed(build(&small, text), "Dockerfile:2: ", "(ENOSPC)");
    expect_nothing_left(&small);
    (void)built(&small, DOCKERFILE("RUN echo x >/x\n"));
    expect_call(umount(small.state));
}

static void memory_fails(void)
{
    const struct site *site = site_new();
    static const char text[] = "ARG b=busybox\nFROM $b\nENV c=1 d=$c\n"
                               "EXPOSE 80\nCOPY a /x\n";
    struct program *p;
    int number = 1;

    needs_no_sanitizer();
    site_file(site, "a", "a\n");
    site_file(site, ".dockerignore", "b\n");
    (void)built(site, text, "--no-cache");
    for (; scarce_run(shared_build(site, ARGV(text, "--no-cache")), number, &p);
         number++) {
        trial_note("number %d is refused", number);
        expect_told(p, "");
        expect_sound(site, p, "test \"$c$(cat /x)\" = 1a");
    }
    if (number == 1)
        trial_skip("the program is linked statically");
}

#define MOST                                                                   \
    "ARG b=busybox\nFROM ${b}\nENV c=${PATH:+y}\nEXPOSE 80\n"                  \
    "COPY --chown=1:2 a /x\nADD l.tar /t/\n"

static struct site *site_of_most(void)
{
    struct site *site = site_new();

    /* More than a pipe has room for: who packs it must not wait for ever. */
    file_write_bytes(site_path(site, "a"), keep_zeroed(300000), 300000);
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", site->context, "-cf",
                                 site_path(site, "l.tar"), "a")}),
                0);
    return site;
}

/* Each of its calls is refused once; @reason: what duct says then, at least. */
static void refuse_each(const char *function, const char *text,
                        const char *reason)
{
    const struct site *site = site_of_most();
    struct program *p;
    int number = 1, refused = 0;

    for (; scarce_run_of(function, shared_build(site, ARGV(text, "--no-cache")),
                         number, &p);
         number += spawn_stride()) {
        trial_note("call %d of %s is refused", number, function);
        expect_told(p, reason);
        expect_sound(site, p,
                     "test \"$c $(stat -c %u:%g:%s /x /t/a | xargs)\" = "
                     "'y 1:2:300000 0:0:300000'");
        refused += p->exit_status == 125;
    }
    if (number == 1)
        trial_skip("the program is linked statically");
    expect_between(
        keep_format("calls of %s whose failure makes duct refuse", function), 1,
        100, refused);
}

static void texts_fail(void)
{
    needs_no_sanitizer();
    refuse_each("strdup", MOST, "(ENOMEM)");
    refuse_each("strndup", MOST, "");
    refuse_each("calloc", MOST "RUN true\n", "(ENOMEM)");
}

static void walks_fail(void)
{
    needs_no_sanitizer();
    refuse_each("fts_open", MOST, "(ENOMEM)");
    refuse_each("fts_read", MOST, "(ENOMEM)");
}

static void archives_fail(void)
{
    needs_no_sanitizer();
    refuse_each("archive_entry_pathname", MOST, "name");
    refuse_each("archive_read_open_fd", MOST, "");
    refuse_each("archive_write_header", MOST, "pack: ");
    refuse_each("archive_write_close", MOST, "");
    refuse_each("archive_read_data", MOST, "");
}

static const struct trial trials[] = {
    {.name = "links_may_fail",
     .claim = "a COPY and a layer whose links can't be read are refused",
     .usual_cause = "a link to nowhere is made",
     .reread = "#pack",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = links_fail},
    {.name = "texts_may_fail",
     .claim = "where there is no memory for a text or a list duct refuses",
     .usual_cause = "NULL is taken for one that is empty",
     .reread = "#break-it",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = texts_fail},
    {.name = "walks_may_fail",
     .claim = "a directory that is read only in part is not packed",
     .usual_cause = "the end of a walk is always taken for a good one",
     .reread = "#pack",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = walks_fail},
    {.name = "archives_may_fail",
     .claim = "where libarchive fails duct refuses",
     .usual_cause = "a file that it can't write is left out",
     .reread = "#pack",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = archives_fail},
    {.name = "attributes_may_fail",
     .claim = "where an owner, a mode or a time can't be set a COPY is refused",
     .usual_cause = "the result of chown() is not looked at",
     .reread = "#copy",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = attributes_fail},
    {.name = "files_may_fail",
     .claim = "where a file, a link or a FIFO can't be made as well",
     .usual_cause = "a short write is taken for the end",
     .reread = "#copy",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = files_fail},
    {.name = "contexts_may_fail",
     .claim = "where the context can't be read as well",
     .usual_cause = "what can't be read is left out",
     .reread = "#context",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = contexts_fail},
    {.name = "commits_may_fail",
     .claim = "where a layer can't be written, synced or moved there is no "
              "image, and "
              "nothing is left",
     .usual_cause = "an error path returns before what was made is "
                    "removed",
     .reread = "#commit",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = commits_fail},
    {.name = "room_may_fail",
     .claim = "where a directory, a process or a lock can't be had as well",
     .usual_cause = "an error path returns before what was made is removed",
     .reread = "#commit",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = room_fails},
    {.name = "layers_may_fail",
     .claim = "where what a RUN has written can't be read as well",
     .usual_cause = "an empty file is packed",
     .reread = "#pack",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = layers_fail},
    {.name = "runs_may_fail",
     .claim = "a RUN without its own stdin is refused",
     .usual_cause = "it reads what duct was started with",
     .reread = "#run_step",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = runs_fail},
    {.name = "disks_may_be_full",
     .claim = "so is a step for whose layer the disk has no room",
     .usual_cause =
         "a child that writes into a pipe waits for a reader that has gone",
     .reread = "#commit",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = disk_is_full},
    {.name = "memory_may_be_scarce",
     .claim =
         "each piece of memory may be refused: then duct refuses, or goes on",
     .usual_cause = "NULL is taken for a text",
     .reread = "#break-it",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = memory_fails},
    {.name = "nowhere_to_tell",
     .claim = "a full disk below stdout is no reason to leave a mess",
     .usual_cause = "exit() in the middle of a step",
     .reread = "#build",
     .feature = true,
     .depends = "failing_leaves_nothing",
     .body = nowhere_to_tell},
};

const struct chapter chapter_fails = {"Failures", TRIALS(trials)};
