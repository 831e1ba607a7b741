#pragma once
/*
 * networks: the switches that containers can be plugged into.
 *
 *     DATA/networks/ID.json         a network, in the shape that `network
 *                                   inspect` shows
 *     DATA/networks/names/NAME      a link to its ID: this is what reserves
 *                                   the name and makes the network exist
 *     RUN/networks/ID/              locked by who changes one of these:
 *         leases/10.210.0.2         a link to the ID of the container that
 *                                   has this address
 *         names/web/10.210.0.2      who answers to a name: the resolver's
 *
 * "bridge", "host" and "none" are always there and have no file.
 */
#include <jansson.h>

#include "engine.h"
#include "failure.h"

/**
 * networks_create - `network create`
 * @engine: an engine
 * @body:   docker's: Name, Driver, IPAM, Internal, Labels, Options, ...
 * @why:    filled in when the call fails
 *
 * Returns: {"Id", "Warning"}, which the caller gives back, or NULL with @why.
 * Errors:  FAILURE_BAD_PARAMETER, FAILURE_CONFLICT (the name is taken),
 *          FAILURE_FORBIDDEN (the subnet is; or a network of ours),
 *          FAILURE_NOT_FOUND (no such driver).
 */
json_t *networks_create(const struct engine *engine, const json_t *body,
                        struct failure *why);

/**
 * networks_inspect - `network inspect`, with those who are plugged in
 * @engine: an engine
 * @name:   a name, an id, or the beginning of one
 * @why:    filled in when the call fails
 *
 * Returns: an object, which the caller gives back, or NULL with @why.
 * Errors:  FAILURE_NOT_FOUND; FAILURE_BAD_PARAMETER (more than one).
 */
json_t *networks_inspect(const struct engine *engine, const char *name,
                         struct failure *why);

/**
 * networks_find - the same, without those who are plugged in
 */
json_t *networks_find(const struct engine *engine, const char *name,
                      struct failure *why);

/**
 * networks_list - `network ls`
 * @engine:  an engine
 * @filters: {"name": ["..."] or {"...": true}, ...}: name, id, driver, scope,
 *           type, dangling: any of the values; label, label!: all; or NULL
 * @why:     filled in when the call fails
 *
 * Returns: an array, which the caller gives back, or NULL with @why.
 * Errors:  FAILURE_BAD_PARAMETER "invalid filter 'X'".
 */
json_t *networks_list(const struct engine *engine, const json_t *filters,
                      struct failure *why);

/**
 * networks_remove - `network rm`
 * @engine: an engine
 * @name:   a name, an id, or the beginning of one
 * @why:    filled in when the call fails
 *
 * Returns: {"Id", "Name"} of what is no more, which the caller gives back, or
 *          NULL with @why.
 * Errors:  FAILURE_NOT_FOUND; FAILURE_FORBIDDEN (containers are plugged in,
 *          or it is one of those that are always there).
 */
json_t *networks_remove(const struct engine *engine, const char *name,
                        struct failure *why);

/**
 * networks_prune - `network prune`: all that nobody is plugged into
 * @engine:  an engine
 * @filters: "label" and others of networks_list(), or NULL
 * @until:   only those made before this time, RFC 3339 in UTC, or NULL
 * @in_use:  {"NETWORK ID or name": ...} of what stopped containers name, which
 *           stays, or NULL
 * @why:     filled in when the call fails
 *
 * Returns: {"NetworksDeleted": [names]}, which the caller gives back, or NULL
 *          with @why.
 */
json_t *networks_prune(const struct engine *engine, const json_t *filters,
                       const char *until, const json_t *in_use,
                       struct failure *why);
