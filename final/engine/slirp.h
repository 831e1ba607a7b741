#pragma once
/*
 * slirp: a container's way out, for who isn't root.
 */
#include <jansson.h>
#include <sys/types.h>

#include "engine.h"
#include "failure.h"
#include "ports.h"

/* It is one network for one container, so they all have the same numbers. */
#define SLIRP_ADDRESS  "10.0.2.100"
#define SLIRP_SUBNET   "10.0.2.0/24"
#define SLIRP_GATEWAY  "10.0.2.2"
#define SLIRP_RESOLVER "10.0.2.3"

struct slirp {
    pid_t pid;    /* 0: none */
    int exit_fd;  /* it ends when nobody holds this any more */
    int error_fd; /* what it has to say */
};

#define SLIRP_NOT                                                              \
    {                                                                          \
        .exit_fd = -1, .error_fd = -1                                          \
    }

/**
 * slirp_trouble - why can there be no way out?
 * @trouble: receives a sentence, which the caller frees; or NULL: there can
 *
 * Returns: 0, or -1 when there is no memory.
 */
int slirp_trouble(char **trouble);

/**
 * slirp_endpoint - what a wiring says of one
 * @network: which it stands for, from networks_find()
 * @mac:     its hardware address in there, or NULL
 * @inside:  "eth0"
 *
 * Returns: an endpoint, or NULL when there is no memory.
 */
json_t *slirp_endpoint(const json_t *network, const char *mac,
                       const char *inside);

/**
 * slirp_start - lay a cable into a container's net namespace
 * @s:        receives it; end it with slirp_stop()
 * @engine:   an engine
 * @id:       the container's; its run directory is there
 * @endpoint: from the wiring: Inside, Mac
 * @child:    the container's first process, a child of ours
 * @why:      filled in when the call fails
 *
 * Returns: 0 when the cable is up and has its address, or -1 with @why.
 * Source:  slirp4netns(1).
 */
int slirp_start(struct slirp *s, const struct engine *engine, const char *id,
                const json_t *endpoint, pid_t child, struct failure *why);

/**
 * slirp_publish - send what comes to the host's ports to the container
 * @engine: an engine
 * @id:     the container's, after slirp_start()
 * @ports:  which nobody has: it takes them
 * @why:    filled in when one can't be had
 *
 * They are given back at its end.
 *
 * Returns: 0, or -1 with @why.
 * Source:  slirp4netns(1), "API SOCKET".
 */
int slirp_publish(const struct engine *engine, const char *id,
                  const struct ports *ports, struct failure *why);

/**
 * slirp_stop - end it
 * @s: may not have been started
 */
void slirp_stop(struct slirp *s);
