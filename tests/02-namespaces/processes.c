/*
 * Chapter: the pid namespace, and what it means to be pid 1 in it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static void command_is_pid_1(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_int("last number of NSpid", 1, kernel_pid_inside(c->init));
    expect_int("duct's second child", 0, kernel_children(c->duct->pid)[1]);
}

static void proc_shows_its_own(void)
{
    expect_output(duct("run", rootfs(), "sh", "-c",
                       "echo /proc/[0-9]*; tr '\\0' ' ' </proc/1/cmdline | "
                       "grep -c ^sh"),
                  "/proc/1\n1\n");
}

static void neighbour_is_out_of_reach(void)
{
    struct program *neighbour =
        spawn_start(&(struct spawn){.argv = ARGV("sleep", "4716")});
    const char *pid = keep_format("%d", neighbour->pid);
    const struct program *p = duct("run", rootfs(), "kill", "-9", pid);

    expect_that(!spawn_ended(neighbour, 30), "the neighbour lives",
                "it was killed from inside the container");
    expect_exit(p, 1);
}

static bool is_all_gone(void *arg)
{
    return kernel_count(arg) == 0;
}

static void ends_with_pid_1(void)
{
    static char job[] = "sleep 4720";
    const struct program *p =
        duct("run", rootfs(), "sh", "-c",
             "sleep 4720 >/dev/null 2>&1 & sleep 4720 >/dev/null 2>&1 & "
             "exit 5");

    expect_exit(p, 5);
    expect_soon(is_all_gone, job, 500,
                "no process of the container after its pid 1",
                keep_format("%d of `%s`", kernel_count(job), job));
}

static void dies_with(const char *const *options)
{
    static char job[] = "/bin/sleep 4722", command[] = "sleep 4723";
    struct program *p = spawn_start(&(struct spawn){
        .argv = argv_of(
            DUCT("run"), options,
            ARGV(rootfs(), "sh", "-c", "/bin/sleep 4722 & exec sleep 4723"),
            NULL),
    });

    (void)kernel_find(p->pid, command);
    (void)kernel_find(p->pid, job);
    expect_call(spawn_signal(p, SIGKILL));
    expect_soon(is_all_gone, command, SPAWN_SOON_MS,
                "the command dies when duct is killed", "it lives on");
    expect_soon(is_all_gone, job, SPAWN_SOON_MS,
                "all processes of the container die with it",
                "its children live on");
}

static void dies_with_duct(void)
{
    dies_with((const char *const[]){NULL});
    dies_with(ARGV("--userns"));
}

static void shared_pid_dies_with_duct(void)
{
    static char command[] = "sleep 4724";
    struct program *p =
        duct_start("run", "--share", "pid", rootfs(), "sleep", "4724");

    (void)kernel_find(p->pid, command);
    expect_call(spawn_signal(p, SIGKILL));
    expect_soon(is_all_gone, command, SPAWN_SOON_MS,
                "the command dies when duct is killed", "it lives on");
}

#define CALL(call)                                                             \
    {                                                                          \
        .number = SYS_##call, .name = #call                                    \
    }

static bool is_dead(void *arg)
{
    return !kernel_alive(*(pid_t *)arg);
}

/* Kills duct while its child is about to make a call. */
static void kill_at(const struct deny *call, const char *share)
{
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("run", "--share", share, rootfs(), "sleep", "4726"),
        .prepare = hold_call,
        .prepare_arg = (void *)(uintptr_t)call,
    });
    struct held held;

    if (!hold_wait(p, true, &held))
        trial_failed(__FILE__, __LINE__, "a container that starts",
                     expect_quoted(p->err, p->err_size));
    trial_note("killed duct while its child was about to call %s", call->name);
    expect_call(spawn_signal(p, SIGKILL));
    expect_that(spawn_ended(p, SPAWN_SOON_MS), "duct is dead", "it lives");
    hold_answer(&held, 0);
    expect_soon(is_dead, &held.pid, SPAWN_SOON_MS,
                "the child dies with duct, wherever it has come to",
                keep_format("it lives on, in system call %s",
                            kernel_read("%d/syscall", held.pid)));
}

static void killed_at_any_moment(void)
{
    static const struct deny calls[] = {
        {.number = SYS_prctl,
         .only_with = true,
         .value = PR_SET_PDEATHSIG,
         .name = "prctl(PR_SET_PDEATHSIG)"},
        CALL(capset),
        CALL(close_range), /* the last thing before execve */
    };

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        kill_at(&calls[i], "uts");
        kill_at(&calls[i], "pid");
    }
}

static void shared_pid_is_no_1(void)
{
    const struct container *c =
        container("--share", "pid", rootfs(), "sleep", "4711");
    const struct program *p =
        duct("run", "--share", "pid", rootfs(), "sh", "-c",
             keep_format("test -d /proc/%d && echo $PPID", c->init));

    expect_exit(p, 0);
    expect_str("parent's pid, inside", keep_format("%d\n", p->pid), p->out);
    expect_int("pid of the command, inside", c->init,
               kernel_pid_inside(c->init));
}

static void term_is_not_for_pid_1(void)
{
    struct container *c = container(rootfs(), "sleep", "4711");

    expect_call(spawn_signal(c->duct, SIGTERM));
    expect_call(spawn_signal(c->duct, SIGINT));
    spawn_sleep_ms(60);
    expect_that(kernel_alive(c->init),
                "a pid 1 that has no handler is spared SIGTERM",
                "it was ended");
    expect_that(!c->duct->ended, "duct waits for it", "duct ended");
    expect_call(kill(c->init, SIGKILL));
    spawn_finish(c->duct);
    expect_exit(c->duct, 128 + SIGKILL);
}

static void spoil_signals(void *unused)
{
    sigset_t all;

    (void)unused;
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_IGN);
    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
}

static void signals_start_afresh(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .prepare = spoil_signals,
    });

    expect_hex("SigBlk, the command's blocked signals", 0,
               kernel_status_hex(c->init, "SigBlk"));
    /* 32 and 33 are glibc's own: its signal(2) doesn't touch them, and its
     * posix_spawn(3), which make uses, leaves them ignored for good. */
    expect_hex("SigIgn, the command's ignored signals", 0,
               kernel_status_hex(c->init, "SigIgn") & ~(3ULL << 31));
}

static bool has_parent(void *arg)
{
    const pid_t *pids = arg;
    const char *parent = kernel_status(pids[0], "PPid");

    return parent != NULL && strtol(parent, NULL, 10) == pids[1];
}

static void orphans_come_to_pid_1(void)
{
    struct container *c =
        container(rootfs(), "/inside/probe", "orphan", "/bin/sleep", "4725");
    pid_t pids[2];

    expect_that(spawn_printed(c->duct, "ready", SPAWN_SOON_MS),
                "the command runs", "it does not");
    pids[0] = kernel_find(c->init, "/bin/sleep 4725");
    pids[1] = c->init;
    expect_soon(has_parent, pids, SPAWN_SOON_MS,
                "the orphan's parent is the container's pid 1",
                keep_format("PPid %s", kernel_status(pids[0], "PPid")));
}

static const struct trial trials[] = {
    {.name = "command_is_pid_1",
     .claim = "the command has pid 1 inside",
     .usual_cause = "the new pid namespace begins with the next child: the "
                    "command is not the first process in it",
     .reread = "#pid",
     .feature = true,
     .depends = "pid_is_new",
     .body = command_is_pid_1},
    {.name = "proc_shows_its_own",
     .claim = "/proc shows the container's processes and no other",
     .usual_cause = "/proc was mounted before the pid namespace was new, or "
                    "is the host's",
     .reread = "#pid",
     .feature = true,
     .depends = "command_is_pid_1",
     .body = proc_shows_its_own},
    {.name = "neighbour_is_out_of_reach",
     .claim = "a process of the host can't be killed from inside",
     .usual_cause = "CLONE_NEWPID is missing",
     .reread = "#break-it",
     .feature = true,
     .depends = "a_command_runs",
     .body = neighbour_is_out_of_reach},
    {.name = "ends_with_pid_1",
     .claim = "when pid 1 ends, the kernel ends all others inside",
     .usual_cause = "an extra process of duct's is pid 1, and lives on",
     .reread = "#pid-1",
     .feature = true,
     .depends = "command_is_pid_1",
     .body = ends_with_pid_1},
    {.name = "dies_with_duct",
     .claim = "when duct is killed, nothing of the container lives on",
     .usual_cause = "prctl(PR_SET_PDEATHSIG, SIGKILL) is missing in the "
                    "child",
     .reread = "#pid-1",
     .feature = true,
     .depends = "command_is_pid_1",
     .body = dies_with_duct},
    {.name = "shared_pid_dies_with_duct",
     .claim = "when duct is killed, so is the command, --share pid or not",
     .usual_cause = "prctl(PR_SET_PDEATHSIG, SIGKILL) is missing in the "
                    "child",
     .reread = "#pid-1",
     .feature = true,
     .depends = "share_pid",
     .body = shared_pid_dies_with_duct},
    {.name = "killed_at_any_moment",
     .claim = "duct may be killed while it starts a container: nothing "
              "stays",
     .usual_cause = "PR_SET_PDEATHSIG tells only of a death that is still to "
                    "come: let the child wait on a pipe that duct alone holds "
                    "open, and end when that ends",
     .reread = "#pid-1",
     .feature = true,
     .depends = "dies_with_duct",
     .body = killed_at_any_moment},
    {.name = "shared_pid_is_no_1",
     .claim = "with --share pid the command sees the host's processes",
     .usual_cause = "/proc is not mounted unless the pid namespace is new",
     .reread = "#share",
     .feature = true,
     .depends = "share_pid",
     .body = shared_pid_is_no_1},
    {.name = "term_is_not_for_pid_1",
     .claim = "a pid 1 without a handler is spared SIGTERM: duct waits",
     .usual_cause = "duct ends at a signal in place of passing it on",
     .reread = "#pid-1",
     .feature = true,
     .depends = "command_is_pid_1",
     .body = term_is_not_for_pid_1},
    {.name = "signals_start_afresh",
     .claim = "no signal is blocked or ignored in the command",
     .usual_cause = "mask and ignored signals outlive clone3() and execve(): "
                    "reset both in the child",
     .reread = "lessons/01-chroot.md#signals",
     .depends = "a_command_runs",
     .body = signals_start_afresh},
    {.name = "orphans_come_to_pid_1",
     .claim = "a process whose parent ended gets the container's pid 1",
     .usual_cause = "the command is not pid 1",
     .reread = "#pid-1",
     .feature = true,
     .depends = "command_is_pid_1",
     .body = orphans_come_to_pid_1},
};

const struct chapter chapter_processes = {"Processes", TRIALS(trials)};
