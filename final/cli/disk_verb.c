/*
 * disk_verb: how much room everything takes.
 */
#include <errno.h>
#include <stdio.h>

#include "answer.h"
#include "cells.h"
#include "cleanup.h"
#include "disk.h"
#include "human.h"
#include "listing.h"
#include "looking.h"

const struct flag disk_flags[] = {
    {"format", 0, FLAG_TEXT, "string",
     "Format output: \"table\", \"table TEMPLATE\", \"json\" or a template"},
    {"verbose", 'v', FLAG_SWITCH, NULL,
     "Show detailed information on space usage"},
    {0},
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void set(json_t *row, const char *name, char *text)
{
    json_object_set_new(row, name, json_string(text != NULL ? text : ""));
    free(text);
}

static char *number(long long value)
{
    char *text = NULL;

    return asprintf(&text, "%lld", value) < 0 ? NULL : text;
}

static char *size_text(long long bytes)
{
    return human_size(bytes > 0 ? (unsigned long long)bytes : 0, 4);
}

/* --------------------------------------------------------------- in short */

static const struct column columns[] = {
    {"Type", "TYPE"}, {"TotalCount", "TOTAL"},        {"Active", "ACTIVE"},
    {"Size", "SIZE"}, {"Reclaimable", "RECLAIMABLE"}, {NULL, NULL},
};

static const struct listing listing = {
    columns,
    "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t"
    "{{.Reclaimable}}",
    "{{.Type}}",
};

/* Things of one kind. */
struct sum {
    long long total, active;
    long long size;   /* bytes, of all */
    long long in_use; /* bytes, of the active ones */
};

static json_t *sum_row(const char *type, const struct sum *s)
{
    cleanup_free char *free_size = size_text(s->size - s->in_use);
    char *free_text = NULL;
    json_t *row = json_object();

    set(row, "Type", strdup(type));
    set(row, "TotalCount", number(s->total));
    set(row, "Active", number(s->active));
    set(row, "Size", size_text(s->size));
    if (free_size == NULL ||
        (s->size > 0 ? asprintf(&free_text, "%s (%lld%%)", free_size,
                                (s->size - s->in_use) * 100 / s->size)
                     : asprintf(&free_text, "%s", free_size)) < 0)
        free_text = NULL;
    set(row, "Reclaimable", free_text);
    return row;
}

/* What others share with it would stay. */
static struct sum sum_images(const json_t *disk)
{
    struct sum s = {.size = number_of(disk, "LayersSize")};
    const json_t *image;
    size_t i;

    json_array_foreach(json_object_get(disk, "Images"), i, image) {
        s.total++;
        if (number_of(image, "Containers") <= 0)
            continue;
        s.active++;
        s.in_use += number_of(image, "Size") - number_of(image, "SharedSize");
    }
    return s;
}

static bool is_up(const json_t *container)
{
    const char *state = text_of(container, "State");

    return str_eq(state, "running") || str_eq(state, "paused") ||
           str_eq(state, "restarting");
}

static struct sum sum_containers(const json_t *disk)
{
    struct sum s = {.total = 0};
    const json_t *container;
    size_t i;

    json_array_foreach(json_object_get(disk, "Containers"), i, container) {
        long long size = number_of(container, "SizeRw");

        s.total++;
        s.size += size;
        s.active += is_up(container);
        s.in_use += is_up(container) ? size : 0;
    }
    return s;
}

static struct sum sum_volumes(const json_t *disk)
{
    struct sum s = {.total = 0};
    const json_t *volume;
    size_t i;

    json_array_foreach(json_object_get(disk, "Volumes"), i, volume) {
        const json_t *usage = json_object_get(volume, "UsageData");
        long long size = number_of(usage, "Size");
        bool is_used = number_of(usage, "RefCount") > 0;

        if (size < 0)
            size = 0;
        s.total++;
        s.size += size;
        s.active += is_used;
        s.in_use += is_used ? size : 0;
    }
    return s;
}

static int print_short(const json_t *disk, const char *format,
                       struct failure *why)
{
    struct sum images = sum_images(disk);
    struct sum containers = sum_containers(disk);
    struct sum volumes = sum_volumes(disk);
    struct sum builds = {.total = 0};
    json_auto_t *rows = json_pack("[o, o, o, o]", sum_row("Images", &images),
                                  sum_row("Containers", &containers),
                                  sum_row("Local Volumes", &volumes),
                                  sum_row("Build Cache", &builds));

    return rows == NULL
               ? fail(why, ENOMEM, "print a listing")
               : listing_print(stdout, &listing, rows, format, false, why);
}

/* ---------------------------------------------------------------- at length */

static const struct column image_columns[] = {
    {"Repository", "REPOSITORY"},
    {"Tag", "TAG"},
    {"ID", "IMAGE ID"},
    {"CreatedSince", "CREATED"},
    {"Size", "SIZE"},
    {"SharedSize", "SHARED SIZE"},
    {"UniqueSize", "UNIQUE SIZE"},
    {"Containers", "CONTAINERS"},
    {NULL, NULL},
};

static const struct listing image_listing = {
    image_columns,
    "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t"
    "{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}",
    "{{.ID}}",
};

static const struct column container_columns[] = {
    {"ID", "CONTAINER ID"}, {"Image", "IMAGE"},
    {"Command", "COMMAND"}, {"LocalVolumes", "LOCAL VOLUMES"},
    {"Size", "SIZE"},       {"RunningFor", "CREATED"},
    {"Status", "STATUS"},   {"Names", "NAMES"},
    {NULL, NULL},
};

static const struct listing container_listing = {
    container_columns,
    "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t"
    "{{.RunningFor}}\t{{.Status}}\t{{.Names}}",
    "{{.ID}}",
};

static const struct column volume_columns[] = {
    {"Name", "VOLUME NAME"},
    {"Links", "LINKS"},
    {"Size", "SIZE"},
    {NULL, NULL},
};

static const struct listing volume_listing = {
    volume_columns,
    "table {{.Name}}\t{{.Links}}\t{{.Size}}",
    "{{.Name}}",
};

/* The tag is behind the last colon, unless that is of a registry's port. */
static void set_name(json_t *row, const char *name)
{
    const char *colon = strrchr(name, ':');

    if (colon == NULL || strchr(colon, '/') != NULL)
        colon = name + strlen(name);
    set(row, "Repository", strndup(name, (size_t)(colon - name)));
    set(row, "Tag", strdup(*colon == ':' ? colon + 1 : "<none>"));
}

static json_t *image_rows(const json_t *images)
{
    json_t *rows = json_array();
    const json_t *image;
    const json_t *name;
    size_t i, j;

    json_array_foreach(images, i, image) {
        long long size = number_of(image, "Size");
        long long shared = number_of(image, "SharedSize");

        json_array_foreach(json_object_get(image, "RepoTags"), j, name) {
            json_t *row = json_object();

            set_name(row, json_string_value(name));
            set(row, "ID", cell_id(text_of(image, "Id"), false));
            set(row, "CreatedSince", cell_ago(number_of(image, "Created")));
            set(row, "Size", size_text(size));
            set(row, "SharedSize", size_text(shared));
            set(row, "UniqueSize", size_text(size - shared));
            set(row, "Containers", number(number_of(image, "Containers")));
            json_array_append_new(rows, row);
        }
    }
    return rows;
}

static json_t *container_rows(const json_t *containers)
{
    json_t *rows = json_array();
    const json_t *container;
    size_t i;

    json_array_foreach(containers, i, container) {
        json_t *row = ps_row(container, false);

        set(row, "Size", size_text(number_of(container, "SizeRw")));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *volume_rows(const json_t *volumes)
{
    json_t *rows = json_array();
    const json_t *volume;
    size_t i;

    json_array_foreach(volumes, i, volume) {
        const json_t *usage = json_object_get(volume, "UsageData");
        json_t *row = json_object();

        set(row, "Name", strdup(text_of(volume, "Name")));
        set(row, "Links", number(number_of(usage, "RefCount")));
        set(row, "Size", size_text(number_of(usage, "Size")));
        json_array_append_new(rows, row);
    }
    return rows;
}

static int print_long(const json_t *disk, struct failure *why)
{
    json_auto_t *images = image_rows(json_object_get(disk, "Images"));
    json_auto_t *containers =
        container_rows(json_object_get(disk, "Containers"));
    json_auto_t *volumes = volume_rows(json_object_get(disk, "Volumes"));

    puts("Images space usage:\n");
    if (listing_print(stdout, &image_listing, images, NULL, false, why) < 0)
        return -1;
    puts("\nContainers space usage:\n");
    if (listing_print(stdout, &container_listing, containers, NULL, false,
                      why) < 0)
        return -1;
    puts("\nLocal Volumes space usage:\n");
    return listing_print(stdout, &volume_listing, volumes, NULL, false, why);
}

int verb_disk(const struct call *call, struct failure *why)
{
    json_auto_t *disk = engine_disk(call->engine, why);

    if (disk == NULL)
        return answer_failure(why);
    int status = call_is(call, "verbose")
                     ? print_long(disk, why)
                     : print_short(disk, call_text(call, "format"), why);
    return status < 0 ? answer_failure(why) : 0;
}
