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
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accounting.h"
#include "caps.h"
#include "cgroup.h"
#include "cleanup.h"
#include "explain.h"
#include "names.h"
#include "overlay.h"
#include "report.h"
#include "rootfs.h"
#include "supervise.h"

/* What is made on the host for the child, and undone after it. */
struct made {
    struct layer layer;
    struct network network;
    struct cgroup cgroup;
};

void container_release(struct container *c)
{
    char **lower = c->layer.lowerdirs;

    while (lower != NULL && *lower != NULL)
        free(*lower++);
    free(c->layer.lowerdirs);
    mounts_release(&c->mounts);
    ports_release(&c->network.ports);
}

/* Runs in the child: the layer over ROOTFS becomes "/", furnished. */
static int container_enter_root(const struct container *c,
                                const struct layer *layer, struct failure *why)
{
    int namespaces = c->namespaces.flags;
    cleanup_free char **lowerdirs = names_lowerdirs(layer, c->layer.lowerdirs);
    struct overlay overlay = {
        .lowerdirs = lowerdirs,
        .upperdir = layer->upper,
        .workdir = layer->work,
        .merged = layer->merged,
        .links = c->layer.image != NULL ? layer->links : NULL,
        .user = namespaces & CLONE_NEWUSER,
    };

    if (lowerdirs == NULL)
        return fail(why, ENOMEM, "list the trees below %s", layer->merged);
    if (rootfs_isolate(why) < 0 ||          /* from the host's mounts */
        overlay_mount(&overlay, why) < 0 || /* a mount, to pivot to */
        rootfs_populate(layer->merged, namespaces, why) < 0 || /* /proc, ... */
        names_attach(layer, why) < 0 ||       /* /etc/hosts, ... */
        mounts_attach(&c->mounts, why) < 0 || /* -v, --tmpfs, --read-only */
        rootfs_pivot(why) < 0)                /* and the old root is gone */
        return -1;
    return 0;
}

/* Runs in the child: from here on we are the container. */
static int container_become(const struct container *c, const struct made *made,
                            int go[2], struct failure *why)
{
    struct command command = c->command;

    command.parent = go;
    supervise_forget();
    if (cgroup_enter(&made->cgroup, why) < 0 ||           /* limits */
        namespaces_settle(&c->namespaces, go, why) < 0 || /* names, clocks */
        network_settle(&made->network, why) < 0 ||        /* eth0 */
        container_enter_root(c, &made->layer, why) < 0 || /* files */
        caps_drop(why) < 0)                               /* powers */
        return -1;
    return command_exec(&command, why);
}

/* Runs in the parent, once there is a child: stay with it to its end. */
static int container_follow(pid_t child, int report[2], bool is_build,
                            struct failure *why)
{
    int failed = report_wait(report, why);

    close_fd(&report[0]);
    explain_started();
    if (failed) {
        waitpid(child, NULL, 0);
        return -1;
    }
    explain_look("cat /proc/%d/cgroup", child);
    explain_look("lsns -p %d", child);
    explain_look("nsenter -t %d -a ps", child);
    explain_look("findmnt -N %d", child);
    explain_look("nsenter -t %d -n ip addr", child);
    explain_look("grep -E 'Cap|NoNewPrivs' /proc/%d/status", child);
    return supervise(child, is_build, why);
}

/* Runs in the parent: start the child, and stay with it to its end. */
static int container_live(const struct container *c, struct made *made,
                          struct failure *why)
{
    int report[2];
    int go[2];

    if (report_open(report, why) < 0)
        return -1;
    if (pipe2(go, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for the child to wait on");
    supervise_begin();

    explain_fork();
    if (cgroup_open(&made->cgroup, why) < 0)
        return -1;
    pid_t child = namespaces_clone(&c->namespaces, why);
    if (child < 0)
        return -1;
    if (child == 0) {
        container_become(c, made, go, why);
        report_failure(report[1], why);
    }
    if (namespaces_map_ids(&c->namespaces, child, why) < 0 ||
        network_attach(&made->network, child, why) < 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        return -1;
    }
    (void)!write(go[1], "", 1); /* a child that is gone will not report */
    int status = container_follow(child, report, c->is_build, why);
    close_fd(&go[0]);
    close_fd(&go[1]);
    return status;
}

/* Runs in the parent: what is made for the child, and undone after it. */
static int container_limited(const struct container *c, struct made *made,
                             struct failure *why)
{
    if (cgroup_create(&made->cgroup, &c->limits, why) < 0)
        return -1;
    int status = container_live(c, made, why);
    if (status == 128 + SIGKILL &&
        accounting_read(&made->cgroup).oom_kills > 0) {
        fail(why, 0, "out of memory: the kernel killed the command");
        hint(why, "it has used all that --memory allows");
        why->exit_status = status;
        status = -1;
    }
    cgroup_destroy(&made->cgroup);
    return status;
}

/* Runs in the parent: the same for what it is connected to. */
static int container_connected(const struct container *c, struct made *made,
                               struct failure *why)
{
    int status = -1;

    if (network_create(&made->network, &c->network, why) < 0)
        return -1;
    if (names_write(&made->layer, &made->network, &c->namespaces, why) == 0)
        status = container_limited(c, made, why);
    network_destroy(&made->network);
    return status;
}

int container_run_in(const struct container *c, const struct layer *layer,
                     struct failure *why)
{
    struct made made = {.layer = *layer};

    return container_connected(c, &made, why);
}

int container_run(const struct container *c, struct failure *why)
{
    struct layer layer;
    struct failure ignored;

    if (layer_open(&layer, &c->layer, why) < 0)
        return -1;
    if (c->store != NULL)
        store_leave(c->store); /* the layer names its image from here on */
    int status = container_run_in(c, &layer, why);
    if (layer_close(&layer, status < 0 ? &ignored : why) < 0)
        return -1;
    return status;
}

int container_exec(pid_t pid, const struct command *command,
                   struct failure *why)
{
    int report[2];

    if (report_open(report, why) < 0)
        return -1;
    supervise_begin();

    cleanup_cgroup struct cgroup cgroup;
    cgroup_find(&cgroup, pid);
    explain_fork();
    if (cgroup_open(&cgroup, why) < 0 || namespaces_join(pid, why) < 0)
        return -1;
    pid_t child = fork(); /* the first of us in the pid namespace */
    if (child < 0)
        return fail(why, errno, "fork");
    if (child == 0) {
        supervise_forget();
        if (cgroup_enter(&cgroup, why) == 0 && caps_drop(why) == 0)
            command_exec(command, why);
        report_failure(report[1], why);
    }
    return container_follow(child, report, false, why);
}
