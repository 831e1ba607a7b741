/*
 * network_create: what `network create` is told, as docker's body of it.
 */
#include <jansson.h>
#include <stdio.h>

#include "answer.h"
#include "network_verbs.h"
#include "networks.h"
#include "put.h"
#include "values.h"

const struct flag network_create_flags[] = {
    {"attachable", 0, FLAG_SWITCH, NULL,
     "Enable manual container attachment (it always is)"},
    {"driver", 'd', FLAG_TEXT, "string",
     "Driver to manage the Network (default \"bridge\")"},
    {"gateway", 0, FLAG_LIST, "strings", "IPv4 Gateway for the master subnet"},
    {"internal", 0, FLAG_SWITCH, NULL,
     "Restrict external access to the network"},
    {"ip-range", 0, FLAG_LIST, "strings",
     "Allocate container ip from a sub-range"},
    {"ipv6", 0, FLAG_SWITCH, NULL, "Enable IPv6 networking (we have none)"},
    {"label", 0, FLAG_LIST, "list", "Set metadata on a network"},
    {"opt", 'o', FLAG_LIST, "map", "Set driver specific options"},
    {"subnet", 0, FLAG_LIST, "strings",
     "Subnet in CIDR format that represents a network segment"},
    {0},
};

/* What a --gateway or --ip-range says of the one subnet. */
static int put_part(json_t *pool, const struct call *call, const char *flag,
                    const char *key, struct failure *why)
{
    const json_t *list = call_list(call, flag);

    if (json_array_size(list) > 1)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "cannot configure multiple %ss (%s, %s) on the same "
                       "subnet",
                       flag, json_string_value(json_array_get(list, 0)),
                       json_string_value(json_array_get(list, 1)));
    return list == NULL
               ? 0
               : put_text(pool, key, json_string_value(json_array_get(list, 0)),
                          why);
}

/* How many subnets there may be, the engine knows. */
static int put_pools(json_t *body, const struct call *call, struct failure *why)
{
    const json_t *subnets = call_list(call, "subnet");
    json_t *ipam = put_object(body, "IPAM", why);
    json_t *pools = ipam == NULL ? NULL : put_array(ipam, "Config", why);
    const json_t *subnet;
    size_t i;

    if (pools == NULL)
        return -1;
    if (json_array_size(subnets) == 0 && (call_list(call, "gateway") != NULL ||
                                          call_list(call, "ip-range") != NULL))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "every ip-range or gateway must have a corresponding "
                       "subnet");
    json_array_foreach((json_t *)subnets, i, subnet) {
        json_t *pool = json_object();

        json_array_append_new(pools, pool);
        if (put_text(pool, "Subnet", json_string_value(subnet), why) < 0)
            return -1;
        if (i == 0 && (put_part(pool, call, "gateway", "Gateway", why) < 0 ||
                       put_part(pool, call, "ip-range", "IPRange", why) < 0))
            return -1;
    }
    return 0;
}

static int put_lists(json_t *body, const struct call *call, struct failure *why)
{
    json_t *labels = put_object(body, "Labels", why);
    const json_t *text;
    size_t i;

    if (labels == NULL || put_object(body, "Options", why) == NULL)
        return -1;
    json_array_foreach((json_t *)call_list(call, "label"), i, text)
        if (value_label(labels, json_string_value(text), why) < 0)
            return -1;
    json_array_foreach((json_t *)call_list(call, "opt"), i, text)
        if (put_pair(body, "Options", json_string_value(text), why) < 0)
            return -1;
    return 0;
}

static int read_body(json_t *body, const struct call *call, struct failure *why)
{
    const char *driver = call_text(call, "driver");
    static const char *const switches[][2] = {
        {"attachable", "Attachable"},
        {"internal", "Internal"},
        {"ipv6", "EnableIPv6"},
    };

    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        if (put_new(body, switches[i][1],
                    json_boolean(call_is(call, switches[i][0])), why) < 0)
            return -1;
    if (put_text(body, "Name", call->words[0], why) < 0 ||
        put_text(body, "Driver", driver != NULL ? driver : "bridge", why) < 0 ||
        put_pools(body, call, why) < 0)
        return -1;
    return put_lists(body, call, why);
}

int verb_network_create(const struct call *call, struct failure *why)
{
    json_auto_t *body = json_object();

    if (read_body(body, call, why) < 0)
        return answer_failure(why);
    json_auto_t *made = networks_create(call->engine, body, why);
    if (made == NULL)
        return answer_failure(why);
    puts(json_string_value(json_object_get(made, "Id")));
    return 0;
}
