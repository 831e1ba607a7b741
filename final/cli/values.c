/*
 * values: what stands behind a flag, in the shape of docker's API.
 */
#include "values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "amounts.h"
#include "cleanup.h"
#include "put.h"
#include "quote.h"

static int append(json_t *array, json_t *item, const char *text,
                  struct failure *why)
{
    if (item == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER, "\"%s\" is not UTF-8", text);
    if (json_array_append_new(array, item) < 0)
        return fail(why, ENOMEM, "note \"%s\"", text);
    return 0;
}

/* "bad format for add-host: ", and then the text between quotes. */
static int complain(const char *what, const char *text, struct failure *why)
{
    cleanup_free char *quoted = quote(text);

    return fail_as(why, FAILURE_BAD_PARAMETER, "%s: %s", what,
                   quoted == NULL ? text : quoted);
}

int value_label(json_t *into, const char *text, struct failure *why)
{
    const char *key = text + strspn(text, " \t");
    size_t length = strcspn(key, "=");

    if (length == 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid label '%s': empty name", text);
    if (strcspn(key, " \t") < length)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "label '%.*s' contains whitespaces", (int)length, key);

    const char *equals = strchr(text, '=');
    json_t *value = json_string(equals == NULL ? "" : equals + 1);
    if (value == NULL ||
        json_object_setn_new(into, text, strcspn(text, "="), value) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "\"%s\" is not UTF-8", text);
    return 0;
}

int value_env(json_t *array, const char *text, struct failure *why)
{
    const char *ours = NULL;

    if (*text == '\0' || *text == '=')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid environment variable: %s", text);
    if (strchr(text, '=') == NULL)
        ours = getenv(text);
    return append(array,
                  ours == NULL ? json_string(text)
                               : json_sprintf("%s=%s", text, ours),
                  text, why);
}

/* A copy without the spaces around it. */
static char *trim(const char *text, size_t length)
{
    while (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    return strndup(text, length);
}

int value_filter(json_t *into, const char *text, struct failure *why)
{
    const char *equals = strchr(text, '=');

    if (*text == '\0')
        return 0;
    if (equals == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "bad format of filter (expected name=value)");
    cleanup_free char *name = trim(text, (size_t)(equals - text));
    cleanup_free char *value = trim(equals + 1, strlen(equals + 1));
    if (name == NULL || value == NULL)
        return fail(why, ENOMEM, "note a filter");
    for (char *at = name; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return put_item(into, name, value, why);
}

static const char *const ulimits[] = {
    "core",    "cpu",      "data",   "fsize",      "locks",
    "memlock", "msgqueue", "nice",   "nofile",     "nproc",
    "rss",     "rtprio",   "rttime", "sigpending", "stack",
};

static bool is_ulimit(const char *name)
{
    for (size_t i = 0; i < sizeof(ulimits) / sizeof(*ulimits); i++)
        if (str_eq(ulimits[i], name))
            return true;
    return false;
}

/* "1024:2048"; without the second both are the first. */
static int parse_limits(char *text, long long *soft, long long *hard,
                        struct failure *why)
{
    char *colon = strchr(text, ':');

    if (colon != NULL && strchr(colon + 1, ':') != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "too many limit value arguments - %s, can only have up "
                       "to two, `soft[:hard]`",
                       text);
    if (colon != NULL)
        *colon = '\0';
    if (amount_whole(text, LLONG_MIN, LLONG_MAX, soft, why) < 0)
        return -1;
    *hard = *soft;
    if (colon != NULL &&
        amount_whole(colon + 1, LLONG_MIN, LLONG_MAX, hard, why) < 0)
        return -1;
    if (*soft < -1 || *hard < -1)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid ulimit: %lld:%lld: -1 is none, less there is "
                       "not",
                       *soft, *hard);
    if (*hard == -1 || (*soft != -1 && *soft <= *hard))
        return 0;
    if (*soft == -1)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "ulimit soft limit must be less than or equal to hard "
                       "limit: soft: -1 (unlimited), hard: %lld",
                       *hard);
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "ulimit soft limit must be less than or equal to hard "
                   "limit: %lld > %lld",
                   *soft, *hard);
}

static void forget_ulimit(json_t *array, const char *name)
{
    for (size_t i = json_array_size(array); i-- > 0;) {
        const json_t *item = json_array_get(array, i);

        if (str_eq(json_string_value(json_object_get(item, "Name")), name))
            json_array_remove(array, i);
    }
}

int value_ulimit(json_t *array, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    char *limits = copy;
    long long soft = 0;
    long long hard = 0;

    if (copy == NULL)
        return fail(why, ENOMEM, "note a limit");
    const char *name = strsep(&limits, "=");
    if (limits == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid ulimit argument: %s", text);
    if (!is_ulimit(name))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid ulimit type: %s",
                       name);
    if (parse_limits(limits, &soft, &hard, why) < 0)
        return -1;
    forget_ulimit(array, name);
    return append(array,
                  json_pack("{s:s, s:I, s:I}", "Name", name, "Soft",
                            (json_int_t)soft, "Hard", (json_int_t)hard),
                  text, why);
}

int value_restart(json_t *into, const char *text, struct failure *why)
{
    const char *colon = strchr(text, ':');
    cleanup_free char *name = strndup(text, strcspn(text, ":"));
    long long count = 0;

    if (name == NULL)
        return fail(why, ENOMEM, "note a restart policy");
    if (colon == text)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid restart policy format: no policy provided "
                       "before colon");
    if (colon != NULL && colon[1] != '\0' &&
        amount_whole(colon + 1, INT_MIN, INT_MAX, &count, why) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid restart policy format: maximum retry count "
                       "must be an integer");
    if (put_text(into, "Name", name, why) < 0)
        return -1;
    return put_number(into, "MaximumRetryCount", count, why);
}

static bool is_address(const char *text)
{
    struct in6_addr address;

    return inet_pton(AF_INET, text, &address) == 1 ||
           inet_pton(AF_INET6, text, &address) == 1;
}

int value_host(json_t *array, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);

    if (copy == NULL)
        return fail(why, ENOMEM, "note a host");
    char *end = strchr(copy, '=');
    if (end == NULL)
        end = strchr(copy, ':');
    if (end == NULL || end == copy ||
        memchr(copy, ':', (size_t)(end - copy)) != NULL)
        return complain("bad format for add-host", text, why);
    *end = '\0';
    char *address = end + 1;
    size_t length = strlen(address);
    if (length > 2 && *address == '[' && address[length - 1] == ']') {
        address[length - 1] = '\0';
        address++;
    }
    if (!str_eq(address, "host-gateway") && !is_address(address))
        return complain("invalid IP address in add-host", address, why);
    return append(array, json_sprintf("%s:%s", copy, address), text, why);
}

int value_address(json_t *array, const char *text, struct failure *why)
{
    cleanup_free char *address = trim(text, strlen(text));

    if (address == NULL)
        return fail(why, ENOMEM, "note an address");
    if (!is_address(address))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "IP address is not correctly formatted: %s", text);
    return append(array, json_string(address), text, why);
}

/* Letters, digits and, between them, hyphens. */
static bool is_domain_part(const char *part, size_t length)
{
    if (length == 0 || !isalnum((unsigned char)*part) ||
        !isalnum((unsigned char)part[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)part[i]) && part[i] != '-')
            return false;
    return true;
}

static bool is_domain(const char *name)
{
    bool has_letter = false;

    if (strlen(name) >= 255)
        return false;
    for (const char *at = name; *at != '\0'; at++)
        has_letter = has_letter || isalpha((unsigned char)*at);
    for (const char *part = name; has_letter; part++) {
        size_t length = strcspn(part, ".");

        if (!is_domain_part(part, length))
            return false;
        part += length;
        if (*part == '\0')
            return true;
    }
    return false;
}

int value_domain(json_t *array, const char *text, struct failure *why)
{
    cleanup_free char *name = trim(text, strlen(text));

    if (name == NULL)
        return fail(why, ENOMEM, "note a domain");
    size_t length = strlen(name);
    if (length > 1 && name[length - 1] == '.')
        name[length - 1] = '\0';
    if (!str_eq(name, ".") && !is_domain(name))
        return fail_as(why, FAILURE_BAD_PARAMETER, "%s is not a valid domain",
                       text);
    return append(array, json_string(name), text, why);
}

int value_sysctl(json_t *into, const char *text, struct failure *why)
{
    static const char *const private[] = {
        "kernel.msgmax=", "kernel.msgmnb=",          "kernel.msgmni=",
        "kernel.sem=",    "kernel.shmall=",          "kernel.shmmax=",
        "kernel.shmmni=", "kernel.shm_rmid_forced=", "net.",
        "fs.mqueue.",
    };
    const char *equals = strchr(text, '=');
    size_t i = 0;

    while (i < sizeof(private) / sizeof(*private) &&
           strncmp(text, private[i], strlen(private[i])) != 0)
        i++;
    if (equals == NULL || i == sizeof(private) / sizeof(*private))
        return fail_as(why, FAILURE_BAD_PARAMETER, "sysctl '%s' is not allowed",
                       text);
    json_t *value = json_string(equals + 1);
    if (value == NULL ||
        json_object_setn_new(into, text, (size_t)(equals - text), value) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "\"%s\" is not UTF-8", text);
    return 0;
}
