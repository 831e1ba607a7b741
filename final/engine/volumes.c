/*
 * volumes: directories that outlive the containers which use them.
 *
 * Side           host
 * Look at it     jq . /var/lib/duct/volumes/NAME/volume.json
 */
#include "volumes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "ids.h"
#include "journal.h"
#include "json_file.h"
#include "tree_size.h"
#include "volume_dir.h"

#define ANONYMOUS "com.docker.volume.anonymous"

static const json_t *get(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static int check_name(const char *name, struct failure *why)
{
    if (strlen(name) == 1)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "create %s: volume name is too short, names should be "
                       "at least two alphanumeric characters",
                       name);
    if (!name_is_valid(name))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "create %s: \"%s\" includes invalid characters for a "
                       "local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" "
                       "are allowed. If you intended to pass a host directory, "
                       "use absolute path",
                       name, name);
    return 0;
}

/* Objects of texts, as labels and options are. */
static int check_texts(const json_t *object, const char *what,
                       struct failure *why)
{
    const char *key;
    json_t *value;

    if (object != NULL && !json_is_object(object))
        return fail_as(why, FAILURE_BAD_PARAMETER, "%s: must be an object",
                       what);
    json_object_foreach((json_t *)object, key, value)
        if (!json_is_string(value))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "%s: \"%s\" must have a text", what, key);
    return 0;
}

/* What the "local" driver of docker does by mounting, done where a bind does
 * it: nothing is mounted on the host. */
static int check_options(const char *name, const json_t *options,
                         struct failure *why)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)options, key, value)
        if (!str_eq(key, "type") && !str_eq(key, "o") && !str_eq(key, "device"))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "create %s: invalid option: \"%s\"", name, key);
    if (json_object_size(options) == 0)
        return 0;
    if (*text_of(options, "device") == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "create %s: missing required option: \"device\"", name);
    if (strstr(text_of(options, "o"), "bind") == NULL ||
        *text_of(options, "device") != '/')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "create %s: only directories can be mounted: options "
                       "type=none, o=bind, device=/PATH",
                       name);
    return 0;
}

static int check_request(const char *name, const json_t *request,
                         struct failure *why)
{
    const char *driver = text_of(request, "Driver");

    if (check_name(name, why) < 0 ||
        check_texts(get(request, "Labels"), "Labels", why) < 0 ||
        check_texts(get(request, "DriverOpts"), "DriverOpts", why) < 0)
        return -1;
    if (*driver != '\0' && !str_eq(driver, "local"))
        return fail_as(why, FAILURE_NOT_FOUND,
                       "create %s: error looking up volume plugin %s: plugin "
                       "\"%s\" not found",
                       name, driver, driver);
    return check_options(name, get(request, "DriverOpts"), why);
}

static json_t *copy_or_null(const json_t *object)
{
    return object != NULL ? json_deep_copy(object) : json_null();
}

static json_t *describe(const char *name, const json_t *request,
                        bool is_anonymous)
{
    char created[TIME_LENGTH + 1];
    json_t *labels = copy_or_null(get(request, "Labels"));

    if (is_anonymous && json_is_null(labels))
        labels = json_object();
    if (is_anonymous)
        json_object_set_new(labels, ANONYMOUS, json_string(""));
    time_now(created);
    memcpy(created + strlen("0001-01-01T00:00:00"), "Z", sizeof("Z"));
    return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s}", "CreatedAt", created,
                     "Driver", "local", "Labels", labels, "Name", name,
                     "Options", copy_or_null(get(request, "DriverOpts")),
                     "Scope", "local");
}

static void tell(const struct engine *engine, const char *action,
                 const char *name)
{
    json_auto_t *attributes = json_pack("{s:s}", "driver", "local");
    struct failure ignored;

    (void)journal_add(engine, "volume", action, name, attributes, &ignored);
}

json_t *volume_create(const struct engine *engine, const json_t *request,
                      struct failure *why)
{
    return volume_create_for(engine, request, NULL, why);
}

json_t *volume_create_for(const struct engine *engine, const json_t *request,
                          const char *user, struct failure *why)
{
    char id[ID_LENGTH + 1];
    const char *name = text_of(request, "Name");
    const bool is_anonymous = *name == '\0';

    if (is_anonymous) {
        id_make(id);
        name = id;
    }
    if (check_request(name, request, why) < 0)
        return NULL;
    cleanup_close int fd = volume_dir_open(engine, name);
    if (fd < 0) {
        json_auto_t *record = describe(name, request, is_anonymous);

        if (record == NULL) {
            fail(why, ENOMEM, "describe volume %s", name);
            return NULL;
        }
        if (volume_dir_make(engine, name, record, is_anonymous ? user : NULL,
                            !is_anonymous, why) < 0)
            return NULL;
        tell(engine, "create", name);
    }
    return volume_inspect(engine, name, why);
}

static int no_such(const char *name, struct failure *why)
{
    return fail_as(why, FAILURE_NOT_FOUND, "get %s: no such volume", name);
}

json_t *volume_inspect(const struct engine *engine, const char *name,
                       struct failure *why)
{
    cleanup_close int fd = volume_dir_open(engine, name);
    cleanup_free char *mountpoint = NULL;

    if (fd < 0 && errno == ENOENT)
        no_such(name, why);
    else if (fd < 0)
        fail(why, errno, "open volume %s", name);
    if (fd < 0)
        return NULL;
    json_t *volume = json_file_read(fd, "volume.json", why);
    if (volume == NULL)
        return NULL;
    if (asprintf(&mountpoint, "%s/volumes/%s/_data", engine->data, name) < 0)
        mountpoint = NULL;
    else
        json_object_set_new(volume, "Mountpoint", json_string(mountpoint));
    return volume;
}

json_t *volume_users(const struct engine *engine, const char *name)
{
    cleanup_close int fd = volume_dir_open(engine, name);

    return fd < 0 ? json_array() : volume_dir_users(engine, fd);
}

long long volume_size(const struct engine *engine, const char *name)
{
    cleanup_close int fd = volume_dir_open(engine, name);

    return fd < 0 ? -1 : tree_size(fd, "_data");
}

static int in_use(const char *name, const json_t *users, struct failure *why)
{
    cleanup_free char *list = NULL;
    size_t length;
    FILE *out = open_memstream(&list, &length);
    const json_t *user;
    size_t i;

    if (out == NULL)
        return fail(why, ENOMEM, "remove volume %s", name);
    json_array_foreach(users, i, user)
        fprintf(out, "%s%s", i > 0 ? ", " : "", json_string_value(user));
    fclose(out);
    return fail_as(why, FAILURE_CONFLICT, "remove %s: volume is in use - [%s]",
                   name, list);
}

int volume_remove(const struct engine *engine, const char *name, bool force,
                  struct failure *why)
{
    cleanup_close int fd = volume_dir_lock(engine, name);

    if (fd < 0 && errno == ENOENT)
        return force ? 0 : no_such(name, why);
    if (fd < 0)
        return fail(why, errno, "open volume %s", name);
    json_auto_t *users = volume_dir_users(engine, fd);
    if (users == NULL || json_array_size(users) > 0)
        return in_use(name, users, why);
    if (volume_dir_remove(engine, name, why) < 0)
        return -1;
    tell(engine, "destroy", name);
    return 0;
}

/* The values of one filter: ["x"], or {"x": true} of older clients. */
static json_t *values_of(const json_t *filters, const char *name)
{
    const json_t *values = get(filters, name);
    json_t *list = json_array();
    const json_t *value;
    const char *key;
    size_t i;

    json_array_foreach(values, i, value)
        if (json_is_string(value))
            json_array_append(list, (json_t *)value);
    json_object_foreach((json_t *)values, key, value)
        if (json_is_true(value))
            json_array_append_new(list, json_string(key));
    return list;
}

static int check_filters(const json_t *filters, const char *const *known,
                         struct failure *why)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)filters, key, value) {
        const char *const *name = known;

        while (*name != NULL && !str_eq(*name, key))
            name++;
        if (*name == NULL)
            return fail_as(why, FAILURE_BAD_PARAMETER, "Invalid filter '%s'",
                           key);
    }
    return 0;
}

/* As a text that is in there, or as a regular expression. */
static bool name_matches(const char *name, const char *pattern)
{
    regex_t regex;

    if (strstr(name, pattern) != NULL)
        return true;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool matches = regexec(&regex, name, 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

/* Has it the label "KEY", or "KEY=VALUE"? */
static bool label_matches(const json_t *volume, const char *wanted)
{
    const json_t *labels = get(volume, "Labels");
    cleanup_free char *key = strndup(wanted, strcspn(wanted, "="));
    const char *equals = strchr(wanted, '=');
    const char *value =
        key == NULL ? NULL : json_string_value(json_object_get(labels, key));

    return value != NULL && (equals == NULL || str_eq(equals + 1, value));
}

/* How many of the values match; @all receives how many there are. */
static size_t
count_matches(const json_t *filters, const char *name, const json_t *volume,
              bool (*matches)(const json_t *volume, const char *value),
              size_t *all)
{
    json_auto_t *values = values_of(filters, name);
    const json_t *value;
    size_t count = 0;
    size_t i;

    json_array_foreach(values, i, value)
        count += matches(volume, json_string_value(value));
    *all = json_array_size(values);
    return count;
}

static bool has_name(const json_t *volume, const char *value)
{
    return name_matches(text_of(volume, "Name"), value);
}

static bool has_driver(const json_t *volume, const char *value)
{
    return str_eq(text_of(volume, "Driver"), value);
}

static bool has_label(const json_t *volume, const char *value)
{
    return label_matches(volume, value);
}

static bool is_yes(const json_t *volume, const char *value)
{
    (void)volume;
    return str_eq(value, "true") || str_eq(value, "1");
}

/* Any of the names, any of the drivers, all of the labels. */
static bool passes(const struct engine *engine, const json_t *filters,
                   const json_t *volume)
{
    size_t all;

    if (count_matches(filters, "name", volume, has_name, &all) == 0 && all > 0)
        return false;
    if (count_matches(filters, "driver", volume, has_driver, &all) == 0 &&
        all > 0)
        return false;
    if (count_matches(filters, "label", volume, has_label, &all) < all ||
        count_matches(filters, "label!", volume, has_label, &all) > 0)
        return false;
    bool wants_dangling =
        count_matches(filters, "dangling", volume, is_yes, &all) > 0;
    if (all == 0)
        return true;
    json_auto_t *users = volume_users(engine, text_of(volume, "Name"));
    return (json_array_size(users) == 0) == wants_dangling;
}

static int is_shown(const struct dirent *entry)
{
    return name_is_valid(entry->d_name);
}

/* Those that pass, by name. One that is damaged is left out. */
static json_t *find_all(const struct engine *engine, const json_t *filters,
                        struct failure *why)
{
    cleanup_close int fd = engine_part(engine, "volumes", why);
    struct dirent **entries = NULL;
    struct failure ignored;

    if (fd < 0)
        return NULL;
    int count = scandirat(fd, ".", &entries, is_shown, alphasort);
    if (count < 0) {
        fail(why, errno, "list volumes");
        return NULL;
    }
    json_t *found = json_array();
    for (int i = 0; i < count; i++) {
        json_t *volume = volume_inspect(engine, entries[i]->d_name, &ignored);

        if (volume != NULL && passes(engine, filters, volume))
            json_array_append(found, volume);
        json_decref(volume);
        free(entries[i]);
    }
    free(entries);
    return found;
}

json_t *volume_list(const struct engine *engine, const json_t *filters,
                    struct failure *why)
{
    static const char *const known[] = {"name", "driver", "label", "dangling",
                                        NULL};

    if (check_filters(filters, known, why) < 0)
        return NULL;
    json_t *volumes = find_all(engine, filters, why);
    return volumes == NULL
               ? NULL
               : json_pack("{s:o, s:n}", "Volumes", volumes, "Warnings");
}

json_t *volume_prune(const struct engine *engine, const json_t *filters,
                     struct failure *why)
{
    static const char *const known[] = {"label", "label!", "all", NULL};
    size_t count;

    if (check_filters(filters, known, why) < 0)
        return NULL;
    volume_dir_sweep(engine, NULL);
    json_auto_t *volumes = find_all(engine, filters, why);
    if (volumes == NULL)
        return NULL;
    const bool all = count_matches(filters, "all", NULL, is_yes, &count) > 0;
    json_t *deleted = json_array();
    json_int_t reclaimed = 0;
    struct failure ignored;
    const json_t *volume;
    size_t i;

    json_array_foreach(volumes, i, volume) {
        const char *name = text_of(volume, "Name");
        json_auto_t *users = volume_users(engine, name);

        if ((!all && !label_matches(volume, ANONYMOUS)) ||
            json_array_size(users) > 0)
            continue;
        long long size = volume_size(engine, name);
        if (volume_remove(engine, name, false, &ignored) < 0)
            continue; /* somebody uses it now, or was faster */
        json_array_append_new(deleted, json_string(name));
        reclaimed += size > 0 ? size : 0;
    }
    return json_pack("{s:o, s:I}", "VolumesDeleted", deleted, "SpaceReclaimed",
                     reclaimed);
}
