/*
 * network: a cable from a container to a switch that all containers share.
 *
 * Kernel object  duct0, a bridge; for each container a veth pair, the one end
 *                a port of the bridge, the other, as eth0, in its namespace
 * Side           host: create, attach, destroy     container: settle
 * Needs          root; a network namespace of the container's own
 * Look at it     ip addr     bridge link     nsenter -t PID -n ip addr
 */
#include "network.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "cleanup.h"
#include "explain.h"
#include "link.h"

static const char bridge[] = "duct0";
static const char inside[] = "eth0"; /* the container's end */

enum {
    BRIDGE_HOST = 1 /* of ADDRESS_BRIDGE */
};

/* Nobody gives our links IPv6 addresses, so they shall not do it either. */
static const char no_ipv6[] = "ipv6/disable_ipv6";

int network_mode(struct network_request *r, const char *text,
                 struct failure *why)
{
    static const char *const names[] = {
        [NETWORK_BRIDGE] = "bridge",
        [NETWORK_NONE] = "none",
        [NETWORK_HOST] = "host",
    };

    for (enum network_mode m = NETWORK_BRIDGE; m <= NETWORK_HOST; m++)
        if (str_eq(names[m], text)) {
            r->mode = m;
            return 0;
        }
    return fail(why, 0, "--network \"%s\": must be bridge, none or host", text);
}

int network_complete(struct network_request *r, int *namespaces,
                     struct failure *why)
{
    bool shared = !(*namespaces & CLONE_NEWNET);
    bool root = geteuid() == 0;

    if (r->mode == NETWORK_USUAL)
        r->mode = shared ? NETWORK_HOST : root ? NETWORK_BRIDGE : NETWORK_NONE;
    if (shared && r->mode != NETWORK_HOST)
        return fail(why, 0, "--network: only \"host\" with --share net");
    if (r->mode == NETWORK_HOST)
        *namespaces &= ~CLONE_NEWNET;
    if (r->mode == NETWORK_BRIDGE && !root) {
        fail(why, 0, "--network \"bridge\": only for root");
        return hint(why, "it changes links and rules of the host");
    }
    if (r->mode != NETWORK_BRIDGE && r->ip.text[0] != '\0')
        return fail(why, 0, "--ip \"%s\": only with --network bridge",
                    r->ip.text);
    if (r->mode != NETWORK_BRIDGE && r->ports.count > 0)
        return fail(why, 0, "--publish \"%s\": only with --network bridge",
                    r->ports.list[0].text);
    return ports_hold(&r->ports, why);
}

/* A container that comes after another with the same address also has the
 * same hardware address: no neighbour remembers a wrong one. Caller frees. */
static char *mac_of(unsigned host)
{
    char *text = NULL;

    return asprintf(&text, "02:42:0a:d1:%02x:%02x", host >> 8 & 0xff,
                    host & 0xff) < 0
               ? NULL
               : text;
}

/* The host's end; named by the address, so whoever finds one finds both. */
static char *veth_of(const struct address *a)
{
    char *name = NULL;

    return asprintf(&name, "veth-duct%u", a->host) < 0 ? NULL : name;
}

/* One that is there already is another container's work, or its half. */
static int make_bridge(struct failure *why)
{
    static const char address[] = ADDRESS_BRIDGE ADDRESS_PREFIX;
    cleanup_free char *mac = mac_of(BRIDGE_HOST); /* else it has a port's */

    if (mac == NULL)
        return fail(why, ENOMEM, "make the bridge");
    explain(HOST,
            "ip link show %s >/dev/null 2>&1 || ip link add %s address %s "
            "type bridge",
            bridge, bridge, mac);
    if (link_add_bridge(bridge, mac, why) < 0)
        return -1;
    explain(HOST, "sysctl -qe net/ipv6/conf/%s/disable_ipv6=1", bridge);
    if (link_set_knob(bridge, no_ipv6, why) < 0)
        return -1;
    /* 127.0.0.1 may have asked for what comes back from there. */
    explain(HOST, "sysctl -qe net/ipv4/conf/%s/route_localnet=1", bridge);
    if (link_set_knob(bridge, "ipv4/route_localnet", why) < 0)
        return -1;
    explain(HOST, "ip addr replace %s dev %s", address, bridge);
    if (link_set_address(bridge, address, why) < 0)
        return -1;
    explain(HOST, "ip link set %s up", bridge);
    return link_set_up(bridge, why);
}

/* Takes away whatever an address stands for, and then the address. */
static void retire(struct address *a, const struct addresses *all, bool tell)
{
    cleanup_free char *veth = veth_of(a);

    nat_withdraw(a->lock_fd, tell);
    if (veth != NULL)
        link_delete(veth); /* its namespace may take a while to end */
    address_drop(a, all);
}

/* What killed ducts have left. */
static void sweep(const struct addresses *all)
{
    struct address dead;

    while (address_take_dead(&dead, all))
        retire(&dead, all, false);
}

/* The script can't wait for a child as we do, so somebody else does: a helper
 * to whom the child tells its pid, and who tells it when the link is there. */
static int explain_cable(const struct address *a, const struct addresses *all,
                         struct failure *why)
{
    cleanup_free char *veth = veth_of(a);
    cleanup_free char *mac = mac_of(a->host);

    if (veth == NULL || mac == NULL)
        return fail(why, ENOMEM, "name a link");
    explain(HOST, "export fifo=%s/%s.fifo", all->directory, a->text);
    explain(HOST, "rm -f $fifo; mkfifo $fifo");
    explain(HOST, "{ set +e; read -r child <$fifo");
    explain(HOST,
            "ip link add %s master %s type veth peer name %s address %s netns "
            "$child",
            veth, bridge, inside, mac);
    explain(HOST, "sysctl -qe net/ipv6/conf/%s/disable_ipv6=1", veth);
    explain(HOST, "ip link set %s type bridge_slave hairpin on", veth);
    explain(HOST, "ip link set %s up", veth);
    explain(HOST, "echo >$fifo; } 9>&- &");
    return 0;
}

static int begin(struct network *n, const struct addresses *all,
                 struct failure *why)
{
    const struct address *wanted =
        n->request->ip.text[0] != '\0' ? &n->request->ip : NULL;

    sweep(all);
    if (address_take(&n->address, all, wanted, why) < 0 ||
        make_bridge(why) < 0 || nat_begin(all, why) < 0 ||
        nat_publish(&n->request->ports, n->address.text, n->address.lock_fd,
                    why) < 0)
        return -1;
    return explain_cable(&n->address, all, why);
}

static void end(struct network *n, const struct addresses *all)
{
    if (n->address.lock_fd >= 0) {
        retire(&n->address, all, true);
        explain(HOST, "ip link del veth-duct%d 2>/dev/null || true",
                (int)n->address.host);
        explain(HOST, "rm %s/%s", all->directory, n->address.text);
        explain(HOST, "if rmdir %s 2>/dev/null; then", all->directory);
        explain(HOST, "nft delete table ip duct; ip link del %s", bridge);
        explain(HOST, "rmdir -p /run/duct/steps 2>/dev/null || true; fi");
    }
    if (!addresses_are_free(all))
        return;
    nat_end(all->lock_fd);
    link_delete(bridge);
}

int network_create(struct network *n, const struct network_request *r,
                   struct failure *why)
{
    struct addresses all;

    n->request = r;
    n->address.lock_fd = -1;
    if (r->mode != NETWORK_BRIDGE)
        return 0;
    if (addresses_lock(&all, why) < 0)
        return -1;
    int status = begin(n, &all, why);
    if (status < 0)
        end(n, &all);
    addresses_unlock(&all);
    return status;
}

int network_attach(const struct network *n, pid_t child, struct failure *why)
{
    if (n->address.lock_fd < 0)
        return 0;
    cleanup_free char *name = veth_of(&n->address);
    cleanup_free char *mac = mac_of(n->address.host);
    struct veth veth = {.name = name,
                        .master = bridge,
                        .peer = inside,
                        .mac = mac,
                        .pid = child};

    if (name == NULL || mac == NULL)
        return fail(why, ENOMEM, "name a link");
    explain_look("the helper does: ip link add %s ...", name);
    explain_look("nft list table ip duct");
    link_delete(name); /* if there is one, it was a dead one's: see retire() */
    /* hairpin: next to docker (br_netfilter) the bridge itself sends back to a
     * container what it sends to its own published port. */
    if (link_add_veth(&veth, why) < 0 ||
        link_set_knob(name, no_ipv6, why) < 0 ||
        link_set_hairpin(name, why) < 0 || link_set_up(name, why) < 0)
        return -1;
    return 0;
}

int network_settle(const struct network *n, struct failure *why)
{
    if (n->address.lock_fd < 0)
        return 0;
    cleanup_free char *address = NULL;

    if (asprintf(&address, "%s%s", n->address.text, ADDRESS_PREFIX) < 0)
        return fail(why, ENOMEM, "give an address to %s", inside);
    explain(CONTAINER, "read -r child rest </proc/self/stat");
    explain(CONTAINER, "echo $child >$fifo; read -r done <$fifo; rm $fifo");
    explain(CONTAINER, "sysctl -qe net/ipv6/conf/%s/disable_ipv6=1", inside);
    if (link_set_knob(inside, no_ipv6, why) < 0)
        return -1;
    explain(CONTAINER, "ip addr add %s dev %s", address, inside);
    if (link_set_address(inside, address, why) < 0)
        return -1;
    explain(CONTAINER, "ip link set %s up", inside);
    if (link_set_up(inside, why) < 0)
        return -1;
    explain(CONTAINER, "ip route add default via %s", ADDRESS_BRIDGE);
    return link_add_default_route(inside, ADDRESS_BRIDGE, why);
}

void network_destroy(struct network *n)
{
    struct addresses all;
    struct failure ignored; /* what is left, the next one will sweep */

    if (n->address.lock_fd < 0 || addresses_lock(&all, &ignored) < 0)
        return;
    end(n, &all);
    addresses_unlock(&all);
}
