#pragma once
/*
 * link: what `ip link`, `ip addr` and `ip route` do, over rtnetlink.
 *
 * All of it is about the network namespace that the caller is in. Errors are
 * libnl's, which gives the kernel's its own names: NLE_PERM is EPERM.
 */
#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

struct veth {
    const char *name;   /* of our end */
    const char *master; /* the bridge that our end is a port of */
    const char *peer;   /* the name of the other end, ... */
    const char *mac;    /* ... its hardware address, in text, ... */
    int netns_fd;       /* ... and the namespace which that is in */
};

/**
 * link_is_up - is there such a link, and is it on?
 * @name: the link
 */
bool link_is_up(const char *name);

/**
 * link_each_route - visit the networks that are known how to get to
 * @visit: gets each, its address in the order of the host, and @arg; stops the
 *         visit by saying true
 * @arg:   for @visit
 *
 * Those for a default route and those for a single address are left out.
 *
 * Returns: true when @visit did.
 * Source:  rtnetlink(7), RTM_GETROUTE.
 */
bool link_each_route(bool (*visit)(uint32_t network, unsigned prefix,
                                   void *arg),
                     void *arg);

/**
 * link_add_bridge - make a bridge, unless there is one
 * @name: what to call it
 * @mac:  its hardware address, in text
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  NLE_PERM (not root of this network namespace), NLE_OPNOTSUPP (this
 *          kernel has no bridge).
 * Source:  rtnetlink(7); ip-link(8), "bridge".
 */
int link_add_bridge(const char *name, const char *mac, struct failure *why);

/**
 * link_add_veth - make two links, each of which receives what the other sends
 * @veth: both ends
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  NLE_EXIST (a name is taken, here or there).
 * Source:  veth(4); ip-link(8), "netns".
 */
int link_add_veth(const struct veth *veth, struct failure *why);

/**
 * link_set_hairpin - let a bridge send back to the port it received from
 * @name: a port of a bridge
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  bridge(8), "hairpin"; linux/if_link.h, IFLA_BRPORT_MODE.
 */
int link_set_hairpin(const char *name, struct failure *why);

/**
 * link_set_knob - write 1 to a setting of a link
 * @name: the link, or "default": those that are yet to come
 * @knob: "ipv4/route_localnet", ...; nothing happens if this kernel lacks it
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  Documentation/networking/ip-sysctl.rst, "conf/interface".
 */
int link_set_knob(const char *name, const char *knob, struct failure *why);

/**
 * link_set_address - give a link an IPv4 address, unless it has it
 * @name:    the link
 * @address: in text, with its prefix: "10.209.0.2/16"
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  rtnetlink(7), RTM_NEWADDR.
 */
int link_set_address(const char *name, const char *address,
                     struct failure *why);

/**
 * link_set_up - switch a link on
 * @name: the link
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  rtnetlink(7), RTM_NEWLINK; netdevice(7), IFF_UP.
 */
int link_set_up(const char *name, struct failure *why);

/**
 * link_add_default_route - send all that is for nobody near to a gateway,
 * unless there is one that it is sent to
 * @name:    the link that leads to it
 * @gateway: its address, in text
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  rtnetlink(7), RTM_NEWROUTE.
 */
int link_add_default_route(const char *name, const char *gateway,
                           struct failure *why);

/**
 * link_delete - remove a link, if there is one; of a pair, both ends
 * @name: the link
 */
void link_delete(const char *name);
