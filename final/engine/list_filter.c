/*
 * list_filter: which containers are asked for.
 *
 * What the filters say is worked out once, before the first container.
 *
 * Source  Docker, "docker container ls: --filter"
 */
#include "list_filter.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "filter.h"
#include "image.h"
#include "numbers.h"
#include "store.h"

enum {
    PATTERN_MOST = 512 /* bytes: regcomp(3) has no bounds of its own */
};

static const char *const known[] = {
    "id",       "name",    "label",     "status",  "health", "exited",
    "ancestor", "network", "volume",    "publish", "expose", "before",
    "since",    "is-task", "isolation", NULL,
};

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

/* ------------------------------------------------------ reading filters */

/* The first value that is none of the words, or NULL. */
static const char *strange_value(const struct list_filter *f, const char *name,
                                 const char *const words[])
{
    const json_t *value;
    size_t i;

    json_array_foreach(values_of(f, name), i, value) {
        const char *const *word = words;

        while (*word != NULL && !str_eq(*word, json_string_value(value)))
            word++;
        if (*word == NULL)
            return json_string_value(value);
    }
    return NULL;
}

static int invalid(const char *name, const char *value, struct failure *why)
{
    return fail_as(why, FAILURE_BAD_PARAMETER, "Invalid filter '%s=%s'", name,
                   value);
}

static int check_values(const struct list_filter *f, struct failure *why)
{
    static const char *const states[] = {"created",    "running",  "paused",
                                         "restarting", "removing", "exited",
                                         "dead",       NULL};
    static const char *const healths[] = {"starting", "healthy", "unhealthy",
                                          "none", NULL};
    static const char *const truths[] = {"true", "false", "1", "0",
                                         "True", "False", NULL};
    const json_t *value;
    long long number;
    size_t i;

    const char *text;

    json_array_foreach(values_of(f, "exited"), i, value)
        if (numbers_parse(json_string_value(value), -1, 255, &number) < 0)
            return invalid("exited", json_string_value(value), why);
    if ((text = strange_value(f, "status", states)) != NULL)
        return invalid("status", text, why);
    if ((text = strange_value(f, "is-task", truths)) != NULL)
        return invalid("is-task", text, why);
    if ((text = strange_value(f, "health", healths)) != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Unrecognised filter value for health: %s", text);
    return 0;
}

/* What is no expression matches nothing, as with docker. */
static regex_t *compile(const json_t *values)
{
    regex_t *all = calloc(json_array_size(values) + 1, sizeof(*all));
    const json_t *value;
    size_t i;

    if (all != NULL)
        json_array_foreach(values, i, value)
            if (json_string_length(value) > PATTERN_MOST ||
                regcomp(&all[i], json_string_value(value),
                        REG_EXTENDED | REG_NOSUB) != 0)
                (void)regcomp(&all[i], "^[^[:print:]]$", REG_NOSUB);
    return all;
}

/* "8000-8010/tcp": into {"8000/tcp": true, ...} */
static int add_ports(json_t *into, const char *text, struct failure *why)
{
    const char *slash = strchr(text, '/');
    const char *protocol = slash != NULL ? slash + 1 : "tcp";
    cleanup_free char *first = strndup(text, strcspn(text, "/"));
    char *dash = first != NULL ? strchr(first, '-') : NULL;
    long long from, to;

    if (dash != NULL)
        *dash = '\0';
    if (!str_eq(protocol, "tcp") && !str_eq(protocol, "udp") &&
        !str_eq(protocol, "sctp"))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid proto: %s",
                       protocol);
    if (first == NULL || numbers_parse(first, 1, 65535, &from) < 0 ||
        numbers_parse(dash != NULL ? dash + 1 : first, from, 65535, &to) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "Invalid containerPort: %s",
                       text);
    for (; from <= to; from++) {
        char port[32];

        snprintf(port, sizeof(port), "%lld/%s", from, protocol);
        json_object_set_new(into, port, json_true());
    }
    return 0;
}

static int read_ports(struct list_filter *f, const char *name,
                      struct failure *why)
{
    json_t *ports = json_object();
    const json_t *value;
    size_t i;

    json_object_set_new(f->ports, name, ports);
    json_array_foreach(values_of(f, name), i, value)
        if (add_ports(ports, json_string_value(value), why) < 0)
            return -1;
    return 0;
}

static json_t *layers_of(const struct image *image)
{
    json_t *layers = json_array();

    for (size_t i = 0; i < image->layers; i++)
        json_array_append_new(layers, json_string(image->diff_ids[i].hex));
    return layers;
}

/* Of an image that is not there nothing is made. */
static int read_ancestors(struct list_filter *f, struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    const json_t *value;
    size_t i;

    if (!is_asked(f, "ancestor"))
        return 0;
    if (store_open(&store, f->engine->data, f->engine->data_fd, STORE_READ,
                   why) < 0)
        return -1;
    json_array_foreach(values_of(f, "ancestor"), i, value) {
        cleanup_image struct image image = {.config = NULL};
        struct failure ignored;

        if (image_find(&image, &store, json_string_value(value), &ignored) == 0)
            json_array_append_new(f->ancestors,
                                  json_pack("{s:s+, s:o}", "Id",
                                            "sha256:", image.id.hex, "Layers",
                                            layers_of(&image)));
    }
    return 0;
}

/* When was the container created that was asked for? */
static int read_moment(const struct list_filter *f, const char *name,
                       char **moment, struct failure *why)
{
    const json_t *value;
    size_t i;

    json_array_foreach(values_of(f, name), i, value) {
        cleanup_record struct record record = RECORD_CLOSED;

        if (record_find(&record, f->engine, json_string_value(value), why) < 0)
            return -1;
        free(*moment);
        *moment = strdup(text_of(record.config, "Created"));
        if (*moment == NULL)
            return fail(why, ENOMEM, "read filters");
    }
    return 0;
}

int list_filter_make(struct list_filter *f, const struct engine *engine,
                     const json_t *filters, struct failure *why)
{
    *f = (struct list_filter){.engine = engine};
    if (filter_check(filters, known, why) < 0)
        return -1;
    f->values = json_object();
    f->ports = json_object();
    f->ancestors = json_array();
    f->judged = json_object();
    for (size_t i = 0; known[i] != NULL; i++)
        json_object_set_new(f->values, known[i],
                            filter_values(filters, known[i]));
    f->ids = compile(values_of(f, "id"));
    f->names = compile(values_of(f, "name"));
    if (f->ids == NULL || f->names == NULL)
        fail(why, ENOMEM, "read filters");
    else if (check_values(f, why) == 0 && read_ports(f, "publish", why) == 0 &&
             read_ports(f, "expose", why) == 0 && read_ancestors(f, why) == 0 &&
             read_moment(f, "before", &f->before, why) == 0 &&
             read_moment(f, "since", &f->since, why) == 0)
        return 0;
    list_filter_release(f);
    return -1;
}

static void release_patterns(regex_t *all, size_t count)
{
    for (size_t i = 0; all != NULL && i < count; i++)
        regfree(&all[i]);
    free(all);
}

void list_filter_release(struct list_filter *f)
{
    release_patterns(f->ids, json_array_size(values_of(f, "id")));
    release_patterns(f->names, json_array_size(values_of(f, "name")));
    json_decref(f->values);
    json_decref(f->ports);
    json_decref(f->ancestors);
    json_decref(f->judged);
    free(f->before);
    free(f->since);
    *f = (struct list_filter){.engine = NULL};
}
