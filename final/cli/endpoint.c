/*
 * endpoint: where a container is plugged in, as --network says it.
 */
#include "endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <strings.h>

#include "amounts.h"
#include "cleanup.h"
#include "csv.h"
#include "put.h"

bool endpoint_is_own(const char *name)
{
    return !str_eq(name, "default") && !str_eq(name, "bridge") &&
           !str_eq(name, "host") && !str_eq(name, "none") &&
           strncmp(name, "container:", strlen("container:")) != 0;
}

/* Is there a "key=value" anywhere in it? */
static bool is_long(const char *text)
{
    for (const char *at = strchr(text, '='); at != NULL;
         at = strchr(at + 1, '='))
        if (at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '_') &&
            (isalnum((unsigned char)at[1]) || at[1] == '_'))
            return true;
    return false;
}

int endpoint_address(json_t *endpoint, const char *key, const char *text,
                     struct failure *why)
{
    struct in6_addr address;
    json_t *ipam;

    if (inet_pton(AF_INET, text, &address) != 1 &&
        inet_pton(AF_INET6, text, &address) != 1)
        return fail_as(why, FAILURE_BAD_PARAMETER, "failed to parse IP: \"%s\"",
                       text);
    ipam = put_object(endpoint, "IPAMConfig", why);
    return ipam == NULL ? -1 : put_text(ipam, key, text, why);
}

static int put_link_local(json_t *endpoint, const char *text,
                          struct failure *why)
{
    json_t *ipam = put_object(endpoint, "IPAMConfig", why);

    return ipam == NULL ? -1 : put_item(ipam, "LinkLocalIPs", text, why);
}

static int put_driver_option(json_t *endpoint, const char *text,
                             struct failure *why)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals == text)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid key value pair format in driver options");
    return put_pair(endpoint, "DriverOpts", text, why);
}

static int put_priority(json_t *endpoint, const char *text, struct failure *why)
{
    long long priority;

    if (amount_whole(text, INT_MIN, INT_MAX, &priority, why) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid gw-priority (%s): invalid syntax", text);
    return put_number(endpoint, "GwPriority", priority, why);
}

static int put_field(json_t *endpoint, const char *key, const char *value,
                     char **name, struct failure *why)
{
    if (strcasecmp(key, "name") == 0) {
        free(*name);
        *name = strdup(value);
        return *name == NULL ? fail(why, ENOMEM, "note a network") : 0;
    }
    if (strcasecmp(key, "alias") == 0)
        return put_item(endpoint, "Aliases", value, why);
    if (strcasecmp(key, "ip") == 0)
        return endpoint_address(endpoint, "IPv4Address", value, why);
    if (strcasecmp(key, "ip6") == 0)
        return endpoint_address(endpoint, "IPv6Address", value, why);
    if (strcasecmp(key, "mac-address") == 0)
        return put_text(endpoint, "MacAddress", value, why);
    if (strcasecmp(key, "link-local-ip") == 0)
        return put_link_local(endpoint, value, why);
    if (strcasecmp(key, "driver-opt") == 0)
        return put_driver_option(endpoint, value, why);
    if (strcasecmp(key, "gw-priority") == 0)
        return put_priority(endpoint, value, why);
    return fail_as(why, FAILURE_BAD_PARAMETER, "invalid field key %s", key);
}

/* " key = value ": the spaces around both are of no interest. */
static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && isspace((unsigned char)end[-1]))
        *--end = '\0';
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

static int read_field(json_t *endpoint, const char *field, char **name,
                      struct failure *why)
{
    cleanup_free char *copy = strdup(field);
    char *value = copy;

    if (copy == NULL)
        return fail(why, ENOMEM, "note a network");
    char *key = strsep(&value, "=");
    if (value == NULL || *key == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid field %s", field);
    return put_field(endpoint, trim(key), trim(value), name, why);
}

static int read_fields(json_t *endpoint, const char *text, char **name,
                       struct failure *why)
{
    json_auto_t *fields = csv_fields(text, why);
    const json_t *field;
    size_t i;

    if (fields == NULL)
        return -1;
    json_array_foreach(fields, i, field)
        if (read_field(endpoint, json_string_value(field), name, why) < 0)
            return -1;
    if (*name == NULL || **name == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "network name/id is not specified");
    return 0;
}

json_t *endpoint_parse(const char *text, char **name, struct failure *why)
{
    json_t *endpoint = json_object();
    int status = 0;

    *name = NULL;
    if (endpoint != NULL && is_long(text))
        status = read_fields(endpoint, text, name, why);
    else
        *name = strdup(text);
    if (status == 0 && (endpoint == NULL || *name == NULL))
        status = fail(why, ENOMEM, "note a network");
    if (status == 0)
        return endpoint;
    json_decref(endpoint);
    free(*name);
    *name = NULL;
    return NULL;
}
