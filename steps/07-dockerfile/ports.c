/*
 * ports: those of the host that a container answers on.
 *
 * Kernel object  a socket for each, bound and never used: as long as it is
 *                open, the port is taken
 * Side           host
 * Look at it     ls -l /proc/PID/fd     ss -a (bound but idle: not shown)
 */
#include "ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "numbers.h"

enum {
    PORT_MAX = 65535
};

/* "127.0.0.1:8080:80": the last part is the container's, and so on. */
static char *last_part(char *text)
{
    char *colon = strrchr(text, ':');

    if (colon == NULL)
        return NULL;
    *colon = '\0';
    return colon + 1;
}

static int parse_port(const char *text, int *out)
{
    long long number;

    if (numbers_parse(text, 1, PORT_MAX, &number) < 0)
        return -1;
    *out = (int)number;
    return 0;
}

static int parse(struct port *port, char *copy)
{
    const char *slash = strchr(copy, '/');
    char *end = copy + strcspn(copy, "/");

    if (slash != NULL && str_eq(slash, "/udp"))
        port->protocol = "udp";
    else if (slash != NULL && !str_eq(slash, "/tcp"))
        return -1;
    *end = '\0';

    const char *container = last_part(copy);
    if (container == NULL)
        return parse_port(copy, &port->container);
    const char *host = last_part(copy);
    if (host != NULL && inet_pton(AF_INET, copy, &port->ip) != 1)
        return -1;
    if (host == NULL)
        host = copy;
    if (*host != '\0' && parse_port(host, &port->host) < 0)
        return -1;
    return parse_port(container, &port->container);
}

int ports_add(struct ports *p, const char *text, struct failure *why)
{
    struct port port = {.text = text, .protocol = "tcp", .socket_fd = -1};
    cleanup_free char *copy = strdup(text);
    struct port *longer = realloc(p->list, (p->count + 1) * sizeof(port));

    if (longer != NULL)
        p->list = longer;
    if (longer == NULL || copy == NULL)
        return fail(why, ENOMEM, "note a port");
    if (parse(&port, copy) < 0)
        return fail(why, 0,
                    "--publish \"%s\": must be [IP:][HOST:]CONTAINER[/udp], "
                    "such as 8080:80",
                    text);
    p->list[p->count++] = port;
    return 0;
}

/* Not listening: nothing ever arrives, since the packets go elsewhere. But a
 * port that is bound is taken, as far as everybody else can tell. */
static int hold(struct port *port, struct failure *why)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr = port->ip,
                               .sin_port = htons((in_port_t)port->host)};
    struct sockaddr *address = (struct sockaddr *)&name;
    socklen_t length = sizeof(name);
    int type = str_eq(port->protocol, "udp") ? SOCK_DGRAM : SOCK_STREAM;

    port->socket_fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (port->socket_fd < 0 || bind(port->socket_fd, address, length) < 0) {
        fail(why, errno, "--publish \"%s\": take the host's port", port->text);
        return hint(why, errno == EADDRINUSE
                             ? "`ss -tulnp` and `nft list table ip duct` show "
                               "who has it"
                             : NULL);
    }
    if (getsockname(port->socket_fd, address, &length) < 0)
        return fail(why, errno, "--publish \"%s\": see its port", port->text);
    port->is_found = port->host == 0;
    port->host = ntohs(name.sin_port);
    return 0;
}

int ports_hold(struct ports *p, struct failure *why)
{
    for (size_t i = 0; i < p->count; i++)
        if (hold(&p->list[i], why) < 0)
            return -1;
    return 0;
}

void ports_release(struct ports *p)
{
    for (size_t i = 0; i < p->count; i++)
        close_fd(&p->list[i].socket_fd);
    free(p->list);
}
