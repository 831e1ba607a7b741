/*
 * wants: which networks a container's config asks for.
 *
 * Look at it     duct inspect -f '{{json .HostConfig.NetworkMode}}' NAME
 * Source         Docker Engine API, "Create a container": NetworkingConfig
 */
#include "wants.h"

#include "cleanup.h"
#include "networks.h"
#include "wiring.h"

static const char changed[] = "DuctChanged"; /* only EndpointsConfig counts */

const char *wants_mode(const json_t *config)
{
    const char *mode =
        wiring_text(json_object_get(config, "HostConfig"), "NetworkMode");

    return *mode == '\0' ? "default" : mode;
}

static json_t *networking_of(const json_t *config)
{
    return json_object_get(config, "NetworkingConfig");
}

static json_t *endpoints_of(const json_t *config)
{
    return json_object_get(networking_of(config), "EndpointsConfig");
}

static bool is_changed(const json_t *config)
{
    return json_is_true(json_object_get(networking_of(config), changed));
}

/* Under the name that the network has, whatever it was called. */
static void append(json_t *list, const struct engine *engine, const char *text)
{
    struct failure ignored; /* there is none, as the start will find out */
    json_t *network = networks_find(
        engine, str_eq(text, "default") ? "bridge" : text, &ignored);
    const char *name = network == NULL ? text : wiring_text(network, "Name");
    const json_t *other;
    bool is_new = true;
    size_t i;

    json_array_foreach(list, i, other)
        if (str_eq(json_string_value(other), name))
            is_new = false;
    if (is_new)
        json_array_append_new(list, json_string(name));
    json_decref(network);
}

json_t *wants_networks(const struct engine *engine, const json_t *config)
{
    const char *mode = wants_mode(config);
    json_t *endpoints = endpoints_of(config);
    json_t *list = json_array();
    const char *name;
    json_t *value;

    if (!is_changed(config) || wants_endpoint(config, mode) != NULL)
        append(list, engine, mode);
    json_object_foreach(endpoints, name, value)
        append(list, engine, name);
    return list;
}

json_t *wants_endpoint(const json_t *config, const char *name)
{
    json_t *endpoints = endpoints_of(config);
    json_t *found = json_object_get(endpoints, name);

    if (found == NULL && str_eq(name, "bridge"))
        found = json_object_get(endpoints, "default");
    if (found == NULL && str_eq(name, "default"))
        found = json_object_get(endpoints, "bridge");
    return found;
}

const char *wants_endpoint_mac(const json_t *endpoint)
{
    const char *mac = wiring_text(endpoint, "MacAddress");

    return *mac == '\0' ? NULL : mac;
}

const char *wants_mac(const json_t *config, const char *name, bool is_first)
{
    const char *mac = wants_endpoint_mac(wants_endpoint(config, name));
    const char *usual =
        wiring_text(json_object_get(config, "Config"), "MacAddress");

    return mac == NULL && is_first && *usual != '\0' ? usual : mac;
}

/* From here on EndpointsConfig says it all. */
static json_t *make_whole(const struct engine *engine, json_t *config)
{
    json_t *names = wants_networks(engine, config);
    json_t *whole = json_object();
    json_t *networking = networking_of(config);
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name) {
        const char *text = json_string_value(name);
        json_t *old = wants_endpoint(config, text);

        json_object_set_new(whole, text,
                            json_is_object(old) ? json_incref(old)
                                                : json_object());
    }
    json_decref(names);
    if (!json_is_object(networking)) {
        networking = json_object();
        json_object_set_new(config, "NetworkingConfig", networking);
    }
    json_object_set_new(networking, changed, json_true());
    json_object_set_new(networking, "EndpointsConfig", whole);
    return whole;
}

void wants_add(const struct engine *engine, json_t *config, const char *name,
               const json_t *endpoint)
{
    json_t *whole = make_whole(engine, config);

    json_object_set_new(whole, name,
                        json_is_object(endpoint) ? json_deep_copy(endpoint)
                                                 : json_object());
    json_object_del(whole, "none"); /* no longer */
}

int wants_remove(const struct engine *engine, json_t *config, const char *name)
{
    json_t *names = wants_networks(engine, config);
    const json_t *other;
    bool is_there = false;
    size_t i;

    json_array_foreach(names, i, other)
        is_there |= str_eq(json_string_value(other), name);
    json_decref(names);
    return is_there ? json_object_del(make_whole(engine, config), name) : -1;
}
