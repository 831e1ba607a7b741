/*
 * list_match: is a container one of those that are asked for?
 *
 * Source  Docker, "docker container ls: --filter"
 */
#include "list_filter.h"

#include <stdio.h>

#include "cleanup.h"
#include "endpoints.h"
#include "filter.h"
#include "image.h"
#include "store.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static const json_t *values_of(const struct list_filter *f, const char *name)
{
    return json_object_get(f->values, name);
}

static bool is_asked(const struct list_filter *f, const char *name)
{
    return json_array_size(values_of(f, name)) > 0;
}

/* Is a text one of the values? */
static bool is_value(const struct list_filter *f, const char *name,
                     const char *text)
{
    const json_t *value;
    size_t i;

    json_array_foreach(values_of(f, name), i, value)
        if (str_eq(json_string_value(value), text))
            return true;
    return false;
}

static bool matches(const regex_t *all, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (regexec(&all[i], text, 0, NULL, 0) == 0)
            return true;
    return count == 0;
}

static bool has_name(const struct list_filter *f, const struct record *record)
{
    size_t count = json_array_size(values_of(f, "name"));

    /* People write "^web$" as well as docker's "^/web$". */
    return matches(f->names, count, record_name(record)) ||
           matches(f->names, count, text_of(record->config, "Name"));
}

static bool has_labels(const struct list_filter *f, const json_t *config)
{
    const json_t *labels = json_object_get(config, "Labels");
    const json_t *value;
    size_t i;

    json_array_foreach(values_of(f, "label"), i, value)
        if (!filter_label(labels, json_string_value(value)))
            return false;
    return true;
}

static bool has_state(const struct list_filter *f, const struct record *record)
{
    const json_t *state = record->state;
    const char *health = text_of(json_object_get(state, "Health"), "Status");
    char code[32];

    snprintf(code, sizeof(code), "%lld",
             (long long)json_integer_value(json_object_get(state, "ExitCode")));
    if (is_asked(f, "status") && !is_value(f, "status", record_status(record)))
        return false;
    if (is_asked(f, "health") &&
        !is_value(f, "health", *health != '\0' ? health : "none"))
        return false;
    return !is_asked(f, "exited") || (str_eq(record_status(record), "exited") &&
                                      is_value(f, "exited", code));
}

static bool has_age(const struct list_filter *f, const char *created)
{
    return (f->before == NULL || strcmp(created, f->before) < 0) &&
           (f->since == NULL || strcmp(created, f->since) > 0);
}

/* Is one of the object's names one of the ports asked for? */
static bool has_port(const struct list_filter *f, const char *filter,
                     const json_t *object)
{
    const json_t *ports = json_object_get(f->ports, filter);
    const char *port;
    const json_t *value;

    if (json_object_size(ports) == 0)
        return true;
    json_object_foreach((json_t *)object, port, value)
        if (json_object_get(ports, port) != NULL)
            return true;
    return false;
}

static bool has_volume(const struct list_filter *f, const json_t *mounts)
{
    const json_t *mount;
    size_t i;

    if (!is_asked(f, "volume"))
        return true;
    json_array_foreach(mounts, i, mount)
        if (is_value(f, "volume", text_of(mount, "Name")) ||
            is_value(f, "volume", text_of(mount, "Destination")))
            return true;
    return false;
}

/* Does a list of layers begin with all of another? */
static bool begins_with(const struct image *image, const json_t *layers)
{
    const json_t *layer;
    size_t i;

    if (json_array_size(layers) == 0 || json_array_size(layers) > image->layers)
        return false;
    json_array_foreach(layers, i, layer)
        if (!str_eq(json_string_value(layer), image->diff_ids[i].hex))
            return false;
    return true;
}

static bool is_made_from(const struct list_filter *f, const char *id)
{
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_image struct image image = {.config = NULL};
    struct failure ignored;
    const json_t *ancestor;
    size_t i;

    json_array_foreach(f->ancestors, i, ancestor)
        if (str_eq(text_of(ancestor, "Id"), id))
            return true;
    if (store_open(&store, f->engine->data, f->engine->data_fd, STORE_READ,
                   &ignored) < 0 ||
        image_find_id(&image, &store, id, &ignored) < 0)
        return false;
    json_array_foreach(f->ancestors, i, ancestor)
        if (begins_with(&image, json_object_get(ancestor, "Layers")))
            return true;
    return false;
}

static bool has_ancestor(struct list_filter *f, const char *id)
{
    if (!is_asked(f, "ancestor"))
        return true;
    if (json_object_get(f->judged, id) == NULL)
        json_object_set_new(f->judged, id, json_boolean(is_made_from(f, id)));
    return json_is_true(json_object_get(f->judged, id));
}

static bool has_network(const struct list_filter *f,
                        const struct record *record, json_t **settings)
{
    const char *name;
    const json_t *network;
    const json_t *value;
    size_t i;

    if (!is_asked(f, "network"))
        return true;
    *settings = endpoints_settings(
        record->engine, record->id, record->config,
        (pid_t)json_integer_value(json_object_get(record->state, "Pid")));
    json_object_foreach(json_object_get(*settings, "Networks"), name, network)
        json_array_foreach(values_of(f, "network"), i, value) {
            const char *id = text_of(network, "NetworkID");
            const char *text = json_string_value(value);

            if (str_eq(text, name) ||
                (*text != '\0' && strncmp(id, text, strlen(text)) == 0))
                return true;
        }
    return false;
}

bool list_filter_passes(struct list_filter *f, const struct record *record,
                        json_t **settings)
{
    const json_t *config = json_object_get(record->config, "Config");
    const json_t *host = json_object_get(record->config, "HostConfig");

    return matches(f->ids, json_array_size(values_of(f, "id")), record->id) &&
           has_name(f, record) && has_labels(f, config) &&
           has_state(f, record) &&
           has_age(f, text_of(record->config, "Created")) &&
           has_port(f, "publish", json_object_get(host, "PortBindings")) &&
           has_port(f, "expose", json_object_get(config, "ExposedPorts")) &&
           has_volume(f, json_object_get(record->config, "Mounts")) &&
           !is_value(f, "is-task", "true") && !is_value(f, "is-task", "1") &&
           !is_value(f, "is-task", "True") &&
           has_ancestor(f, text_of(record->config, "Image")) &&
           has_network(f, record, settings);
}

bool list_filter_wants_all(const struct list_filter *f)
{
    return is_asked(f, "status");
}
