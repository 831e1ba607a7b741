/*
 * networks: the switches that containers can be plugged into.
 *
 * Side           host
 * Look at it     ls -l /var/lib/duct/networks/names
 *                jq . /var/lib/duct/networks/ID.json
 */
#include "networks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "cleanup.h"
#include "ids.h"
#include "json_file.h"
#include "segment.h"
#include "wiring.h"

/* Always there, without a file. */
static const struct builtin {
    const char *name;
    const char *id;
    const char *driver;
} builtins[] = {
    {"bridge",
     "2f1c86f4d64af2b1b47e6a3fd7ac2bcf8e0d6fdb6d4c79e2a1b4f8390c5ad710",
     "bridge"},
    {"host", "7b5c0e2f94d813ab6c2f50de91a7c4f36be0a58d27c94e61f3a8d20b7e964c15",
     "host"},
    {"none", "c3a9e8d15f7042b6a8e4c70d93b15fe260d7a34cb9f218e65d0c7ba41f8e2936",
     "null"},
};

enum {
    BUILTINS = sizeof(builtins) / sizeof(builtins[0])
};

static const struct builtin *builtin_named(const char *name)
{
    for (size_t i = 0; i < BUILTINS; i++)
        if (str_eq(builtins[i].name, name))
            return &builtins[i];
    return NULL;
}

static json_t *describe_builtin(const struct builtin *b)
{
    bool is_bridge = str_eq(b->driver, "bridge");
    json_t *pools = is_bridge
                        ? json_pack("[{s:s, s:s}]", "Subnet", "10.209.0.0/16",
                                    "Gateway", "10.209.0.1")
                        : json_array();
    json_t *options =
        is_bridge
            ? json_pack("{s:s, s:s}", "com.docker.network.bridge.name", "duct0",
                        "com.docker.network.bridge.default_bridge", "true")
            : json_object();

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:{s:s, s:n, s:o}, s:b, s:b, s:b, "
        "s:{s:s}, s:b, s:{}, s:o, s:{}}",
        "Name", b->name, "Id", b->id, "Created", "1970-01-01T00:00:00Z",
        "Scope", "local", "Driver", b->driver, "EnableIPv6", false, "IPAM",
        "Driver", "default", "Options", "Config", pools, "Internal", false,
        "Attachable", false, "Ingress", false, "ConfigFrom", "Network", "",
        "ConfigOnly", false, "Containers", "Options", options, "Labels");
}

static int open_part(const struct engine *engine, struct failure *why)
{
    return engine_part(engine, "networks", why);
}

static json_t *read_by_id(int dir_fd, const char *id)
{
    char file[ID_LENGTH + sizeof(".json")];
    struct failure ignored; /* a damaged one is none */

    snprintf(file, sizeof(file), "%s.json", id);
    return json_file_read(dir_fd, file, &ignored);
}

/* The id that a name leads to. */
static bool read_name(int dir_fd, const char *name, char id[ID_LENGTH + 1])
{
    cleanup_free char *path = NULL;

    if (strchr(name, '/') != NULL || *name == '.' || *name == '\0' ||
        asprintf(&path, "names/%s", name) < 0)
        return false;
    ssize_t length = readlinkat(dir_fd, path, id, ID_LENGTH);
    id[length < 0 ? 0 : length] = '\0';
    return length == ID_LENGTH && id_is(id);
}

/* Calls @visit with each name that is taken, until it says so. */
static bool each_name(int dir_fd,
                      bool (*visit)(int dir_fd, const char *name, void *arg),
                      void *arg)
{
    int fd = openat(dir_fd, "names", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    bool is_done = false;

    if (entries == NULL)
        return close_fd(&fd), false;
    while (!is_done && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.')
            is_done = visit(dir_fd, entry->d_name, arg);
    closedir(entries);
    return is_done;
}

/* A network that its name leads to, and that says so itself. */
static json_t *read_named(int dir_fd, const char *name)
{
    char id[ID_LENGTH + 1];
    json_t *network =
        read_name(dir_fd, name, id) ? read_by_id(dir_fd, id) : NULL;

    if (network != NULL && str_eq(wiring_text(network, "Name"), name))
        return network;
    json_decref(network);
    return NULL;
}

struct search {
    const char *prefix;
    json_t *found;
    int count;
};

static bool has_prefix(int dir_fd, const char *name, void *arg)
{
    struct search *search = arg;
    char id[ID_LENGTH + 1];

    if (!read_name(dir_fd, name, id) ||
        strncmp(id, search->prefix, strlen(search->prefix)) != 0)
        return false;
    json_t *network = read_named(dir_fd, name);
    if (network == NULL)
        return false;
    json_decref(search->found);
    search->found = network;
    return ++search->count > 1;
}

static void search_builtins(struct search *search)
{
    for (size_t i = 0; i < BUILTINS; i++)
        if (strncmp(builtins[i].id, search->prefix, strlen(search->prefix)) ==
            0) {
            json_decref(search->found);
            search->found = describe_builtin(&builtins[i]);
            search->count++;
        }
}

/* The usual case, an id in full, is one file. */
static json_t *find_by_id(int dir_fd, const char *text, struct failure *why)
{
    struct search search = {.prefix = text};

    if (id_is(text)) {
        json_t *network = read_by_id(dir_fd, text);
        json_t *named = network == NULL
                            ? NULL
                            : read_named(dir_fd, wiring_text(network, "Name"));
        bool is_same = named != NULL && str_eq(wiring_text(named, "Id"), text);

        json_decref(named);
        if (is_same)
            return network;
        json_decref(network);
    }
    search_builtins(&search);
    if (id_is_prefix(text))
        each_name(dir_fd, has_prefix, &search);
    if (search.count == 1)
        return search.found;
    json_decref(search.found);
    if (search.count > 1)
        fail_as(why, FAILURE_BAD_PARAMETER,
                "network %s is ambiguous (%d matches found on name or id)",
                text, search.count);
    else
        fail_as(why, FAILURE_NOT_FOUND, "network %s not found", text);
    return NULL;
}

json_t *networks_find(const struct engine *engine, const char *name,
                      struct failure *why)
{
    const struct builtin *builtin = builtin_named(name);

    if (builtin != NULL)
        return describe_builtin(builtin);
    cleanup_close int dir_fd = open_part(engine, why);
    if (dir_fd < 0)
        return NULL;
    json_t *network = read_named(dir_fd, name);
    return network != NULL ? network
           : *name != '\0'
               ? find_by_id(dir_fd, name, why)
               : (fail_as(why, FAILURE_NOT_FOUND, "network %s not found", name),
                  NULL);
}

static void add_member(const struct engine *engine, const char *address,
                       const char *container, void *arg)
{
    json_t *network = arg;
    json_t *wiring = wiring_read(engine, container);
    const json_t *endpoint =
        wiring_endpoint(wiring, wiring_text(network, "Id"));
    cleanup_free char *with_prefix = NULL;
    const char *slash = strchr(wiring_text(endpoint, "Subnet"), '/');

    if (endpoint != NULL &&
        asprintf(&with_prefix, "%s%s", address, slash ? slash : "") > 0)
        json_object_set_new(
            json_object_get(network, "Containers"), container,
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "Name",
                      wiring_text(wiring, "Name"), "EndpointID",
                      wiring_text(endpoint, "EndpointID"), "MacAddress",
                      wiring_text(endpoint, "Mac"), "IPv4Address", with_prefix,
                      "IPv6Address", ""));
    json_decref(wiring);
}

json_t *networks_inspect(const struct engine *engine, const char *name,
                         struct failure *why)
{
    json_t *network = networks_find(engine, name, why);

    if (network == NULL)
        return NULL;
    json_object_set_new(network, "Containers", json_object());
    segment_members(engine, wiring_text(network, "Id"), add_member, network);
    return network;
}

static bool append_named(int dir_fd, const char *name, void *arg)
{
    json_t *network = read_named(dir_fd, name);

    if (network != NULL)
        json_array_append_new(arg, network);
    return false;
}

/* All of them, in no order but for the three that are always there. */
static json_t *read_all(int dir_fd)
{
    json_t *all = json_array();

    for (size_t i = 0; i < BUILTINS; i++)
        json_array_append_new(all, describe_builtin(&builtins[i]));
    each_name(dir_fd, append_named, all);
    return all;
}

struct lists {
    const struct engine *engine;
    const json_t *network;
};

/* Of how many values of a filter, docker's list or set, is it true? */
static size_t count_true(const json_t *values, const struct lists *l,
                         bool (*is_it)(const struct lists *l,
                                       const char *value))
{
    const json_t *text;
    const char *key;
    json_t *value;
    size_t count = 0;
    size_t i;

    json_array_foreach(values, i, text)
        count += json_is_string(text) && is_it(l, json_string_value(text));
    json_object_foreach((json_t *)values, key, value)
        count += is_it(l, key);
    return count;
}

static bool is_named(const struct lists *l, const char *value)
{
    return strstr(wiring_text(l->network, "Name"), value) != NULL;
}

static bool has_id(const struct lists *l, const char *value)
{
    return strncmp(wiring_text(l->network, "Id"), value, strlen(value)) == 0;
}

static bool has_driver(const struct lists *l, const char *value)
{
    return str_eq(wiring_text(l->network, "Driver"), value);
}

static bool has_scope(const struct lists *l, const char *value)
{
    return str_eq(wiring_text(l->network, "Scope"), value);
}

static bool has_label(const struct lists *l, const char *value)
{
    cleanup_free char *key = strdup(value);
    char *equals = key == NULL ? NULL : strchr(key, '=');

    if (equals != NULL)
        *equals++ = '\0';
    const json_t *label =
        json_object_get(json_object_get(l->network, "Labels"), key ? key : "");
    return label != NULL &&
           (equals == NULL || (json_is_string(label) &&
                               str_eq(json_string_value(label), equals)));
}

static bool lacks_label(const struct lists *l, const char *value)
{
    return !has_label(l, value);
}

static bool has_type(const struct lists *l, const char *value)
{
    bool builtin = builtin_named(wiring_text(l->network, "Name")) != NULL;

    return str_eq(value, builtin ? "builtin" : "custom");
}

static bool is_empty(const struct engine *engine, const json_t *network)
{
    struct addresses all;
    struct failure ignored;
    bool empty = false;

    if (segment_lock(engine, wiring_text(network, "Id"), &all, &ignored) < 0)
        return false;
    empty = addresses_are_free(&all);
    addresses_unlock(&all);
    return empty;
}

static bool is_dangling(const struct lists *l, const char *value)
{
    bool wanted = str_eq(value, "true") || str_eq(value, "1");
    bool builtin = builtin_named(wiring_text(l->network, "Name")) != NULL;

    return (!builtin && is_empty(l->engine, l->network)) == wanted;
}

static const struct filter {
    const char *key;
    bool (*is_it)(const struct lists *l, const char *value);
    bool is_strict; /* all values have to be right, and not just one */
} filters_known[] = {
    {"name", is_named, false},     {"id", has_id, false},
    {"driver", has_driver, false}, {"label", has_label, true},
    {"label!", lacks_label, true}, {"type", has_type, false},
    {"scope", has_scope, false},   {"dangling", is_dangling, false},
};

enum {
    FILTERS = sizeof(filters_known) / sizeof(filters_known[0])
};

static const struct filter *filter_named(const char *key)
{
    for (size_t i = 0; i < FILTERS; i++)
        if (str_eq(filters_known[i].key, key))
            return &filters_known[i];
    return NULL;
}

static bool passes(const struct lists *l, const json_t *filters)
{
    const char *key;
    json_t *values;

    json_object_foreach((json_t *)filters, key, values) {
        const struct filter *filter = filter_named(key);
        size_t all = json_is_array(values) ? json_array_size(values)
                                           : json_object_size(values);
        size_t right =
            filter == NULL ? all : count_true(values, l, filter->is_it);

        if (right == 0 || (filter != NULL && filter->is_strict && right < all))
            return false;
    }
    return true;
}

json_t *networks_list(const struct engine *engine, const json_t *filters,
                      struct failure *why)
{
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach((json_t *)filters, key, value)
        if (filter_named(key) == NULL) {
            fail_as(why, FAILURE_BAD_PARAMETER, "invalid filter '%s'", key);
            return NULL;
        }
    cleanup_close int dir_fd = open_part(engine, why);
    if (dir_fd < 0)
        return NULL;
    json_t *all = read_all(dir_fd);
    json_t *some = json_array();
    json_array_foreach(all, i, value) {
        struct lists l = {.engine = engine, .network = value};

        if (passes(&l, filters))
            json_array_append(some, value);
    }
    json_decref(all);
    return some;
}
