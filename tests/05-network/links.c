/*
 * Chapter: a bridge, and a veth pair for each container.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static void bridge_is_made(void)
{
    struct container *c = boxed("--network", "bridge");

    expect_contains(BRIDGE, "bridge ",
                    LAN_IP(lan_host(), "-d", "link", "show", BRIDGE));
    expect_contains(BRIDGE, ",UP",
                    LAN_IP(lan_host(), "-br", "link", "show", BRIDGE));
    expect_str("addresses of " BRIDGE, GATEWAY "/16 ",
               lan_address(lan_host(), BRIDGE));
    container_end(c);
}

/* The host's end of a container's eth0: sysfs knows its number. */
static const char *other_end(const struct container *c)
{
    const char *number = shared_read(c, "/sys/class/net/eth0/iflink");
    char *name = keep_zeroed(IF_NAMESIZE);

    expect_that(if_indextoname((unsigned)strtoul(number, NULL, 10), name) !=
                    NULL,
                "a link of the host's that is the other end of eth0", number);
    return name;
}

static void eth0_is_plugged_in(void)
{
    const struct container *c = boxed("--network", "bridge");
    const char *end = other_end(c);
    const char *link = LAN_IP(lan_host(), "-d", "link", "show", end);

    expect_contains("the host's end of the cable", "master " BRIDGE " ", link);
    expect_contains("the host's end of the cable", "veth ", link);
    expect_contains("the host's end of the cable", "LOWER_UP", link);
    expect_contains("the container's end of the cable", "LOWER_UP",
                    LAN_IP(shared_place(c), "link", "show", "eth0"));
    expect_contains("address of eth0", "/16 ",
                    lan_address(shared_place(c), "eth0"));
}

static void default_route(void)
{
    const struct container *c = boxed("--network", "bridge");
    const char *routes = LAN_IP(shared_place(c), "-4", "route");

    expect_contains("routes of the container",
                    "default via " GATEWAY " dev eth0 ", routes);
    expect_contains("routes of the container", NETWORK " dev eth0 ", routes);
    expect_that(strchr(strchr(routes, '\n') + 1, '\n')[1] == '\0',
                "two routes of the container", routes);
}

static const char *need_ipv6(void)
{
    return access("/proc/net/if_inet6", F_OK) == 0 ? NULL
                                                   : "this kernel has no IPv6";
}

/* Left on, each link would give itself an address, and no rule of ours is for
 * those. */
static void no_ipv6(void)
{
    const struct container *c = boxed("--network", "bridge");

    spawn_sleep_ms(100); /* they would not come at once */
    expect_str("IPv6 addresses of the container's eth0", "",
               LAN_IP(shared_place(c), "-6", "addr", "show", "eth0"));
    expect_str("IPv6 addresses of " BRIDGE, "",
               LAN_IP(lan_host(), "-6", "addr", "show", BRIDGE));
    expect_str("IPv6 addresses of the host's end of the cable", "",
               LAN_IP(lan_host(), "-6", "addr", "show", other_end(c)));
}

static void neighbours_talk(void)
{
    const struct container *a = boxed("--network", "bridge");
    const struct container *b = boxed("--network", "bridge");

    expect_reached(shared_place(a), TCP_DOOR(shared_address(b), 80),
                   shared_serve(b, 80), shared_address(a));
    expect_reached(shared_place(b), TCP_DOOR(shared_address(a), 80),
                   shared_serve(a, 80), shared_address(b));
    expect_reached(shared_place(b), UDP_DOOR(shared_address(a), 53),
                   shared_serve_udp(a, 53), shared_address(b));
}

static void host_and_container_talk(void)
{
    const struct container *c = boxed("--network", "bridge");
    int server = lan_serve(lan_host(), TCP_DOOR("0.0.0.0", 80));

    expect_reached(lan_host(), TCP_DOOR(shared_address(c), 80),
                   shared_serve(c, 80), GATEWAY);
    expect_reached(shared_place(c), TCP_DOOR(GATEWAY, 80), server,
                   shared_address(c));
    expect_reached(shared_place(c), TCP_DOOR(LAN_HOST, 80), server,
                   shared_address(c));
}

/* A bridge takes the lowest of its ports' hardware addresses for its own,
 * unless it was given one: each container would have to ask again. */
static void bridge_keeps_its_address(void)
{
    struct container *first = boxed("--network", "bridge");
    const char *mac = lan_mac(lan_host(), BRIDGE);
    struct container *second = boxed("--network", "bridge");

    expect_str("hardware address of " BRIDGE " with two containers", mac,
               lan_mac(lan_host(), BRIDGE));
    container_end(first);
    expect_str("hardware address of " BRIDGE " without the first", mac,
               lan_mac(lan_host(), BRIDGE));
    container_end(second);
}

/* Who talked to the first one has noted its hardware address. */
static void successor_is_found(void)
{
    const struct container *asker = boxed("--network", "bridge");
    struct container *c = boxed("--ip", "10.209.5.6");
    const char *mac = lan_mac(shared_place(c), "eth0");

    expect_reached(shared_place(asker), TCP_DOOR("10.209.5.6", 80),
                   shared_serve(c, 80), NULL);
    container_end(c);
    c = boxed("--ip", "10.209.5.6");
    expect_str("hardware address of the next one with the same address", mac,
               lan_mac(shared_place(c), "eth0"));
    expect_reached(shared_place(asker), TCP_DOOR("10.209.5.6", 80),
                   shared_serve(c, 80), NULL);
    expect_that(strcmp(mac, lan_mac(shared_place(asker), "eth0")) != 0,
                "another hardware address of another container", mac);
}

static void last_one_out(void)
{
    const char *before = lan_look();
    struct container *first = boxed("--network", "bridge");
    struct container *second = boxed("--network", "bridge");
    struct container *third;

    container_end(first);
    expect_contains("links of the host", BRIDGE " ", lan_links(lan_host()));
    expect_reached(lan_host(), TCP_DOOR(shared_address(second), 80),
                   shared_serve(second, 80), NULL);
    third = boxed("--network", "bridge");
    container_end(second);
    expect_reached(lan_host(), TCP_DOOR(shared_address(third), 80),
                   shared_serve(third, 80), NULL);
    container_end(third);
    expect_nothing_left(before);
}

/* What could not be removed, or not yet: namespaces take a while to end. */
static void leftover_link_is_replaced(void)
{
    const char *before = lan_look(), *name, *end;
    struct container *c = boxed("--ip", "10.209.0.9");

    name = strstr(LAN_IP(lan_host(), "-o", "link", "show", "master", BRIDGE),
                  ": ") +
           strlen(": ");
    end = name + strcspn(name, "@: ");
    name = keep_format("%.*s", (int)(end - name), name);
    container_end(c);
    LAN_IP(lan_host(), "link", "add", name, "type", "bridge");
    c = boxed("--ip", "10.209.0.9");
    expect_reached(lan_host(), TCP_DOOR("10.209.0.9", 80), shared_serve(c, 80),
                   NULL);
    container_end(c);
    if (strstr(lan_links(lan_host()), name) != NULL)
        LAN_IP(lan_host(), "link", "del", name);
    expect_nothing_left(before);
}

/* Each end of a command: by itself, by a signal, not even begun. */
static void nothing_is_left(void)
{
    const char *before = lan_look();
    struct container *c;

    expect_exit(duct("run", "--network", "bridge", rootfs(), "false"), 1);
    expect_nothing_left(before);
    expect_exit(duct("run", "--network", "bridge", rootfs(), "/no/such"), 127);
    expect_nothing_left(before);
    expect_exit(
        duct("run", "--network", "bridge", "-w", "/no/such", rootfs(), "true"),
        125);
    expect_nothing_left(before);
    c = container("--network", "bridge", rootfs(), "sh", "-c",
                  "trap 'exit 3' TERM; while :; do sleep 0.1; done");
    spawn_sleep_ms(100); /* the shell needs a moment */
    expect_call(spawn_signal(c->duct, SIGTERM));
    spawn_finish(c->duct);
    expect_exit(c->duct, 3);
    expect_nothing_left(before);
}

static const struct trial trials[] = {
    {.name = "bridge_is_made",
     .claim = BRIDGE " is a bridge, up, with the address " GATEWAY "/16",
     .usual_cause = "a step of its making is missing, or fails unseen",
     .reread = "#make_bridge",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = bridge_is_made},
    {.name = "eth0_is_plugged_in",
     .claim = "eth0 is one end of a veth pair; the other is a port of " BRIDGE
              "; both are up",
     .usual_cause = "the host's end has no master, or is down",
     .reread = "#network_attach",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = eth0_is_plugged_in},
    {.name = "default_route",
     .claim = "the container has two routes: to its neighbours, and by way "
              "of " GATEWAY " to everybody else",
     .usual_cause = "the route is added before eth0 is up",
     .reread = "#network_attach",
     .feature = true,
     .depends = "eth0_is_plugged_in",
     .body = default_route},
    {.name = "no_ipv6",
     .claim = "none of the links has an IPv6 address",
     .usual_cause = "each link that comes up gives itself one, unless "
                    "disable_ipv6 says otherwise",
     .reread = "#make_bridge",
     .feature = true,
     .depends = "eth0_is_plugged_in",
     .needs = need_ipv6,
     .body = no_ipv6},
    {.name = "neighbours_talk",
     .claim = "containers reach each other, as themselves",
     .usual_cause = "masquerade has no condition and changes their addresses",
     .reread = "#make_bridge",
     .feature = true,
     .depends = "eth0_is_plugged_in",
     .body = neighbours_talk},
    {.name = "host_and_container_talk",
     .claim = "host and container reach each other",
     .usual_cause = "the host has no route: " BRIDGE " has no address",
     .reread = "#make_bridge",
     .feature = true,
     .depends = "eth0_is_plugged_in",
     .body = host_and_container_talk},
    {.name = "bridge_keeps_its_address",
     .claim =
         "the hardware address of " BRIDGE " does not change as containers "
         "come and go",
     .usual_cause = "a bridge takes that of a port, unless it is given one",
     .reread = "#make_bridge",
     .feature = true,
     .depends = "bridge_is_made",
     .body = bridge_keeps_its_address},
    {.name = "successor_is_found",
     .claim = "a container with the address of one that has ended is reached "
              "at once",
     .usual_cause = "its hardware address is another, and neighbours remember "
                    "the old one",
     .reread = "#network_attach",
     .feature = true,
     .depends = "neighbours_talk",
     .body = successor_is_found},
    {.name = "last_one_out",
     .claim = "as long as a container runs the bridge stays and works; the "
              "last one to end removes it",
     .usual_cause = "the first to end removes what the others still use",
     .reread = "#address_take",
     .feature = true,
     .depends = "host_and_container_talk",
     .body = last_one_out},
    {.name = "leftover_link_is_replaced",
     .claim = "a link that is left of another container is no obstacle",
     .usual_cause = "its name is made of what a later container gets, too",
     .reread = "#make_bridge",
     .feature = true,
     .depends = "eth0_is_plugged_in",
     .body = leftover_link_is_replaced},
    {.name = "nothing_is_left",
     .claim = "however the command ends, no link, rule or file is left",
     .usual_cause = "an error path returns before the network is removed",
     .reread = "#address_take",
     .feature = true,
     .depends = "bridge_by_name",
     .body = nothing_is_left},
};

const struct chapter chapter_links = {"Links", TRIALS(trials)};
