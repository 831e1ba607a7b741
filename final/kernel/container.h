#pragma once
/*
 * container: the order in which a container is built.
 */
#include <sys/types.h>

#include "cgroup.h"
#include "command.h"
#include "mounts.h"
#include "namespaces.h"
#include "overlay.h"
#include "rootfs.h"
#include "sysctl.h"

/* Files of the engine's that are shown in /etc; NULL: the image's own. */
struct container_files {
    const char *hosts;
    const char *hostname;
    const char *resolv_conf;
};

struct container {
    struct namespaces namespaces;
    struct cgroup *cgroup;
    struct overlay overlay;
    struct rootfs_request rootfs;
    struct mounts mounts;
    struct container_files files;
    struct sysctls sysctls;
    const int *oom_score_adj; /* NULL: as ours */
    struct command command;
    int stdio[3];        /* standard files, without a terminal */
    int terminal_socket; /* where a terminal's master goes, or -1 */
};

/* One that has been begun. */
struct begun {
    pid_t pid; /* of its first process, as seen by us */
    int go[2]; /* a byte lets it go on */
    int report[2];
};

#define BEGUN_NOT                                                              \
    {                                                                          \
        .pid = -1, .go = {-1, -1}, .report = { -1, -1 }                        \
    }

/**
 * container_begin - start the first process of a container, which waits
 * @c:     what it is made of
 * @begun: receives it; container_go() or container_abandon() comes next
 * @why:   filled in when the call fails
 *
 * Meanwhile its network can be made: it is in its namespaces already.
 *
 * Returns: 0, or -1 with @why.
 */
int container_begin(struct container *c, struct begun *begun,
                    struct failure *why);

/**
 * container_go - let it become its command
 * @c:     as given to container_begin()
 * @begun: from there; released
 * @why:   the child's failure; it is dead then, and waited for
 *
 * Returns: 0 once the command has been executed, or -1 with @why.
 */
int container_go(const struct container *c, struct begun *begun,
                 struct failure *why);

/**
 * container_abandon - kill it instead
 * @begun: from container_begin(); released
 */
void container_abandon(struct begun *begun);

/**
 * container_join - start one more process in a container
 * @pidfd: the container's first process
 * @c:     cgroup, OOM score, command, standard files; the rest is the
 *         container's
 * @begun: receives it; container_go() comes next
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  setns(2).
 */
int container_join(int pidfd, struct container *c, struct begun *begun,
                   struct failure *why);
