/*
 * child: a part of duct's own work, done by a process of its own.
 *
 * It may change its root, or mount, and nothing of that is left when it has
 * ended. Without root it has to be a child: only in a user namespace do the
 * files of an image belong to root.
 *
 * Kernel object  a process, in a user namespace of its own for who isn't root
 * Look at it     strace -f -e trace=clone3,pivot_root duct load -i ARCHIVE
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bounds.h"
#include "cleanup.h"
#include "explain.h"
#include "report.h"
#include "rootfs.h"

static void close_pipe(int fds[2])
{
    close_fd(&fds[0]);
    close_fd(&fds[1]);
}

/* Masks and ignored signals were our caller's business. */
static void forget_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Before the parent says "go": who is gone by then does not say it. */
static int die_with_parent(struct failure *why)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0
               ? fail(why, errno, "prctl PR_SET_PDEATHSIG")
               : 0;
}

int child_start(struct child *child, int namespaces,
                int (*work)(void *argument, struct failure *why),
                void *argument, struct failure *why)
{
    const int user = geteuid() == 0 ? 0 : CLONE_NEWUSER;

    *child = (struct child){
        .namespaces = {.flags = namespaces | user, .cgroup_fd = -1}};
    if (report_open(child->report, why) < 0)
        return -1;
    if (pipe2(child->go, O_CLOEXEC) < 0) {
        close_pipe(child->report);
        return fail(why, errno, "make a pipe for a child");
    }
    explain_fork();
    child->pid = namespaces_clone(&child->namespaces, why);
    if (child->pid == 0) {
        forget_signals();
        umask(0);
        close_fd(&child->go[1]); /* its end tells of our parent's */
        if (die_with_parent(why) == 0 &&
            namespaces_settle(&child->namespaces, child->go[0], why) == 0 &&
            work(argument, why) == 0)
            _exit(0);
        report_failure(child->report[1], why);
    }
    if (child->pid > 0 &&
        namespaces_map_ids(&child->namespaces, child->pid, why) == 0) {
        (void)!write(child->go[1], "", 1); /* who is gone will not report */
        return 0;
    }
    if (child->pid > 0)
        child_stop(child);
    child->pid = 0;
    return -1;
}

int child_wait(struct child *child, struct failure *why)
{
    int status = 0;
    int failed = report_wait(child->report, why);

    explain_started();
    if (waitpid(child->pid, &status, 0) < 0 || (failed == 0 && status != 0))
        failed = fail(why, 0, "a child of duct was killed");
    close_pipe(child->report);
    close_pipe(child->go);
    child->pid = 0;
    return failed;
}

void child_stop(struct child *child)
{
    struct failure ignored;

    if (child->pid <= 0)
        return;
    kill(child->pid, SIGKILL);
    child_wait(child, &ignored);
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Whatever else we inherited: directories of the host above all. */
static int close_others(int a, int b, int c)
{
    int kept[] = {a, b, c};
    unsigned next = 3;

    qsort(kept, 3, sizeof(*kept), by_number);
    for (size_t i = 0; i < 3; i++) {
        if (kept[i] < (int)next)
            continue;
        if (kept[i] > (int)next && close_range(next, (unsigned)kept[i] - 1, 0))
            return -1;
        next = (unsigned)kept[i] + 1;
    }
    return close_range(next, UINT32_MAX, 0);
}

int child_limit(void)
{
    const struct rlimit no_core = {0, 0};
    const struct rlimit memory = {512UL << 20, 512UL << 20};

    if (setrlimit(RLIMIT_CORE, &no_core) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
#ifdef __SANITIZE_ADDRESS__
    (void)memory; /* it takes terabytes, and uses few of them */
    return 0;
#else
    return setrlimit(RLIMIT_AS, &memory);
#endif
}

int child_confine(const struct child *child, const char *directory, int in_fd,
                  int out_fd, struct failure *why)
{
    const struct rlimit file = {BOUND_TAR, BOUND_TAR};

    if (close_others(child->report[1], in_fd, out_fd) < 0 ||
        child_limit() < 0 || setrlimit(RLIMIT_FSIZE, &file) < 0)
        return fail(why, errno, "confine a child of duct");
    if (directory == NULL)
        return 0;
    if (rootfs_isolate(why) < 0)
        return -1;
    explain(CONTAINER, "mount --bind %s %s", directory, directory);
    if (mount(directory, directory, NULL, MS_BIND, NULL) < 0 ||
        chdir(directory) < 0)
        return fail(why, errno, "bind %s", directory);
    return rootfs_pivot(why);
}
