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
#include "explain.h"
#include "numbers.h"

enum {
    PORT_MAX = 65535
};

static int parse_port(const char *text, int *out)
{
    long long number;

    if (numbers_parse(text, 1, PORT_MAX, &number) < 0)
        return -1;
    *out = (int)number;
    return 0;
}

int ports_parse(struct port_range *range, const char *text)
{
    cleanup_free char *copy = strdup(text);

    if (copy == NULL)
        return -1;
    char *slash = strchr(copy, '/');
    char *dash = strchr(copy, '-');
    range->protocol = slash != NULL && str_eq(slash, "/udp") ? "udp" : "tcp";
    if (slash != NULL && !str_eq(slash, "/udp") && !str_eq(slash, "/tcp"))
        return -1;
    if (slash != NULL)
        *slash = '\0';
    if (dash != NULL)
        *dash++ = '\0';
    if (parse_port(copy, &range->first) < 0 ||
        parse_port(dash != NULL ? dash : copy, &range->last) < 0)
        return -1;
    return range->last < range->first ||
                   range->last - range->first >= PORTS_MOST
               ? -1
               : 0;
}

int ports_add(struct ports *p, const struct port *port, struct failure *why)
{
    if (p->count >= PORTS_MOST)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "more than %d published ports", PORTS_MOST);
    struct port *longer = realloc(p->list, (p->count + 1) * sizeof(*port));
    if (longer == NULL)
        return fail(why, ENOMEM, "note a port");
    p->list = longer;
    p->list[p->count] = *port;
    p->list[p->count++].socket_fd = -1;
    return 0;
}

/* Not listening: nothing ever arrives, since the packets go elsewhere. But a
 * port that is bound is taken, as far as everybody else can tell. */
static int hold_one(struct port *port, int number)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr = port->ip,
                               .sin_port = htons((in_port_t)number)};
    struct sockaddr *address = (struct sockaddr *)&name;
    socklen_t length = sizeof(name);
    int type = str_eq(port->protocol, "udp") ? SOCK_DGRAM : SOCK_STREAM;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    /* Without root this only asks whether it is free: what listens there next
     * is not held up by connections of yesterday's. */
    if (fd >= 0 && type == SOCK_STREAM && geteuid() != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (fd < 0 || bind(fd, address, length) < 0 ||
        getsockname(fd, address, &length) < 0) {
        close_fd(&fd);
        return -1;
    }
    port->socket_fd = fd;
    port->host = port->host_last = ntohs(name.sin_port);
    return 0;
}

static int hold_any(struct port *port)
{
    for (int number = port->host; number <= port->host_last; number++)
        if (hold_one(port, number) == 0)
            return 0;
        else if (errno != EADDRINUSE)
            break;
    return -1;
}

static int hold(struct port *port, struct failure *why)
{
    char ip[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &port->ip, ip, sizeof(ip));
    if (hold_any(port) == 0)
        return 0;
    if (errno != EADDRINUSE) {
        bool is_low = errno == EACCES;

        fail(why, errno, "Bind for %s:%d failed", ip, port->host);
        return hint(why, is_low ? "see /proc/sys/net/ipv4/"
                                  "ip_unprivileged_port_start: lower ports are "
                                  "root's"
                                : NULL);
    }
    /* Docker's words: programs look for them. */
    fail(why, 0, "Bind for %s:%d failed: port is already allocated", ip,
         port->host);
    return hint(why, "`ss -tulnp` and `nft list table inet duct` show who has "
                     "it");
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
    *p = (struct ports){0};
}
