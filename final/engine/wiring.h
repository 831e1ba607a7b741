#pragma once
/*
 * wiring: what a container has been given while it runs, in RUN/ID/network.json
 *
 *     {"Name": "web",
 *      "Endpoints": [{"Network": "bridge", "NetworkID": "...",
 *                     "EndpointID": "...", "Address": "10.209.0.2",
 *                     "Subnet": "10.209.0.0/16", "Gateway": "10.209.0.1",
 *                     "Mac": "02:42:...", "Link": "veth1a2b3c4d",
 *                     "Inside": "eth0", "Bridge": "duct0",
 *                     "Internal": false, "Names": ["web"]}],
 *      "Ports": [{"Protocol": "tcp", "HostIp": "0.0.0.0", "HostPort": 8080,
 *                 "ContainerPort": 80}],
 *      "PortsNetwork": "...",
 *      "Told": true,          the journal says that it was connected
 *      "Without": {...}}      the network "none", if that is what it is in
 */
#include <jansson.h>

#include "engine.h"
#include "failure.h"
#include "ports.h"

/**
 * wiring_text - a text in an object, or "" when there is none
 */
const char *wiring_text(const json_t *object, const char *key);

/**
 * wiring_read - what has a container been given?
 * @engine: an engine
 * @id:     the container's
 *
 * Returns: an object, which the caller gives back, or NULL for nothing.
 */
json_t *wiring_read(const struct engine *engine, const char *id);

/**
 * wiring_write - note it, before it is taken
 * @engine: an engine
 * @id:     the container's
 * @wiring: what it is
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int wiring_write(const struct engine *engine, const char *id,
                 const json_t *wiring, struct failure *why);

/**
 * wiring_remove - nothing any more
 */
void wiring_remove(const struct engine *engine, const char *id);

/**
 * wiring_endpoint - the endpoint in a network
 * @wiring:  or NULL
 * @network: the network's id
 *
 * Returns: a part of @wiring, or NULL.
 */
json_t *wiring_endpoint(const json_t *wiring, const char *network);

/**
 * wiring_note_ports - write down which ports it has
 * @wiring: receives them
 * @ports:  from ports_hold()
 *
 * Returns: 0, or -1 when there is no memory.
 */
int wiring_note_ports(json_t *wiring, const struct ports *ports);

/**
 * wiring_ports - read them back; nobody holds these
 * @wiring: or NULL
 * @ports:  receives them; release it with ports_release()
 */
void wiring_ports(const json_t *wiring, struct ports *ports);

/**
 * wiring_publish - send what comes to the ports to where the wiring says
 * wiring_withdraw - no longer
 * @left_open: receives a socket which is to be closed, and which it takes long
 *             to close, or -1
 */
int wiring_publish(const json_t *wiring, const struct ports *ports,
                   struct failure *why);
void wiring_withdraw(const json_t *wiring, const struct ports *ports,
                     int *left_open);

/**
 * wiring_republish - once more, since somebody has taken our table away
 * @engine:  an engine
 * @id:      a container's
 * @network: only if its ports are those of this network
 */
void wiring_republish(const struct engine *engine, const char *id,
                      const char *network);
