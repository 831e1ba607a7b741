/*
 * Chapter: from the world to a container, by a port of the host's.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static void published_to_the_lan(void)
{
    const struct container *c = boxed("-p", "8080:80");
    int server = shared_serve(c, 80);

    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server, LAN_PEER);
    expect_reached(lan_world(), TCP_DOOR(WAN_HOST, 8080), server, WORLD_NEAR);
}

static void published_udp(void)
{
    const struct container *c = boxed("-p", "5300:53/udp", "-p", "8080:80/tcp");
    int server = shared_serve_udp(c, 53);

    expect_reached(lan_peer(), UDP_DOOR(LAN_HOST, 5300), server, LAN_PEER);
    expect_reached(lan_host(), UDP_DOOR(LAN_HOST, 5300), server, NULL);
    expect_reached(lan_host(), UDP_DOOR("127.0.0.1", 5300), server, NULL);
    expect_unreached(lan_peer(), TCP_DOOR(LAN_HOST, 5300), shared_serve(c, 53));
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), shared_serve(c, 80),
                   LAN_PEER);
}

static void published_to_the_host(void)
{
    const struct container *c = boxed("-p", "8080:80");
    int server = shared_serve(c, 80);

    expect_reached(lan_host(), TCP_DOOR(LAN_HOST, 8080), server, NULL);
    expect_reached(lan_host(), TCP_DOOR(WAN_HOST, 8080), server, NULL);
    expect_reached(lan_host(), TCP_DOOR(GATEWAY, 8080), server, NULL);
}

static void published_to_loopback(void)
{
    const struct container *c = boxed("-p", "8080:80");
    int server = shared_serve(c, 80);

    expect_reached(lan_host(), TCP_DOOR("127.0.0.1", 8080), server, NULL);
    expect_reached(lan_host(), TCP_DOOR("127.1.2.3", 8080), server, NULL);
}

static void published_to_itself(void)
{
    const struct container *c = boxed("-p", "8080:80", "-p", "5300:53/udp");
    int place = shared_place(c);
    int server = shared_serve(c, 80);

    expect_reached(place, TCP_DOOR(LAN_HOST, 8080), server, NULL);
    expect_reached(place, TCP_DOOR(GATEWAY, 8080), server, NULL);
    expect_reached(place, UDP_DOOR(LAN_HOST, 5300), shared_serve_udp(c, 53),
                   NULL);
}

static void published_to_neighbours(void)
{
    const struct container *c = boxed("-p", "8080:80");
    int place = shared_place(boxed("--network", "bridge"));
    int server = shared_serve(c, 80);

    expect_reached(place, TCP_DOOR(LAN_HOST, 8080), server, NULL);
    expect_reached(place, TCP_DOOR(GATEWAY, 8080), server, NULL);
}

static void several_ports(void)
{
    const struct container *a =
        boxed("-p", "8080:80", "-p", "8081:81", "--publish", "8082:80");
    const struct container *b = boxed("--publish=8083:80");
    int server = shared_serve(a, 80);

    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server, LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8082), server, LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8081), shared_serve(a, 81),
                   LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8083), shared_serve(b, 80),
                   LAN_PEER);
}

static void one_address_only(void)
{
    const struct container *a = boxed("-p", LAN_HOST ":8080:80");
    const struct container *b = boxed("-p", WAN_HOST ":8080:80");
    int server = shared_serve(a, 80), other = shared_serve(b, 80);

    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server, LAN_PEER);
    expect_reached(lan_world(), TCP_DOOR(WAN_HOST, 8080), other, WORLD_NEAR);
    expect_reached(lan_host(), TCP_DOOR(LAN_HOST, 8080), server, NULL);
    expect_reached(lan_host(), TCP_DOOR(WAN_HOST, 8080), other, NULL);
    expect_int("errno of a client at 127.0.0.1", ECONNREFUSED,
               lan_refusal(lan_host(), TCP_DOOR("127.0.0.1", 8080)));
}

static void loopback_only(void)
{
    const struct container *c = boxed("-p", "127.0.0.1:8080:80");
    int server = shared_serve(c, 80);

    expect_reached(lan_host(), TCP_DOOR("127.0.0.1", 8080), server, NULL);
    expect_int("errno of a client at the host's other address", ECONNREFUSED,
               lan_refusal(lan_host(), TCP_DOOR(LAN_HOST, 8080)));
    expect_int("errno of a client elsewhere", ECONNREFUSED,
               lan_refusal(lan_peer(), TCP_DOOR(LAN_HOST, 8080)));
}

/* What duct says on stderr: "... port N of the host". */
static int told_port(const struct program *p, const char *value)
{
    const char *at = strstr(p->err, "port ");
    int port = at == NULL ? 0 : (int)strtol(at + strlen("port "), NULL, 10);

    expect_that(port > 0, "the port that was chosen, on stderr",
                expect_quoted(p->err, p->err_size));
    expect_contains("what duct says", keep_format("\"%s\"", value), p->err);
    return port;
}

static void free_port_is_found(void)
{
    const char *const *value = ARGV("80", ":80", "127.0.0.1::80", "80/tcp");

    for (; *value != NULL; value++) {
        struct container *c = boxed("-p", *value);

        expect_reached(lan_host(),
                       TCP_DOOR("127.0.0.1", told_port(c->duct, *value)),
                       shared_serve(c, 80), NULL);
        container_end(c);
    }
    expect_str("what duct says of a port that was asked for", "",
               duct("run", "-p", "8080:80", rootfs(), "true")->err);
}

static void free_ports_differ(void)
{
    const struct container *a = boxed("-p", "80");
    const struct container *b = boxed("-p", "80");
    int port = told_port(a->duct, "80"), other = told_port(b->duct, "80");

    expect_differ("port that was chosen", (uint64_t)port, (uint64_t)other);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, port), shared_serve(a, 80),
                   LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, other), shared_serve(b, 80),
                   LAN_PEER);
}

static void port_is_taken(void)
{
    const char *before = lan_look();
    const struct program *p;

    (void)lan_serve(lan_host(), TCP_DOOR("0.0.0.0", 8080));
    p = duct("run", "-p", "8080:80", rootfs(), "true");
    expect_refused(p, "--publish", "\"8080:80\"", "(EADDRINUSE)");
    expect_contains("the hint below it", "`ss ", p->err);
    expect_nothing_left(before);
    expect_refused(duct("run", "-p", "127.0.0.1:8080:80", rootfs(), "true"),
                   "--publish", "(EADDRINUSE)");
    expect_exit(duct("run", "-p", "8080:80/udp", rootfs(), "true"), 0);
    expect_nothing_left(before);
}

static void port_is_another_containers(void)
{
    struct container *c = boxed("-p", "8080:80");
    const char *before = lan_look();
    int server = shared_serve(c, 80);

    expect_refused(duct("run", "-p", "8080:81", rootfs(), "true"), "--publish",
                   "\"8080:81\"", "(EADDRINUSE)");
    expect_refused(duct("run", "-p", LAN_HOST ":8080:81", rootfs(), "true"),
                   "--publish", "(EADDRINUSE)");
    expect_nothing_left(before);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server, LAN_PEER);
    container_end(c);
    c = boxed("-p", "8080:81");
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), shared_serve(c, 81),
                   LAN_PEER);
}

static void port_is_given_twice(void)
{
    const char *before = lan_look();

    expect_refused(
        duct("run", "-p", "8080:80", "-p", "8080:81", rootfs(), "true"),
        "--publish", "\"8080:81\"", "(EADDRINUSE)");
    expect_nothing_left(before);
}

static void address_is_not_ours(void)
{
    const char *before = lan_look();
    const struct program *p =
        duct("run", "-p", "192.0.2.77:8080:80", rootfs(), "true");

    expect_refused(p, "--publish", "\"192.0.2.77:8080:80\"", "(EADDRNOTAVAIL)");
    expect_lacks("what duct says", "`ss", p->err);
    expect_nothing_left(before);
}

/* Otherwise a program could listen there, and never hear anything. */
static void port_is_held(void)
{
    struct container *c = boxed("-p", "8080:80", "-p", "5300:53/udp");

    expect_int("a server's bind() meanwhile", -1,
               lan_listen(lan_host(), TCP_DOOR("0.0.0.0", 8080)));
    expect_int("errno", EADDRINUSE, errno);
    expect_int("a UDP server's bind() meanwhile", -1,
               lan_listen(lan_host(), UDP_DOOR("127.0.0.1", 5300)));
    container_end(c);
    (void)lan_serve(lan_host(), TCP_DOOR("0.0.0.0", 8080));
    (void)lan_serve(lan_host(), UDP_DOOR("0.0.0.0", 5300));
}

static void port_is_given_back(void)
{
    const char *before = lan_look();
    struct container *stays = boxed("-p", "8081:80");
    struct container *c = boxed("-p", "8080:80");

    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), shared_serve(c, 80),
                   LAN_PEER);
    container_end(c);
    expect_int("errno of a client afterwards", ECONNREFUSED,
               lan_refusal(lan_peer(), TCP_DOOR(LAN_HOST, 8080)));
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080),
                   lan_serve(lan_host(), TCP_DOOR("0.0.0.0", 8080)), LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8081),
                   shared_serve(stays, 80), LAN_PEER);
    container_end(stays);
    expect_nothing_left(before);
}

static void nobody_listens(void)
{
    const struct container *c = boxed("-p", "8080:80");

    expect_int("errno of a client", ECONNREFUSED,
               lan_refusal(lan_peer(), TCP_DOOR(LAN_HOST, 8080)));
    (void)c;
}

static void nonsense_is_refused(void)
{
    const char *const *value =
        ARGV("", ":", "x", "8080:", "8080:x", "x:80", "0", "8080:0", "0:80",
             "65536:80", "80:65536", "-1:80", "8080:80/", "8080:80/sctp",
             "8080:80/TCP", "8080:80/udp/tcp", "1:2:3:4", "localhost:8080:80",
             "300.0.0.1:8080:80", "::1:8080:80", "8080:80 ", " 8080:80",
             "8080-8081:80", "127.0.0.1:80:", ":8080:80");
    const char *before = lan_look();

    for (; *value != NULL; value++)
        expect_refused(duct("run", "-p", *value, rootfs(), "true"), "--publish",
                       keep_format("\"%s\"", *value), "8080:80");
    expect_nothing_left(before);
}

static void edges_of_the_range(void)
{
    const struct container *c = boxed("-p", "65535:65535", "-p", "1:1");

    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 65535),
                   shared_serve(c, 65535), LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 1), shared_serve(c, 1),
                   LAN_PEER);
}

static const struct trial trials[] = {
    {.name = "published_to_the_lan",
     .claim = "-p 8080:80: other machines reach the container at the host's "
              "port, and it sees who they are",
     .usual_cause = "dnat is there, but what comes in is not forwarded; or "
                    "everything is masqueraded",
     .reread = "#ports",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = published_to_the_lan},
    {.name = "published_udp",
     .claim = "-p 5300:53/udp publishes for UDP, and for UDP alone",
     .usual_cause = "the protocol is not part of what is looked up",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = published_udp},
    {.name = "published_to_the_host",
     .claim = "the host itself reaches it by any address of its own",
     .usual_cause = "what the host sends itself passes no prerouting hook: "
                    "output needs the same rule",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = published_to_the_host},
    {.name = "published_to_loopback",
     .claim = "the host reaches it by 127.0.0.1",
     .usual_cause = "route_localnet is 0, or the packet keeps 127.0.0.1 as "
                    "its source, which the container takes for itself",
     .reread = "#nat_publish",
     .feature = true,
     .depends = "published_to_the_host",
     .body = published_to_loopback},
    {.name = "published_to_itself",
     .claim = "the container reaches itself by the host's port",
     .usual_cause = "its answer never passes the host, and is not what it "
                    "waits for: masquerade; or the bridge does not send back "
                    "to where it came from: hairpin",
     .reread = "#nat_publish",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = published_to_itself},
    {.name = "published_to_neighbours",
     .claim = "other containers reach it by the host's port",
     .usual_cause = "the answer goes straight to the neighbour, who never "
                    "asked that address: masquerade",
     .reread = "#nat_publish",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = published_to_neighbours},
    {.name = "several_ports",
     .claim = "-p may be repeated, and containers publish side by side",
     .usual_cause = "only the last one is kept",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = several_ports},
    {.name = "published_at_one_address",
     .claim = "-p IP:8080:80 publishes at that address only",
     .usual_cause = "the address is read, and not part of what is looked up",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_host",
     .body = one_address_only},
    {.name = "published_at_loopback",
     .claim = "-p 127.0.0.1:8080:80 publishes for the host alone",
     .usual_cause = "the address is read, and not part of what is looked up",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_loopback",
     .body = loopback_only},
    {.name = "free_port_is_found",
     .claim = "without a host port a free one is found, and told on stderr",
     .usual_cause = "bind() to port 0 chooses one: getsockname() tells which",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_loopback",
     .body = free_port_is_found},
    {.name = "free_ports_differ",
     .claim = "two containers get different ones",
     .usual_cause = "the socket is closed as soon as its port is known",
     .reread = "#ports",
     .feature = true,
     .depends = "free_port_is_found",
     .body = free_ports_differ},
    {.name = "port_is_taken",
     .claim = "a port that a program has is refused, with a hint, and nothing "
              "is left",
     .usual_cause = "the rule takes the packets away from the program",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = port_is_taken},
    {.name = "port_is_another_containers",
     .claim = "a port that another container has is refused, until it ends",
     .usual_cause = "nothing holds the port on the host",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = port_is_another_containers},
    {.name = "port_is_given_twice",
     .claim = "the same port twice is refused",
     .usual_cause = "the second rule hides the first, or is hidden",
     .reread = "#ports",
     .feature = true,
     .body = port_is_given_twice},
    {.name = "address_is_not_ours",
     .claim = "an address that the host has not is refused",
     .usual_cause = "a rule for it would do no harm, and no good",
     .reread = "#ports",
     .feature = true,
     .body = address_is_not_ours},
    {.name = "port_is_held",
     .claim = "as long as the container runs no program can take the port",
     .usual_cause = "nothing holds the port on the host",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = port_is_held},
    {.name = "port_is_given_back",
     .claim = "after the container's end the port is the host's again, while "
              "others' stay",
     .usual_cause = "the element stays in the map",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = port_is_given_back},
    {.name = "nobody_listens",
     .claim = "where nobody listens inside a client is told at once",
     .usual_cause = "the answer is dropped on its way out",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = nobody_listens},
    {.name = "ports_must_be_ports",
     .claim = "-p refuses nonsense, and names it",
     .usual_cause = "strtol() is happy with a part of it",
     .reread = "#ports",
     .feature = true,
     .body = nonsense_is_refused},
    {.name = "ports_from_1_to_65535",
     .claim = "1 and 65535 are ports",
     .usual_cause = "a limit is off by one",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = edges_of_the_range},
};

const struct chapter chapter_ports = {"Published ports", TRIALS(trials)};
