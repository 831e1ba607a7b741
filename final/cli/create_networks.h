#pragma once
/*
 * create_networks: what --network, --network-alias and --ip become.
 */
#include "verb.h"

/**
 * create_networks - turn them into members of a request
 * @body: the request; receives NetworkingConfig
 * @host: its HostConfig; receives NetworkMode
 * @call: what was said
 * @why:  filled in, in docker's words, when it makes no sense
 *
 * Returns: 0, or -1 with @why.
 */
int create_networks(json_t *body, json_t *host, const struct call *call,
                    struct failure *why);
