/*
 * ps: the list of containers.
 */
#include <errno.h>
#include <stdio.h>

#include "answer.h"
#include "cells.h"
#include "cleanup.h"
#include "human.h"
#include "list.h"
#include "listing.h"
#include "looking.h"
#include "numbers.h"
#include "quote.h"

const struct flag ps_flags[] = {
    {"all", 'a', FLAG_SWITCH, NULL,
     "Show all containers (default shows just running)"},
    {"filter", 'f', FLAG_LIST, "filter",
     "Filter output based on conditions provided"},
    {"format", 0, FLAG_TEXT, "string",
     "Format output: \"table\", \"table TEMPLATE\", \"json\" or a template"},
    {"last", 'n', FLAG_TEXT, "int",
     "Show n last created containers (includes all states)"},
    {"latest", 'l', FLAG_SWITCH, NULL,
     "Show the latest created container (includes all states)"},
    {"no-trunc", 0, FLAG_SWITCH, NULL, "Don't truncate output"},
    {"quiet", 'q', FLAG_SWITCH, NULL, "Only display container IDs"},
    {"size", 's', FLAG_SWITCH, NULL, "Display total file sizes"},
    {0},
};

static const struct column columns[] = {
    {"ID", "CONTAINER ID"},
    {"Names", "NAMES"},
    {"Image", "IMAGE"},
    {"Command", "COMMAND"},
    {"CreatedAt", "CREATED AT"},
    {"RunningFor", "CREATED"},
    {"Ports", "PORTS"},
    {"State", "STATE"},
    {"Status", "STATUS"},
    {"Size", "SIZE"},
    {"Labels", "LABELS"},
    {"Mounts", "MOUNTS"},
    {"LocalVolumes", "LOCAL VOLUMES"},
    {"Networks", "NETWORKS"},
    {NULL, NULL},
};

#define TABLE                                                                  \
    "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"  \
    "{{.Ports}}\t{{.Names}}"

static const struct listing listing = {columns, TABLE, "{{.ID}}"};
static const struct listing sized = {columns, TABLE "\t{{.Size}}", "{{.ID}}"};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static json_int_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* Makes a text a member of a row; frees it. */
static void set(json_t *row, const char *name, char *text)
{
    json_object_set_new(row, name, json_string(text != NULL ? text : ""));
    free(text);
}

static char *command_cell(const json_t *item, bool is_whole)
{
    const char *command = text_of(item, "Command");
    cleanup_free char *cut = is_whole ? strdup(command) : cell_cut(command, 20);

    return cut == NULL ? NULL : quote(cut);
}

/* An id instead of a name is shortened, as is what follows an "@". */
static char *image_cell(const json_t *item, bool is_whole)
{
    const char *image = text_of(item, "Image");

    if (*image == '\0')
        return strdup("<no image>");
    if (is_whole)
        return strdup(image);
    if (strncmp(image, "sha256:", 7) == 0)
        return cell_id(image, false);
    return strndup(image, strcspn(image, "@"));
}

static char *size_cell(const json_t *item)
{
    cleanup_free char *own =
        human_size((unsigned long long)number_of(item, "SizeRw"), 3);
    cleanup_free char *all =
        human_size((unsigned long long)number_of(item, "SizeRootFs"), 3);
    char *text = NULL;

    if (own == NULL || all == NULL ||
        (number_of(item, "SizeRootFs") > 0
             ? asprintf(&text, "%s (virtual %s)", own, all)
             : asprintf(&text, "%s", own)) < 0)
        return NULL;
    return text;
}

/* Names of volumes, and paths of what else is mounted. */
static char *mounts_cell(const json_t *mounts, bool is_whole)
{
    char *text = NULL;
    size_t size;
    FILE *out =
        json_array_size(mounts) == 0 ? NULL : open_memstream(&text, &size);
    const json_t *mount;
    size_t i;

    if (out == NULL)
        return strdup("");
    json_array_foreach(mounts, i, mount) {
        const char *name = text_of(mount, "Name");
        if (*name == '\0')
            name = text_of(mount, "Source");
        cleanup_free char *cut = is_whole ? strdup(name) : cell_cut(name, 15);

        fprintf(out, "%s%s", i > 0 ? "," : "", cut != NULL ? cut : "");
    }
    return fclose(out) == 0 ? text : NULL;
}

static char *volumes_cell(const json_t *mounts)
{
    char *text = NULL;
    int count = 0;
    const json_t *mount;
    size_t i;

    json_array_foreach(mounts, i, mount)
        count += str_eq(text_of(mount, "Driver"), "local");
    return asprintf(&text, "%d", count) < 0 ? NULL : text;
}

static char *networks_cell(const json_t *item)
{
    const json_t *settings = json_object_get(item, "NetworkSettings");
    char *text = strdup("");
    const char *name;
    const json_t *network;

    json_object_foreach(json_object_get(settings, "Networks"), name, network) {
        cleanup_free char *before = text;

        if (before == NULL || asprintf(&text, "%s%s%s", before,
                                       *before != '\0' ? "," : "", name) < 0)
            text = NULL;
    }
    return text;
}

static char *names_cell(const json_t *item)
{
    const char *name =
        json_string_value(json_array_get(json_object_get(item, "Names"), 0));

    return strdup(name == NULL ? "" : name + (*name == '/'));
}

json_t *ps_row(const json_t *item, bool is_whole)
{
    const json_t *mounts = json_object_get(item, "Mounts");
    json_int_t created = number_of(item, "Created");
    json_t *row = json_object();

    set(row, "ID", cell_id(text_of(item, "Id"), is_whole));
    set(row, "Names", names_cell(item));
    set(row, "Image", image_cell(item, is_whole));
    set(row, "Command", command_cell(item, is_whole));
    set(row, "CreatedAt", cell_time(created));
    set(row, "RunningFor", cell_ago(created));
    set(row, "Ports", cell_ports(json_object_get(item, "Ports")));
    set(row, "State", strdup(text_of(item, "State")));
    set(row, "Status", strdup(text_of(item, "Status")));
    set(row, "Size", size_cell(item));
    set(row, "Labels", cell_pairs(json_object_get(item, "Labels")));
    set(row, "Mounts", mounts_cell(mounts, is_whole));
    set(row, "LocalVolumes", volumes_cell(mounts));
    set(row, "Networks", networks_cell(item));
    return row;
}

/* -n and -l; 0: any number. */
static int read_limit(const struct call *call, int *limit, struct failure *why)
{
    const char *text = call_text(call, "last");
    long long number = -1;

    if (text != NULL && numbers_parse(text, -1, 1 << 30, &number) < 0)
        return fail(why, 0, "invalid argument \"%s\" for \"-n, --last\" flag",
                    text);
    *limit = call_is(call, "latest") ? 1 : number > 0 ? (int)number : 0;
    return 0;
}

static json_t *rows_of(const json_t *items, bool is_whole)
{
    json_t *rows = json_array();
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
        json_array_append_new(rows, ps_row(item, is_whole));
    return rows;
}

/* All that -q shows can be had for less. */
static int print_ids(const struct call *call, const json_t *filters, int limit,
                     struct failure *why)
{
    json_auto_t *ids =
        container_ids(call->engine, call_is(call, "all"), limit, filters, why);
    const json_t *item;
    size_t i;

    if (ids == NULL)
        return answer_failure(why);
    json_array_foreach(ids, i, item)
        printf("%.*s\n", call_is(call, "no-trunc") ? 64 : 12,
               text_of(item, "Id"));
    return 0;
}

int verb_ps(const struct call *call, struct failure *why)
{
    const char *format = call_text(call, "format");
    bool size = call_is(call, "size") ||
                (format != NULL && strstr(format, ".Size") != NULL);
    json_auto_t *filters = answer_filters(call, why);
    int limit = 0;

    if (filters == NULL || read_limit(call, &limit, why) < 0)
        return answer_failure(why);
    if (call_is(call, "quiet"))
        return print_ids(call, filters, limit, why);
    json_auto_t *items = container_list(call->engine, call_is(call, "all"),
                                        limit, size, filters, why);
    if (items == NULL)
        return answer_failure(why);
    json_auto_t *rows = rows_of(items, call_is(call, "no-trunc"));
    return listing_print(stdout, size ? &sized : &listing, rows, format, false,
                         why) < 0
               ? answer_failure(why)
               : 0;
}
