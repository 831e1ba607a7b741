#pragma once
/*
 * nodes: the devices that have a file in a container's /dev.
 */
#include <stddef.h>
#include <sys/types.h>

#include "failure.h"

struct node {
    char *path;   /* below the container's /dev */
    char *source; /* on the host, absolute */
    mode_t mode;  /* S_IFCHR or S_IFBLK, and permissions */
    dev_t device;
    uid_t uid;
    gid_t gid;
    char access[4]; /* of "rwm", what the cgroup is to allow */
};

struct nodes {
    struct node *list;
    size_t count;
};

/**
 * nodes_check - does the value of a --device make sense?
 * @source: on the host
 * @target: in the container
 * @access: of "rwm"
 * @why:    filled in when it doesn't
 *
 * Asks nothing of the host. Returns: 0, or -1 with @why.
 */
int nodes_check(const char *source, const char *target, const char *access,
                struct failure *why);

/**
 * nodes_add - show a device of the host's in a container, or a directory of
 * them
 * @nodes:  the choice so far; release it with nodes_release()
 * @source: on the host
 * @target: in the container, below /dev
 * @access: of "rwm", what it may do with it
 * @why:    filled in when there is no such device
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --device".
 */
int nodes_add(struct nodes *nodes, const char *source, const char *target,
              const char *access, struct failure *why);

/**
 * nodes_add_all - show all devices of the host's: --privileged
 * @nodes: the choice so far
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int nodes_add_all(struct nodes *nodes, struct failure *why);

/**
 * nodes_make - make the files
 * @dev_fd: the container's /dev
 * @nodes:  besides null, zero, full, random, urandom and tty; NULL: none
 * @why:    filled in when the call fails
 *
 * Who may not make device nodes shows the host's own.
 *
 * Returns: 0, or -1 with @why.
 * Source:  mknod(2); Documentation/admin-guide/devices.txt.
 */
int nodes_make(int dev_fd, const struct nodes *nodes, struct failure *why);

/**
 * nodes_release - free the list
 * @nodes: may be empty
 */
void nodes_release(struct nodes *nodes);
