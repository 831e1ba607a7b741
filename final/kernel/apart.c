/*
 * apart: work for which only root of a user namespace has the rights.
 *
 * Files of a container's users belong to numbers that are ours on paper only:
 * in the host's eyes we are one user, and can't even remove them.
 *
 * Kernel object  a process in a user namespace
 * Side           host
 * Look at it     strace -f -e trace=clone3,setns duct rm NAME
 */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "namespaces.h"
#include "report.h"
#include "tree.h"

/* The child's end, and its failure. */
static int await(pid_t child, int report[2], struct failure *why)
{
    int status = report_read(report[0], "a child of duct", why);

    close_fd(&report[0]);
    (void)waitpid(child, NULL, 0);
    return status;
}

static void close_pair(int fds[2])
{
    close_fd(&fds[0]);
    close_fd(&fds[1]);
}

/* Masks and ignored signals were our caller's business. */
static void begin(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

int apart_run(int (*work)(void *argument, struct failure *why), void *argument,
              struct failure *why)
{
    struct namespaces n = {.flags = CLONE_NEWUSER, .cgroup_fd = -1};
    int report[2];
    int go[2];

    if (geteuid() == 0)
        return work(argument, why);
    if (report_open(report, why) < 0)
        return -1;
    if (pipe2(go, O_CLOEXEC) < 0) {
        close_pair(report);
        return fail(why, errno, "make a pipe for a child");
    }
    pid_t child = namespaces_clone(&n, why);
    if (child == 0) {
        close_fd(&go[1]); /* its end tells of our parent's */
        begin();
        if (namespaces_settle(&n, go[0], why) < 0 || work(argument, why) < 0)
            report_failure(report[1], why);
        report_success(&report[1]);
        _exit(0);
    }
    close_fd(&report[1]);
    close_fd(&go[0]);
    if (child < 0 || namespaces_map_ids(&n, child, why) < 0) {
        struct failure ignored;

        close_fd(&go[1]);
        if (child > 0)
            (void)await(child, report, &ignored);
        close_fd(&report[0]);
        return -1;
    }
    (void)!write(go[1], "", 1); /* who is gone will not report */
    close_fd(&go[1]);
    return await(child, report, why);
}

/* Runs in the child. */
static int enter(pid_t pid, struct failure *why)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "/proc/%d/ns/user", pid) < 0)
        return fail(why, ENOMEM, "enter a user namespace");
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 || setns(fd, CLONE_NEWUSER) < 0
               ? fail(why, errno, "enter the user namespace of process %d", pid)
               : 0;
}

int apart_enter(pid_t pid, int (*work)(void *argument, struct failure *why),
                void *argument, struct failure *why)
{
    int report[2];

    if (report_open(report, why) < 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        begin();
        if (enter(pid, why) < 0 || work(argument, why) < 0)
            report_failure(report[1], why);
        report_success(&report[1]);
        _exit(0);
    }
    close_fd(&report[1]);
    if (child > 0)
        return await(child, report, why);
    close_fd(&report[0]);
    return fail(why, errno, "fork");
}

/* --------------------------------------------------------------- removing */

struct removal {
    int parent_fd;
    const char *name;
};

static int remove_it(void *argument, struct failure *why)
{
    const struct removal *r = argument;

    return tree_remove(r->parent_fd, r->name) < 0
               ? fail(why, errno, "remove %s", r->name)
               : 0;
}

int apart_remove(int parent_fd, const char *name)
{
    struct removal removal = {parent_fd, name};
    struct failure ignored;
    struct stat st;

    if (tree_remove(parent_fd, name) == 0 || geteuid() == 0)
        return fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : -1;
    if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    if (apart_run(remove_it, &removal, &ignored) == 0)
        return 0;
    errno = EACCES;
    return -1;
}
