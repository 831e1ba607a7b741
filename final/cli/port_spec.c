/*
 * port_spec: ports, as -p and --expose name them.
 *
 * From the right: the container's port, the host's, the host's address, which
 * may have colons itself. A range becomes as many entries, so it has a bound:
 * each of them is a socket and an element of a map later on.
 */
#include "port_spec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

#include "cleanup.h"
#include "numbers.h"
#include "put.h"

enum {
    PORT_MAX = 65535,
    RANGE_MOST = 1024,
};

struct range {
    long long first, last;
};

/* What a -p says; the texts point into a copy of it. */
struct spec {
    const char *ip;
    const char *host; /* "": to be found */
    const char *container;
    const char *protocol;
};

static int parse_range(char *text, struct range *range)
{
    char *dash = strchr(text, '-');
    const char *last = text;

    if (dash != NULL) {
        *dash = '\0';
        last = dash + 1;
    }
    int status = numbers_parse(text, 0, PORT_MAX, &range->first);
    if (status == 0)
        status = numbers_parse(last, range->first, PORT_MAX, &range->last);
    if (dash != NULL)
        *dash = '-';
    return status;
}

/* "80/UDP": cuts the protocol off and returns the one that is meant, or NULL */
static const char *cut_protocol(char *text)
{
    static const char *const known[] = {"tcp", "udp", "sctp"};
    char *slash = strchr(text, '/');

    if (slash == NULL)
        return "tcp";
    *slash++ = '\0';
    slash[strcspn(slash, "/")] = '\0';
    if (*slash == '\0')
        return "tcp";
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcasecmp(slash, known[i]) == 0)
            return known[i];
    return NULL;
}

static bool is_address(const char *ip)
{
    struct in6_addr address;

    return inet_pton(AF_INET, ip, &address) == 1 ||
           inet_pton(AF_INET6, ip, &address) == 1;
}

/* "[::1]" or "::1", without the brackets. */
static char *strip_brackets(char *ip)
{
    size_t length = strlen(ip);

    if (length < 2 || ip[0] != '[' || ip[length - 1] != ']')
        return ip;
    ip[length - 1] = '\0';
    return ip + 1;
}

/* "1.2.3.4:80:80": cuts it into its parts, from the right. */
static int cut(char *copy, struct spec *spec, const char *text,
               struct failure *why)
{
    *spec = (struct spec){.ip = "", .host = ""};
    spec->protocol = cut_protocol(copy);
    char *colon = strrchr(copy, ':');
    spec->container = colon == NULL ? copy : colon + 1;
    if (colon != NULL) {
        *colon = '\0';
        char *second = strrchr(copy, ':');
        spec->host = second == NULL ? copy : second + 1;
        if (second != NULL) {
            *second = '\0';
            spec->ip = strip_brackets(copy);
        }
    }
    if (*spec->ip != '\0' && !is_address(spec->ip))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid IP address: %s",
                       spec->ip);
    if (*spec->container == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "no port specified: %s<empty>", text);
    return 0;
}

static int too_many(const char *text, struct failure *why)
{
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid port range: %s: more than %d ports", text,
                   RANGE_MOST);
}

/* Both ranges of a -p, checked. The host's is 0 to 0 when there is none. */
static int parse_ranges(const struct spec *spec, struct range *host,
                        struct range *container, struct failure *why)
{
    *host = (struct range){0};
    if (parse_range((char *)spec->container, container) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid containerPort: %s",
                       spec->container);
    if (*spec->host != '\0' && parse_range((char *)spec->host, host) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid hostPort: %s",
                       spec->host);
    long long wanted = container->last - container->first;
    if (*spec->host != '\0' && wanted > 0 && host->last - host->first != wanted)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid ranges specified for container and host "
                       "Ports: %s and %s",
                       spec->container, spec->host);
    if (wanted >= RANGE_MOST)
        return too_many(spec->container, why);
    return 0;
}

/* "8080", or "8080-8090" for a single port of the container, or "". */
static char *host_port(const struct spec *spec, const struct range *host,
                       long long offset, bool is_single)
{
    char *text = NULL;
    int status;

    if (*spec->host == '\0')
        return strdup("");
    if (is_single && host->first != host->last)
        status = asprintf(&text, "%lld-%lld", host->first, host->last);
    else
        status = asprintf(&text, "%lld", host->first + offset);
    return status < 0 ? NULL : text;
}

static int expose_range(json_t *exposed, const struct range *ports,
                        const char *protocol, struct failure *why)
{
    for (long long port = ports->first; port <= ports->last; port++) {
        cleanup_free char *key = NULL;

        if (asprintf(&key, "%lld/%s", port, protocol) < 0)
            return fail(why, ENOMEM, "note a port");
        if (put_new(exposed, key, json_object(), why) < 0)
            return -1;
    }
    return 0;
}

/* One port of the container, @offset behind the first. */
static int bind_port(json_t *bindings, const struct spec *spec,
                     const struct range *host, const struct range *container,
                     long long offset, struct failure *why)
{
    bool is_single = container->first == container->last;
    cleanup_free char *from = host_port(spec, host, offset, is_single);
    cleanup_free char *key = NULL;

    if (from == NULL || asprintf(&key, "%lld/%s", container->first + offset,
                                 spec->protocol) < 0)
        return fail(why, ENOMEM, "note a port");
    json_t *entries = put_array(bindings, key, why);
    if (entries == NULL)
        return -1;
    if (json_array_append_new(entries, json_pack("{s:s, s:s}", "HostIp",
                                                 spec->ip, "HostPort", from)) <
        0)
        return fail(why, ENOMEM, "note a port");
    return 0;
}

static int read_short(json_t *bindings, json_t *exposed, const char *text,
                      struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    struct spec spec;
    struct range host;
    struct range container;

    if (copy == NULL)
        return fail(why, ENOMEM, "note a port");
    if (cut(copy, &spec, text, why) < 0 ||
        parse_ranges(&spec, &host, &container, why) < 0)
        return -1;
    if (spec.protocol == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid proto: %s",
                       strchr(text, '/') + 1);
    if (expose_range(exposed, &container, spec.protocol, why) < 0)
        return -1;
    for (long long i = 0; i <= container.last - container.first; i++)
        if (bind_port(bindings, &spec, &host, &container, i, why) < 0)
            return -1;
    return 0;
}

/* "published=80,target=90": the same, said at length. */
static char *shorten(const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    const char *published = "";
    const char *target = "";
    const char *protocol = "tcp";
    char *rest = copy;
    char *part;
    char *brief = NULL;

    while ((part = strsep(&rest, ",")) != NULL) {
        char *value = strchr(part, '=');

        if (value == NULL || value == part) {
            fail_as(why, FAILURE_BAD_PARAMETER,
                    "invalid publish opts format (should be name=value but "
                    "got '%s')",
                    part);
            return NULL;
        }
        *value++ = '\0';
        if (str_eq(part, "published"))
            published = value;
        else if (str_eq(part, "target"))
            target = value;
        else if (str_eq(part, "protocol"))
            protocol = value;
    }
    if (copy == NULL ||
        asprintf(&brief, "%s:%s/%s", published, target, protocol) < 0) {
        fail(why, ENOMEM, "note a port");
        return NULL;
    }
    return brief;
}

int port_spec(json_t *bindings, json_t *exposed, const char *text,
              struct failure *why)
{
    if (strchr(text, '=') == NULL)
        return read_short(bindings, exposed, text, why);

    cleanup_free char *brief = shorten(text, why);
    if (brief == NULL)
        return -1;
    return read_short(bindings, exposed, brief, why);
}

int port_spec_expose(json_t *exposed, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    struct range ports;

    if (copy == NULL)
        return fail(why, ENOMEM, "note a port");
    if (strchr(text, ':') != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid port format for --expose: %s", text);
    const char *protocol = cut_protocol(copy);
    if (protocol == NULL || parse_range(copy, &ports) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid range format for --expose: %s", text);
    if (ports.last - ports.first >= RANGE_MOST)
        return too_many(text, why);
    return expose_range(exposed, &ports, protocol, why);
}
