/*
 * create: a container, so far only in words.
 *
 * What was asked for is put over what the image says, written down, and then
 * given a name: making that link is the one act that makes the container. An
 * intent tells of it before, should there never be one.
 *
 * Side           host
 * Look at it     jq . /var/lib/duct/containers/ID/config.json
 */
#include "create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "apart.h"
#include "cleanup.h"
#include "endpoints.h"
#include "filter_profile.h"
#include "health.h"
#include "image.h"
#include "intents.h"
#include "journal.h"
#include "json_file.h"
#include "record.h"
#include "resources.h"
#include "restart.h"
#include "security.h"
#include "settle.h"
#include "store.h"
#include "volumes.h"

static const json_t *get(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

static bool is_empty(const json_t *value)
{
    return value == NULL || json_is_null(value) ||
           (json_is_string(value) && *json_string_value(value) == '\0') ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* A shell would split it; the API means one word. */
static json_t *as_list(const json_t *value)
{
    return json_is_string(value) ? json_pack("[O]", value)
                                 : json_deep_copy(value);
}

/* Is this setting for the variable of that one? */
static bool is_same_variable(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");

    return strncmp(a, b, length) == 0 &&
           (b[length] == '=' || b[length] == '\0');
}

/* The image's variables, then those asked for; a name alone takes one away. */
static json_t *merge_env(const json_t *image, const json_t *asked)
{
    json_t *merged = json_array();
    const json_t *setting;
    size_t i;

    json_array_foreach(image, i, setting)
        if (strchr(json_string_value(setting), '=') != NULL)
            json_array_append(merged, (json_t *)setting);
    json_array_foreach(asked, i, setting) {
        const char *text = json_string_value(setting);

        for (size_t old = json_array_size(merged); old-- > 0;)
            if (is_same_variable(
                    text, json_string_value(json_array_get(merged, old))))
                json_array_remove(merged, old);
        if (strchr(text, '=') != NULL)
            json_array_append(merged, (json_t *)setting);
    }
    return merged;
}

/* Objects of both: labels, ports, volumes. What was asked for wins. */
static void merge_object(json_t *config, const char *name, const json_t *image)
{
    json_t *merged = json_object();
    const json_t *own = get(config, name);

    if (json_is_object(get(image, name)))
        json_object_update(merged, (json_t *)get(image, name));
    if (json_is_object(own))
        json_object_update(merged, (json_t *)own);
    json_object_set_new(config, name, merged);
}

/* The image's Cmd is for the image's Entrypoint, or for none. */
static void merge_command(json_t *config, const json_t *image)
{
    const json_t *entrypoint = get(config, "Entrypoint");
    const json_t *command = get(config, "Cmd");
    bool is_own = entrypoint != NULL;
    json_t *words = as_list(is_own ? entrypoint : get(image, "Entrypoint"));
    const json_t *usual =
        is_own || !is_empty(command) ? NULL : get(image, "Cmd");
    const json_t *first = json_array_get(words, 0);

    if (is_own && json_array_size(words) == 1 && is_empty(first))
        json_array_clear(words); /* --entrypoint "" */
    json_t *rest = is_empty(command) ? as_list(usual) : as_list(command);
    json_object_set_new(config, "Entrypoint",
                        is_empty(words) ? json_null() : json_incref(words));
    json_object_set_new(config, "Cmd", rest != NULL ? rest : json_null());
    json_decref(words);
}

static void merge_image(json_t *config, const json_t *image)
{
    static const char *const texts[] = {"User",  "WorkingDir", "StopSignal",
                                        "Shell", "OnBuild",    "StopTimeout"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (is_empty(get(config, texts[i])) && get(image, texts[i]) != NULL)
            json_object_set(config, texts[i], (json_t *)get(image, texts[i]));
    json_object_set_new(config, "Env",
                        merge_env(get(image, "Env"), get(config, "Env")));
    health_merge(config, image);
    merge_object(config, "Labels", image);
    merge_object(config, "ExposedPorts", image);
    merge_object(config, "Volumes", image);
    merge_command(config, image);
}

/* Path and Args: what is run, as docker's inspect tells it. */
static int set_command(json_t *record, const json_t *config,
                       struct failure *why)
{
    json_t *words = json_array();
    const json_t *entrypoint = get(config, "Entrypoint");
    const json_t *command = get(config, "Cmd");

    if (entrypoint != NULL)
        json_array_extend(words, (json_t *)entrypoint);
    if (command != NULL)
        json_array_extend(words, (json_t *)command);
    const json_t *first = json_array_get(words, 0);
    if (first == NULL) {
        json_decref(words);
        return fail_as(why, FAILURE_BAD_PARAMETER, "no command specified");
    }
    json_object_set(record, "Path", (json_t *)first);
    json_array_remove(words, 0);
    json_object_set_new(record, "Args", words);
    return 0;
}

static json_t *list_of_texts(const json_t *list)
{
    const json_t *text;
    size_t i;

    if (list == NULL || json_is_string(list))
        return (json_t *)list;
    if (!json_is_array(list))
        return NULL;
    json_array_foreach(list, i, text)
        if (!json_is_string(text))
            return NULL;
    return (json_t *)list;
}

static int check_texts(const json_t *config, struct failure *why)
{
    static const char *const lists[] = {"Env", "Cmd", "Entrypoint"};
    const json_t *setting;
    size_t i;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (get(config, lists[i]) != NULL &&
            list_of_texts(get(config, lists[i])) == NULL)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "%s: must be a list of texts", lists[i]);
    json_array_foreach(get(config, "Env"), i, setting)
        if (*json_string_value(setting) == '=' ||
            *json_string_value(setting) == '\0')
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "invalid environment variable: %s",
                           json_string_value(setting));
    return 0;
}

static void set_usual(json_t *object, const char *name, json_t *value)
{
    if (is_empty(get(object, name)))
        json_object_set(object, name, value);
    json_decref(value);
}

/* What docker writes down where nobody spoke of it. */
static void complete(json_t *record, const char *id)
{
    json_t *config = json_object_get(record, "Config");
    json_t *host = json_object_get(record, "HostConfig");
    const char *mode = json_string_value(get(host, "NetworkMode"));
    char hostname[256] = "";

    if (mode != NULL && str_eq(mode, "host") &&
        gethostname(hostname, sizeof(hostname) - 1) == 0)
        set_usual(config, "Hostname", json_string(hostname));
    set_usual(config, "Hostname", json_stringn(id, ID_SHORT));
    set_usual(config, "StopSignal", json_string("SIGTERM"));
    set_usual(host, "NetworkMode", json_string("default"));
    set_usual(host, "ShmSize", json_integer(64 << 20));
    set_usual(host, "RestartPolicy", json_object());
    set_usual(json_object_get(host, "RestartPolicy"), "Name",
              json_string("no"));
    set_usual(host, "LogConfig", json_object());
    set_usual(json_object_get(host, "LogConfig"), "Type",
              json_string("json-file"));
    set_usual(host, "IpcMode", json_string("private"));
    set_usual(host, "CgroupnsMode", json_string("private"));
}

static json_t *without_parts(const json_t *request)
{
    json_t *config = json_deep_copy(request);

    json_object_del(config, "HostConfig");
    json_object_del(config, "NetworkingConfig");
    return config;
}

static json_t *copy_or_empty(const json_t *object)
{
    return json_is_object(object) ? json_deep_copy(object) : json_object();
}

/* All that is known of the container; NULL with @why. */
static json_t *describe(const char *id, const char *name, const json_t *request,
                        const struct image *image, struct failure *why)
{
    char created[TIME_LENGTH + 1];

    time_now(created);
    json_t *record = json_pack(
        "{s:s, s:s, s:s+, s:s+, s:o, s:o, s:o, s:i, s:s, s:s}", "Id", id,
        "Created", created, "Name", "/", name, "Image",
        "sha256:", image->id.hex, "Config", without_parts(request),
        "HostConfig", copy_or_empty(get(request, "HostConfig")),
        "NetworkingConfig", copy_or_empty(get(request, "NetworkingConfig")),
        "RestartCount", 0, "Driver", "overlay2", "Platform", "linux");
    json_t *config = json_object_get(record, "Config");

    if (record == NULL)
        fail(why, ENOMEM, "describe a container");
    else if (check_texts(config, why) == 0) {
        merge_image(config, json_object_get(image->config, "config"));
        complete(record, id);
        if (health_check_valid(config, why) == 0 &&
            set_command(record, config, why) == 0)
            return record;
    }
    json_decref(record);
    return NULL;
}

static int check_host(const json_t *host, struct failure *why)
{
    const json_t *log = get(host, "LogConfig");
    const char *type = json_string_value(get(log, "Type"));
    const json_t *policy = get(host, "RestartPolicy");

    if (type != NULL && !str_eq(type, "json-file") && !str_eq(type, "none") &&
        !str_eq(type, "local"))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "error looking up logging plugin %s: plugin \"%s\" "
                       "not found",
                       type, type);
    if (restart_check(policy, why) < 0)
        return -1;
    if (json_is_true(get(host, "AutoRemove")) && restart_is_policy(policy))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "can't create 'AutoRemove' container with restart "
                       "policy");
    return 0;
}

static json_t *first_state(void)
{
    return json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:i, s:i, s:s, s:s, s:s}",
                     "Status", "created", "Running", 0, "Paused", 0,
                     "Restarting", 0, "OOMKilled", 0, "Dead", 0, "Pid", 0,
                     "ExitCode", 0, "Error", "", "StartedAt", TIME_NEVER,
                     "FinishedAt", TIME_NEVER);
}

/* Its directory, still without the files that make it a container's. */
static int make_directory(int parent_fd, const char *id, struct failure *why)
{
    if (mkdirat(parent_fd, id, 0700) < 0)
        return fail(why, errno, "make a directory for container %s", id);
    int fd = openat(parent_fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && mkdirat(fd, "upper", 0755) == 0 &&
        mkdirat(fd, "work", 0700) == 0 && fchmodat(fd, "upper", 0755, 0) == 0)
        return fd;
    fail(why, errno, "make directories for container %s", id);
    close_fd(&fd);
    return -1;
}

static int write_down(int fd, const json_t *config, struct failure *why)
{
    const json_t *host = json_object_get(config, "HostConfig");
    json_auto_t *state = first_state();

    if (json_file_write(fd, "state.json", state, false, why) < 0)
        return -1;
    return json_file_write(fd, "config.json", config,
                           !json_is_true(get(host, "AutoRemove")), why);
}

/* Whose name is this? Those who were killed halfway hold none. */
static int name_is_taken(const struct engine *engine, const char *name,
                         char id[ID_LENGTH + 1])
{
    cleanup_record struct record record = RECORD_CLOSED;
    struct failure ignored;

    if (record_find(&record, engine, name, &ignored) < 0 ||
        !str_eq(record_name(&record), name))
        return 0;
    memcpy(id, record.id, sizeof(record.id));
    return 1;
}

/* Making the link is what reserves the name. */
static int take_name(const struct engine *engine, int names_fd,
                     const char *name, const char *id, struct failure *why)
{
    char holder[ID_LENGTH + 1];

    for (int attempt = 0; symlinkat(id, names_fd, name) < 0; attempt++) {
        if (errno != EEXIST || attempt > 100)
            return fail(why, errno, "reserve the name %s", name);
        if (name_is_taken(engine, name, holder))
            return fail_as(
                why, FAILURE_CONFLICT,
                "Conflict. The container name \"/%s\" is already in use by "
                "container \"%s\". You have to remove (or rename) that "
                "container to be able to reuse that name.",
                name, holder);
        (void)unlinkat(names_fd, name, 0);
    }
    return 0;
}

/* Checks what was asked for as far as that can be done before the start. Is
 * there a profile of system calls to compile? */
static int check(const struct engine *engine, json_t *config,
                 bool *has_own_filter, struct failure *why)
{
    json_t *host = json_object_get(config, "HostConfig");
    json_auto_t *warnings = json_array();
    struct security security;

    if (check_host(host, why) < 0 ||
        resources_settle(host, warnings, why) < 0 ||
        endpoints_check(engine, config, why) < 0 ||
        security_from(config, &security, why) < 0)
        return -1;
    *has_own_filter = security.filter == SECURITY_OWN_FILTER;
    security_release(&security);
    return 0;
}

static int sync_names(int names_fd, const json_t *host, struct failure *why)
{
    if (json_is_true(get(host, "AutoRemove")) || fsync(names_fd) == 0)
        return 0;
    return fail(why, errno, "write a container's name to the disk");
}

/* All that it needs but its name. */
static int fill(const struct engine *engine, int fd, json_t *config,
                bool has_own_filter, struct failure *why)
{
    const char *id = json_string_value(json_object_get(config, "Id"));
    json_t *points = NULL;

    if (volumes_prepare(engine, id, config, &points, why) < 0)
        return -1;
    json_object_set_new(config, "Mounts", points);
    if (write_down(fd, config, why) < 0)
        return -1;
    return has_own_filter ? filter_profile_compile(engine, id, why) : 0;
}

static int make(const struct engine *engine, const struct store *store,
                const struct image *image, json_t *config, const char *name,
                struct failure *why)
{
    const char *id = json_string_value(json_object_get(config, "Id"));
    const json_t *host = json_object_get(config, "HostConfig");
    cleanup_close int containers_fd = engine_part(engine, "containers", why);
    cleanup_close int names_fd = engine_part(engine, "names", why);
    const char *image_id = json_string_value(json_object_get(config, "Image"));
    bool has_own_filter;

    if (containers_fd < 0 || names_fd < 0 ||
        check(engine, config, &has_own_filter, why) < 0)
        return -1;
    cleanup_close int intent =
        intent_hold(engine, id, json_pack("{s:s}", "Image", image_id), why);
    if (intent < 0)
        return -1;
    cleanup_close int fd = image_pin(store, &image->id, id, why) < 0
                               ? -1
                               : make_directory(containers_fd, id, why);
    if (fd < 0 || fill(engine, fd, config, has_own_filter, why) < 0 ||
        take_name(engine, names_fd, name, id, why) < 0) {
        volumes_release(engine, id, get(config, "Mounts"), true);
        settle_undo(engine, id, image_id);
        return -1;
    }
    intent_drop(engine, id);
    return sync_names(names_fd, host, why);
}

static void tell(const struct engine *engine, const json_t *config)
{
    struct failure ignored;
    const json_t *settings = json_object_get(config, "Config");
    json_auto_t *attributes = copy_or_empty(get(settings, "Labels"));

    json_object_set(attributes, "image", json_object_get(settings, "Image"));
    json_object_set_new(
        attributes, "name",
        json_string(json_string_value(json_object_get(config, "Name")) + 1));
    (void)journal_add(engine, "container", "create",
                      json_string_value(json_object_get(config, "Id")),
                      attributes, &ignored);
}

static int create_from(const struct engine *engine, const struct store *store,
                       const char *name, const json_t *request,
                       char id[ID_LENGTH + 1], struct failure *why)
{
    cleanup_image struct image image = {.config = NULL};

    if (image_find(&image, store, json_string_value(get(request, "Image")),
                   why) < 0)
        return -1;
    for (int attempt = 0;; attempt++) {
        cleanup_free char *any = name == NULL ? name_make(attempt) : NULL;
        const char *chosen = name != NULL ? name : any;

        if (chosen == NULL)
            return fail(why, ENOMEM, "think of a name");
        id_make(id);
        json_auto_t *config = describe(id, chosen, request, &image, why);
        if (config == NULL)
            return -1;
        if (make(engine, store, &image, config, chosen, why) == 0) {
            tell(engine, config);
            return 0;
        }
        if (name != NULL || why->kind != FAILURE_CONFLICT || attempt > 20)
            return -1;
    }
}

int container_create(const struct engine *engine, const char *name,
                     const json_t *request, char id[ID_LENGTH + 1],
                     struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    const char *wanted = json_string_value(get(request, "Image"));

    if (!json_is_object(request) || json_object_size(request) == 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Config cannot be empty in order to create a container");
    if (name != NULL && *name == '/')
        name++;
    if (name != NULL && !name_is_valid(name))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid container name (%s), only "
                       "[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                       name);
    if (wanted == NULL || *wanted == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER, "no image specified");
    settle_all(engine);
    if (store_open(&store, engine->data, engine->data_fd, STORE_READ, why) < 0)
        return -1;
    return create_from(engine, &store, name, request, id, why);
}
