/*
 * suite: the chapters of step 05's suite, in the order of suite.c, and what
 * they share.
 */
#pragma once
#include "harness.h"
#include "trees.h"

extern const struct chapter chapter_modes;     /* modes.c */
extern const struct chapter chapter_links;     /* links.c */
extern const struct chapter chapter_addresses; /* addresses.c */
extern const struct chapter chapter_outside;   /* outside.c */
extern const struct chapter chapter_ports;     /* ports.c */
extern const struct chapter chapter_walls;     /* walls.c */
extern const struct chapter chapter_names;     /* names.c */
extern const struct chapter chapter_resolvers; /* resolvers.c */
extern const struct chapter chapter_firewalls; /* firewalls.c */
extern const struct chapter chapter_words;     /* words.c */
extern const struct chapter chapter_explain;   /* explain.c */
extern const struct chapter chapter_failures;  /* failures.c */
extern const struct chapter chapter_killed;    /* killed.c */
extern const struct chapter chapter_end;       /* end.c */

/* What the step promises. */
#define BRIDGE  "duct0"
#define NETWORK "10.209.0.0/16"
#define GATEWAY "10.209.0.1"
#define TABLE   "ip duct"

/* shared.c */

/** boxed - a container that sleeps: boxed("--network", "bridge") */
#define boxed(...) shared_boxed(ARGV(__VA_ARGS__))
struct container *shared_boxed(const char *const *options);

/** shared_place - where a container is, for lan.h */
int shared_place(const struct container *c);

/** shared_address - the one address of a container's eth0, without prefix */
char *shared_address(const struct container *c);

/** shared_serve - a TCP server in a container, at any of its addresses */
int shared_serve(const struct container *c, int port);
int shared_serve_udp(const struct container *c, int port);

/** shared_read - a file of a container: shared_read(c, "/etc/hosts") */
char *shared_read(const struct container *c, const char *path);

/** expect_nothing_left - links, rules, forwarding, files are as before */
#define expect_nothing_left(before)                                            \
    expect_str("links, routes, rules, forwarding and files in /run of the "    \
               "host",                                                         \
               (before), lan_look())
