/*
 * child: a part of duct's own work, done by a process of its own.
 *
 * It may change its root, or mount, and nothing of that is left when it has
 * ended. Without root it has to be a child: only in a user namespace do the
 * files of an image belong to root.
 *
 * Kernel object  a process, in a user namespace of its own for who isn't root
 * Look at it     strace -f -e trace=clone3,chroot duct load -i ARCHIVE
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "explain.h"
#include "report.h"
#include "supervise.h"

static void close_pipe(int fds[2])
{
    close_fd(&fds[0]);
    close_fd(&fds[1]);
}

int child_start(struct child *child, int namespaces,
                int (*work)(void *argument, struct failure *why),
                void *argument, struct failure *why)
{
    const int user = geteuid() == 0 ? 0 : CLONE_NEWUSER;

    child->namespaces = (struct namespaces){.flags = namespaces | user};
    if (report_open(child->report, why) < 0)
        return -1;
    if (pipe2(child->go, O_CLOEXEC) < 0) {
        close_pipe(child->report);
        return fail(why, errno, "make a pipe for a child");
    }
    explain_fork();
    child->pid = namespaces_clone(&child->namespaces, why);
    if (child->pid == 0) {
        supervise_forget();
        umask(0);
        if (namespaces_settle(&child->namespaces, child->go, why) == 0 &&
            work(argument, why) == 0)
            _exit(0);
        report_failure(child->report[1], why);
    }
    if (child->pid > 0 &&
        namespaces_map_ids(&child->namespaces, child->pid, why) == 0) {
        (void)!write(child->go[1], "", 1); /* who is gone will not report */
        return 0;
    }
    struct failure ignored;
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        child_wait(child, &ignored);
    }
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
    return failed;
}
