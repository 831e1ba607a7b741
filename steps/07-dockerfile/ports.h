#pragma once
/*
 * ports: those of the host that a container answers on.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct port {
    const char *text;     /* the value of its -p */
    const char *protocol; /* "tcp" or "udp" */
    struct in_addr ip;    /* the host's, INADDR_ANY: all that it has */
    int host;             /* the host's port, 0: a free one is to be found */
    int container;        /* the container's */
    bool is_found;        /* nobody chose the host's */
    int socket_fd;        /* holds it on the host, or -1 */
};

struct ports {
    struct port *list;
    size_t count;
};

/**
 * ports_add - read the value of a -p
 * @p:    receives the port; release it with ports_release()
 * @text: "[IP:][HOST:]CONTAINER[/tcp|/udp]"; outlives @p
 * @why:  names the flag and the value when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: -p".
 */
int ports_add(struct ports *p, const char *text, struct failure *why);

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
