/*
 * volume: verbs of volumes.
 */
#include "volume.h"

#include <stdio.h>

#include "cleanup.h"
#include "volumes.h"

/* "key=value" of --label and --opt, as an object. */
static json_t *as_object(const json_t *list)
{
    json_t *object = json_object();
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        const char *text = json_string_value(item);
        cleanup_free char *key = strndup(text, strcspn(text, "="));
        const char *value = strchr(text, '=');

        if (key != NULL)
            json_object_set_new(object, key,
                                json_string(value != NULL ? value + 1 : ""));
    }
    return object;
}

/* "name=value" of --filter, as {"name": ["value"]}; NULL with @why. */
static json_t *as_filters(const json_t *list, struct failure *why)
{
    json_t *filters = json_object();
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        const char *text = json_string_value(item);
        const char *value = strchr(text, '=');
        cleanup_free char *key = strndup(text, strcspn(text, "="));

        if (value == NULL || key == NULL) {
            fail_as(why, FAILURE_BAD_PARAMETER,
                    "invalid argument \"%s\" for \"--filter\" flag: invalid "
                    "filter '%s'",
                    text, text);
            json_decref(filters);
            return NULL;
        }
        if (json_object_get(filters, key) == NULL)
            json_object_set_new(filters, key, json_array());
        json_array_append_new(json_object_get(filters, key),
                              json_string(value + 1));
    }
    return filters;
}

static const struct flag create_flags[] = {
    {"driver", 'd', FLAG_TEXT, "string", "Which driver: only \"local\""},
    {"label", 0, FLAG_LIST, "list", "Note something: KEY=VALUE"},
    {"opt", 'o', FLAG_LIST, "map", "An option of the driver: KEY=VALUE"},
    {0},
};

static int volume_create_verb(const struct call *call, struct failure *why)
{
    json_auto_t *request = json_object();
    const char *driver = call_text(call, "driver");

    if (call->count > 0)
        json_object_set_new(request, "Name", json_string(call->words[0]));
    if (driver != NULL)
        json_object_set_new(request, "Driver", json_string(driver));
    if (call_list(call, "label") != NULL)
        json_object_set_new(request, "Labels",
                            as_object(call_list(call, "label")));
    if (call_list(call, "opt") != NULL)
        json_object_set_new(request, "DriverOpts",
                            as_object(call_list(call, "opt")));
    json_auto_t *volume = volume_create(call->engine, request, why);
    if (volume == NULL)
        return -1;
    puts(json_string_value(json_object_get(volume, "Name")));
    return 0;
}

static const struct flag ls_flags[] = {
    {"filter", 'f', FLAG_LIST, "filter", "Only those with \"dangling=true\""},
    {"format", 0, FLAG_TEXT, "string", "\"table\" or \"json\""},
    {"quiet", 'q', FLAG_SWITCH, NULL, "Only names"},
    {0},
};

static void print_volume(const json_t *volume, const char *format)
{
    const char *name = json_string_value(json_object_get(volume, "Name"));
    const char *driver = json_string_value(json_object_get(volume, "Driver"));

    if (str_eq(format, "quiet")) {
        puts(name);
    } else if (str_eq(format, "json")) {
        json_dumpf(volume, stdout, JSON_COMPACT | JSON_SORT_KEYS);
        putchar('\n');
    } else
        printf("%-9s %s\n", driver, name);
}

static int volume_ls(const struct call *call, struct failure *why)
{
    const char *format = call_text(call, "format");
    json_auto_t *filters = as_filters(call_list(call, "filter"), why);
    json_auto_t *list =
        filters == NULL ? NULL : volume_list(call->engine, filters, why);
    const json_t *volume;
    size_t i;

    if (list == NULL)
        return -1;
    if (format == NULL)
        format = call_is(call, "quiet") ? "quiet" : "table";
    if (!str_eq(format, "quiet") && !str_eq(format, "table") &&
        !str_eq(format, "json"))
        return fail(why, 0, "--format %s: must be table or json", format);
    if (str_eq(format, "table"))
        printf("%-9s %s\n", "DRIVER", "VOLUME NAME");
    json_array_foreach(json_object_get(list, "Volumes"), i, volume)
        print_volume(volume, format);
    return 0;
}

/* One failure among several objects: it is told, and the others go on. */
static void tell(const struct failure *why)
{
    fflush(stdout);
    fprintf(stderr, "duct: %s\n", why->message);
}

static int volume_inspect_verb(const struct call *call, struct failure *why)
{
    json_auto_t *found = json_array();
    int status = 0;

    for (int i = 0; i < call->count; i++) {
        json_t *volume = volume_inspect(call->engine, call->words[i], why);

        if (volume == NULL) {
            tell(why);
            status = 1;
        } else
            json_array_append_new(found, volume);
    }
    json_dumpf(found, stdout, JSON_INDENT(4) | JSON_SORT_KEYS);
    putchar('\n');
    return status;
}

static const struct flag rm_flags[] = {
    {"force", 'f', FLAG_SWITCH, NULL, "It is all right when there is none"},
    {0},
};

static int volume_rm(const struct call *call, struct failure *why)
{
    int status = 0;

    for (int i = 0; i < call->count; i++)
        if (volume_remove(call->engine, call->words[i], call_is(call, "force"),
                          why) < 0) {
            tell(why);
            status = 1;
        } else
            puts(call->words[i]);
    return status;
}

const struct verb volume_verbs[] = {
    {"volume", "create", NULL, "[OPTIONS] [VOLUME]", "Create a volume",
     create_flags, 0, 1, false, volume_create_verb},
    {"volume", "inspect", NULL, "VOLUME [VOLUME...]",
     "Display detailed information on one or more volumes", NULL, 1, -1, false,
     volume_inspect_verb},
    {"volume", "ls", NULL, "[OPTIONS]", "List volumes", ls_flags, 0, 0, false,
     volume_ls},
    {"volume", "rm", NULL, "[OPTIONS] VOLUME [VOLUME...]",
     "Remove one or more volumes", rm_flags, 1, -1, false, volume_rm},
    {0},
};
