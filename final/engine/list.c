/*
 * list: which containers there are.
 *
 * Each costs two small files. Those that run have a directory in the run root
 * besides, so that a question for these alone does not look at the others.
 *
 * Side           host
 * Look at it     ls /run/duct     ls -l /var/lib/duct/names
 */
#include "list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "cleanup.h"
#include "endpoints.h"
#include "image.h"
#include "index.h"
#include "list_filter.h"
#include "log_entry.h"
#include "record.h"
#include "size.h"
#include "status.h"
#include "store.h"

/* What is kept of a container until it is known which are wanted. */
struct candidate {
    char id[ID_LENGTH + 1];
    json_t *config, *state;
    json_t *settings; /* or NULL */
};

struct list {
    const struct engine *engine;
    struct list_filter filter;
    bool all;
    struct candidate *candidates;
    size_t count, room;
    /* For what they call their images. */
    struct store store;
    json_t *index;
    json_t *images;   /* {"name as given": id, or "" } */
    json_t *settings; /* {"NetworkMode": NetworkSettings} of who is alike */
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* ------------------------------------------------------ finding candidates */

static int make_room(struct list *list, struct failure *why)
{
    size_t room = list->room > 0 ? 2 * list->room : 64;

    if (list->count < list->room)
        return 0;
    struct candidate *more =
        reallocarray(list->candidates, room, sizeof(*more));
    if (more == NULL)
        return fail(why, ENOMEM, "list containers");
    list->candidates = more;
    list->room = room;
    return 0;
}

static int consider(struct record *record, void *argument, struct failure *why)
{
    struct list *list = argument;
    json_t *settings = NULL;

    if ((!list->all && !record_is_up(record)) ||
        !list_filter_passes(&list->filter, record, &settings)) {
        json_decref(settings);
        return 0;
    }
    if (make_room(list, why) < 0) {
        json_decref(settings);
        return -1;
    }
    struct candidate *c = &list->candidates[list->count++];
    memcpy(c->id, record->id, sizeof(c->id));
    c->config = json_incref(record->config);
    c->state = json_incref(record->state);
    c->settings = settings;
    return 0;
}

/* Is it a container yet, and still? Its name has to lead to it. */
static bool is_named(const struct record *record)
{
    cleanup_free char *path = NULL;
    char id[ID_LENGTH + 1] = "";

    if (asprintf(&path, "names/%s", record_name(record)) < 0)
        return false;
    return readlinkat(record->engine->data_fd, path, id, sizeof(id)) ==
               ID_LENGTH &&
           memcmp(id, record->id, ID_LENGTH) == 0;
}

static int consider_id(struct list *list, const char *id, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;
    struct failure ignored;

    if (record_open(&record, list->engine, id, &ignored) < 0 ||
        !is_named(&record))
        return 0;
    return consider(&record, list, why);
}

/* A monitor makes its directory before its container runs. */
static int consider_running(struct list *list, struct failure *why)
{
    int fd =
        openat(list->engine->run_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int status = 0;

    if (directory == NULL) {
        fail(why, errno, "list the containers in %s", list->engine->run);
        close_fd(&fd);
        return -1;
    }
    while (status == 0 && (entry = readdir(directory)) != NULL)
        if (id_is(entry->d_name))
            status = consider_id(list, entry->d_name, why);
    closedir(directory);
    return status;
}

static int newest_first(const void *a, const void *b)
{
    const struct candidate *first = a;
    const struct candidate *second = b;

    return strcmp(text_of(second->config, "Created"),
                  text_of(first->config, "Created"));
}

/* ------------------------------------------------------ describing them */

/* The id of the image that a name stands for now; "" when there is none. */
static const char *id_of_image(struct list *list, const char *name)
{
    const json_t *known = json_object_get(list->images, name);
    struct digest id;
    struct failure ignored;

    if (known != NULL)
        return json_string_value(known);
    int place = list->index == NULL ? -1
                                    : index_find(&list->store, list->index,
                                                 name, NULL, &ignored);
    if (place >= 0 &&
        index_id(&list->store, json_array_get(list->index, (size_t)place), &id,
                 &ignored) == 0)
        json_object_set_new(list->images, name,
                            json_sprintf("sha256:%s", id.hex));
    else
        json_object_set_new(list->images, name, json_string(""));
    return text_of(list->images, name);
}

/* A name that is another image's by now would tell a lie. */
static const char *image_of(struct list *list, const json_t *config)
{
    const char *name = text_of(json_object_get(config, "Config"), "Image");
    const char *id = text_of(config, "Image");

    return str_eq(id_of_image(list, name), id) ? name : id;
}

/* Path and Args as one text; words with blanks in quotes. */
static json_t *command_of(const json_t *config)
{
    const json_t *arguments = json_object_get(config, "Args");
    cleanup_free char *text = NULL;
    size_t length = 0;
    const json_t *word;
    size_t i;

    if (json_array_size(arguments) == 0)
        return json_string(text_of(config, "Path"));
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return json_string("");
    fputs(text_of(config, "Path"), out);
    json_array_foreach(arguments, i, word) {
        const char *quote =
            strchr(json_string_value(word), ' ') != NULL ? "'" : "";

        fprintf(out, " %s%s%s", quote, json_string_value(word), quote);
    }
    if (fclose(out) != 0)
        return json_string("");
    return json_stringn(text, length);
}

static void add_port(json_t *ports, const char *port, const json_t *binding)
{
    const char *slash = strchr(port, '/');
    json_t *item =
        json_pack("{s:i, s:s}", "PrivatePort", (int)strtol(port, NULL, 10),
                  "Type", slash != NULL ? slash + 1 : "tcp");

    if (binding != NULL) {
        json_object_set_new(item, "IP",
                            json_string(text_of(binding, "HostIp")));
        json_object_set_new(
            item, "PublicPort",
            json_integer(strtol(text_of(binding, "HostPort"), NULL, 10)));
    }
    json_array_append_new(ports, item);
}

/* {"80/tcp": [{"HostIp", "HostPort"}], "90/tcp": null} as a list. */
static json_t *ports_of(const json_t *settings)
{
    json_t *ports = json_array();
    const json_t *binding;
    const char *port;
    json_t *bindings;
    size_t i;

    json_object_foreach(json_object_get(settings, "Ports"), port, bindings) {
        if (json_array_size(bindings) == 0)
            add_port(ports, port, NULL);
        json_array_foreach(bindings, i, binding)
            add_port(ports, port, binding);
    }
    return ports;
}

/* An empty one stands for what nobody spoke of. */
static json_t *or_empty(const json_t *value, json_t *empty)
{
    if (value == NULL || json_is_null(value))
        return empty;
    json_decref(empty);
    return json_incref((json_t *)value);
}

/* Those that do not run, and were told nothing of networks but a mode, all have
 * the same to show. */
static void settle(struct list *list, struct candidate *c)
{
    const json_t *host = json_object_get(c->config, "HostConfig");
    const char *mode = text_of(host, "NetworkMode");
    json_int_t pid = json_integer_value(json_object_get(c->state, "Pid"));
    const json_t *more = json_object_get(
        json_object_get(c->config, "NetworkingConfig"), "EndpointsConfig");
    bool is_plain = pid == 0 && json_object_size(more) == 0 &&
                    (str_eq(mode, "default") || str_eq(mode, "bridge") ||
                     str_eq(mode, "none") || str_eq(mode, "host"));

    if (c->settings == NULL && is_plain)
        c->settings = json_incref(json_object_get(list->settings, mode));
    if (c->settings == NULL)
        c->settings =
            endpoints_settings(list->engine, c->id, c->config, (pid_t)pid);
    if (is_plain)
        json_object_set(list->settings, mode, c->settings);
}

static json_t *describe(struct list *list, struct candidate *c, int64_t now)
{
    const json_t *config = json_object_get(c->config, "Config");
    const json_t *host = json_object_get(c->config, "HostConfig");
    const char *created = text_of(c->config, "Created");
    cleanup_free char *status = status_text(c->state, now);
    int64_t then = 0;

    settle(list, c);
    (void)log_time_parse(created, strlen(created), &then);
    return json_pack(
        "{s:s, s:[s], s:s, s:s, s:o, s:I, s:o, s:o, s:s, s:s, s:{s:s}, "
        "s:{s:o}, s:o}",
        "Id", c->id, "Names", text_of(c->config, "Name"), "Image",
        image_of(list, c->config), "ImageID", text_of(c->config, "Image"),
        "Command", command_of(c->config), "Created",
        (json_int_t)(then / 1000000000), "Ports", ports_of(c->settings),
        "Labels", or_empty(json_object_get(config, "Labels"), json_object()),
        "State", text_of(c->state, "Status"), "Status",
        status != NULL ? status : "", "HostConfig", "NetworkMode",
        text_of(host, "NetworkMode"), "NetworkSettings", "Networks",
        or_empty(json_object_get(c->settings, "Networks"), json_object()),
        "Mounts", or_empty(json_object_get(c->config, "Mounts"), json_array()));
}

static json_t *describe_all(struct list *list, size_t most, bool size)
{
    json_t *items = json_array();
    struct failure ignored;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (list->count > 0 &&
        store_open(&list->store, list->engine->data, list->engine->data_fd,
                   STORE_READ, &ignored) == 0)
        list->index = index_read(&list->store, &ignored);
    for (size_t i = 0; i < list->count && i < most; i++) {
        struct candidate *c = &list->candidates[i];
        json_t *item =
            describe(list, c, now.tv_sec * 1000000000LL + now.tv_nsec);

        if (item != NULL && size)
            size_add(list->engine, c->config, item);
        json_array_append_new(items, item);
    }
    return items;
}

static void release(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        json_decref(list->candidates[i].config);
        json_decref(list->candidates[i].state);
        json_decref(list->candidates[i].settings);
    }
    free(list->candidates);
    list_filter_release(&list->filter);
    json_decref(list->index);
    json_decref(list->images);
    json_decref(list->settings);
    store_close(&list->store);
}

/* Who is asked for, newest first; more than @limit, perhaps. */
static int find(struct list *list, bool all, int limit, const json_t *filters,
                struct failure *why)
{
    if (list_filter_make(&list->filter, list->engine, filters, why) < 0)
        return -1;
    list->all = all || limit > 0 || list_filter_wants_all(&list->filter);
    list->images = json_object();
    list->settings = json_object();
    if ((list->all ? record_each(list->engine, consider, list, why)
                   : consider_running(list, why)) < 0)
        return -1;
    if (list->count > 1)
        qsort(list->candidates, list->count, sizeof(*list->candidates),
              newest_first);
    return 0;
}

json_t *container_list(const struct engine *engine, bool all, int limit,
                       bool size, const json_t *filters, struct failure *why)
{
    struct list list = {.engine = engine, .store = STORE_CLOSED};
    json_t *items = NULL;

    if (find(&list, all, limit, filters, why) == 0)
        items =
            describe_all(&list, limit > 0 ? (size_t)limit : list.count, size);
    release(&list);
    return items;
}

json_t *container_ids(const struct engine *engine, bool all, int limit,
                      const json_t *filters, struct failure *why)
{
    struct list list = {.engine = engine, .store = STORE_CLOSED};
    json_t *items = NULL;

    if (find(&list, all, limit, filters, why) == 0) {
        items = json_array();
        for (size_t i = 0; i < list.count; i++)
            if (limit <= 0 || i < (size_t)limit)
                json_array_append_new(
                    items, json_pack("{s:s}", "Id", list.candidates[i].id));
    }
    release(&list);
    return items;
}
