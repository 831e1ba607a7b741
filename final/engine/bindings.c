/*
 * bindings: which ports a container's HostConfig asks for.
 *
 * Look at it     duct inspect -f '{{json .HostConfig.PortBindings}}' NAME
 * Source         Docker Engine API, "Create a container": PortBindings
 */
#include "bindings.h"

#include <arpa/inet.h>

#include "cleanup.h"
#include "numbers.h"
#include "wiring.h"

static int parse_ip(struct in_addr *ip, const char *text, struct failure *why)
{
    *ip = (struct in_addr){.s_addr = INADDR_ANY};
    if (*text == '\0' || inet_pton(AF_INET, text, ip) == 1)
        return 0;
    if (strchr(text, ':') != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid ip address %s: ports are published on IPv4 "
                       "addresses only",
                       text);
    return fail_as(why, FAILURE_BAD_PARAMETER, "Invalid ip address: %s", text);
}

/* "8080", "8000-8010" to choose from, "" or "0" for any. */
static int parse_host_port(struct port *port, const char *text,
                           struct failure *why)
{
    struct port_range range;

    if (*text == '\0' || str_eq(text, "0"))
        return 0;
    if (strchr(text, '/') != NULL || ports_parse(&range, text) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid port "
                       "specification: \"%s\"",
                       text);
    port->host = range.first;
    port->host_last = range.last;
    return 0;
}

/* The key of a binding: one port of the container. */
static int parse_key(struct port *port, const char *key, struct failure *why)
{
    struct port_range range;

    if (ports_parse(&range, key) < 0 || range.first != range.last)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid port specification: \"%s\"", key);
    *port = (struct port){
        .protocol = range.protocol, .container = range.first, .socket_fd = -1};
    return 0;
}

static int add_bindings(struct ports *ports, const char *key,
                        const json_t *list, struct failure *why)
{
    const json_t *binding;
    struct port plain;
    size_t i;

    if (parse_key(&plain, key, why) < 0)
        return -1;
    json_array_foreach(list, i, binding) {
        struct port port = plain;

        if (parse_ip(&port.ip, wiring_text(binding, "HostIp"), why) < 0 ||
            parse_host_port(&port, wiring_text(binding, "HostPort"), why) < 0 ||
            ports_add(ports, &port, why) < 0)
            return -1;
    }
    if (json_array_size(list) > 0)
        return 0;
    return ports_add(ports, &plain, why); /* any port of the host's */
}

/* Ports that are exposed, and that nobody has said anything of. */
static int add_exposed(struct ports *ports, const json_t *exposed,
                       const json_t *bindings, struct failure *why)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)exposed, key, value) {
        struct port_range range;

        if (json_object_get(bindings, key) != NULL)
            continue;
        if (ports_parse(&range, key) < 0)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "invalid port specification: \"%s\"", key);
        for (int number = range.first; number <= range.last; number++) {
            struct port port = {.protocol = range.protocol,
                                .container = number,
                                .socket_fd = -1};

            if (ports_add(ports, &port, why) < 0)
                return -1;
        }
    }
    return 0;
}

int bindings_read(struct ports *ports, const json_t *config,
                  struct failure *why)
{
    const json_t *host = json_object_get(config, "HostConfig");
    json_t *bindings = json_object_get(host, "PortBindings");
    const json_t *exposed =
        json_object_get(json_object_get(config, "Config"), "ExposedPorts");
    const char *key;
    json_t *list;

    *ports = (struct ports){0};
    json_object_foreach(bindings, key, list)
        if (add_bindings(ports, key, list, why) < 0)
            return -1;
    return json_is_true(json_object_get(host, "PublishAllPorts"))
               ? add_exposed(ports, exposed, bindings, why)
               : 0;
}
