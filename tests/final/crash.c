/*
 * Chapter: SIGKILL at every system call, the full disk, and a reboot.
 *
 * A tracer stands between the suite and duct. It follows all that duct forks
 * until that becomes the container's own program, counts their system calls,
 * and kills who is about to make the n-th: monitor, janitor and the child that
 * furnishes the container as well as the command itself. Afterwards nothing
 * may be in the way, and nothing left once the next command has been run.
 *
 * Every n is tried with DUCT_TEST_SLOW=1; otherwise so many, evenly spread,
 * and others each time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

/* ------------------------------------------------------------- the tracer */

/* Shared with the tracer. */
struct killer {
    pid_t also; /* a process to be traced too, which duct does not fork; or 0 */
    long at;    /* who makes this call is killed; 0: nobody */
    long calls; /* receives how many were made, until then */
    long call;  /* receives the number of the one that was not made */
    bool killed;
    bool was_command; /* not a child of the command */
};

enum {
    TICK_US = 20000,
    IDLE_TICKS = 3, /* nobody makes a call any more */
    OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
              PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC,
};

/* Is it about to make the call that is its last? */
static bool is_due(struct killer *k, pid_t pid)
{
    struct __ptrace_syscall_info info;

    if (k->killed ||
        ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY || ++k->calls != k->at)
        return false;
    k->call = (long)info.entry.nr;
    return true;
}

/* One of those we follow has stopped. */
static void go_on(struct killer *k, pid_t pid, pid_t command, int status)
{
    int event = status >> 16;
    int signal = WSTOPSIG(status);

    if (signal == (SIGTRAP | 0x80)) {
        if (is_due(k, pid)) {
            k->killed = true;
            k->was_command = pid == command;
            (void)kill(pid, SIGKILL);
        }
        signal = 0;
    } else if (event != 0) {
        signal = 0;
        /* From here on it is not ours but the container's. */
        if (event == PTRACE_EVENT_EXEC && pid != command) {
            (void)ptrace(PTRACE_DETACH, pid, 0, 0);
            return;
        }
    }
    (void)ptrace(k->killed ? PTRACE_DETACH : PTRACE_SYSCALL, pid, 0, signal);
}

static void on_tick(int signal)
{
    (void)signal; /* waitpid(2) returns, and that is all */
}

static void start_ticking(void)
{
    const struct sigaction action = {.sa_handler = on_tick};
    const struct itimerval tick = {{.tv_usec = TICK_US}, {.tv_usec = TICK_US}};

    if (sigaction(SIGALRM, &action, NULL) < 0 ||
        setitimer(ITIMER_REAL, &tick, NULL) < 0)
        _exit(125);
}

/* Until the command has ended, and nobody does anything. Those who are left go
 * on by themselves when their tracer is gone. Returns the command's status. */
static int follow(struct killer *k, pid_t command)
{
    int idle = 0, ended = -1;

    while (ended < 0 || (!k->killed && idle < IDLE_TICKS)) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);

        if (pid < 0 && errno != EINTR)
            break; /* nobody is left */
        idle = pid < 0 ? idle + 1 : 0;
        if (pid > 0 && WIFSTOPPED(status))
            go_on(k, pid, command, status);
        else if (pid > 0 && pid == command)
            ended = WIFEXITED(status) ? WEXITSTATUS(status)
                                      : 128 + WTERMSIG(status);
    }
    return ended;
}

/* A spawn's .prepare: we become the tracer, our child goes on to be duct. */
static void traced(void *arg)
{
    struct killer *k = arg;
    int go[2];
    pid_t command;
    char byte;

    if (pipe2(go, O_CLOEXEC) < 0 || (command = fork()) < 0)
        _exit(125);
    if (command == 0) {
        (void)close(go[1]);
        if (read(go[0], &byte, 1) != 1)
            _exit(125);
        (void)close(go[0]);
        return;
    }
    if (ptrace(PTRACE_SEIZE, command, 0, OPTIONS) < 0 ||
        (k->also > 0 && ptrace(PTRACE_SEIZE, k->also, 0, OPTIONS) < 0) ||
        ptrace(PTRACE_INTERRUPT, command, 0, 0) < 0 ||
        (k->also > 0 && ptrace(PTRACE_INTERRUPT, k->also, 0, 0) < 0) ||
        write(go[1], "", 1) != 1)
        _exit(125);
    (void)close(go[0]);
    (void)close(go[1]);
    start_ticking();
    _exit(follow(k, command));
}

static struct killer *killer(void)
{
    struct killer *k = mmap(NULL, sizeof(*k), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    expect_that(k != MAP_FAILED, "memory to share with the tracer", "none");
    return k;
}

/* ---------------------------------------------------------- what is tried */

/* One verb, and how the world has to be before it. */
struct victim {
    const char *const *argv;
    void (*before)(void); /* may be NULL */
    pid_t (*also)(void);  /* another process to be followed; may be NULL */
    int most;             /* so many n are tried when not all are */
    bool networked;
};

static const char name[] = "victim";

static bool wants_all(void)
{
    const char *slow = getenv("DUCT_TEST_SLOW");

    return slow != NULL && strcmp(slow, "1") == 0;
}

/* Returns what duct said. */
static struct program *kill_at(const struct victim *v, struct killer *k, long n)
{
    if (v->before != NULL)
        v->before();
    *k = (struct killer){.at = n, .also = v->also != NULL ? v->also() : 0};
    return spawn_run(
        &(struct spawn){.argv = v->argv, .prepare = traced, .prepare_arg = k});
}

/* What was acknowledged is there: an id alone on a line was one. */
static void expect_kept(const struct program *p)
{
    if (p->out_size != 65 || strspn(p->out, "0123456789abcdef") != 64)
        return;
    expect_contains("ps -a", keep_format("%.64s", p->out),
                    ok("ps", "-aq", "--no-trunc"));
}

/* Whatever it is: it was there, or not, or only half. */
static void remove_it(void)
{
    const struct program *p = duct("rm", "-f", "-v", name);

    if (p->exit_status != 0)
        expect_contains("stderr of rm -f", "No such container", p->err);
}

struct left {
    const char *before;
    char *now;
    bool networked;
};

/* Sorted: the kernel lists a directory in any order. The harness does not look
 * into all hierarchies, and in the others there may be somebody else's. */
static char *host_left(bool networked)
{
    static const char script[] =
        "find \"$0\" \"$1\" -mindepth 2 ! -path '*/images/[bsio]*' "
        "! -path '*/events/*' ! -path '*/layers/*' | sort; "
        "ours=$(tail -qc 20000 \"$0\"/events/journal* | "
        "grep -o '\"ID\":\"[0-9a-f]*' | cut -c7- | sort -u); "
        "ls -d /sys/fs/cgroup/*/duct-* 2>/dev/null | grep -F \"$ours\"";
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-c", script, DATA_ROOT, RUN_ROOT), .aside = true});

    return keep_format("%s%s%s", p->out, cgroups_left(),
                       host_look(HOST_QUICK | (networked ? HOST_NETWORK : 0)));
}

/* A cable goes with its namespace, which the kernel takes its time for. */
static bool is_clean(void *arg)
{
    struct left *left = arg;

    left->now = host_left(left->networked);
    return kernel_count("sleep 4711") == 0 &&
           strcmp(left->before, left->now) == 0;
}

/* Somebody has to come by: that is what sweeps. */
static void expect_clean(const char *before, bool networked)
{
    struct left left = {before, NULL, networked};

    if (!spawn_wait_until(is_clean, &left, SPAWN_SOON_MS))
        trial_failed(__FILE__, __LINE__, "nothing left behind",
                     keep_format("%s%s", host_differences(before, left.now),
                                 kernel_count("sleep 4711") > 0
                                     ? "a process `sleep 4711`"
                                     : ""));
}

/* Everything goes on as if nothing had been. */
static void expect_usable(const struct program *p, const struct victim *v,
                          const char *before)
{
    (void)ok("ps", "-a");
    expect_kept(p);
    remove_it();
    (void)ok("create", "--name", name, "--network", "none", "bb", "true");
    (void)ok("start", "-a", name);
    (void)ok("rm", name);
    expect_clean(before, v->networked);
}

static long count_calls(const struct victim *v, struct killer *k)
{
    const struct program *p = kill_at(v, k, 0);

    expect_exit(p, 0);
    (void)duct("rm", "-f", "-v", name);
    expect_between("system calls", 20, 100000, k->calls);
    return k->calls;
}

static bool is_quiet(void *arg)
{
    (void)arg;
    return host_look(HOST_PROCESSES)[0] == '\0';
}

static void kill_everywhere(const struct victim *v)
{
    struct killer *k = killer();
    const char *before;
    long calls, n, step;

    (void)sh("true");
    calls = count_calls(v, k);
    expect_soon(is_quiet, NULL, SPAWN_SOON_MS, "no process in the end",
                host_look(HOST_PROCESSES));
    before = host_left(v->networked);
    step = wants_all() ? 1 : 1 + calls / v->most;
    n = wants_all() ? 1 : 1 + spawn_now_ms() % step;
    for (; n <= calls; n += step) {
        const struct program *p = kill_at(v, k, n);

        trial_note("killed before call %ld of %ld (%s: system call %ld)", n,
                   calls,
                   !k->killed       ? "nobody"
                   : k->was_command ? "the command"
                                    : "a child",
                   k->call);
        expect_usable(p, v, before);
    }
    expect_call(munmap(k, sizeof(*k)));
}

#define CREATE(...)                                                            \
    ok("create", "--name", name, "--network", "none", ##__VA_ARGS__, "-v",     \
       "/anonymous", "bb", "sleep", "4711")

static void created(void)
{
    (void)CREATE();
}

static void started(void)
{
    (void)CREATE();
    (void)ok("start", name);
}

static void ended(void)
{
    (void)CREATE();
}

static pid_t its_monitor(void)
{
    return (pid_t)strtol(kernel_status(init_of(name), "PPid"), NULL, 10);
}

static void create_killed(void)
{
    kill_everywhere(
        &(struct victim){.argv = DUCT("create", "--name", name, "-v",
                                      "/anonymous", "bb", "sleep", "4711"),
                         .most = 25});
}

static void start_killed(void)
{
    kill_everywhere(&(struct victim){
        .argv = DUCT("start", name), .before = created, .most = 30});
}

static void run_killed(void)
{
    kill_everywhere(&(struct victim){
        .argv = RUN_ARGV("--rm", "--name", name, "bb", "true"), .most = 40});
}

static void stop_killed(void)
{
    kill_everywhere(&(struct victim){.argv = DUCT("stop", "-t", "0", name),
                                     .before = started,
                                     .also = its_monitor,
                                     .most = 20});
}

/* With a bridge, a published port and a lease; janitors are killed, too. */
static void plugged_killed(void)
{
    kill_everywhere(
        &(struct victim){.argv = DUCT("run", "--rm", "--name", name, "-p",
                                      "127.0.0.1:4711:1", "bb", "true"),
                         .most = 12,
                         .networked = true});
}

static void rm_killed(void)
{
    kill_everywhere(&(struct victim){
        .argv = DUCT("rm", "-v", name), .before = ended, .most = 20});
}

static const struct trial trials[] = {
    {.name = "create_killed_anywhere",
     .claim =
         "create, killed at any system call, leaves nothing or a container",
     .usual_cause = "nobody knows of what was made before the name",
     .body = create_killed},
    {.name = "start_killed_anywhere",
     .claim = "start, killed at any system call, leaves nothing on the host",
     .usual_cause = "what is made is written down afterwards",
     .body = start_killed},
    {.name = "run_killed_everywhere",
     .claim = "run --rm, killed at any system call, leaves nothing on the host",
     .usual_cause = "the state says \"exited\" while there is still something",
     .body = run_killed},
    {.name = "plugged_in_killed_anywhere",
     .claim = "run with a network, killed at any system call, leaves no cable, "
              "address, port or bridge",
     .usual_cause = "the bridge has nobody who remembers it",
     .body = plugged_killed},
    {.name = "stop_killed_anywhere",
     .claim =
         "stop, or the monitor meanwhile, can be killed at any system call",
     .usual_cause = "the state says \"exited\" while there is still something",
     .body = stop_killed},
    {.name = "rm_killed_anywhere",
     .claim = "rm, killed at any system call, is finished by who comes next",
     .usual_cause = "what was moved out of sight is forgotten",
     .body = rm_killed},
};

const struct chapter chapter_crash = {"Killed at every call", TRIALS(trials)};
