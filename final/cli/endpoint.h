#pragma once
/*
 * endpoint: where a container is plugged in, as --network says it.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"

/**
 * endpoint_parse - read the value of a --network
 * @text: a network's name, "host", "none", "container:ID"; or at length
 *        "name=x,alias=y,ip=1.2.3.4,ip6=::1,mac-address=...,
 *        link-local-ip=...,driver-opt=k=v,gw-priority=1"
 * @name: receives the network's name, which the caller frees
 * @why:  filled in, in docker's words, when it is nonsense
 *
 * Returns: what docker's API calls EndpointSettings, empty but for what was
 *          said; or NULL with @why.
 * Source:  Docker, "docker container run: --network"; Engine API,
 *          EndpointSettings.
 */
json_t *endpoint_parse(const char *text, char **name, struct failure *why);

/**
 * endpoint_is_own - is it a network that somebody made, with names in it?
 * @name: of a network
 */
bool endpoint_is_own(const char *name);

/**
 * endpoint_address - check an address, and put it into IPAMConfig
 * @endpoint: EndpointSettings
 * @key:      "IPv4Address" or "IPv6Address"
 * @text:     an address
 * @why:      filled in when it is none
 *
 * Returns: 0, or -1 with @why.
 */
int endpoint_address(json_t *endpoint, const char *key, const char *text,
                     struct failure *why);
