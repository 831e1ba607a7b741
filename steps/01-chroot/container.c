/*
 * container: the order in which a container is built.
 *
 * Two lists: what the child does to become the container, and what its parent
 * does for it on the host. Each verb has a room of its own.
 */
#include "container.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explain.h"
#include "report.h"
#include "rootfs.h"
#include "supervise.h"

/* Runs in the child: from here on we are the container. */
static int container_become(const struct container *c, struct failure *why)
{
    supervise_forget();
    if (rootfs_enter(c->rootfs, why) < 0)
        return -1;
    return command_exec(&c->command, why);
}

/* Runs in the parent, once there is a child: stay with it to its end. */
static int container_follow(pid_t child, int report[2], struct failure *why)
{
    int failed = report_wait(report, why);

    explain_started();
    if (failed) {
        waitpid(child, NULL, 0);
        return -1;
    }
    explain_look("ls -l /proc/%d/root", child);
    explain_look("ps -o pid,ppid,user,args -p %d", child);
    return supervise(child, why);
}

int container_run(const struct container *c, struct failure *why)
{
    int report[2];

    if (report_open(report, why) < 0)
        return -1;
    supervise_begin();

    explain_fork();
    pid_t child = fork();
    if (child < 0)
        return fail(why, errno, "fork");
    if (child == 0) {
        container_become(c, why);
        report_failure(report[1], why);
    }
    return container_follow(child, report, why);
}
