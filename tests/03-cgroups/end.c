/*
 * Chapter: the cgroup is gone afterwards, however the container ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "atend.h"
#include "suite.h"

static bool has_cgroup(const struct container *c)
{
    return strstr(cgroups_with(c->init, "pids"), "/duct-") != NULL;
}

static void gone_after_the_command(void)
{
    cgroups_sweep();
    struct container *c = container("-m", "64m", "--cpuset-cpus",
                                    kernel_status(0, "Cpus_allowed_list"),
                                    rootfs(), "sleep", "4711");

    expect_that(has_cgroup(c), "a cgroup called duct-*",
                cgroups_with(c->init, "pids"));
    container_end(c);
    expect_no_cgroup();
}

static void gone_after_a_failure(void)
{
    cgroups_sweep();
    expect_refused_as(duct("run", "-m", "64m", rootfs(), "/no/such/command"),
                      127, "/no/such/command");
    expect_no_cgroup();
    expect_refused_as(duct("run", "-m", "64m", rootfs(), "/etc"), 126, "/etc");
    expect_no_cgroup();
    expect_refused(
        duct("run", "-m", "64m", "-w", "/no/such/dir", rootfs(), "true"),
        "/no/such/dir", "(ENOENT)");
    expect_no_cgroup();
    expect_exit(duct("run", "-m", "64m", rootfs(), "sh", "-c", "exit 42"), 42);
    expect_no_cgroup();
}

/* With --share pid the kernel does not end them when the first one ends. */
static void leftovers_are_killed(void)
{
    cgroups_sweep();
    const struct view *view = shared_views();

    for (; view->name != NULL; view++) {
        trial_note("on: %s", view->name);
        expect_exit(view_duct(view, "run", "--share", "pid", rootfs(), "sh",
                              "-c", "sleep 4711 & sleep 4712 & exit 3"),
                    3);
        expect_int("processes `sleep 4711`", 0, kernel_count("sleep 4711"));
        expect_int("processes `sleep 4712`", 0, kernel_count("sleep 4712"));
        expect_no_cgroup();
    }
}

static bool init_is_gone(void *arg)
{
    const struct container *c = arg;

    return kill(c->init, 0) < 0;
}

static void orphan_is_swept(void)
{
    cgroups_sweep();
    struct container *c = container("-m", "64m", "--cpuset-cpus",
                                    kernel_status(0, "Cpus_allowed_list"),
                                    rootfs(), "sleep", "4711");
    const char *left;

    expect_call(spawn_signal(c->duct, SIGKILL));
    expect_soon(init_is_gone, c, SPAWN_SOON_MS, "the command to die with duct",
                "it lives");
    left = cgroups_left();
    expect_contains("what a duct that was killed leaves",
                    keep_format("duct-%d", c->duct->pid), left);
    expect_exit(duct("run", "-m", "64m", rootfs(), "true"), 0);
    expect_no_cgroup();
}

/* A pid that nobody has: the highest, which comes last. */
static const char *const nobodys = "duct-4194303";

static void only_orphans_are_swept(void)
{
    cgroups_sweep();
    static const char *const kept[] = {"duct-", "duct-4194303x", "duct-x",
                                       "other-4194303", "4194303"};
    enum {
        COUNT = sizeof(kept) / sizeof(kept[0])
    };
    const char *controller = knob_is_v1(&knob_pids) ? "pids" : NULL;
    const char *orphan = cgroups_make(controller, nobodys);
    const char *paths[COUNT];

    for (size_t i = 0; i < COUNT; i++)
        paths[i] = cgroups_make(controller, kept[i]);
    expect_exit(duct("run", "--pids-limit", "20", rootfs(), "true"), 0);
    expect_that(access(orphan, F_OK) < 0, keep_format("%s to be swept", orphan),
                "it is there");
    for (size_t i = 0; i < COUNT; i++)
        expect_that(rmdir(paths[i]) == 0,
                    keep_format("%s to be left alone", paths[i]), "it is gone");
    expect_no_cgroup();
}

/* Its cgroup is made, and nobody is in it yet. */
static void beginners_are_left_alone(void)
{
    cgroups_sweep();
    static struct deny starting = {.number = SYS_clone3, .name = "clone3"};
    const char *const *other =
        DUCT("run", "-m", "64m", rootfs(), "echo", "other");
    const char *const *elsewhere =
        ARGV("unshare", "--pid", "--fork", "--mount-proc");
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("run", "-m", "64m", rootfs(), "echo", "hello"),
        .prepare = hold_call,
        .prepare_arg = &starting,
    });
    struct held held;

    expect_that(hold_wait(p, false, &held), "duct to call clone3",
                "it does not");
    expect_output(spawn_run(&(struct spawn){.argv = other}), "other\n");
    expect_output(
        spawn_run(&(struct spawn){.argv = argv_of(elsewhere, other, NULL)}),
        "other\n");
    hold_no_more(&held);
    spawn_finish(p);
    expect_output(p, "hello\n");
    expect_no_cgroup();
}

/* A duct whose cgroup is made, or there, and not locked yet. */
static struct program *held_at_lock(struct held *held)
{
    static struct deny lock = {.number = SYS_flock, .name = "flock"};
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("run", "-m", "64m", rootfs(), "sleep", "4711"),
        .prepare = hold_call,
        .prepare_arg = &lock,
        .timeout_ms = 4 * SPAWN_SOON_MS,
    });

    do {
        if (!hold_wait(p, false, held))
            trial_skip("duct takes no lock: it has another way");
        if (cgroups_left()[0] != '\0')
            return p;
        hold_answer(held, 0); /* for something else */
    } while (true);
}

static int lock_first_of(const char *directories)
{
    const char *first = keep_copy(directories, strcspn(directories, "\n"));
    int fd = open(first, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    expect_call(fd);
    expect_call(flock(fd, LOCK_EX | LOCK_NB));
    return fd;
}

/* Another duct's sweep has been there in between, or is there right now. */
static void swept_too_early(void)
{
    static const struct timespec a_while = {.tv_nsec = 300000000};

    cgroups_sweep();
    struct held held;
    struct program *p = held_at_lock(&held);
    const char *directories = cgroups_left();
    struct container *c;
    int fd = lock_first_of(directories);

    expect_call(rmdir(keep_copy(directories, strcspn(directories, "\n"))));
    expect_call(close(fd));
    hold_answer(&held, 0);
    expect_that(hold_wait(p, false, &held), "duct to try again", "it does not");
    fd = lock_first_of(directories);
    hold_no_more(&held);
    nanosleep(&a_while, NULL);
    expect_call(close(fd));
    c = container_wait(p);
    expect_lacks("what duct has open meanwhile", "(deleted)",
                 at_end_descriptors(p->pid));
    container_end(c);
    expect_no_cgroup();
}

/* A duct in another pid namespace may have the same pid, and the same name. */
static void name_is_taken(void)
{
    cgroups_sweep();
    struct held held;
    struct program *p = held_at_lock(&held);
    int fd = lock_first_of(cgroups_left());

    hold_no_more(&held);
    spawn_finish(p);
    expect_call(close(fd));
    expect_refused(p, "cgroup", "(EBUSY)");
    expect_contains("the hint below it", "pid namespace", p->err);
    cgroups_sweep();
}

static void enter(const char *directory, pid_t pid)
{
    const char *path = keep_format("%s/cgroup.procs", directory);
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    expect_call(fd);
    expect_call(dprintf(fd, "%d", pid));
    expect_call(close(fd));
}

/* Its duct may be in another pid namespace, where we can't see it. */
static void who_lives_there_stays(void)
{
    cgroups_sweep();
    const char *controller = knob_is_v1(&knob_pids) ? "pids" : NULL;
    const char *directory = cgroups_make(controller, nobodys);
    struct program *p =
        spawn_start(&(struct spawn){.argv = ARGV("sleep", "4711")});

    enter(directory, p->pid);
    expect_exit(duct("run", "--pids-limit", "20", rootfs(), "true"), 0);
    expect_that(kernel_alive(p->pid), "a stranger's process to live",
                "it was killed");
    expect_str("its cgroup", directory, cgroups_with(p->pid, "pids"));
    expect_call(spawn_signal(p, SIGKILL));
    spawn_finish(p);
    expect_exit(duct("run", "--pids-limit", "20", rootfs(), "true"), 0);
    expect_no_cgroup();
}

/* In the child, whose pid is the one that duct will have. */
static void leave_one_behind(void *unused)
{
    const char *directory = cgroups_make(knob_is_v1(&knob_pids) ? "pids" : NULL,
                                         keep_format("duct-%d", getpid()));
    int fd = open(keep_format("%s/pids.max", directory), O_WRONLY | O_CLOEXEC);

    (void)unused;
    if (fd < 0 || write(fd, "77", 2) != 2)
        _exit(125);
    close(fd);
}

/* Pids come round again. */
static void old_limits_are_forgotten(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", "-m", "64m", rootfs(), "sleep", "4711"),
        .prepare = leave_one_behind,
    });

    expect_knob(c, &knob_pids, "max", "max");
}

static void gone_when_limits_fail(void)
{
    cgroups_sweep();
    const char *file = scratch_path("promised");
    const struct program *p;

    file_write(file, "cpuset cpu io memory pids\n");
    p = spawn_run(&(struct spawn){
        .argv = DUCT("run", "-m", "64m", rootfs(), "true"),
        .prepare = cgroups_promised,
        .prepare_arg = &(struct cgroups_promise){.here = file},
    });
    expect_call(unlink(file));
    expect_refused(p, "--memory", "67108864", "memory.max", "(ENOENT)");
    expect_no_cgroup();
}

/* A command that runs outside of its cgroup is worse than none. */
static void door_must_open(void)
{
    cgroups_sweep();
    struct deny no_writing = {.number = SYS_openat,
                              .argument = 2,
                              .value = O_WRONLY | O_CLOEXEC,
                              .only_with = true,
                              .errnum = EACCES,
                              .name = "openat(O_WRONLY)"};
    const struct program *p = spawn_run(&(struct spawn){
        /* From step 05 on a network of its own would come first. */
        .argv = DUCT("run", "--share", "net", rootfs(), "true"),
        .prepare = deny_call,
        .prepare_arg = &no_writing});

    expect_refused(p, "/cgroup.procs", "(EACCES)");
    expect_no_cgroup();
}

static void expect_let_go(const struct at_end *end)
{
    expect_lacks("what duct has open at its end", "/sys/fs/cgroup",
                 end->descriptors);
    expect_lacks("what duct has open at its end", "/proc/", end->descriptors);
    expect_str("paths of cgroups in memory that duct has not freed", "",
               at_end_texts(end, "/sys/fs/cgroup"));
    expect_str("names of cgroups in memory that duct has not freed", "",
               at_end_texts(end, "suite-of-duct-"));
    expect_str("files of /proc in memory that duct has not freed", "",
               at_end_texts(end, "/proc/"));
}

static void run_lets_go(void (*prepare)(void *))
{
    struct container *c = container_wait(at_end_start(&(struct spawn){
        .argv = DUCT("run", "-m", "64m", "--cpus", "0.5", "--cpuset-cpus",
                     kernel_status(0, "Cpus_allowed_list"), rootfs(), "sleep",
                     "4711"),
        .prepare = prepare}));
    struct at_end end;

    expect_call(kill(c->init, SIGKILL));
    end = at_end_look(c->duct);
    expect_let_go(&end);
}

static void refusal_lets_go(void)
{
    struct at_end end = at_end_look(at_end_start(&(struct spawn){
        .argv = DUCT("run", "-m", "64m", rootfs_of_nobody(), "true"),
        .uid = NOBODY}));

    expect_exit(end.program, 125);
    expect_let_go(&end);
}

static void verbs_let_go(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const char *const *verb = ARGV("pause", "unpause", "stats");

    for (; *verb != NULL; verb++) {
        struct at_end end = at_end_look(at_end_start(
            &(struct spawn){.argv = DUCT(*verb, keep_format("%d", c->init))}));

        expect_exit(end.program, 0);
        expect_let_go(&end);
    }
}

static void all_is_let_go(void)
{
    run_lets_go(NULL);
    run_lets_go(cgroups_covered);
    refusal_lets_go();
    verbs_let_go();
}

static const char *need_v2(void)
{
    return cgroups_of(0, NULL) != NULL ? NULL : "version 2 is not mounted";
}

static const struct trial trials[] = {
    {.name = "cgroup_is_gone_afterwards",
     .claim = "after the container its cgroup is gone, in every hierarchy",
     .usual_cause = "rmdir() is missing, or comes while the command is still "
                    "in there (EBUSY)",
     .reread = "#cgroup_destroy",
     .feature = true,
     .body = gone_after_the_command},
    {.name = "cgroup_is_gone_after_failure",
     .claim = "the cgroup is gone as well when the command can't be executed",
     .usual_cause = "an error path returns before the cgroup is removed",
     .reread = "#cgroup_destroy",
     .feature = true,
     .body = gone_after_a_failure},
    {.name = "leftovers_are_killed",
     .claim = "with --share pid, what the command leaves running is killed",
     .usual_cause = "the cgroup can't be removed while somebody is in it: "
                    "kill who is in cgroup.procs, and wait",
     .reread = "#cgroup_destroy",
     .feature = true,
     .body = leftovers_are_killed},
    {.name = "all_is_let_go",
     .claim = "at its end duct has closed and freed what it took to look at "
              "cgroups",
     .usual_cause = "an opendir() without its closedir(), a strdup() without "
                    "its free()",
     .reread = "#cgroup_destroy",
     .depends = "cgroup_is_gone_afterwards",
     .body = all_is_let_go},
    {.name = "orphan_is_swept",
     .claim = "when duct was killed, the next run removes the cgroup that it "
              "could not",
     .usual_cause = "nothing looks for cgroups of ducts that are gone",
     .reread = "#sweep",
     .feature = true,
     .depends = "cgroup_is_gone_afterwards",
     .body = orphan_is_swept},
    {.name = "only_orphans_are_swept",
     .claim = "a cgroup of another name is left alone",
     .usual_cause = "every empty directory called duct-* is removed, the "
                    "user's own as well",
     .reread = "#sweep",
     .feature = true,
     .depends = "orphan_is_swept",
     .body = only_orphans_are_swept},
    {.name = "beginners_are_left_alone",
     .claim = "the cgroup of a duct that is about to start its container is "
              "left alone, whatever pid namespace that duct is in",
     .usual_cause = "the pid in a name is looked up here, where ducts in other "
                    "pid namespaces look dead",
     .reread = "#sweep",
     .feature = true,
     .depends = "orphan_is_swept",
     .body = beginners_are_left_alone},
    {.name = "swept_too_early",
     .claim = "a duct whose cgroup is swept before it could lock it makes it "
              "again",
     .usual_cause = "a lock on a directory that has been removed is a lock on "
                    "nothing",
     .reread = "#sweep",
     .depends = "orphan_is_swept",
     .body = swept_too_early},
    {.name = "name_is_taken",
     .claim = "if somebody holds the lock for seconds, duct gives up and says "
              "who that may be",
     .usual_cause = "the lock is waited for without an end",
     .reread = "#sweep",
     .depends = "orphan_is_swept",
     .body = name_is_taken},
    {.name = "who_lives_there_stays",
     .claim = "a cgroup with somebody in it is left alone",
     .usual_cause = "the sweep kills: but its duct may well live, in another "
                    "pid namespace",
     .reread = "#sweep",
     .feature = true,
     .depends = "orphan_is_swept",
     .body = who_lives_there_stays},
    {.name = "old_limits_are_forgotten",
     .claim = "a cgroup that an earlier duct with the same pid has left is "
              "made anew",
     .usual_cause = "EEXIST is taken for success, with the limits that the "
                    "old one had",
     .reread = "#sweep",
     .feature = true,
     .depends = "cgroup_is_named_for_duct",
     .body = old_limits_are_forgotten},
    {.name = "cgroup_must_be_entered",
     .claim = "when the cgroup can't be entered the command does not run",
     .usual_cause = "the result of open() is not looked at",
     .reread = "#cgroup_enter",
     .feature = true,
     .body = door_must_open},
    {.name = "refused_limit_is_told",
     .claim = "a limit that the kernel does not take is told with flag, value "
              "and file, and nothing is left",
     .usual_cause = "the result of write() is not looked at",
     .reread = "#cgroup_create",
     .feature = true,
     .needs = need_v2,
     .body = gone_when_limits_fail},
};

const struct chapter chapter_end = {"Afterwards", TRIALS(trials)};
