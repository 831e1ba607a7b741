/*
 * check: can what is asked of a container's network go together? See
 * endpoints.h.
 *
 * Source         Docker Engine API, "Create a container", and what the engine
 *                answers to nonsense
 */
#include <arpa/inet.h>
#include <ctype.h>

#include "bindings.h"
#include "cleanup.h"
#include "endpoints.h"
#include "networks.h"
#include "plug.h"
#include "wants.h"
#include "wiring.h"

static bool is_mac(const char *text)
{
    for (int i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
            return false;
    return text[17] == '\0' &&
           (strtol(text, NULL, 16) & 1) == 0; /* of one, not of a group */
}

static int check_mac(const char *mac, struct failure *why)
{
    if (mac == NULL || *mac == '\0' || is_mac(mac))
        return 0;
    return fail_as(why, FAILURE_BAD_PARAMETER, "invalid MAC address: %s", mac);
}

int endpoints_check_one(const json_t *endpoint, struct failure *why)
{
    const json_t *ipam = json_object_get(endpoint, "IPAMConfig");
    const char *ip = wiring_text(ipam, "IPv4Address");
    struct in_addr parsed;

    if (*ip != '\0' && inet_pton(AF_INET, ip, &parsed) != 1)
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid IPv4 address: %s",
                       ip);
    if (*wiring_text(ipam, "IPv6Address") != '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "networks have no IPv6 addresses");
    return check_mac(wants_endpoint_mac(endpoint), why) < 0
               ? -1
               : plug_check_names(endpoint, why);
}

static bool has_entries(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_array_size(value) > 0 || json_object_size(value) > 0;
}

/* Who shares another's network has nothing to say in it. */
static int check_shared(const json_t *config, struct failure *why)
{
    static const struct {
        const char *key, *what;
    } host_keys[] = {
        {"PortBindings", "port publishing and the container type network mode"},
        {"Dns", "dns and the network mode"},
        {"ExtraHosts", "custom host-to-IP mapping and the network mode"},
        {"Links", "container type network can't be used with links. This would "
                  "result in undefined behavior"},
    };
    const json_t *host = json_object_get(config, "HostConfig");

    for (size_t i = 0; i < sizeof(host_keys) / sizeof(host_keys[0]); i++)
        if (has_entries(host, host_keys[i].key))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "conflicting options: %s", host_keys[i].what);
    return 0;
}

static int check_dns(const json_t *host, struct failure *why)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(host, "Dns"), i, entry) {
        const char *text = json_string_value(entry);
        struct in6_addr ip;

        if (text == NULL || (inet_pton(AF_INET, text, &ip) != 1 &&
                             inet_pton(AF_INET6, text, &ip) != 1))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "%s is not an ip address", text ? text : "");
    }
    return 0;
}

/* "NAME:IP", "NAME=IP"; of an IPv6 address only the first colon counts. */
static int check_hosts(const json_t *host, struct failure *why)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(host, "ExtraHosts"), i, entry) {
        const char *text = json_string_value(entry);
        size_t name = text == NULL ? 0 : strcspn(text, ":=");
        struct in6_addr ip;

        if (name == 0 || text[name] == '\0' || strpbrk(text, " \t\n#") != NULL)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "bad format for add-host: \"%s\"", text ? text : "");
        const char *address = text + name + 1;
        if (!str_eq(address, "host-gateway") &&
            inet_pton(AF_INET, address, &ip) != 1 &&
            inet_pton(AF_INET6, address, &ip) != 1)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "invalid IP address in add-host: \"%s\"", address);
    }
    return 0;
}

/* Lines of resolv.conf that somebody else makes up. */
static int check_words(const json_t *host, const char *key, struct failure *why)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(host, key), i, entry) {
        const char *text = json_string_value(entry);

        for (const char *c = text; c == NULL || *c != '\0'; c++)
            if (c == NULL || isspace((unsigned char)*c) ||
                iscntrl((unsigned char)*c))
                return fail_as(why, FAILURE_BAD_PARAMETER,
                               "%s: \"%s\" is not a word", key,
                               text ? text : "");
    }
    return 0;
}

/* "default" is the command line's word for the network named "bridge". */
static void settle_default(json_t *config)
{
    json_t *networking = json_object_get(config, "NetworkingConfig");
    json_t *endpoints = json_object_get(networking, "EndpointsConfig");
    json_t *usual = json_object_get(endpoints, "default");

    if (usual == NULL)
        return;
    if (json_object_get(endpoints, "bridge") == NULL)
        json_object_set(endpoints, "bridge", usual);
    json_object_del(endpoints, "default");
}

/* A network may be called by its id: its endpoint goes by its name. */
static void settle_id(const struct engine *engine, json_t *config)
{
    const char *mode = wants_mode(config);
    json_t *endpoints = json_object_get(
        json_object_get(config, "NetworkingConfig"), "EndpointsConfig");
    json_t *endpoint = json_object_get(endpoints, mode);
    struct failure ignored; /* perhaps there is one when it starts */

    if (endpoint == NULL)
        return;
    json_t *network = networks_find(engine, mode, &ignored);
    if (network != NULL && !str_eq(wiring_text(network, "Name"), mode)) {
        json_object_set(endpoints, wiring_text(network, "Name"), endpoint);
        json_object_del(endpoints, mode);
    }
    json_decref(network);
}

static int check_endpoints(const json_t *config, struct failure *why)
{
    json_t *endpoints = json_object_get(
        json_object_get(config, "NetworkingConfig"), "EndpointsConfig");
    const char *name;
    json_t *endpoint;

    json_object_foreach(endpoints, name, endpoint)
        if (endpoints_check_one(endpoint, why) < 0)
            return -1;
    return 0;
}

int endpoints_check(const struct engine *engine, json_t *config,
                    struct failure *why)
{
    const json_t *host = json_object_get(config, "HostConfig");
    const char *mac =
        wiring_text(json_object_get(config, "Config"), "MacAddress");
    struct ports ports;

    if (*mac == '\0')
        mac = wiring_text(config, "MacAddress"); /* of a create body */
    if (endpoints_kind(config) == ENDPOINTS_OF &&
        (*strchr(wants_mode(config), ':') == '\0' ||
         strchr(wants_mode(config), ':')[1] == '\0'))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid network mode: invalid container format "
                       "container:<name|id>");
    if (endpoints_kind(config) == ENDPOINTS_OF && check_shared(config, why) < 0)
        return -1;
    int status = bindings_read(&ports, config, why);
    ports_release(&ports);
    if (status < 0 || check_mac(mac, why) < 0 || check_dns(host, why) < 0 ||
        check_hosts(host, why) < 0 || check_words(host, "DnsSearch", why) < 0 ||
        check_words(host, "DnsOptions", why) < 0 ||
        check_endpoints(config, why) < 0)
        return -1;
    settle_default(config);
    settle_id(engine, config);
    return 0;
}
