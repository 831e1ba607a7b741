#pragma once
/*
 * ports: those of the host that a container answers on.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct port {
    const char *protocol; /* "tcp" or "udp" */
    struct in_addr ip;    /* the host's, INADDR_ANY: all that it has */
    int host;             /* the host's port, 0: a free one is to be found */
    int host_last;        /* the last of a choice, or as @host */
    int container;        /* the container's */
    int socket_fd;        /* holds it on the host, or -1 */
};

struct ports {
    struct port *list;
    size_t count;
};

enum {
    PORTS_MOST = 1024 /* each takes a descriptor */
};

/* One or more ports as in "8000-8010/udp". */
struct port_range {
    int first;
    int last;
    const char *protocol; /* "tcp" or "udp" */
};

/**
 * ports_parse - read one port or a range
 * @range: receives it
 * @text:  "80", "80/udp", "8000-8010/tcp"
 *
 * Returns: 0, or -1 when it is none, or longer than PORTS_MOST.
 */
int ports_parse(struct port_range *range, const char *text);

/**
 * ports_add - one more
 * @p:    receives a copy; release it with ports_release()
 * @port: its socket_fd becomes -1
 * @why:  filled in when there are too many
 *
 * Returns: 0, or -1 with @why.
 */
int ports_add(struct ports *p, const struct port *port, struct failure *why);

/**
 * ports_hold - take the host's ports, so that nobody else can
 * @p:   from here on they are ours, until ports_release()
 * @why: filled in when one isn't to be had
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EADDRINUSE (a program or a container has it), EADDRNOTAVAIL (the
 *          host has no such address).
 * Source:  bind(2); ip(7), "ip_local_port_range".
 */
int ports_hold(struct ports *p, struct failure *why);

/**
 * ports_release - give the host's ports back, and free the list
 * @p: may be empty
 */
void ports_release(struct ports *p);
