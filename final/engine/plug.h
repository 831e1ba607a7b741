#pragma once
/*
 * plug: one container in one network.
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"
#include "segment.h"

struct plug_request {
    const char *container; /* its id */
    const char *name;      /* and what it is called */
    const json_t *network; /* from networks_find() */
    const json_t *config;  /* docker's EndpointConfig, or NULL */
    const char *mac;       /* or NULL */
    const char *inside;    /* "eth0" */
};

/**
 * plug_create - an address, the names that lead to it, a bridge to plug into
 * @engine: an engine
 * @r:      what is asked for
 * @wiring: receives the endpoint, and is written before anything is taken
 * @why:    filled in when the call fails
 *
 * Returns: the endpoint, a part of @wiring, or NULL with @why.
 */
json_t *plug_create(const struct engine *engine, const struct plug_request *r,
                    json_t *wiring, struct failure *why);

/**
 * plug_attach - lay the cable
 * @endpoint:    from plug_create()
 * @netns_fd:    the container's net namespace
 * @has_default: all that is for nobody near goes this way
 * @why:         filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int plug_attach(const json_t *endpoint, int netns_fd, bool has_default,
                struct failure *why);

/**
 * plug_route - all that is for nobody near goes this way, from now on
 */
int plug_route(const json_t *endpoint, int netns_fd, struct failure *why);

/**
 * plug_destroy - nobody is found there any more, and the address is free
 * @engine:    an engine
 * @container: its id
 * @endpoint:  from plug_create()
 */
void plug_destroy(const struct engine *engine, const char *container,
                  const json_t *endpoint);

/**
 * plug_check_names - may somebody be called that?
 * @config: docker's EndpointConfig
 *
 * Returns: 0, or -1 with @why, FAILURE_BAD_PARAMETER.
 */
int plug_check_names(const json_t *config, struct failure *why);

/**
 * plug_rename - be found by a new name, in place of the first
 */
void plug_rename(const struct engine *engine, json_t *endpoint,
                 const char *name);
