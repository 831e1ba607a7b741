#pragma once
/*
 * wants: which networks a container's config asks for.
 *
 * HostConfig.NetworkMode names the first, NetworkingConfig.EndpointsConfig has
 * more to say of it, and names others. Once somebody has disconnected one,
 * only EndpointsConfig counts.
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"

/**
 * wants_mode - HostConfig.NetworkMode, "default" if there is none
 */
const char *wants_mode(const json_t *config);

/**
 * wants_networks - names of networks, the one for eth0 first
 *
 * Returns: an array, which the caller gives back, or NULL.
 */
json_t *wants_networks(const struct engine *engine, const json_t *config);

/**
 * wants_endpoint - what is asked for in a network, docker's EndpointConfig
 * @name: the network's, "bridge" also finds what is asked for in "default"
 *
 * Returns: a part of @config, or NULL.
 */
json_t *wants_endpoint(const json_t *config, const char *name);

/**
 * wants_mac - a hardware address, if one is asked for
 * @is_first: is it for eth0, which Config.MacAddress means?
 *
 * Returns: a part of @config, or NULL.
 */
const char *wants_mac(const json_t *config, const char *name, bool is_first);

/**
 * wants_endpoint_mac - the same, of an EndpointConfig
 */
const char *wants_endpoint_mac(const json_t *endpoint);

/**
 * wants_add - from now on it asks for one network more
 * wants_remove - for one less
 *
 * Returns: 0, or -1 when it has not asked for that one.
 */
void wants_add(const struct engine *engine, json_t *config, const char *name,
               const json_t *endpoint);
int wants_remove(const struct engine *engine, json_t *config, const char *name);
