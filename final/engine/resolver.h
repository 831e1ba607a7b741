#pragma once
/*
 * resolver: answers a container that asks where its neighbours are.
 *
 * No daemon: a container's monitor holds two sockets on 127.0.0.11, port 53,
 * of its net namespace. Whoever wants to be found has a file with its name.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "endpoints.h"
#include "failure.h"

struct resolver; /* NULL: this container has none */

/**
 * resolver_open - open the two sockets
 * @e:     from endpoints_create(); outlives the resolver
 * @child: the first process of the container, as seen by us; before it goes on
 * @why:   filled in when the call fails
 * @out:   receives the resolver, or NULL where there is no net namespace to
 *         have one; release it with resolver_close()
 *
 * Returns: 0, or -1 with @why.
 */
int resolver_open(struct resolver **out, const struct endpoints *e, pid_t child,
                  struct failure *why);

/**
 * resolver_fd - what to wait for with poll(2), POLLIN
 * @r: or NULL
 *
 * Returns: a descriptor, the same all the time, or -1 without a resolver.
 */
int resolver_fd(const struct resolver *r);

/**
 * resolver_step - answer what can be answered, and wait for nothing
 * @r: whose descriptor is ready
 *
 * A bounded amount of work; what is left, makes the descriptor ready again.
 */
void resolver_step(struct resolver *r);

/**
 * resolver_close - close all, whoever is still waiting for an answer
 * @r: or NULL
 */
void resolver_close(struct resolver *r);
