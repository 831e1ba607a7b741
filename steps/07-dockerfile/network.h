#pragma once
/*
 * network: a cable from a container to a switch that all containers share.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "address.h"
#include "failure.h"
#include "nat.h"

enum network_mode {
    NETWORK_USUAL, /* nobody asked: as root bridge, else none */
    NETWORK_BRIDGE,
    NETWORK_NONE,
    NETWORK_HOST,
};

struct network_request {
    enum network_mode mode;
    struct address ip; /* text is "" when any will do */
    struct ports ports;
};

struct network {
    const struct network_request *request;
    struct address address; /* lock_fd is -1 without a bridge */
};

/**
 * network_mode - read the value of a --network
 * @r:    receives the mode
 * @text: "bridge", "none" or "host"
 * @why:  names the flag and the value when it is neither
 *
 * Returns: 0, or -1 with @why.
 */
int network_mode(struct network_request *r, const char *text,
                 struct failure *why);

/**
 * network_complete - once all flags are read: do they go together?
 * @r:          receives what nobody spoke of; its ports are ours from here on
 * @namespaces: the container's CLONE_NEW* flags; loses CLONE_NEWNET for "host"
 * @why:        filled in when they don't, or a port is taken
 *
 * Returns: 0, or -1 with @why.
 */
int network_complete(struct network_request *r, int *namespaces,
                     struct failure *why);

/**
 * network_create - get an address, a bridge to plug it in, and its ports
 * @n:   receives them; release it with network_destroy()
 * @r:   complete; outlives @n
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why and nothing left behind.
 * Source:  Documentation/networking/bridge.rst; ip-sysctl.rst,
 *          "route_localnet".
 */
int network_create(struct network *n, const struct network_request *r,
                   struct failure *why);

/**
 * network_attach - lay the cable: a pair of links, one end in the container
 * @n:     from network_create()
 * @child: the first process of the container, as seen by us
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  veth(4); bridge(8), "hairpin".
 */
int network_attach(const struct network *n, pid_t child, struct failure *why);

/**
 * network_settle - in the child: use the container's end of the cable
 * @n:   network_attach() has returned
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  ip-address(8); ip-route(8).
 */
int network_settle(const struct network *n, struct failure *why);

/**
 * network_destroy - undo network_create() and network_attach()
 * @n: may be half made; the last one on the bridge removes the bridge
 */
void network_destroy(struct network *n);
