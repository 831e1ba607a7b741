/*
 * container: the order in which a container is built.
 *
 * Two lists: what the child does to become the container, and what its parent
 * does for it on the host. Each verb has a room of its own.
 */
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "console.h"
#include "explain.h"
#include "fds.h"
#include "init.h"
#include "inside.h"
#include "keyring.h"
#include "oom_score.h"
#include "report.h"
#include "terminal.h"

/* A bind mount of one of our files over one of the image's. */
static int attach_file(int root_fd, const char *source, const char *target,
                       struct failure *why)
{
    if (source == NULL)
        return 0;
    cleanup_close int fd = inside_make(root_fd, target, S_IFREG, why);
    explain(CONTAINER, "mount --bind %s .%s", source, target);
    cleanup_close int tree =
        open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (fd < 0)
        return -1;
    if (tree < 0 ||
        move_mount(tree, "", fd, "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return fail(why, errno, "bind %s to %s", source, target);
    return 0;
}

static int attach_files(const struct container *c, struct failure *why)
{
    cleanup_close int root_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (attach_file(root_fd, c->files.hosts, "/etc/hosts", why) < 0 ||
        attach_file(root_fd, c->files.hostname, "/etc/hostname", why) < 0 ||
        attach_file(root_fd, c->files.resolv_conf, "/etc/resolv.conf", why) < 0)
        return -1;
    return 0;
}

static int settle_stdio(const struct container *c,
                        const struct console *console, struct failure *why)
{
    if (c->terminal_socket >= 0)
        return terminal_send(c->terminal_socket, console->master, why) < 0
                   ? -1
                   : console_become(console->slave, why);
    for (int fd = 0; fd <= 2; fd++)
        if (dup2(c->stdio[fd], fd) < 0)
            return fail(why, errno, "give the command its standard files");
    return 0;
}

/* Runs in the child: the layer over the image becomes "/", furnished. */
static int enter_root(struct container *c, struct failure *why)
{
    struct console console = {-1, -1};

    if (c->terminal_socket >= 0)
        c->rootfs.console = &console;
    if (mounts_open(&c->mounts, why) < 0 ||    /* while the host is in sight */
        rootfs_isolate(why) < 0 ||             /* from the host's mounts */
        overlay_mount(&c->overlay, why) < 0 || /* a mount, to pivot to */
        sysctls_apply(&c->sysctls, c->namespaces.flags, why) < 0 ||
        rootfs_populate(c->overlay.merged, &c->rootfs, why) < 0 ||
        settle_stdio(c, &console, why) < 0 ||
        attach_files(c, why) < 0 ||           /* /etc/hosts, ... */
        mounts_attach(&c->mounts, why) < 0 || /* -v, --tmpfs, --read-only */
        rootfs_pivot(why) < 0)                /* and the old root is gone */
        return -1;
    return 0;
}

/* Whoever shares our pid namespace could look at our memory and open what we
 * have open: the host's directories. Not even after a change of user. */
static int hide_memory(struct failure *why)
{
    return prctl(PR_SET_DUMPABLE, 0) < 0
               ? fail(why, errno, "prctl PR_SET_DUMPABLE")
               : 0;
}

/* Runs in the child: from here on we are the container. */
static int become(struct container *c, const struct begun *begun,
                  struct failure *why)
{
    if (setsid() < 0)
        return fail(why, errno, "begin a session");
    if (cgroup_enter(c->cgroup, why) < 0 ||                         /* limits */
        namespaces_settle(&c->namespaces, begun->go[0], why) < 0 || /* names */
        (c->oom_score_adj != NULL &&
         oom_score_set(*c->oom_score_adj, why) < 0) ||
        hide_memory(why) < 0 || /* until duct-init has taken our place */
        keyring_new(why) < 0 || /* keys */
        enter_root(c, why) < 0) /* files */
        return -1;
    c->command.report_fd = begun->report[1];
    return command_exec(&c->command, why); /* powers are dropped in there */
}

static void release(struct begun *begun)
{
    close_fd(&begun->go[0]);
    close_fd(&begun->go[1]);
    close_fd(&begun->report[0]);
    close_fd(&begun->report[1]);
}

static int open_pipes(struct begun *begun, struct failure *why)
{
    *begun = (struct begun)BEGUN_NOT;
    if (report_open(begun->report, why) < 0)
        return -1;
    if (pipe2(begun->go, O_CLOEXEC) == 0)
        return 0;
    fail(why, errno, "make a pipe for the child to wait on");
    release(begun);
    return -1;
}

int container_begin(struct container *c, struct begun *begun,
                    struct failure *why)
{
    if (open_pipes(begun, why) < 0)
        return -1;
    explain_fork();
    if (cgroup_open(c->cgroup, why) < 0) {
        release(begun);
        return -1;
    }
    c->namespaces.cgroup_fd = cgroup_unified_fd(c->cgroup);
    begun->pid = namespaces_clone(&c->namespaces, why);
    if (begun->pid < 0) {
        release(begun);
        return -1;
    }
    if (begun->pid == 0) {
        close_fd(&begun->go[1]);
        become(c, begun, why);
        report_failure(begun->report[1], why);
    }
    explain_beside(c->overlay.upperdir);
    if (namespaces_map_ids(&c->namespaces, begun->pid, why) == 0)
        return 0;
    container_abandon(begun);
    return -1;
}

int container_go(const struct container *c, struct begun *begun,
                 struct failure *why)
{
    (void)!write(begun->go[1], "", 1); /* a child that is gone won't report */
    close_fd(&begun->go[1]);
    int status = init_wait(begun->report, c->command.argv[0], why);
    explain_started();
    release(begun);
    if (status < 0)
        (void)waitpid(begun->pid, NULL, 0);
    return status;
}

void container_abandon(struct begun *begun)
{
    release(begun);
    if (begun->pid > 0) {
        (void)kill(begun->pid, SIGKILL);
        (void)waitpid(begun->pid, NULL, 0);
    }
    begun->pid = -1;
}

/* Its terminal is one of the container's devpts. */
static int open_console(struct console *console, struct failure *why)
{
    cleanup_close int pts_fd =
        open("/dev/pts", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return pts_fd < 0 ? fail(why, errno, "open /dev/pts in the container")
                      : console_open(pts_fd, console, why);
}

/* The child of this process is in the container's pid namespace, where one
 * with CAP_SYS_PTRACE opens whatever it has open (CVE-2016-9962): so nothing
 * of the host's is. */
static void forget_host(const struct container *c, const struct begun *begun,
                        int pidfd, int tell_fd)
{
    const int kept[] = {
        pidfd,
        tell_fd,
        begun->report[1],
        explain_number(),
        c->terminal_socket,
        c->stdio[0],
        c->stdio[1],
        c->stdio[2],
    };

    fds_keep(kept, c->terminal_socket >= 0 ? 5 : 8);
}

/* Runs in the child of one that has joined the pid namespace. */
static int become_another(struct container *c, const struct begun *begun,
                          struct failure *why)
{
    struct console console = {-1, -1};

    if (setsid() < 0)
        return fail(why, errno, "begin a session");
    if (keyring_new(why) < 0 || /* ours is the host's */
        (c->terminal_socket >= 0 && open_console(&console, why) < 0) ||
        settle_stdio(c, &console, why) < 0)
        return -1;
    c->command.report_fd = begun->report[1];
    return command_exec(&c->command, why);
}

/* Runs in a process between, which has nothing of the host's open and tells
 * its own parent who the child is. */
static int join(int pidfd, struct container *c, const struct begun *begun,
                int tell_fd, struct failure *why)
{
    if ((c->oom_score_adj != NULL &&
         oom_score_set(*c->oom_score_adj, why) < 0) ||
        hide_memory(why) < 0 || cgroup_enter(c->cgroup, why) < 0)
        return -1;
    forget_host(c, begun, pidfd, tell_fd);
    if (namespaces_join(pidfd, why) < 0)
        return -1;
    pid_t child = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (child < 0)
        return fail(why, errno, "fork in the container");
    if (child == 0) {
        become_another(c, begun, why);
        report_failure(begun->report[1], why);
    }
    (void)!write(tell_fd, &child, sizeof(child));
    _exit(0);
}

int container_join(int pidfd, struct container *c, struct begun *begun,
                   struct failure *why)
{
    int tell[2];

    if (open_pipes(begun, why) < 0)
        return -1;
    explain_fork();
    if (pipe2(tell, O_CLOEXEC) < 0 || cgroup_open(c->cgroup, why) < 0) {
        release(begun);
        return fail(why, errno, "prepare to enter a container");
    }
    pid_t between = fork();
    if (between == 0) {
        join(pidfd, c, begun, tell[1], why);
        report_failure(begun->report[1], why);
    }
    close_fd(&tell[1]);
    if (between < 0)
        fail(why, errno, "fork");
    else if (read(tell[0], &begun->pid, sizeof(pid_t)) != sizeof(pid_t)) {
        begun->pid = between; /* its report says why */
    } else
        (void)waitpid(between, NULL, 0);
    close_fd(&tell[0]);
    if (between < 0)
        release(begun);
    return between < 0 ? -1 : 0;
}
