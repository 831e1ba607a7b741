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

#include "cleanup.h"
#include "explain.h"

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

    explain(HOST, "unshare='unshare --fork --kill-child'");
    for (size_t i = 0; i < KINDS; i++)
        if (n->flags & kinds[i].flag)
            explain(HOST, "unshare=\"$unshare %s\"", kinds[i].unshare);
    if (n->time_offset != 0)
        explain(HOST, "unshare=\"$unshare --boottime %d --monotonic %d\"",
                n->time_offset, n->time_offset);
    explain(HOST, "exec $unshare \"$@\" /bin/sh -ec \"$(cat <<'CONTAINER'");

    /* Where our children are born is ours again after that. */
    cleanup_close int own = -1;
    if (n->joined_pid > 0 &&
        ((own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC)) < 0 ||
         setns(n->joined_pid, CLONE_NEWPID) < 0))
        return fail(why, errno, "enter a pid namespace");
    pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
    if (child != 0 && own >= 0 && setns(own, CLONE_NEWPID) < 0 && child > 0)
        return fail(why, errno, "return to our pid namespace");
    if (child < 0) {
        fail(why, errno, "clone3 into new namespaces");
        return hint(why, refusal_hint(errno));
    }
    return child;
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

static int write_id_map(pid_t child, const char *file, unsigned outside,
                        struct failure *why)
{
    cleanup_free char *path = NULL;
    cleanup_free char *map = NULL;

    if (asprintf(&path, "/proc/%d/%s", child, file) < 0 ||
        asprintf(&map, "0 %u 1", outside) < 0)
        return fail(why, errno, "write %s", file);
    explain_look("unshare did: echo %s >%s", map, path);
    return write_setting(path, map, why);
}

int namespaces_map_ids(const struct namespaces *n, pid_t child,
                       struct failure *why)
{
    cleanup_free char *setgroups = NULL;

    if (!(n->flags & CLONE_NEWUSER))
        return 0;
    if (asprintf(&setgroups, "/proc/%d/setgroups", child) < 0)
        return fail(why, errno, "write setgroups");
    /* Who can drop a group could get past files that shut this group out. */
    explain_look("unshare did: echo deny >%s", setgroups);
    if (write_setting(setgroups, "deny", why) < 0 ||
        write_id_map(child, "uid_map", geteuid(), why) < 0 ||
        write_id_map(child, "gid_map", getegid(), why) < 0)
        return -1;
    return 0;
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
    explain(HOST, "nsenter --target %d --all", pid);
    if (flags != 0 && setns(pidfd, flags) < 0)
        return fail(why, errno, "enter the namespaces of process %d", pid);
    /* Its root may be another's than ours, its root directory anywhere. */
    if (flags & CLONE_NEWUSER &&
        (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
        return fail(why, errno, "become root in the container of %d", pid);
    return join_root(root_fd, why);
}
