/*
 * network_verbs: verbs of networks.
 */
#include "network_verbs.h"

#include <stdio.h>

#include "answer.h"
#include "cells.h"
#include "cleanup.h"
#include "endpoint.h"
#include "listing.h"
#include "looking.h"
#include "networks.h"
#include "plugging.h"
#include "put.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* -------------------------------------------------------------------- ls */

static const struct flag ls_flags[] = {
    {"filter", 'f', FLAG_LIST, "filter",
     "Provide filter values (e.g. \"driver=bridge\")"},
    {"format", 0, FLAG_TEXT, "string",
     "Format output: \"table\", \"table TEMPLATE\", \"json\" or a template"},
    {"no-trunc", 0, FLAG_SWITCH, NULL, "Do not truncate the output"},
    {"quiet", 'q', FLAG_SWITCH, NULL, "Only display network IDs"},
    {0},
};

static const struct column columns[] = {
    {"ID", "NETWORK ID"}, {"Name", "NAME"},
    {"Driver", "DRIVER"}, {"Scope", "SCOPE"},
    {"IPv6", "IPV6"},     {"Internal", "INTERNAL"},
    {"Labels", "LABELS"}, {"CreatedAt", "CREATED AT"},
    {NULL, NULL},
};

static const struct listing listing = {
    columns, "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", "{{.ID}}"};

static const char *word_of(const json_t *network, const char *name)
{
    return json_is_true(json_object_get(network, name)) ? "true" : "false";
}

/* "2026-01-31 12:00:00.123456789 +0000 UTC", as Go prints it. */
static char *time_cell(const char *created)
{
    const char *clock = strchr(created, 'T');
    char *text = NULL;

    if (clock == NULL)
        return strdup(created);
    return asprintf(&text, "%.*s %.*s +0000 UTC", (int)(clock - created),
                    created, (int)strcspn(clock + 1, "Z"), clock + 1) < 0
               ? NULL
               : text;
}

static json_t *row_of(const json_t *network, bool is_whole)
{
    cleanup_free char *id = cell_id(text_of(network, "Id"), is_whole);
    cleanup_free char *labels = cell_pairs(json_object_get(network, "Labels"));
    cleanup_free char *created = time_cell(text_of(network, "Created"));

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "ID", id != NULL ? id : "",
        "Name", text_of(network, "Name"), "Driver", text_of(network, "Driver"),
        "Scope", text_of(network, "Scope"), "IPv6",
        word_of(network, "EnableIPv6"), "Internal",
        word_of(network, "Internal"), "Labels", labels != NULL ? labels : "",
        "CreatedAt", created != NULL ? created : "");
}

/* "net2" comes before "net10". */
static int by_name(const void *a, const void *b)
{
    const json_t *const *x = a;
    const json_t *const *y = b;

    return strverscmp(text_of(*x, "Name"), text_of(*y, "Name"));
}

static json_t *rows_of(const json_t *networks, bool is_whole)
{
    size_t count = json_array_size(networks);
    cleanup_free const json_t **sorted = calloc(count + 1, sizeof(json_t *));
    json_t *rows = json_array();

    if (sorted == NULL)
        return rows;
    for (size_t i = 0; i < count; i++)
        sorted[i] = json_array_get(networks, i);
    qsort(sorted, count, sizeof(json_t *), by_name);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows, row_of(sorted[i], is_whole));
    return rows;
}

static int verb_ls(const struct call *call, struct failure *why)
{
    json_auto_t *filters = answer_filters(call, why);
    json_auto_t *networks =
        filters == NULL ? NULL : networks_list(call->engine, filters, why);

    if (networks == NULL)
        return answer_failure(why);
    json_auto_t *rows = rows_of(networks, call_is(call, "no-trunc"));
    return listing_print(stdout, &listing, rows, call_text(call, "format"),
                         call_is(call, "quiet"), why) < 0
               ? answer_failure(why)
               : 0;
}

/* -------------------------------------------------------------------- rm */

static const struct flag rm_flags[] = {
    {"force", 'f', FLAG_SWITCH, NULL,
     "Do not error if the network does not exist"},
    {0},
};

static int verb_rm(const struct call *call, struct failure *why)
{
    int status = 0;

    for (int i = 0; i < call->count; i++) {
        json_auto_t *gone = networks_remove(call->engine, call->words[i], why);

        if (gone != NULL)
            puts(call->words[i]);
        else if (why->kind != FAILURE_NOT_FOUND || !call_is(call, "force"))
            status = answer_failure(why);
    }
    return status;
}

/* ---------------------------------------------------- connect, disconnect */

static const struct flag connect_flags[] = {
    {"alias", 0, FLAG_LIST, "strings",
     "Add network-scoped alias for the container"},
    {"ip", 0, FLAG_TEXT, "ip", "IPv4 address (e.g., \"172.30.100.104\")"},
    {"ip6", 0, FLAG_TEXT, "ip", "IPv6 address: refused, we have none"},
    {0},
};

static int read_endpoint(json_t *endpoint, const struct call *call,
                         struct failure *why)
{
    const json_t *aliases = call_list(call, "alias");
    const char *ip = call_text(call, "ip");
    const json_t *alias;
    size_t i;

    if (call_text(call, "ip6") != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "networks have no IPv6 addresses");
    if (ip != NULL && endpoint_address(endpoint, "IPv4Address", ip, why) < 0)
        return -1;
    json_array_foreach((json_t *)aliases, i, alias)
        if (put_item(endpoint, "Aliases", json_string_value(alias), why) < 0)
            return -1;
    return 0;
}

static int verb_connect(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;
    json_auto_t *endpoint = json_object();

    if (read_endpoint(endpoint, call, why) < 0 ||
        record_find(&record, call->engine, call->words[1], why) < 0 ||
        plugging_connect(&record, call->words[0], endpoint, why) < 0)
        return answer_failure(why);
    return 0;
}

static const struct flag disconnect_flags[] = {
    {"force", 'f', FLAG_SWITCH, NULL,
     "Force the container to disconnect from a network"},
    {0},
};

/* With --force, docker also forgets who is plugged in but exists no more. We
 * never remember such a one. */
static int verb_disconnect(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;

    if (record_find(&record, call->engine, call->words[1], why) < 0 ||
        plugging_disconnect(&record, call->words[0], why) < 0)
        return answer_failure(why);
    return 0;
}

const struct verb network_verbs[] = {
    {"network", "connect", NULL, "[OPTIONS] NETWORK CONTAINER",
     "Connect a container to a network", connect_flags, 2, 2, false,
     verb_connect},
    {"network", "create", NULL, "[OPTIONS] NETWORK", "Create a network",
     network_create_flags, 1, 1, false, verb_network_create},
    {"network", "disconnect", NULL, "[OPTIONS] NETWORK CONTAINER",
     "Disconnect a container from a network", disconnect_flags, 2, 2, false,
     verb_disconnect},
    {"network", "inspect", NULL, "[OPTIONS] NETWORK [NETWORK...]",
     "Display detailed information on one or more networks",
     network_inspect_flags, 1, -1, false, verb_network_inspect},
    {"network", "ls", NULL, "[OPTIONS]", "List networks", ls_flags, 0, 0, false,
     verb_ls},
    {"network", "rm", NULL, "NETWORK [NETWORK...]",
     "Remove one or more networks", rm_flags, 1, -1, false, verb_rm},
    {.name = NULL},
};
