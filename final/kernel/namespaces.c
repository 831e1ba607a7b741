/*
 * namespaces: what a process sees of the system, one kind of thing at a time.
 *
 * Kernel object  one inode for each kind, in /proc/PID/ns; two processes with
 *                the same inode see the same things
 * Side           host: clone, map ids, join     container: settle
 * Needs          root, or a user namespace in which we are root
 * Look at it     lsns -p PID     nsenter -t PID -a     cat /proc/PID/uid_map
 */
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "explain.h"
#include "id_map.h"
#include "report.h"

static const struct namespace
{
    const char *name;    /* in /proc/PID/ns */
    int flag;            /* for clone3, unshare and setns */
    const char *unshare; /* the option of unshare(1) */
    const char *nsenter; /* the option of nsenter(1) */
}
kinds[] = {
    {"user", CLONE_NEWUSER, "--map-root-user", "--user"},
    {"pid", CLONE_NEWPID, "--pid", "--pid"},
    {"mnt", CLONE_NEWNS, "--mount", "--mount"},
    {"uts", CLONE_NEWUTS, "--uts", "--uts"},
    {"ipc", CLONE_NEWIPC, "--ipc", "--ipc"},
    {"net", CLONE_NEWNET, "--net", "--net"},
    {"cgroup", CLONE_NEWCGROUP, "--cgroup", "--cgroup"},
    {"time", CLONE_NEWTIME, "--time", "--time"},
};

enum {
    KINDS = sizeof(kinds) / sizeof(kinds[0])
};

/* Not with clone3: these two begin where their first process already is. */
static const int unshared_later = CLONE_NEWCGROUP | CLONE_NEWTIME;

static const char *refusal_hint(int errnum)
{
    switch (errnum) {
    case EPERM:
    case EACCES:
        return "may this user make user namespaces? `make doctor` tells which "
               "setting says no";
    case ENOSPC:
        return "see /proc/sys/user/max_*_namespaces; or too many inside one "
               "another";
    default:
        return NULL;
    }
}

static void explain_clone(const struct namespaces *n)
{
    explain(HOST, "unshare='unshare --fork --kill-child'");
    for (size_t i = 0; i < KINDS; i++)
        if (n->flags & kinds[i].flag)
            explain(HOST, "unshare=\"$unshare %s\"", kinds[i].unshare);
    if (n->time_offset != 0)
        explain(HOST, "unshare=\"$unshare --boottime %d --monotonic %d\"",
                n->time_offset, n->time_offset);
    explain(HOST, "exec $unshare \"$@\" /bin/sh -ec \"$(cat <<'CONTAINER'");
}

static pid_t clone_here(const struct namespaces *n,
                        struct clone_args *arguments, struct failure *why)
{
    /* Where our children are born is ours again after that; who is between
     * has no more, and may not go back. */
    cleanup_close int own = -1;
    if (n->joined_pid > 0 &&
        ((own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC)) < 0 ||
         setns(n->joined_pid, CLONE_NEWPID) < 0))
        return fail(why, errno, "enter a pid namespace");
    pid_t child = (pid_t)syscall(SYS_clone3, arguments, sizeof(*arguments));
    if (child != 0 && own >= 0 && n->joined_user == 0 &&
        setns(own, CLONE_NEWPID) < 0 && child > 0)
        return fail(why, errno, "return to our pid namespace");
    if (child < 0) {
        fail(why, errno, "clone3 into new namespaces");
        return hint(why, refusal_hint(errno));
    }
    return child;
}

/* Who has entered another's user namespace can't come back. So it is a
 * process between who enters, and whose child is ours all the same. */
static pid_t clone_there(const struct namespaces *n,
                         struct clone_args *arguments, struct failure *why)
{
    int report[2];
    int tell[2];
    pid_t child = -1;

    arguments->flags |= CLONE_PARENT;
    arguments->exit_signal = 0; /* as for the process between */
    if (report_open(report, why) < 0)
        return -1;
    if (pipe2(tell, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe");
    pid_t between = fork();
    if (between == 0) {
        if (setns(n->joined_user, CLONE_NEWUSER) < 0)
            fail(why, errno, "enter another container's user namespace");
        else
            child = clone_here(n, arguments, why);
        if (child == 0) {
            close_fd(&report[1]);
            close_fd(&tell[1]);
            return 0;
        }
        if (child < 0)
            report_failure(report[1], why);
        (void)!write(tell[1], &child, sizeof(child));
        report_success(&report[1]);
        _exit(0);
    }
    close_fd(&report[1]);
    close_fd(&tell[1]);
    if (between < 0)
        fail(why, errno, "fork");
    else if (report_read(report[0], "a child of duct", why) == 0 &&
             read(tell[0], &child, sizeof(child)) != sizeof(child))
        fail(why, 0, "a child of duct was killed");
    close_fd(&report[0]);
    close_fd(&tell[0]);
    if (between > 0)
        (void)waitpid(between, NULL, 0);
    return child;
}

pid_t namespaces_clone(const struct namespaces *n, struct failure *why)
{
    struct clone_args arguments = {
        .flags = (unsigned)(n->flags & ~unshared_later),
        .exit_signal = SIGCHLD,
    };

    if (n->cgroup_fd >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (unsigned)n->cgroup_fd;
    }
    explain_clone(n);
    return n->joined_user > 0 ? clone_there(n, &arguments, why)
                              : clone_here(n, &arguments, why);
}

/* One write(2): files in /proc take a setting whole or not at all. */
static int write_setting(const char *path, const char *text,
                         struct failure *why)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return fail(why, errno, "write \"%s\" to %s", text, path);
    return 0;
}

int namespaces_map_ids(const struct namespaces *n, pid_t child,
                       struct failure *why)
{
    return n->flags & CLONE_NEWUSER ? id_map_write(child, why) : 0;
}

/* Until the parent has done its part, or is gone. */
static int await_parent(int go, struct failure *why)
{
    char byte;

    return read(go, &byte, 1) == 1
               ? 0
               : fail(why, 0, "the monitor ended before its container began");
}

/* Its root is where we are now: /proc/self/cgroup will show that as "/". */
static int settle_cgroup(struct failure *why)
{
    if (unshare(CLONE_NEWCGROUP) < 0) {
        fail(why, errno, "unshare the cgroup namespace");
        return hint(why, refusal_hint(errno)); /* some let clone3 pass */
    }
    return 0;
}

/* Its clocks can be set only while nobody lives in it, so we make it for
 * children that we haven't got, set it, and move in ourselves. */
static int settle_time(int offset, struct failure *why)
{
    cleanup_free char *offsets = NULL;

    if (unshare(CLONE_NEWTIME) < 0)
        return fail(why, errno, "unshare the time namespace");
    if (asprintf(&offsets, "monotonic %d 0\nboottime %d 0\n", offset, offset) <
        0)
        return fail(why, errno, "set the time offset");
    if (write_setting("/proc/self/timens_offsets", offsets, why) < 0) {
        fail(why, errno, "--time-offset \"%d\"", offset);
        return hint(why, "no clock may go below zero: see /proc/uptime");
    }

    cleanup_close int fd =
        open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)
        return fail(why, errno, "enter the new time namespace");
    return 0;
}

static int settle_hostname(const char *name, struct failure *why)
{
    explain(CONTAINER, "hostname %s", name);
    if (sethostname(name, strlen(name)) < 0)
        return fail(why, errno, "--hostname \"%s\"", name);
    return 0;
}

static int enter_joined(const struct namespaces *n, struct failure *why)
{
    for (int i = 0; i < JOIN_MOST && n->joined[i] > 0; i++)
        if (setns(n->joined[i], 0) < 0)
            return fail(why, errno, "enter another container's namespace");
    return 0;
}

static int settle_domainname(const char *name, struct failure *why)
{
    if (name == NULL || *name == '\0')
        return 0;
    explain(CONTAINER, "domainname %s", name);
    if (setdomainname(name, strlen(name)) < 0)
        return fail(why, errno, "set the domain name \"%s\"", name);
    return 0;
}

int namespaces_settle(const struct namespaces *n, int go, struct failure *why)
{
    explain_await();
    if (await_parent(go, why) < 0 || enter_joined(n, why) < 0)
        return -1;
    if (n->flags & CLONE_NEWCGROUP && settle_cgroup(why) < 0)
        return -1;
    if (n->flags & CLONE_NEWTIME && settle_time(n->time_offset, why) < 0)
        return -1;
    if (n->flags & CLONE_NEWUTS && (settle_hostname(n->hostname, why) < 0 ||
                                    settle_domainname(n->domainname, why) < 0))
        return -1;
    return 0;
}

/* Enters the root directory that a process has. */
static int join_root(int root_fd, struct failure *why)
{
    if (fchdir(root_fd) < 0 || chroot(".") < 0)
        return fail(why, errno, "chroot to the root of a container");
    return 0;
}

/* The number of a process that we hold. */
static pid_t pid_of(int pidfd)
{
    cleanup_free char *path = NULL;
    char line[64];
    int pid = -1;

    if (asprintf(&path, "/proc/self/fdinfo/%d", pidfd) < 0)
        return -1;
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "Pid:", 4) == 0)
            pid = (int)strtol(line + 4, NULL, 10);
    if (file != NULL)
        (void)fclose(file);
    return pid;
}

/* Is the process in another namespace of this kind than we are? */
static int differs(pid_t pid, const char *name, struct failure *why)
{
    cleanup_free char *theirs = NULL;
    cleanup_free char *ours = NULL;
    struct stat them;
    struct stat us;

    if (asprintf(&theirs, "/proc/%d/ns/%s", pid, name) < 0 ||
        asprintf(&ours, "/proc/self/ns/%s", name) < 0 ||
        stat(theirs, &them) < 0 || stat(ours, &us) < 0)
        return fail(why, errno, "look at the %s namespace of process %d", name,
                    pid);
    return them.st_ino != us.st_ino;
}

int namespaces_join(int pidfd, struct failure *why)
{
    pid_t pid = pid_of(pidfd);
    cleanup_free char *path = NULL;
    int flags = 0;

    if (pid <= 0)
        return fail(why, ESRCH, "find the container's first process");
    for (size_t i = 0; i < KINDS; i++) {
        int other = differs(pid, kinds[i].name, why);

        if (other < 0)
            return -1;
        if (other)
            flags |= kinds[i].flag;
    }
    if (asprintf(&path, "/proc/%d/root", pid) < 0)
        return fail(why, errno, "find the root of process %d", pid);
    cleanup_close int root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        return fail(why, errno, "open %s", path);
    /* Were it another's number by now, this would fail. */
    explain(HOST,
            "exec nsenter --target %d --all /bin/sh -ec \"$(cat <<'CONTAINER'",
            pid);
    if (flags != 0 && setns(pidfd, flags) < 0)
        return fail(why, errno, "enter the namespaces of process %d", pid);
    /* Its root may be another's than ours, its root directory anywhere. */
    if (flags & CLONE_NEWUSER &&
        (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
        return fail(why, errno, "become root in the container of %d", pid);
    return join_root(root_fd, why);
}
