#pragma once
/*
 * network: a cable from a container to a switch that others share.
 */
#include <stdbool.h>

#include "address.h"
#include "failure.h"
#include "nat.h"

struct network {
    const char *bridge;
    struct subnet subnet;
    bool is_internal;
};

struct cable {
    const char *link;   /* the host's end, a port of the bridge */
    const char *inside; /* the container's end: "eth0" */
    const char *mac;    /* ... and its hardware address */
    struct address address;
    bool has_default; /* all that is for nobody near goes this way */
};

/**
 * network_mac - the hardware address that goes with an address
 * @address: in the order of the host
 *
 * Who comes after another with the same address also has the same hardware
 * address: no neighbour remembers a wrong one.
 *
 * Returns: text, which the caller frees, or NULL.
 */
char *network_mac(uint32_t address);

/**
 * network_create - make a bridge to plug into, unless there is one
 * @n:   what it is called, and its address
 * @why: filled in when the call fails
 *
 * Returns: 1 when it is new, 0 when it was there, or -1 with @why.
 * Source:  Documentation/networking/bridge.rst; ip-sysctl.rst,
 *          "route_localnet".
 */
int network_create(const struct network *n, struct failure *why);

/**
 * network_attach - lay a cable: a pair of links, one end in the container
 * @n:        from network_create()
 * @cable:    its two ends
 * @netns_fd: the container's net namespace; everything in there is done, too
 * @why:      filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  veth(4); bridge(8), "hairpin"; setns(2).
 */
int network_attach(const struct network *n, const struct cable *cable,
                   int netns_fd, struct failure *why);

/**
 * network_settle - what a net namespace needs besides cables: loopback, and
 * ports below 1024 and ping for everybody
 * @netns_fd: the container's
 * @why:      filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  Documentation/networking/ip-sysctl.rst, "ping_group_range",
 *          "ip_unprivileged_port_start".
 */
int network_settle(int netns_fd, struct failure *why);

/**
 * network_settle_apart - the same for who isn't root
 * @child: a process in the user namespace that the net namespace belongs to
 */
int network_settle_apart(pid_t child, int netns_fd, struct failure *why);

/**
 * network_name_inside - a name that no link in there has: "eth1"
 * @netns_fd: the container's net namespace
 * @why:      filled in when the call fails
 *
 * Returns: the name, which the caller frees, or NULL with @why.
 */
char *network_name_inside(int netns_fd, struct failure *why);

/**
 * network_detach - take a cable away, while the container goes on
 * @link: the host's end
 */
void network_detach(const char *link);

/**
 * network_route - send all that is for nobody near this way, unless there is
 * one already
 */
int network_route(const struct network *n, const struct cable *cable,
                  int netns_fd, struct failure *why);

/**
 * network_socket - a socket of another net namespace
 * @netns_fd: which one
 * @type:     SOCK_DGRAM, ... of AF_INET
 * @why:      filled in when the call fails
 *
 * Returns: a descriptor, or -1 with @why.  Source: socket(2); setns(2).
 */
int network_socket(int netns_fd, int type, struct failure *why);

/**
 * network_destroy - remove a bridge, if there is one
 * @n: nobody is plugged in any more
 */
void network_destroy(const struct network *n);
