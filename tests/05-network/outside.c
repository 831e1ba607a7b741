/*
 * Chapter: from the container to the rest of the world.
 */
#include "suite.h"

static const char forwarding[] = "ipv4/ip_forward";

static void world_is_reached(void)
{
    const struct container *c = boxed("--network", "bridge");
    int place = shared_place(c);

    expect_reached(place, TCP_DOOR(WORLD_FAR, 80),
                   lan_serve(lan_world(), TCP_DOOR(WORLD_FAR, 80)), WAN_HOST);
    expect_reached(place, UDP_DOOR(WORLD_FAR, 53),
                   lan_serve(lan_world(), UDP_DOOR(WORLD_FAR, 53)), WAN_HOST);
}

/* It has a route to us, so it would answer all the same. */
static void lan_sees_the_host(void)
{
    const struct container *c = boxed("--network", "bridge");

    expect_reached(shared_place(c), TCP_DOOR(LAN_PEER, 80),
                   lan_serve(lan_peer(), TCP_DOOR(LAN_PEER, 80)), LAN_HOST);
}

static void forwarding_comes_and_goes(void)
{
    struct container *first, *second;

    expect_str("ip_forward before", "0", lan_setting(lan_host(), forwarding));
    first = boxed("--network", "bridge");
    expect_str("ip_forward meanwhile", "1",
               lan_setting(lan_host(), forwarding));
    second = boxed("--network", "bridge");
    container_end(first);
    expect_str("ip_forward, one container left", "1",
               lan_setting(lan_host(), forwarding));
    container_end(second);
    expect_str("ip_forward afterwards", "0",
               lan_setting(lan_host(), forwarding));
}

static void forwarding_of_others_stays(void)
{
    struct container *c;

    lan_set(lan_host(), forwarding, "1");
    c = boxed("--network", "bridge");
    container_end(c);
    expect_str("ip_forward, which was on before", "1",
               lan_setting(lan_host(), forwarding));
}

/* The neighbour takes the host for a router, to get at who is behind it. */
static void others_are_not_forwarded(void)
{
    struct forged packet = {.link = "eth0",
                            .mac = lan_mac(lan_host(), "lan0"),
                            .source = LAN_PEER,
                            .destination = WORLD_FAR,
                            .port = 4714};
    int far = lan_serve(lan_world(), UDP_DOOR(WORLD_FAR, 4714));
    struct container *c = boxed("--network", "bridge");

    lan_forge(lan_peer(), &packet);
    expect_that(!lan_hears(far),
                "the host forwards nothing but the containers' packets, where "
                "it has forwarded nothing before",
                "it forwards a neighbour's");
    container_end(c);
    lan_set(lan_host(), forwarding, "1");
    boxed("--network", "bridge");
    lan_forge(lan_peer(), &packet);
    expect_that(lan_hears(far),
                "the host forwards what it has forwarded before",
                "it does not any more");
}

/* Strict reverse path filtering, as many hosts have it. */
static void strict_paths(void)
{
    const struct container *c;
    int place, server;

    lan_set(lan_host(), "ipv4/conf/all/rp_filter", "1");
    c = boxed("-p", "8080:80");
    place = shared_place(c);
    server = shared_serve(c, 80);
    expect_reached(place, TCP_DOOR(WORLD_FAR, 80),
                   lan_serve(lan_world(), TCP_DOOR(WORLD_FAR, 80)), WAN_HOST);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server, LAN_PEER);
    expect_reached(lan_host(), TCP_DOOR("127.0.0.1", 8080), server, NULL);
    expect_reached(place, TCP_DOOR(LAN_HOST, 8080), server, NULL);
    lan_set(lan_host(), "ipv4/conf/all/rp_filter", "0");
}

static const struct trial trials[] = {
    {.name = "world_is_reached",
     .claim = "a container reaches who is far away, by TCP and UDP, and is "
              "seen there under the host's address",
     .usual_cause = "ip_forward is 0, or there is no masquerade: then nobody "
                    "out there knows where to answer to",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "default_route",
     .body = world_is_reached},
    {.name = "lan_sees_the_host",
     .claim = "a machine on the same network as the host sees the host's "
              "address on that network",
     .usual_cause = "snat to one fixed address in place of masquerade",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "world_is_reached",
     .body = lan_sees_the_host},
    {.name = "forwarding_comes_and_goes",
     .claim = "ip_forward is 1 while a container runs, and 0 again after the "
              "last one if it was before",
     .usual_cause = "it is switched on, and nobody remembers that it was off",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "last_one_out",
     .body = forwarding_comes_and_goes},
    {.name = "forwarding_of_others_stays",
     .claim = "an ip_forward that was 1 before stays 1",
     .usual_cause = "it is set to 0 whatever it was",
     .reread = "#nat_begin",
     .depends = "bridge_is_usual",
     .body = forwarding_of_others_stays},
    {.name = "others_are_not_forwarded",
     .claim = "what passes by the host without being a container's is "
              "forwarded if it was before, and only then",
     .usual_cause = "ip_forward makes a router of the host, for everybody",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "forwarding_comes_and_goes",
     .body = others_are_not_forwarded},
    {.name = "strict_paths",
     .claim = "all of it works on a host with rp_filter=1",
     .usual_cause = "an answer comes in where no question went out",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "world_is_reached",
     .body = strict_paths},
};

const struct chapter chapter_outside = {"To the world", TRIALS(trials)};
