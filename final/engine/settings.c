/*
 * settings: a container's NetworkSettings, as `inspect` shows them; see
 * endpoints.h.
 *
 * Look at it     duct inspect -f '{{json .NetworkSettings}}' NAME
 * Source         Docker Engine API, "Inspect a container": NetworkSettings
 */
#include <stdio.h>

#include "cleanup.h"
#include "endpoints.h"
#include "ids.h"
#include "networks.h"
#include "numbers.h"
#include "wants.h"
#include "wiring.h"

static int prefix_of(const json_t *endpoint)
{
    const char *slash = strchr(wiring_text(endpoint, "Subnet"), '/');
    long long prefix = 0;

    if (slash != NULL)
        (void)numbers_parse(slash + 1, 0, 32, &prefix);
    return (int)prefix;
}

/* Null, where nothing was asked for. */
static json_t *part_of(const json_t *wanted, const char *key)
{
    json_t *part = json_object_get(wanted, key);

    return part == NULL ? json_null() : json_incref(part);
}

/* What was asked for, and the short id, as names in networks of one's own. */
static json_t *aliases_of(const json_t *wanted, const char *id,
                          const char *network)
{
    json_t *aliases = json_deep_copy(json_object_get(wanted, "Aliases"));
    char short_id[ID_SHORT + 1];

    snprintf(short_id, sizeof(short_id), "%s", id);
    if (str_eq(network, "bridge") || str_eq(network, "host") ||
        str_eq(network, "none"))
        return aliases == NULL ? json_null() : aliases;
    if (!json_is_array(aliases)) {
        json_decref(aliases);
        aliases = json_array();
    }
    json_array_append_new(aliases, json_string(short_id));
    return aliases;
}

static json_t *describe(const struct engine *engine, const char *id,
                        const char *name, const json_t *wanted,
                        const json_t *wiring)
{
    struct failure ignored; /* it is removed; the container is not */
    json_t *network = networks_find(engine, name, &ignored);
    const char *network_id = wiring_text(network, "Id");
    const json_t *endpoint = wiring_endpoint(wiring, network_id);
    const char *mac = endpoint != NULL ? wiring_text(endpoint, "Mac")
                                       : wiring_text(wanted, "MacAddress");
    json_t *result = json_pack(
        "{s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:i, s:s, s:o}",
        "IPAMConfig", part_of(wanted, "IPAMConfig"), "Links",
        part_of(wanted, "Links"), "Aliases", aliases_of(wanted, id, name),
        "NetworkID", network_id, "EndpointID",
        wiring_text(endpoint, "EndpointID"), "Gateway",
        wiring_text(endpoint, "Gateway"), "IPAddress",
        wiring_text(endpoint, "Address"), "IPPrefixLen", prefix_of(endpoint),
        "IPv6Gateway", "", "GlobalIPv6Address", "", "GlobalIPv6PrefixLen", 0,
        "MacAddress", mac, "DriverOpts", part_of(wanted, "DriverOpts"));

    json_decref(network);
    return result;
}

static json_t *networks_of(const struct engine *engine, const char *id,
                           const json_t *config, const json_t *wiring)
{
    json_t *names = wants_networks(engine, config);
    json_t *networks = json_object();
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name) {
        const char *text = json_string_value(name);

        if (endpoints_kind(config) == ENDPOINTS_OF)
            break;
        json_object_set_new(
            networks, text,
            describe(engine, id, text, wants_endpoint(config, text), wiring));
    }
    json_decref(names);
    return networks;
}

/* Exposed ones are null, until they are published. */
static json_t *ports_of(const json_t *config, const json_t *wiring)
{
    json_t *exposed =
        json_object_get(json_object_get(config, "Config"), "ExposedPorts");
    json_t *ports = json_object();
    const json_t *entry;
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach(exposed, key, value)
        json_object_set_new(ports, key, json_null());
    json_array_foreach(json_object_get(wiring, "Ports"), i, entry) {
        cleanup_free char *name = NULL;
        cleanup_free char *host = NULL;

        if (asprintf(&name, "%lld/%s",
                     (long long)json_integer_value(
                         json_object_get(entry, "ContainerPort")),
                     wiring_text(entry, "Protocol")) < 0 ||
            asprintf(&host, "%lld",
                     (long long)json_integer_value(
                         json_object_get(entry, "HostPort"))) < 0)
            break;
        if (!json_is_array(json_object_get(ports, name)))
            json_object_set_new(ports, name, json_array());
        json_array_append_new(json_object_get(ports, name),
                              json_pack("{s:s, s:s}", "HostIp",
                                        wiring_text(entry, "HostIp"),
                                        "HostPort", host));
    }
    return ports;
}

json_t *endpoints_settings(const struct engine *engine, const char *id,
                           const json_t *config, pid_t pid)
{
    json_t *wiring = pid > 0 ? wiring_read(engine, id) : NULL;
    struct failure ignored; /* it is always there */
    json_t *usual = networks_find(engine, "bridge", &ignored);
    const json_t *bridge = wiring_endpoint(wiring, wiring_text(usual, "Id"));
    cleanup_free char *key = NULL;

    if (pid > 0 && asprintf(&key, "/proc/%d/ns/net", pid) < 0)
        key = NULL;
    json_t *settings = json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:i, s:n, s:n, s:s, s:s, s:s, s:i, s:s, "
        "s:i, s:s, s:s, s:o, s:o}",
        "Bridge", "", "SandboxID", pid > 0 ? id : "", "SandboxKey",
        key != NULL ? key : "", "HairpinMode", false, "LinkLocalIPv6Address",
        "", "LinkLocalIPv6PrefixLen", 0, "SecondaryIPAddresses",
        "SecondaryIPv6Addresses", "EndpointID",
        wiring_text(bridge, "EndpointID"), "Gateway",
        wiring_text(bridge, "Gateway"), "GlobalIPv6Address", "",
        "GlobalIPv6PrefixLen", 0, "IPAddress", wiring_text(bridge, "Address"),
        "IPPrefixLen", prefix_of(bridge), "IPv6Gateway", "", "MacAddress",
        wiring_text(bridge, "Mac"), "Ports",
        pid > 0 ? ports_of(config, wiring) : json_object(), "Networks",
        networks_of(engine, id, config, wiring));
    json_decref(usual);
    json_decref(wiring);
    return settings;
}
