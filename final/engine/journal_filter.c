/*
 * journal_filter: which events somebody wants to hear of.
 *
 * Each key has a rule of its own, and docker's are not quite what one would
 * guess: a container's name or id may be cut short, an image's not.
 *
 * Look at it     duct events --filter type=container --filter event=die
 */
#include "journal_filter.h"

#include "cleanup.h"

/* What a rule looks at. */
struct event {
    const char *type, *action, *id, *scope;
    const json_t *attributes;
};

static bool begins(const char *text, const char *with)
{
    return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

static bool is(const char *text, const char *wanted)
{
    return text != NULL && str_eq(text, wanted);
}

static const char *attribute(const struct event *event, const char *key)
{
    return json_string_value(json_object_get(event->attributes, key));
}

static bool is_type(const struct event *event, const char *value)
{
    return is(event->type, value);
}

static bool is_scope(const struct event *event, const char *value)
{
    return is(event->scope, value);
}

/* "exec_start" means "exec_start: ls -l" too. */
static bool is_action(const struct event *event, const char *value)
{
    bool has_more = str_eq(value, "health_status") ||
                    str_eq(value, "exec_create") || str_eq(value, "exec_start");

    return has_more ? begins(event->action, value) : is(event->action, value);
}

/* An id or a name, or the beginning of one. */
static bool is_object(const struct event *event, const char *value)
{
    return begins(event->id, value) || begins(attribute(event, "name"), value);
}

/* "busybox" means "busybox:1.36" too. */
static bool is_image_name(const char *name, const char *value)
{
    if (is(name, value))
        return true;
    if (!begins(name, value))
        return false;
    const char *rest = name + strlen(value);
    return *rest == ':' && strchr(rest, '/') == NULL;
}

static bool is_image(const struct event *event, const char *value)
{
    const char *name =
        attribute(event, is(event->type, "image") ? "name" : "image");

    return is_image_name(event->id, value) || is_image_name(name, value);
}

static bool is_label(const struct event *event, const char *value)
{
    size_t n = strcspn(value, "=");
    cleanup_free char *key = strndup(value, n);
    const char *have = key != NULL ? attribute(event, key) : NULL;

    return have != NULL && (value[n] == '\0' || str_eq(have, value + n + 1));
}

static const struct rule {
    const char *key;
    bool (*matches)(const struct event *event, const char *value);
    bool is_all; /* must all values match, and not only one? */
} rules[] = {
    {"type", is_type, false},        {"event", is_action, false},
    {"container", is_object, false}, {"volume", is_object, false},
    {"network", is_object, false},   {"daemon", is_object, false},
    {"image", is_image, false},      {"scope", is_scope, false},
    {"label", is_label, true},
};

static const struct rule *find_rule(const char *key)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (str_eq(rules[i].key, key))
            return &rules[i];
    }
    return NULL;
}

static bool is_texts(const json_t *values)
{
    const json_t *value;
    size_t i;

    if (json_is_object(values))
        return true;
    json_array_foreach(values, i, value) {
        if (!json_is_string(value))
            return false;
    }
    return json_is_array(values);
}

int journal_filter_check(const json_t *filters, struct failure *why)
{
    json_t *all = (json_t *)filters; /* jansson's loop wants it so */
    json_t *values;
    const char *key;

    if (filters != NULL && !json_is_object(filters))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid filter");
    json_object_foreach(all, key, values) {
        if (find_rule(key) == NULL || !is_texts(values))
            return fail_as(why, FAILURE_BAD_PARAMETER, "invalid filter '%s'",
                           key);
    }
    return 0;
}

bool journal_filter_is_record(const json_t *record)
{
    const char *type, *action, *id, *scope;
    json_int_t seconds, time;
    json_t *attributes;

    return json_unpack((json_t *)record, "{ss,ss,s{ss,so},ss,sI,sI}", "Type",
                       &type, "Action", &action, "Actor", "ID", &id,
                       "Attributes", &attributes, "scope", &scope, "time",
                       &seconds, "timeNano", &time) == 0 &&
           json_is_object(attributes);
}

static bool rule_matches(const struct rule *rule, const struct event *event,
                         json_t *values)
{
    bool is_one = false, is_each = true, is_any = false;
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach(values, key, value) {
        bool matches = rule->matches(event, key);

        is_any = true;
        is_one = is_one || matches;
        is_each = is_each && matches;
    }
    json_array_foreach(values, i, value) {
        bool matches = rule->matches(event, json_string_value(value));

        is_any = true;
        is_one = is_one || matches;
        is_each = is_each && matches;
    }
    return !is_any || (rule->is_all ? is_each : is_one);
}

bool journal_filter_matches(const json_t *filters, const json_t *record)
{
    const json_t *actor = json_object_get(record, "Actor");
    const struct event event = {
        .type = json_string_value(json_object_get(record, "Type")),
        .action = json_string_value(json_object_get(record, "Action")),
        .id = json_string_value(json_object_get(actor, "ID")),
        .scope = json_string_value(json_object_get(record, "scope")),
        .attributes = json_object_get(actor, "Attributes"),
    };
    json_t *all = (json_t *)filters;
    json_t *values;
    const char *key;

    json_object_foreach(all, key, values) {
        if (!rule_matches(find_rule(key), &event, values))
            return false;
    }
    return true;
}
