/*
 * create_networks: what --network, --network-alias and --ip become.
 */
#include "create_networks.h"

#include "cleanup.h"
#include "create_rules.h"
#include "endpoint.h"
#include "put.h"

/* --network-alias and --ip are of the first network. */
static int put_first(json_t *endpoint, const struct call *call,
                     struct failure *why)
{
    const json_t *aliases = call_list(call, "network-alias");
    const char *ip = call_text(call, "ip");
    const json_t *ipam = json_object_get(endpoint, "IPAMConfig");
    const json_t *alias;
    size_t i;

    if (aliases != NULL && json_object_get(endpoint, "Aliases") != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "conflicting options: cannot specify both "
                       "--network-alias and per-network alias");
    if (ip != NULL && json_object_get(ipam, "IPv4Address") != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "conflicting options: cannot specify both --ip and "
                       "per-network IPv4 address");
    json_array_foreach((json_t *)aliases, i, alias)
        if (put_item(endpoint, "Aliases", json_string_value(alias), why) < 0)
            return -1;
    if (ip != NULL && endpoint_address(endpoint, "IPv4Address", ip, why) < 0)
        return create_rules_blame("ip", ip, why);
    return 0;
}

static int check_network(const char *name, const json_t *endpoint,
                         struct failure *why)
{
    if (name[strspn(name, " \t")] == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER, "no name set for network");
    if (!endpoint_is_own(name) && json_object_get(endpoint, "Aliases") != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "network-scoped aliases are only supported for "
                       "user-defined networks");
    return 0;
}

/* One network; @endpoints is what there is of them so far. */
static int put_network(json_t *endpoints, json_t *host, const char *text,
                       const struct call *call, struct failure *why)
{
    cleanup_free char *name = NULL;
    json_auto_t *endpoint = endpoint_parse(text, &name, why);
    bool is_first = json_object_get(host, "NetworkMode") == NULL;

    if (endpoint == NULL)
        return create_rules_blame("network", text, why);
    if ((is_first && put_first(endpoint, call, why) < 0) ||
        check_network(name, endpoint, why) < 0)
        return -1;
    if (json_object_get(endpoints, name) != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "network \"%s\" is specified multiple times", name);
    if (is_first && put_text(host, "NetworkMode", name, why) < 0)
        return -1;
    return put_new(endpoints, name, json_incref(endpoint), why);
}

/* A container is on networks of its own making, or on one of the others. */
static int check_mixture(json_t *endpoints, struct failure *why)
{
    const char *name;
    const json_t *endpoint;
    size_t own = 0;

    json_object_foreach(endpoints, name, endpoint)
        own += endpoint_is_own(name);
    if (own == 0 || own == json_object_size(endpoints))
        return 0;
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "conflicting options: cannot attach both user-defined and "
                   "non-user-defined network-modes");
}

/* NetworkMode alone says it all when there is one, and no more to say. */
static void forget_plain(json_t *endpoints)
{
    void *only = json_object_iter(endpoints);

    if (json_object_size(endpoints) == 1 &&
        json_object_size(json_object_iter_value(only)) == 0)
        json_object_clear(endpoints);
}

int create_networks(json_t *body, json_t *host, const struct call *call,
                    struct failure *why)
{
    const json_t *networks = call_list(call, "network");
    json_t *networking = put_object(body, "NetworkingConfig", why);
    json_t *endpoints = networking == NULL
                            ? NULL
                            : put_object(networking, "EndpointsConfig", why);
    const json_t *network;
    size_t i;

    if (endpoints == NULL)
        return -1;
    if (networks == NULL &&
        put_network(endpoints, host, "default", call, why) < 0)
        return -1;
    json_array_foreach((json_t *)networks, i, network)
        if (put_network(endpoints, host, json_string_value(network), call,
                        why) < 0)
            return -1;
    forget_plain(endpoints);
    return check_mixture(endpoints, why);
}
