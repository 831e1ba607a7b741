/*
 * network: a cable from a container to a switch that others share.
 *
 * Kernel object  a bridge for each network; for each container a veth pair,
 *                the one end a port of the bridge, the other, as eth0, in its
 *                namespace
 * Side           host, which for some calls enters the container's namespace
 * Needs          root; a network namespace of the container's own
 * Look at it     ip addr     bridge link     nsenter -t PID -n ip addr
 */
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>

#include "apart.h"
#include "cleanup.h"
#include "explain.h"
#include "link.h"

/* Nobody gives our links IPv6 addresses, so they shall not do it either. */
static const char no_ipv6[] = "ipv6/disable_ipv6";

enum {
    MOST_INSIDE = 1024
};

char *network_mac(uint32_t address)
{
    char *text = NULL;

    return asprintf(&text, "02:42:%02x:%02x:%02x:%02x", address >> 24,
                    address >> 16 & 0xff, address >> 8 & 0xff,
                    address & 0xff) < 0
               ? NULL
               : text;
}

/* "10.209.0.2/16" */
static char *with_prefix(uint32_t number, const struct subnet *subnet)
{
    struct address a;
    char *text = NULL;

    address_set(&a, number);
    return asprintf(&text, "%s/%u", a.text, subnet->prefix) < 0 ? NULL : text;
}

/* Told even if it is there: the script may be run when it is not any more. */
static void explain_bridge(const char *name, const char *mac,
                           const char *address)
{
    explain(HOST,
            "ip link show %s >/dev/null 2>&1 || "
            "ip link add %s address %s type bridge",
            name, name, mac);
    explain(HOST, "sysctl -qe net/ipv6/conf/%s/disable_ipv6=1", name);
    explain(HOST, "sysctl -qe net/ipv4/conf/%s/route_localnet=1", name);
    explain(HOST, "ip addr replace %s dev %s", address, name);
    explain(HOST, "ip link set %s up", name);
}

int network_create(const struct network *n, struct failure *why)
{
    cleanup_free char *mac = network_mac(n->subnet.gateway);
    cleanup_free char *address = with_prefix(n->subnet.gateway, &n->subnet);

    if (mac == NULL || address == NULL)
        return fail(why, ENOMEM, "make the bridge");
    explain_bridge(n->bridge, mac, address);
    if (link_is_up(n->bridge)) /* and that was the last thing to do */
        return 0;
    if (link_add_bridge(n->bridge, mac, why) < 0) /* else it has a port's */
        return -1;
    if (link_set_knob(n->bridge, no_ipv6, why) < 0)
        return -1;
    /* 127.0.0.1 may have asked for what comes back from there. */
    if (link_set_knob(n->bridge, "ipv4/route_localnet", why) < 0)
        return -1;
    if (link_set_address(n->bridge, address, why) < 0)
        return -1;
    return link_set_up(n->bridge, why) < 0 ? -1 : 1;
}

/* Goes there; what is done then, is done there. Returns the way back. */
static int enter(int netns_fd, struct failure *why)
{
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

    if (home < 0)
        return fail(why, errno, "open our network namespace");
    if (setns(netns_fd, CLONE_NEWNET) == 0)
        return home;
    fail(why, errno, "enter the container's network namespace");
    close_fd(&home);
    return -1;
}

/* Who is lost in a container's namespace must not go on as if at home. */
static void leave(int *home)
{
    if (setns(*home, CLONE_NEWNET) < 0)
        abort();
    close_fd(home);
}

/* Not by link.h: "0 2147483647" is no 1, and all may fail where a kernel or
 * the mapping of a user namespace knows better. */
static void set_knob(const char *path, const char *value)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0)
        (void)!write(fd, value, strlen(value));
}

static int settle_here(struct failure *why)
{
    set_knob("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
    set_knob("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    /* For the links that are yet to come. */
    return link_set_knob("default", no_ipv6, why) < 0 ? -1
                                                      : link_set_up("lo", why);
}

int network_settle(int netns_fd, struct failure *why)
{
    int home = enter(netns_fd, why);

    if (home < 0)
        return -1;
    explain(HOST, "nsenter -t $child -n sysctl -qe "
                  "net/ipv6/conf/default/disable_ipv6=1");
    explain(HOST, "nsenter -t $child -n ip link set lo up");
    int status = settle_here(why);
    leave(&home);
    return status;
}

/* Runs in a process of its own, which does not come back. */
static int settle_there(void *argument, struct failure *why)
{
    const int *netns_fd = argument;

    return setns(*netns_fd, CLONE_NEWNET) < 0
               ? fail(why, errno, "enter the container's network namespace")
               : settle_here(why);
}

int network_settle_apart(pid_t child, int netns_fd, struct failure *why)
{
    return apart_enter(child, settle_there, &netns_fd, why);
}

static int settle(const struct network *n, const struct cable *cable,
                  struct failure *why)
{
    cleanup_free char *address = with_prefix(cable->address.number, &n->subnet);
    struct address gateway;

    address_set(&gateway, n->subnet.gateway);
    if (address == NULL)
        return fail(why, ENOMEM, "give an address to %s", cable->inside);
    explain(HOST, "nsenter -t $child -n ip addr add %s dev %s", address,
            cable->inside);
    if (link_set_address(cable->inside, address, why) < 0)
        return -1;
    explain(HOST, "nsenter -t $child -n ip link set %s up", cable->inside);
    if (link_set_up(cable->inside, why) < 0)
        return -1;
    if (!cable->has_default)
        return 0;
    explain(HOST, "nsenter -t $child -n ip route add default via %s",
            gateway.text);
    return link_add_default_route(cable->inside, gateway.text, why);
}

int network_attach(const struct network *n, const struct cable *cable,
                   int netns_fd, struct failure *why)
{
    struct veth veth = {.name = cable->link,
                        .master = n->bridge,
                        .peer = cable->inside,
                        .mac = cable->mac,
                        .netns_fd = netns_fd};

    explain(HOST,
            "ip link add %s master %s type veth peer name %s address %s netns "
            "$child",
            cable->link, n->bridge, cable->inside, cable->mac);
    explain(HOST, "sysctl -qe net/ipv6/conf/%s/disable_ipv6=1", cable->link);
    explain(HOST, "ip link set %s type bridge_slave hairpin on", cable->link);
    explain(HOST, "ip link set %s up", cable->link);
    /* hairpin: next to docker (br_netfilter) the bridge itself sends back to a
     * container what it sends to its own published port. */
    if (link_add_veth(&veth, why) < 0 ||
        link_set_knob(cable->link, no_ipv6, why) < 0 ||
        link_set_hairpin(cable->link, why) < 0 ||
        link_set_up(cable->link, why) < 0)
        return -1;
    int home = enter(netns_fd, why);
    if (home < 0)
        return -1;
    int status = settle(n, cable, why);
    leave(&home);
    return status;
}

int network_route(const struct network *n, const struct cable *cable,
                  int netns_fd, struct failure *why)
{
    struct address gateway;
    int home = enter(netns_fd, why);

    if (home < 0)
        return -1;
    address_set(&gateway, n->subnet.gateway);
    int status = link_add_default_route(cable->inside, gateway.text, why);
    leave(&home);
    return status;
}

char *network_name_inside(int netns_fd, struct failure *why)
{
    int home = enter(netns_fd, why);
    char *name = NULL;

    if (home < 0)
        return NULL;
    for (int i = 0; i < MOST_INSIDE; i++) {
        if (asprintf(&name, "eth%d", i) < 0) {
            name = NULL;
            break;
        }
        if (if_nametoindex(name) == 0)
            break;
        free(name);
        name = NULL;
    }
    leave(&home);
    if (name == NULL)
        fail(why, 0, "the container has more links than we can count");
    return name;
}

int network_socket(int netns_fd, int type, struct failure *why)
{
    int home = enter(netns_fd, why);

    if (home < 0)
        return -1;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        fail(why, errno, "make a socket in the container's namespace");
    leave(&home);
    return fd;
}

void network_detach(const char *link)
{
    explain(HOST, "ip link del %s", link);
    link_delete(link);
}

void network_destroy(const struct network *n)
{
    explain(HOST, "ip link del %s", n->bridge);
    link_delete(n->bridge);
}
