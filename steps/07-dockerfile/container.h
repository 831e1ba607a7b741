#pragma once
/*
 * container: the order in which a container is built.
 */
#include "command.h"
#include "layer.h"
#include "limit.h"
#include "mounts.h"
#include "namespaces.h"
#include "network.h"
#include "store.h"

struct container {
    struct layer_request layer; /* what becomes "/", and what is kept of it */
    struct mounts mounts;
    struct namespaces namespaces;
    struct network_request network;
    struct limits limits;
    struct command command;
    char *entrypoint;          /* instead of the image's; NULL: that */
    const struct store *store; /* where its layers are, if of an image */
    bool is_build; /* does it end when a signal says that we are to? */
};

/* Ends a container's description when it goes out of scope. */
#define cleanup_container __attribute__((cleanup(container_release)))

/**
 * container_release - free the lists in a container's description
 * @c: may be half filled in
 */
void container_release(struct container *c);

/**
 * container_run - build a container, run its command, wait for it
 * @c:   what it is made of
 * @why: filled in when the call fails
 *
 * Returns: the command's exit status, 128+N when signal N killed it, or -1
 *          with @why when there was no command to wait for.
 */
int container_run(const struct container *c, struct failure *why);

/**
 * container_run_in - the same, in a layer that stays when it has ended
 * @c:     what it is made of; its lowerdirs are those of the layer
 * @layer: from layer_open()
 * @why:   filled in when the call fails
 *
 * Returns: as container_run().
 */
int container_run_in(const struct container *c, const struct layer *layer,
                     struct failure *why);

/**
 * container_exec - run one more command in a container
 * @pid:     any process of it, as seen by us
 * @command: what to run; it can do no more than the container's own
 * @why:     filled in when the call fails
 *
 * Returns: as container_run().
 */
int container_exec(pid_t pid, const struct command *command,
                   struct failure *why);
