#pragma once
/*
 * endpoints: where a container is plugged in, while it runs.
 *
 *     RUN/ID/network.json           what is its: written before it is taken, so
 *                                   whoever finds it can give it all back
 *     RUN/networks/NETWORK/         see networks.h
 *
 * The order of calls at a start, all of them the monitor's:
 *
 *     endpoints_create(engine, id, config, &e, why)    before the child
 *     names_texts(&e, config, &texts, why)             /etc/hosts, ...
 *     clone(e.kind == ENDPOINTS_OWN ? CLONE_NEWNET | ... : ...)
 *     endpoints_attach(&e, child, why)                 before the child goes on
 *     resolver_open(&resolver, &e, child, why)         see resolver.h
 *     ... the container runs ...
 *     endpoints_destroy(&e)
 */
#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "engine.h"
#include "failure.h"
#include "ports.h"
#include "slirp.h"

enum endpoints_kind {
    ENDPOINTS_OWN,  /* a net namespace of its own: start it with CLONE_NEWNET */
    ENDPOINTS_HOST, /* the host's: without */
    ENDPOINTS_OF,   /* that of another container: join it */
};

struct endpoints {
    enum endpoints_kind kind;
    char *container; /* ENDPOINTS_OF: its name or id, as it was asked for */

    /* Ours; nobody else need look at what follows. */
    const struct engine *engine;
    char *id;
    struct ports ports; /* sockets that hold them, closed on exec */
    struct slirp slirp; /* without root, the other end of the cable */
};

/**
 * endpoints_kind - whose network shall a container have?
 * @config: a stored config.json; HostConfig.NetworkMode is looked at
 */
enum endpoints_kind endpoints_kind(const json_t *config);

/**
 * endpoints_check - at `create`: can what is asked for go together?
 * @engine: an engine
 * @config: a create body or stored config.json; a NetworkMode and an
 *          EndpointsConfig of "default" become "bridge", in place
 * @why:    filled in, as docker says it, when it can't
 *
 * Looks at modes, addresses, ports and aliases. Networks have to exist when
 * the container is started, not before.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  FAILURE_BAD_PARAMETER, FAILURE_CONFLICT.
 */
int endpoints_check(const struct engine *engine, json_t *config,
                    struct failure *why);

/**
 * endpoints_check_one - the same of one network alone
 * @endpoint: docker's EndpointConfig, or NULL
 * @why:      filled in when there is nonsense in it
 *
 * Returns: 0, or -1 with @why, FAILURE_BAD_PARAMETER.
 */
int endpoints_check_one(const json_t *endpoint, struct failure *why);

/**
 * endpoints_create - at `start`: get addresses and ports, bridges to plug into
 * @engine: outlives @e
 * @id:     the container's, 64 hexadecimal digits
 * @config: its stored config.json
 * @e:      receives them; release it with endpoints_destroy()
 * @why:    filled in when the call fails
 *
 * What a killed monitor left for this @id is swept first.
 *
 * Returns: 0, or -1 with @why and nothing left behind.
 * Errors:  FAILURE_NOT_FOUND "network X not found"; FAILURE_FORBIDDEN "...
 *          Address already in use"; FAILURE_ENGINE "... Bind for
 *          0.0.0.0:PORT failed: port is already allocated".
 */
int endpoints_create(const struct engine *engine, const char *id,
                     const json_t *config, struct endpoints *e,
                     struct failure *why);

/**
 * endpoints_attach - lay the cables into the child's net namespace
 * @e:     from endpoints_create()
 * @child: the first process of the container, as seen by us; it waits
 * @why:   filled in when the call fails
 *
 * When it returns, loopback and eth0, eth1, ... are up, with addresses and
 * routes; the child has nothing to do. For kinds other than ENDPOINTS_OWN
 * nothing happens. Without root, eth0 is slirp4netns'.
 *
 * Returns: 0, or -1 with @why.
 */
int endpoints_attach(struct endpoints *e, pid_t child, struct failure *why);

/**
 * endpoints_destroy - unplug it all, also what was connected meanwhile
 * @e: may be half made, or all zero
 *
 * The last one on a bridge removes the bridge; the last of all, our table.
 */
void endpoints_destroy(struct endpoints *e);

/**
 * endpoints_sweep - the same, for a container whose monitor was killed
 * @engine: an engine
 * @id:     the container's; nothing happens if it has left nothing
 *
 * Nobody else may start this container meanwhile: hold its lock.
 */
void endpoints_sweep(const struct engine *engine, const char *id);

/**
 * endpoints_settings - a container's NetworkSettings, as `inspect` shows them
 * @engine: an engine
 * @id:     the container's
 * @config: its stored config.json
 * @pid:    its first process, or 0 when it does not run
 *
 * Any process may ask. Caller gives the result back with json_decref().
 *
 * Returns: an object, or NULL when there is no memory.
 */
json_t *endpoints_settings(const struct engine *engine, const char *id,
                           const json_t *config, pid_t pid);

/* Whose cables are changed, while the caller holds its lock? */
struct endpoints_owner {
    const struct engine *engine;
    const char *id; /* the container's */
    json_t *config; /* its config.json; changed, the caller stores it */
    pid_t pid;      /* its first process, or 0 when it does not run */
};

/**
 * endpoints_connect - `network connect`: one network more
 * @o:        the container
 * @network:  a network's name or id
 * @endpoint: docker's EndpointConfig, or NULL
 * @why:      filled in when the call fails
 *
 * Returns: 0, or -1 with @why and nothing changed.
 * Errors:  FAILURE_NOT_FOUND; FAILURE_FORBIDDEN "endpoint with name X already
 *          exists in network Y"; FAILURE_CONFLICT (the host's, or another
 *          container's network can't be changed).
 */
int endpoints_connect(const struct endpoints_owner *o, const char *network,
                      const json_t *endpoint, struct failure *why);

/**
 * endpoints_disconnect - `network disconnect`: one less
 * @o:       the container
 * @network: a network's name or id
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why and nothing changed.
 * Errors:  FAILURE_NOT_FOUND; FAILURE_FORBIDDEN "container X is not connected
 *          to network Y".
 */
int endpoints_disconnect(const struct endpoints_owner *o, const char *network,
                         struct failure *why);

/**
 * endpoints_rename - `rename` of a container that runs: be found by its new
 * name
 * @engine: an engine
 * @id:     the container's, whose lock the caller holds
 * @name:   the new one, without a "/"
 */
void endpoints_rename(const struct engine *engine, const char *id,
                      const char *name);
