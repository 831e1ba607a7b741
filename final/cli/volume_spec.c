/*
 * volume_spec: what is to be seen in a container, as -v and --mount say it.
 *
 * -v is terse and guesses, --mount says each thing by name and guesses
 * nothing. Whether a path is there, and may be mounted, the engine finds out.
 */
#include "volume_spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "amounts.h"
#include "cleanup.h"
#include "csv.h"
#include "host_path.h"
#include "put.h"

/* "a::b", ":a", "a:" */
static bool has_empty_part(const char *text)
{
    size_t length = strlen(text);

    return *text == ':' || text[length - 1] == ':' ||
           strstr(text, "::") != NULL;
}

static bool is_listed(const json_t *list, const char *text)
{
    const json_t *item;
    size_t i;

    json_array_foreach((json_t *)list, i, item)
        if (str_eq(json_string_value(item), text))
            return true;
    return false;
}

static int add_bind(json_t *body, const char *text, const char *target,
                    struct failure *why)
{
    cleanup_free char *source = strndup(text, (size_t)(target - text));
    cleanup_free char *path = source == NULL ? NULL : host_path(source);
    cleanup_free char *bind = NULL;
    json_t *host = put_object(body, "HostConfig", why);

    if (host == NULL)
        return -1;
    if (path == NULL || asprintf(&bind, "%s%s", path, target) < 0)
        return fail(why, errno, "find %s", text);
    if (is_listed(json_object_get(host, "Binds"), bind))
        return 0;
    return put_item(host, "Binds", bind, why);
}

int volume_spec_bind(json_t *body, const char *text, struct failure *why)
{
    const char *target = strchr(text, ':');

    if (*text == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid empty volume spec");
    if (has_empty_part(text))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid spec: %s: empty section between colons", text);
    if (target != NULL)
        return add_bind(body, text, target, why);

    json_t *volumes = put_object(body, "Volumes", why);
    return volumes == NULL ? -1 : put_new(volumes, text, json_object(), why);
}

/* How the value of an option of --mount is read. */
enum option_kind {
    OPTION_TEXT,
    OPTION_WORD, /* a text in small letters */
    OPTION_PATH, /* of the host, or a volume's name */
    OPTION_YES,  /* "readonly", "readonly=true" */
    OPTION_SIZE,
    OPTION_MODE, /* of a file, octal */
    OPTION_PAIR,
    OPTION_RECURSIVE,
};

static const struct option {
    const char *name;
    const char *inside; /* of the mount's object, or NULL; then maybe of that */
    const char *deeper;
    const char *key;
    enum option_kind kind;
} options[] = {
    {"type", NULL, NULL, "Type", OPTION_WORD},
    {"source", NULL, NULL, "Source", OPTION_PATH},
    {"src", NULL, NULL, "Source", OPTION_PATH},
    {"target", NULL, NULL, "Target", OPTION_TEXT},
    {"dst", NULL, NULL, "Target", OPTION_TEXT},
    {"destination", NULL, NULL, "Target", OPTION_TEXT},
    {"readonly", NULL, NULL, "ReadOnly", OPTION_YES},
    {"ro", NULL, NULL, "ReadOnly", OPTION_YES},
    {"consistency", NULL, NULL, "Consistency", OPTION_WORD},
    {"bind-propagation", "BindOptions", NULL, "Propagation", OPTION_WORD},
    {"bind-nonrecursive", "BindOptions", NULL, "NonRecursive", OPTION_YES},
    {"bind-recursive", "BindOptions", NULL, NULL, OPTION_RECURSIVE},
    {"bind-create-src", "BindOptions", NULL, "CreateMountpoint", OPTION_YES},
    {"volume-nocopy", "VolumeOptions", NULL, "NoCopy", OPTION_YES},
    {"volume-subpath", "VolumeOptions", NULL, "Subpath", OPTION_TEXT},
    {"volume-label", "VolumeOptions", NULL, "Labels", OPTION_PAIR},
    {"volume-driver", "VolumeOptions", "DriverConfig", "Name", OPTION_TEXT},
    {"volume-opt", "VolumeOptions", "DriverConfig", "Options", OPTION_PAIR},
    {"tmpfs-size", "TmpfsOptions", NULL, "SizeBytes", OPTION_SIZE},
    {"tmpfs-mode", "TmpfsOptions", NULL, "Mode", OPTION_MODE},
};

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (strcasecmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

static int bad_value(const struct option *option, const char *value,
                     struct failure *why)
{
    return fail_as(why, FAILURE_BAD_PARAMETER, "invalid value for %s: %s",
                   option->name, value);
}

/* Of a bool, only what is true is written down, as docker does. */
static int put_yes(json_t *into, const struct option *option, const char *value,
                   struct failure *why)
{
    if (strcasecmp(value, "true") == 0 || str_eq(value, "1"))
        return put_new(into, option->key, json_true(), why);
    if (strcasecmp(value, "false") == 0 || str_eq(value, "0")) {
        json_object_del(into, option->key);
        return 0;
    }
    return bad_value(option, value, why);
}

static int put_word(json_t *into, const char *key, const char *value,
                    struct failure *why)
{
    cleanup_free char *word = strdup(value);

    if (word == NULL)
        return fail(why, ENOMEM, "note %s", key);
    for (char *at = word; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return put_text(into, key, word, why);
}

static int put_path(json_t *into, const char *key, const char *value,
                    struct failure *why)
{
    cleanup_free char *path = host_path(value);

    return path == NULL ? fail(why, errno, "find %s", value)
                        : put_text(into, key, path, why);
}

static int put_size(json_t *into, const struct option *option,
                    const char *value, struct failure *why)
{
    long long size;

    if (amount_size(value, &size, why) < 0)
        return bad_value(option, value, why);
    return put_number(into, option->key, size, why);
}

static int put_mode(json_t *into, const struct option *option,
                    const char *value, struct failure *why)
{
    unsigned long mode = strtoul(value, NULL, 8);

    if (*value == '\0' || value[strspn(value, "01234567")] != '\0' ||
        mode > UINT32_MAX)
        return bad_value(option, value, why);
    return put_number(into, option->key, (json_int_t)mode, why);
}

/* bind-recursive, which is four things in one. */
static int put_recursive(json_t *into, const char *value, struct failure *why)
{
    if (str_eq(value, "enabled"))
        return 0;
    if (str_eq(value, "disabled"))
        return put_new(into, "NonRecursive", json_true(), why);
    if (str_eq(value, "writable"))
        return put_new(into, "ReadOnlyNonRecursive", json_true(), why);
    if (str_eq(value, "readonly"))
        return put_new(into, "ReadOnlyForceRecursive", json_true(), why);
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid value for bind-recursive: %s (must be \"enabled\", "
                   "\"disabled\", \"writable\", or \"readonly\")",
                   value);
}

static int put_option(json_t *mount, const struct option *option,
                      const char *value, struct failure *why)
{
    json_t *into = mount;

    if (option->inside != NULL)
        into = put_object(into, option->inside, why);
    if (option->deeper != NULL && into != NULL)
        into = put_object(into, option->deeper, why);
    if (into == NULL)
        return -1;
    switch (option->kind) {
    case OPTION_WORD:
        return put_word(into, option->key, value, why);
    case OPTION_PATH:
        return put_path(into, option->key, value, why);
    case OPTION_YES:
        return put_yes(into, option, value, why);
    case OPTION_SIZE:
        return put_size(into, option, value, why);
    case OPTION_MODE:
        return put_mode(into, option, value, why);
    case OPTION_PAIR:
        return *value == '=' ? 0 : put_pair(into, option->key, value, why);
    case OPTION_RECURSIVE:
        return put_recursive(into, value, why);
    case OPTION_TEXT:
        break;
    }
    return put_text(into, option->key, value, why);
}

/* One field of a --mount: "target=/x", "readonly". */
static int put_field(json_t *mount, const char *field, struct failure *why)
{
    const char *equals = strchr(field, '=');
    size_t length = strcspn(field, "=");
    cleanup_free char *name = strndup(field, length);

    if (name == NULL)
        return fail(why, ENOMEM, "note a mount");
    const struct option *option = find_option(name);
    if (equals == NULL && (option == NULL || option->kind != OPTION_YES))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid field '%s' must be a key=value pair", field);
    if (option == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "unexpected key '%s' in '%s'", name, field);
    return put_option(mount, option, equals == NULL ? "true" : equals + 1, why);
}

/* Only a bind mount has BindOptions, and so on. */
static int check_kind(const json_t *mount, const char *type,
                      struct failure *why)
{
    static const char *const kinds[] = {"bind", "volume", "tmpfs"};
    static const char *const names[] = {"BindOptions", "VolumeOptions",
                                        "TmpfsOptions"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (!str_eq(type, kinds[i]) && json_object_get(mount, names[i]) != NULL)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "cannot mix '%s-*' options with mount type '%s'",
                           kinds[i], type);
    return 0;
}

static int check_readonly(const json_t *mount, struct failure *why)
{
    const json_t *bind = json_object_get(mount, "BindOptions");
    bool is_readonly = json_object_get(mount, "ReadOnly") != NULL;

    if (json_object_get(bind, "ReadOnlyNonRecursive") != NULL && !is_readonly)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "option 'bind-recursive=writable' requires 'readonly' "
                       "to be specified in conjunction");
    if (json_object_get(bind, "ReadOnlyForceRecursive") == NULL)
        return 0;
    if (!is_readonly)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "option 'bind-recursive=readonly' requires 'readonly' "
                       "to be specified in conjunction");
    const char *propagation =
        json_string_value(json_object_get(bind, "Propagation"));
    if (propagation == NULL || !str_eq(propagation, "rprivate"))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "option 'bind-recursive=readonly' requires "
                       "'bind-propagation=rprivate' to be specified in "
                       "conjunction");
    return 0;
}

static int check(const json_t *mount, struct failure *why)
{
    const char *type = json_string_value(json_object_get(mount, "Type"));
    const char *target = json_string_value(json_object_get(mount, "Target"));

    if (*type == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER, "type is required");
    if (target == NULL || *target == '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER, "target is required");
    if (check_kind(mount, type, why) < 0)
        return -1;
    return check_readonly(mount, why);
}

json_t *volume_spec_mount(const char *text, struct failure *why)
{
    json_auto_t *fields = csv_fields(text, why);
    json_t *mount = json_pack("{s:s}", "Type", "volume");
    const json_t *field;
    size_t i;

    if (mount == NULL)
        fail(why, ENOMEM, "note a mount");
    int status = fields == NULL || mount == NULL ? -1 : 0;
    json_array_foreach(fields, i, field)
        if (status == 0)
            status = put_field(mount, json_string_value(field), why);
    if (status == 0)
        status = check(mount, why);
    if (status < 0) {
        json_decref(mount);
        return NULL;
    }
    return mount;
}
