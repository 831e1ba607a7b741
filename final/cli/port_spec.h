#pragma once
/*
 * port_spec: ports, as -p and --expose name them.
 */
#include <jansson.h>

#include "failure.h"

/**
 * port_spec - read the value of a -p
 * @bindings: receives {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}
 * @exposed:  receives {"80/tcp": {}}
 * @text:     [IP:][HOST[-HOST]:]CONTAINER[-CONTAINER][/tcp|/udp|/sctp], or
 *            published=HOST,target=CONTAINER[,protocol=udp]. Two ranges have
 *            to be equally long, and no longer than 1024 ports. No HOST, or
 *            one of 0, is for the engine to find; so is a free one in a range
 *            for a single port of the container
 * @why:      filled in, in docker's words, when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: -p"; Engine API, ContainerCreate.
 */
int port_spec(json_t *bindings, json_t *exposed, const char *text,
              struct failure *why);

/**
 * port_spec_expose - read the value of an --expose
 * @exposed: receives {"80/tcp": {}}
 * @text:    PORT[-PORT][/tcp|/udp|/sctp]
 * @why:     filled in when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 */
int port_spec_expose(json_t *exposed, const char *text, struct failure *why);
