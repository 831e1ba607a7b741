/*
 * link: what `ip link`, `ip addr` and `ip route` do, over rtnetlink.
 *
 * Kernel object  links, addresses and routes of a network namespace, changed
 *                by messages to a netlink socket, each of which is answered
 * Side           either
 * Needs          CAP_NET_ADMIN over the network namespace
 * Look at it     ip -d link     ip addr     ip route     ip monitor
 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "cleanup.h"

#define cleanup_socket __attribute__((cleanup(put_socket)))
#define cleanup_link   __attribute__((cleanup(put_link)))
#define cleanup_addr   __attribute__((cleanup(put_addr)))

static void put_socket(struct nl_sock **socket)
{
    nl_socket_free(*socket);
}

static void put_link(struct rtnl_link **link)
{
    rtnl_link_put(*link);
}

static void put_addr(struct nl_addr **addr)
{
    nl_addr_put(*addr);
}

/* @error is libnl's, and negative. Returns 0 when there was none. */
static int check(int error, const char *what, const char *name,
                 struct failure *why)
{
    if (error >= 0)
        return 0;
    fail(why, 0, "%s %s: %s", what, name, nl_geterror(error));
    return hint(why, error == -NLE_PERM ? "only root may, on the host itself; "
                                          "or is --network none enough?"
                                        : NULL);
}

/* A socket to rtnetlink; NULL, like all of libnl's, when there is no memory. */
static struct nl_sock *talk(void)
{
    struct nl_sock *socket = nl_socket_alloc();

    if (socket != NULL && nl_connect(socket, NETLINK_ROUTE) < 0) {
        nl_socket_free(socket);
        return NULL;
    }
    return socket;
}

static int index_of(const char *name)
{
    return (int)if_nametoindex(name);
}

bool link_is_up(const char *name)
{
    struct ifreq request = {0};
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
    return fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 &&
           request.ifr_flags & IFF_UP;
}

struct routes {
    bool (*visit)(uint32_t network, unsigned prefix, void *arg);
    void *arg;
    bool is_done;
};

static void visit_route(struct nl_object *object, void *arg)
{
    struct nl_addr *dst = rtnl_route_get_dst((struct rtnl_route *)object);
    struct routes *routes = arg;
    uint32_t network;

    if (routes->is_done || dst == NULL || nl_addr_get_family(dst) != AF_INET ||
        nl_addr_get_len(dst) != sizeof(network) ||
        nl_addr_get_prefixlen(dst) == 0 || nl_addr_get_prefixlen(dst) == 32)
        return;
    memcpy(&network, nl_addr_get_binary_addr(dst), sizeof(network));
    routes->is_done =
        routes->visit(ntohl(network), nl_addr_get_prefixlen(dst), routes->arg);
}

bool link_each_route(bool (*visit)(uint32_t network, unsigned prefix,
                                   void *arg),
                     void *arg)
{
    cleanup_socket struct nl_sock *socket = talk();
    struct routes routes = {.visit = visit, .arg = arg};
    struct nl_cache *cache = NULL;

    if (socket == NULL ||
        rtnl_route_alloc_cache(socket, AF_INET, 0, &cache) < 0)
        return false;
    nl_cache_foreach(cache, visit_route, &routes);
    nl_cache_free(cache);
    return routes.is_done;
}

static void set_mac(struct rtnl_link *link, const char *mac)
{
    cleanup_addr struct nl_addr *addr = NULL;

    if (nl_addr_parse(mac, AF_LLC, &addr) == 0)
        rtnl_link_set_addr(link, addr);
}

int link_add_bridge(const char *name, const char *mac, struct failure *why)
{
    cleanup_socket struct nl_sock *socket = talk();
    cleanup_link struct rtnl_link *link = rtnl_link_bridge_alloc();
    int error = -NLE_NOMEM;

    if (socket != NULL && link != NULL) {
        rtnl_link_set_name(link, name);
        set_mac(link, mac);
        error = rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL);
    }
    return error == -NLE_EXIST ? 0 : check(error, "make bridge", name, why);
}

int link_add_veth(const struct veth *veth, struct failure *why)
{
    cleanup_socket struct nl_sock *socket = talk();
    cleanup_link struct rtnl_link *link = rtnl_link_veth_alloc();
    int error = -NLE_NOMEM;

    if (socket != NULL && link != NULL) {
        cleanup_link struct rtnl_link *peer = rtnl_link_veth_get_peer(link);

        rtnl_link_set_name(link, veth->name);
        rtnl_link_set_master(link, index_of(veth->master));
        rtnl_link_set_name(peer, veth->peer);
        set_mac(peer, veth->mac);
        rtnl_link_set_ns_fd(peer, veth->netns_fd);
        error = rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL);
    }
    return check(error, "make veth pair", veth->name, why);
}

/* libnl can't, so we put the message together. */
int link_set_hairpin(const char *name, struct failure *why)
{
    struct ifinfomsg header = {.ifi_family = AF_BRIDGE,
                               .ifi_index = index_of(name)};
    cleanup_socket struct nl_sock *socket = talk();
    struct nl_msg *message = nlmsg_alloc_simple(RTM_SETLINK, 0);
    struct nlattr *port = NULL;
    int error = -NLE_NOMEM;

    if (socket != NULL && message != NULL &&
        nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) == 0)
        port = nla_nest_start(message, IFLA_PROTINFO | NLA_F_NESTED);
    if (port != NULL && nla_put_u8(message, IFLA_BRPORT_MODE, 1) == 0) {
        nla_nest_end(message, port);
        error = nl_send_sync(socket, message); /* frees it */
    } else
        nlmsg_free(message);
    return check(error, "set hairpin mode of", name, why);
}

int link_set_knob(const char *name, const char *knob, struct failure *why)
{
    int version = (int)strcspn(knob, "/");
    cleanup_free char *path = NULL;

    if (asprintf(&path, "/proc/sys/net/%.*s/conf/%s%s", version, knob, name,
                 knob + version) < 0)
        return fail(why, ENOMEM, "set %s", knob);
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || write(fd, "1", 1) < 0)
        return fail(why, errno, "write 1 to %s", path);
    return 0;
}

int link_set_address(const char *name, const char *address, struct failure *why)
{
    cleanup_socket struct nl_sock *socket = talk();
    cleanup_addr struct nl_addr *local = NULL;
    struct rtnl_addr *addr = rtnl_addr_alloc();
    int error = nl_addr_parse(address, AF_INET, &local);

    if (socket == NULL || addr == NULL)
        error = -NLE_NOMEM;
    if (error == 0) {
        rtnl_addr_set_ifindex(addr, index_of(name));
        rtnl_addr_set_local(addr, local);
        error = rtnl_addr_add(socket, addr, NLM_F_CREATE | NLM_F_REPLACE);
    }
    rtnl_addr_put(addr);
    return check(error, "give an address to", name, why);
}

int link_set_up(const char *name, struct failure *why)
{
    cleanup_socket struct nl_sock *socket = talk();
    cleanup_link struct rtnl_link *link = rtnl_link_alloc();
    cleanup_link struct rtnl_link *change = rtnl_link_alloc();
    int error = -NLE_NOMEM;

    if (socket != NULL && link != NULL && change != NULL) {
        rtnl_link_set_ifindex(link, index_of(name));
        rtnl_link_set_flags(change, IFF_UP);
        error = rtnl_link_change(socket, link, change, 0);
    }
    return check(error, "bring up", name, why);
}

int link_add_default_route(const char *name, const char *gateway,
                           struct failure *why)
{
    cleanup_socket struct nl_sock *socket = talk();
    cleanup_addr struct nl_addr *anywhere = NULL;
    cleanup_addr struct nl_addr *near = NULL;
    struct rtnl_route *route = rtnl_route_alloc();
    struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
    int error = -NLE_NOMEM;

    if (route != NULL && hop != NULL) {
        rtnl_route_nh_set_ifindex(hop, index_of(name));
        rtnl_route_add_nexthop(route, hop); /* owns it from here on */
        if (socket != NULL &&
            nl_addr_parse("0.0.0.0/0", AF_INET, &anywhere) == 0 &&
            nl_addr_parse(gateway, AF_INET, &near) == 0) {
            rtnl_route_set_dst(route, anywhere);
            rtnl_route_nh_set_gateway(hop, near);
            error = rtnl_route_add(socket, route, NLM_F_CREATE | NLM_F_EXCL);
        }
    }
    rtnl_route_put(route);
    return error == -NLE_EXIST
               ? 0
               : check(error, "add a default route by", name, why);
}

void link_delete(const char *name)
{
    cleanup_socket struct nl_sock *socket = talk();
    cleanup_link struct rtnl_link *link = rtnl_link_alloc();

    if (socket == NULL || link == NULL || index_of(name) == 0)
        return;
    rtnl_link_set_ifindex(link, index_of(name));
    rtnl_link_delete(socket, link);
}
