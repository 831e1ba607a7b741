/*
 * device_spec: the host's devices that a container may have.
 */
#include "device_spec.h"

#include <errno.h>
#include <stdbool.h>

#include "cleanup.h"

static int append(json_t *array, json_t *item, const char *text,
                  struct failure *why)
{
    if (item == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER, "\"%s\" is not UTF-8", text);
    if (json_array_append_new(array, item) < 0)
        return fail(why, ENOMEM, "note \"%s\"", text);
    return 0;
}

/* "rwm", or some of it, each letter once. */
static bool is_device_mode(const char *mode)
{
    size_t length = strlen(mode);

    if (length == 0 || strspn(mode, "rwm") != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (strchr(mode + i + 1, mode[i]) != NULL)
            return false;
    return true;
}

/* Cuts "SOURCE:TARGET:MODE" into its parts, of which the last two may miss. */
static int cut_device(char *text, const char **target, const char **mode,
                      struct failure *why)
{
    char *rest = text;
    const char *source = strsep(&rest, ":");

    *target = source;
    *mode = "rwm";
    if (rest == NULL)
        return 0;
    char *second = strsep(&rest, ":");
    if (rest == NULL && is_device_mode(second)) {
        *mode = second;
        return 0;
    }
    *target = second;
    if (rest == NULL)
        return 0;
    *mode = rest;
    return is_device_mode(rest) ? 0
                                : fail_as(why, FAILURE_BAD_PARAMETER,
                                          "bad mode specified: %s", rest);
}

int device_spec(json_t *array, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    const char *target;
    const char *mode;
    int colons = 0;

    if (copy == NULL)
        return fail(why, ENOMEM, "note a device");
    for (const char *at = text; *at != '\0'; at++)
        colons += *at == ':';
    if (colons > 2 || *text == '\0' || *text == ':')
        return fail_as(why, FAILURE_BAD_PARAMETER, "bad format for path: %s",
                       text);
    if (cut_device(copy, &target, &mode, why) < 0)
        return -1;
    if (*target != '/')
        return fail_as(why, FAILURE_BAD_PARAMETER, "%s is not an absolute path",
                       target);
    return append(array,
                  json_pack("{s:s, s:s, s:s}", "PathOnHost", copy,
                            "PathInContainer", target, "CgroupPermissions",
                            mode),
                  text, why);
}

/* "8" or "*" at @at, which moves behind it. */
static bool skip_number(const char **at)
{
    size_t digits = strspn(*at, "0123456789");

    if (digits == 0 && **at == '*')
        digits = 1;
    *at += digits;
    return digits > 0;
}

int device_spec_rule(json_t *array, const char *text, struct failure *why)
{
    const char *at = text;
    bool is_good = *at != '\0' && strchr("acb", *at) != NULL && at[1] == ' ';

    if (is_good) {
        at += 2;
        is_good = skip_number(&at) && *at++ == ':' && skip_number(&at) &&
                  *at++ == ' ';
    }
    size_t letters = is_good ? strspn(at, "rwm") : 0;
    if (letters < 1 || letters > 3 || at[letters] != '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid device cgroup format '%s'", text);
    return append(array, json_string(text), text, why);
}
