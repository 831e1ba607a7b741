/*
 * lan: other machines, and what they and the containers send each other.
 *
 * A place is a network namespace, as a descriptor: the suite's own ("the
 * host"), a container's, or another machine's. Sockets belong to the place in
 * which they are made, whoever holds them: so the suite itself is client and
 * server, and needs nothing inside the containers.
 *
 *     peer 192.0.2.2 ---- lan0 192.0.2.1  host  198.51.100.1 wan0 ---- world
 *
 * The peer has a route to the containers' network by way of the host. The
 * world (198.51.100.2, and 203.0.113.5 further out) has none, and is where the
 * host's default route leads to.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LAN_HOST   "192.0.2.1"
#define LAN_PEER   "192.0.2.2"
#define WAN_HOST   "198.51.100.1"
#define WORLD_NEAR "198.51.100.2"
#define WORLD_FAR  "203.0.113.5"

/** lan_settle_in - for a suite's `prepare`: make the machines and the cables */
void lan_settle_in(const char *containers);

/**
 * lan_fresh - for a suite's `before_each`: the host as it was at first
 *
 * Links, rules and files that killed programs have left are removed.
 */
void lan_fresh(void);

/** lan_host, lan_peer, lan_world - the places that are always there */
int lan_host(void);
int lan_peer(void);
int lan_world(void);

/** lan_place - where a process is (kept) */
int lan_place(pid_t pid);

/** lan_machine - one more machine, with a loopback and no cable (kept) */
int lan_machine(void);

/** lan_enter - a spawn's .prepare: run in another place; @place: its address */
void lan_enter(void *place);

/** lan_run - run a program in a place, to its end: its stdout (kept) */
char *lan_run(int place, const char *const *argv);

/** LAN_IP - what ip(8) prints in a place: LAN_IP(place, "-br", "addr") */
#define LAN_IP(place, ...) lan_run((place), ARGV("ip", __VA_ARGS__))

/** lan_nft - give nft(8) commands on the host; what it prints (kept) */
char *lan_nft(const char *commands);

/** lan_look - links, addresses, routes, rules, forwarding, files in /run */
char *lan_look(void);

/** lan_setting, lan_set - a file below /proc/sys/net in a place */
char *lan_setting(int place, const char *name);
void lan_set(int place, const char *name, const char *value);

enum protocol {
    TCP,
    UDP
};

/* An address and a port, and how they are spoken to. */
struct door {
    enum protocol protocol;
    const char *address;
    int port;
};

#define TCP_DOOR(address, port) ((struct door){TCP, (address), (port)})
#define UDP_DOOR(address, port) ((struct door){UDP, (address), (port)})

/** lan_listen - a server at that door of a place (kept); -1 with errno */
int lan_listen(int place, struct door door);

/** lan_serve - the same; the trial fails if it can't be */
int lan_serve(int place, struct door door);

/** lan_refusal - the errno of a client that connects there; 0: it could */
int lan_refusal(int place, struct door door);

/**
 * expect_reached - who knocks there is heard by the server, and answered
 * @from:   the client's place
 * @door:   where it knocks
 * @server: from lan_serve(), perhaps for another door
 * @source: the client's address as the server sees it; NULL: any
 */
#define expect_reached(from, door, server, source)                             \
    expect_reached_(__FILE__, __LINE__, (from), (door), (server), (source))
void expect_reached_(const char *file, int line, int from, struct door door,
                     int server, const char *source);

/** expect_unreached - the server hears nothing of it */
#define expect_unreached(from, door, server)                                   \
    expect_unreached_(__FILE__, __LINE__, (from), (door), (server))
void expect_unreached_(const char *file, int line, int from, struct door door,
                       int server);

/* A packet that no kernel would send. */
struct forged {
    const char *link; /* which it leaves by */
    const char *mac;  /* whom it is for, on that link */
    const char *source, *destination;
    int port; /* UDP */
};

/** lan_forge - send it from a place */
void lan_forge(int place, const struct forged *packet);

/** lan_hears - does a UDP server hear something soon? */
bool lan_hears(int server);

/** lan_mac - the hardware address of a link (kept) */
char *lan_mac(int place, const char *link);

/** lan_links - the names of the links in a place, sorted, a blank after each */
char *lan_links(int place);

/** lan_address - the IPv4 addresses of a link, with prefix, a blank after
 * each (kept) */
char *lan_address(int place, const char *link);
