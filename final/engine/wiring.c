/*
 * wiring: what a container has been given while it runs, in RUN/ID/network.json
 *
 * Side           host
 * Look at it     jq . /run/duct/ID/network.json
 */
#include "wiring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "json_file.h"
#include "nat.h"

static const char file[] = "network.json";

const char *wiring_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static int open_directory(const struct engine *engine, const char *id)
{
    return openat(engine->run_fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

json_t *wiring_read(const struct engine *engine, const char *id)
{
    cleanup_close int fd = open_directory(engine, id);
    struct failure ignored; /* a damaged one leads nowhere, either */

    return fd < 0 ? NULL : json_file_read(fd, file, &ignored);
}

int wiring_write(const struct engine *engine, const char *id,
                 const json_t *wiring, struct failure *why)
{
    cleanup_close int fd = open_directory(engine, id);

    if (fd < 0 && errno == ENOENT &&
        (mkdirat(engine->run_fd, id, 0700) == 0 || errno == EEXIST))
        fd = open_directory(engine, id);
    if (fd < 0)
        return fail(why, errno, "open %s/%s", engine->run, id);
    return json_file_write(fd, file, wiring, false, why);
}

void wiring_remove(const struct engine *engine, const char *id)
{
    cleanup_close int fd = open_directory(engine, id);

    if (fd >= 0)
        (void)unlinkat(fd, file, 0);
}

json_t *wiring_endpoint(const json_t *wiring, const char *network)
{
    json_t *endpoint;
    size_t i;

    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        if (str_eq(wiring_text(endpoint, "NetworkID"), network))
            return endpoint;
    return NULL;
}

int wiring_note_ports(json_t *wiring, const struct ports *ports)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ports->count; i++) {
        const struct port *port = &ports->list[i];
        char ip[INET_ADDRSTRLEN];

        inet_ntop(AF_INET, &port->ip, ip, sizeof(ip));
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:i, s:i}", "Protocol", port->protocol,
                            "HostIp", ip, "HostPort", port->host,
                            "ContainerPort", port->container));
    }
    return json_object_set_new(wiring, "Ports", list);
}

void wiring_ports(const json_t *wiring, struct ports *ports)
{
    struct failure ignored; /* we have written them ourselves */
    const json_t *entry;
    size_t i;

    *ports = (struct ports){0};
    json_array_foreach(json_object_get(wiring, "Ports"), i, entry) {
        struct port port = {
            .protocol =
                str_eq(wiring_text(entry, "Protocol"), "udp") ? "udp" : "tcp",
            .host = (int)json_integer_value(json_object_get(entry, "HostPort")),
            .container = (int)json_integer_value(
                json_object_get(entry, "ContainerPort")),
        };

        if (inet_pton(AF_INET, wiring_text(entry, "HostIp"), &port.ip) == 1)
            (void)ports_add(ports, &port, &ignored);
    }
}

/* The address which the ports lead to, if there is one. */
static bool ports_address(const json_t *wiring, struct address *address)
{
    const json_t *endpoint =
        wiring_endpoint(wiring, wiring_text(wiring, "PortsNetwork"));

    return endpoint != NULL &&
           address_parse(address, wiring_text(endpoint, "Address")) == 0;
}

int wiring_publish(const json_t *wiring, const struct ports *ports,
                   struct failure *why)
{
    struct address address;

    return ports_address(wiring, &address) ? nat_publish(ports, &address, why)
                                           : 0;
}

void wiring_withdraw(const json_t *wiring, const struct ports *ports,
                     int *left_open)
{
    struct address address;

    *left_open = -1;
    if (ports->count > 0 && ports_address(wiring, &address))
        nat_withdraw(ports, &address, left_open);
}

void wiring_republish(const struct engine *engine, const char *id,
                      const char *network)
{
    json_t *wiring = wiring_read(engine, id);
    struct failure ignored; /* the others still count */
    struct ports ports;

    wiring_ports(wiring, &ports);
    if (str_eq(wiring_text(wiring, "PortsNetwork"), network))
        (void)wiring_publish(wiring, &ports, &ignored);
    ports_release(&ports);
    json_decref(wiring);
}
