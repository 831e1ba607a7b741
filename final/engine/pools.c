/*
 * pools: which addresses a network gets.
 *
 * Side           host
 * Look at it     ip route     duct network inspect -f '{{json .IPAM}}' NAME
 */
#include "pools.h"

#include <errno.h>
#include <stdio.h>

#include "address.h"
#include "cleanup.h"
#include "link.h"
#include "wiring.h"

/* Ours, next to the one of the bridge of all: 10.210.0.0 to 10.215.255.255, in
 * parts of 1022 containers, which is what a bridge has ports for. */
enum {
    POOL_FIRST = 10 << 24 | 210 << 16,
    POOL_LAST = 10 << 24 | 215 << 16 | 0xffff,
    POOL_PREFIX = 22,
    POOL_SIZE = 1 << (32 - POOL_PREFIX),
};

static bool overlaps_route(uint32_t network, unsigned prefix, void *arg)
{
    const struct subnet route = {.network = network, .prefix = prefix};

    return subnets_overlap(&route, arg);
}

static bool is_taken(const struct subnet *s, const json_t *others)
{
    const json_t *other, *pool;
    size_t i, j;

    json_array_foreach(others, i, other) {
        const json_t *ipam = json_object_get(other, "IPAM");

        json_array_foreach(json_object_get(ipam, "Config"), j, pool) {
            struct subnet theirs;

            if (subnet_parse(&theirs, wiring_text(pool, "Subnet")) == 0 &&
                subnets_overlap(s, &theirs))
                return true;
        }
    }
    return link_each_route(overlaps_route, (void *)s);
}

static int find_free(struct subnet *s, const json_t *others,
                     struct failure *why)
{
    for (uint32_t network = POOL_FIRST; network < POOL_LAST;
         network += POOL_SIZE) {
        struct address a;
        char text[INET_ADDRSTRLEN + 4];

        address_set(&a, network);
        snprintf(text, sizeof(text), "%s/%d", a.text, POOL_PREFIX);
        if (subnet_parse(s, text) == 0 && !is_taken(s, others))
            return 0;
    }
    return fail_as(why, FAILURE_FORBIDDEN,
                   "could not find an available, non-overlapping IPv4 address "
                   "pool among the defaults to assign to the network");
}

/* What is asked for, and nothing that we don't know. */
static int read_subnet(struct subnet *s, const json_t *pool,
                       const json_t *others, struct failure *why)
{
    const char *text = wiring_text(pool, "Subnet");

    if (json_object_size(json_object_get(pool, "AuxiliaryAddresses")) > 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "auxiliary addresses are not supported");
    if (*text == '\0' && (*wiring_text(pool, "Gateway") != '\0' ||
                          *wiring_text(pool, "IPRange") != '\0'))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "a gateway or a range needs a subnet");
    if (*text == '\0')
        return find_free(s, others, why);
    if (subnet_parse(s, text) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid subnet %s: must be an IPv4 network of /1 to "
                       "/30, such as 10.1.2.0/24",
                       text);
    return is_taken(s, others)
               ? fail_as(why, FAILURE_FORBIDDEN,
                         "Pool overlaps with other one on this address space")
               : 0;
}

static int check_parts(const struct subnet *s, const json_t *pool,
                       struct failure *why)
{
    const char *gateway = wiring_text(pool, "Gateway");
    const char *range = wiring_text(pool, "IPRange");
    struct address a;
    struct subnet part;

    if (*gateway != '\0' && (address_parse(&a, gateway) < 0 ||
                             a.number < s->first || a.number > s->last))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "no matching subnet for gateway %s", gateway);
    if (*range != '\0' &&
        (subnet_parse(&part, range) < 0 || part.prefix < s->prefix ||
         !subnet_has(s, part.network)))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "no matching subnet for range %s", range);
    return 0;
}

static json_t *describe(const struct subnet *s, const json_t *ipam,
                        const json_t *pool)
{
    const char *gateway = wiring_text(pool, "Gateway");
    const char *range = wiring_text(pool, "IPRange");
    json_t *options = json_object_get(ipam, "Options");
    char subnet[INET_ADDRSTRLEN + 4];
    struct address network, first;

    address_set(&network, s->network);
    address_set(&first, s->gateway);
    snprintf(subnet, sizeof(subnet), "%s/%u", network.text, s->prefix);
    json_t *result = json_pack("{s:s, s:s, s:s*}", "Subnet", subnet, "Gateway",
                               *gateway != '\0' ? gateway : first.text,
                               "IPRange", *range != '\0' ? range : NULL);
    return json_pack("{s:s, s:O?, s:[o]}", "Driver", "default", "Options",
                     json_is_object(options) ? options : NULL, "Config",
                     result);
}

json_t *pools_choose(const json_t *ipam, const json_t *others,
                     struct failure *why)
{
    const json_t *pools = json_object_get(ipam, "Config");
    const json_t *pool = json_array_get(pools, 0);
    const char *driver = wiring_text(ipam, "Driver");
    struct subnet s = {0};

    if (*driver != '\0' && !str_eq(driver, "default")) {
        fail_as(why, FAILURE_NOT_FOUND,
                "could not find plugin %s in v1 plugin registry: plugin not "
                "found",
                driver);
        return NULL;
    }
    if (json_array_size(pools) > 1) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "bridge driver supports one IPv4 subnet only");
        return NULL;
    }
    if (read_subnet(&s, pool, others, why) < 0 ||
        check_parts(&s, pool, why) < 0)
        return NULL;
    json_t *result = describe(&s, ipam, pool);
    if (result == NULL)
        fail(why, ENOMEM, "choose a subnet");
    return result;
}
