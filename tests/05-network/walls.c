/*
 * Chapter: who must not get in, and whose rules must not be touched.
 */
#include <errno.h>
#include <string.h>

#include "suite.h"

/* The peer has a route to the containers' network by way of the host. */
static void unpublished_is_unreached(void)
{
    const struct container *c = boxed("-p", "8080:80");
    const char *address = shared_address(c);
    int server = shared_serve(c, 81);

    expect_reached(lan_host(), TCP_DOOR(address, 81), server, NULL);
    expect_unreached(lan_peer(), TCP_DOOR(address, 81), server);
    expect_unreached(lan_peer(), UDP_DOOR(address, 53),
                     shared_serve_udp(c, 53));
}

/* Published at the host's port, which is not the container's. */
static void published_is_the_only_way(void)
{
    const struct container *c = boxed("-p", "127.0.0.1:8080:80");
    const char *address = shared_address(c);
    int server = shared_serve(c, 80);

    expect_reached(lan_host(), TCP_DOOR("127.0.0.1", 8080), server, NULL);
    expect_unreached(lan_peer(), TCP_DOOR(address, 80), server);
    expect_unreached(lan_peer(), TCP_DOOR(address, 8080), server);
    expect_unreached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server);
}

/* Somebody's route_localnet lets packets for 127.0.0.1 in. */
static void loopback_is_not_the_lans(void)
{
    const struct container *c =
        boxed("-p", "127.0.0.1:5300:53/udp", "-p", "5301:54/udp");
    struct forged packet = {.link = "eth0",
                            .mac = lan_mac(lan_host(), "lan0"),
                            .source = LAN_PEER,
                            .destination = LAN_HOST,
                            .port = 5301};
    int published = shared_serve_udp(c, 54), server = shared_serve_udp(c, 53);
    int hosts = lan_serve(lan_host(), UDP_DOOR("127.0.0.1", 4712));

    lan_set(lan_host(), "ipv4/conf/lan0/route_localnet", "1");
    lan_forge(lan_peer(), &packet);
    expect_that(lan_hears(published), "the suite's packet gets through",
                "it does not");
    packet.destination = "127.0.0.1";
    packet.port = 5300;
    lan_forge(lan_peer(), &packet);
    expect_that(!lan_hears(server),
                "a packet for 127.0.0.1 from another machine is dropped",
                "the container gets it");
    packet.port = 4712;
    lan_forge(lan_peer(), &packet);
    expect_that(!lan_hears(hosts),
                "a packet for 127.0.0.1 from another machine is dropped",
                "a program of the host's gets it");
    lan_set(lan_host(), "ipv4/conf/lan0/route_localnet", "0");
}

/* The bridge has route_localnet, so that answers to 127.0.0.1 come back. */
static void loopback_is_not_the_containers(void)
{
    const struct container *c = boxed("--network", "bridge");
    struct forged packet = {.link = "eth0",
                            .mac = lan_mac(lan_host(), BRIDGE),
                            .source = shared_address(c),
                            .destination = GATEWAY,
                            .port = 4712};
    int any = lan_serve(lan_host(), UDP_DOOR("0.0.0.0", 4712));
    int local = lan_serve(lan_host(), UDP_DOOR("127.0.0.1", 4713));

    lan_forge(shared_place(c), &packet);
    expect_that(lan_hears(any), "the suite's packet gets through",
                "it does not");
    packet.destination = "127.0.0.1";
    packet.port = 4713;
    lan_forge(shared_place(c), &packet);
    expect_that(!lan_hears(local),
                "a container's packet for 127.0.0.1 of the host is dropped",
                "a program that listens there alone gets it");
}

/* A program that trusts 127.0.0.1 would be told so. */
static void loopback_is_no_source(void)
{
    const struct container *c = boxed("--network", "bridge");
    struct forged packet = {.link = "eth0",
                            .mac = lan_mac(lan_host(), BRIDGE),
                            .source = "127.0.0.1",
                            .destination = GATEWAY,
                            .port = 4712};
    int any = lan_serve(lan_host(), UDP_DOOR("0.0.0.0", 4712));

    lan_forge(shared_place(c), &packet);
    expect_that(!lan_hears(any),
                "a container's packet from \"127.0.0.1\" is dropped",
                "a program of the host's gets it");
}

static const char *rules_of_others(void)
{
    return keep_format("%s%s", lan_nft("list table inet mine"),
                       lan_nft("list table ip theirs"));
}

static void others_rules_stay(void)
{
    const char *before;
    struct container *c;

    lan_nft("table inet mine {\n"
            "  set s { type ipv4_addr; elements = { 192.0.2.9 }; }\n"
            "  chain c { type filter hook forward priority 5; ip saddr @s "
            "drop; }\n"
            "}\n"
            "table ip theirs {\n"
            "  chain n { type nat hook postrouting priority 90;\n"
            "    ip saddr 192.0.2.0/24 ip daddr 192.0.2.9 masquerade; }\n"
            "}\n");
    before = rules_of_others();
    c = boxed("-p", "8080:80");
    expect_str("others' rules while a container runs", before,
               rules_of_others());
    container_end(c);
    expect_str("others' rules afterwards", before, rules_of_others());
    expect_lacks("all rules", "table " TABLE " ", lan_nft("list ruleset"));
}

static int serve_far_away(void)
{
    return lan_serve(lan_world(), TCP_DOOR(WORLD_FAR, 80));
}

static void expect_healed(const char *harm, int far)
{
    struct container *first = boxed("-p", "8080:80");
    const char *before = lan_nft("list ruleset");
    struct container *second;
    int server = shared_serve(first, 81);

    lan_nft(harm);
    second = boxed("-p", "8081:80");
    expect_reached(shared_place(first), TCP_DOOR(WORLD_FAR, 80), far, WAN_HOST);
    expect_unreached(lan_peer(), TCP_DOOR(shared_address(first), 81), server);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8081),
                   shared_serve(second, 80), LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080),
                   shared_serve(first, 80), LAN_PEER);
    container_end(second);
    expect_str("rules, as before the harm", before, lan_nft("list ruleset"));
    container_end(first);
}

static void flushed_table_is_healed(void)
{
    const char *before = lan_look();

    expect_healed("flush table " TABLE, serve_far_away());
    expect_nothing_left(before);
}

/* As `systemctl reload nftables` does. */
static void deleted_table_is_healed(void)
{
    const char *before = lan_look();
    int far = serve_far_away();

    expect_healed("flush ruleset", far);
    expect_healed("delete table " TABLE, far);
    expect_nothing_left(before);
}

static void end_without_a_table(void)
{
    const char *before = lan_look();
    struct container *c = boxed("-p", "8080:80");

    lan_nft("flush ruleset");
    expect_call(kill(c->init, SIGKILL));
    spawn_finish(c->duct);
    expect_str("what duct says", "", c->duct->err);
    expect_nothing_left(before);
}

/* Somebody else may have pulled the plug. */
static void bridge_is_healed(void)
{
    const char *before = lan_look();
    struct container *first = boxed("--network", "bridge");
    struct container *second;

    LAN_IP(lan_host(), "link", "set", BRIDGE, "down");
    LAN_IP(lan_host(), "addr", "flush", "dev", BRIDGE);
    second = boxed("--network", "bridge");
    expect_reached(lan_host(), TCP_DOOR(shared_address(first), 80),
                   shared_serve(first, 80), GATEWAY);
    container_end(first);
    LAN_IP(lan_host(), "link", "del", BRIDGE);
    container_end(second);
    expect_nothing_left(before);
}

static const struct trial trials[] = {
    {.name = "unpublished_is_unreached",
     .claim = "another machine with a route to " NETWORK " can't reach a port "
              "that isn't published",
     .usual_cause = "with ip_forward the host forwards everything: a rule has "
                    "to drop it",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = unpublished_is_unreached},
    {.name = "published_at_loopback_is_the_host_s",
     .claim = "nor one that is published at 127.0.0.1, by whatever address",
     .usual_cause = "the port is open for all, and only the host's rule has "
                    "the address",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "published_at_loopback",
     .body = published_is_the_only_way},
    {.name = "loopback_is_not_the_lan_s",
     .claim = "packets for 127.0.0.1 from another machine are dropped, "
              "whatever route_localnet says",
     .usual_cause = "dnat sees 127.0.0.1 and does not ask where it is from",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "published_udp",
     .body = loopback_is_not_the_lans},
    {.name = "loopback_is_not_the_container_s",
     .claim = "packets for 127.0.0.1 from a container are dropped",
     .usual_cause = "route_localnet on " BRIDGE " opens what listens on the "
                    "host's 127.0.0.1 to containers",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "host_and_container_talk",
     .body = loopback_is_not_the_containers},
    {.name = "loopback_is_no_source",
     .claim = "packets \"from\" 127.0.0.1 that a container sends are dropped",
     .usual_cause = "route_localnet on " BRIDGE " lets them pass",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "host_and_container_talk",
     .body = loopback_is_no_source},
    {.name = "others_rules_stay",
     .claim = "tables of other names are as before, during and after",
     .usual_cause = "flush ruleset in place of flush table",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = others_rules_stay},
    {.name = "flushed_table_is_healed",
     .claim = "rules that somebody flushed are there again after the next "
              "start",
     .usual_cause = "a table that is there is taken for complete",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "unpublished_is_unreached",
     .body = flushed_table_is_healed},
    {.name = "deleted_table_is_healed",
     .claim = "so is a table that somebody deleted, with all that is published",
     .usual_cause = "only the one who starts publishes its ports",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "unpublished_is_unreached",
     .body = deleted_table_is_healed},
    {.name = "end_without_a_table",
     .claim = "a container whose rules somebody deleted ends as usual",
     .usual_cause = "what can't be removed is taken for a failure",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = end_without_a_table},
    {.name = "bridge_is_healed",
     .claim = "a bridge that somebody switched off works again after the next "
              "start; without one containers end as usual",
     .usual_cause = "a bridge that is there is taken for complete",
     .reread = "#make_bridge",
     .feature = true,
     .depends = "host_and_container_talk",
     .body = bridge_is_healed},
};

const struct chapter chapter_walls = {"Walls", TRIALS(trials)};
