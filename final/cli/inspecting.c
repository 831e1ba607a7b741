/*
 * inspecting: all that there is to say of things with a name.
 */
#include <errno.h>
#include <stdio.h>

#include "answer.h"
#include "cleanup.h"
#include "image_list.h"
#include "inspect.h"
#include "looking.h"
#include "networks.h"
#include "store.h"
#include "template.h"
#include "volumes.h"

const struct flag container_inspect_flags[] = {
    {"format", 'f', FLAG_TEXT, "string",
     "Format output: \"json\" or a template"},
    {"size", 's', FLAG_SWITCH, NULL, "Display total file sizes"},
    {0},
};

const struct flag inspect_flags[] = {
    {"format", 'f', FLAG_TEXT, "string",
     "Format output: \"json\" or a template"},
    {"size", 's', FLAG_SWITCH, NULL,
     "Display total file sizes if the type is container"},
    {"type", 0, FLAG_TEXT, "string",
     "Only of this type: container, image, network or volume"},
    {0},
};

const struct flag network_inspect_flags[] = {
    {"format", 'f', FLAG_TEXT, "string",
     "Format output: \"json\" or a template"},
    {"verbose", 'v', FLAG_SWITCH, NULL,
     "Verbose output for diagnostics (there is no more to say)"},
    {0},
};

static json_t *find_container(const struct call *call, const char *name,
                              struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;

    if (record_find(&record, call->engine, name, why) < 0)
        return NULL;
    return container_inspect(&record, call_is(call, "size"), why);
}

static json_t *find_image(const struct call *call, const char *name,
                          struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;

    if (store_open(&store, call->engine->data, call->engine->data_fd,
                   STORE_READ, why) < 0)
        return NULL;
    return image_inspect(&store, name, why);
}

static json_t *find_network(const struct call *call, const char *name,
                            struct failure *why)
{
    return networks_inspect(call->engine, name, why);
}

static json_t *find_volume(const struct call *call, const char *name,
                           struct failure *why)
{
    return volume_inspect(call->engine, name, why);
}

static const struct finder {
    const char *type;
    json_t *(*find)(const struct call *call, const char *name,
                    struct failure *why);
} finders[] = {
    {"container", find_container},
    {"image", find_image},
    {"network", find_network},
    {"volume", find_volume},
};

enum {
    FINDERS = sizeof(finders) / sizeof(finders[0])
};

/* The first of all types that has the name. */
static json_t *find_any(const struct call *call, const char *name,
                        const char *type, struct failure *why)
{
    for (size_t i = 0; i < FINDERS; i++) {
        if (type != NULL && !str_eq(type, finders[i].type))
            continue;
        json_t *found = finders[i].find(call, name, why);
        if (found != NULL || type != NULL ||
            (why->kind != FAILURE_NOT_FOUND &&
             why->kind != FAILURE_BAD_PARAMETER))
            return found;
    }
    fail_as(why, FAILURE_NOT_FOUND, "No such object: %s", name);
    return NULL;
}

/* Each on its line, as the template says. */
static int print_templated(const json_t *found, const char *format,
                           struct failure *why)
{
    struct template *t =
        template_parse(str_eq(format, "json") ? "{{json .}}" : format, why);
    const json_t *one;
    int status = t == NULL ? -1 : 0;
    size_t i;

    json_array_foreach(found, i, one) {
        if (status == 0)
            status = template_run(t, stdout, one, why);
        if (status == 0)
            putchar('\n');
    }
    template_free(t);
    return status;
}

static int inspect_all(const struct call *call, const char *type,
                       struct failure *why)
{
    const char *format = call_text(call, "format");
    json_auto_t *found = json_array();
    struct failure *failures = calloc((size_t)call->count, sizeof(*failures));
    int failed = 0;

    if (failures == NULL)
        return fail(why, ENOMEM, "inspect");
    for (int i = 0; i < call->count; i++) {
        json_t *one = find_any(call, call->words[i], type, &failures[failed]);

        if (one == NULL)
            failed++;
        else
            json_array_append_new(found, one);
    }
    int status = format == NULL || *format == '\0'
                     ? answer_json(stdout, found, why)
                     : print_templated(found, format, why);
    if (status < 0)
        status = answer_failure(why);
    for (int i = 0; i < failed; i++)
        status = answer_failure(&failures[i]);
    free(failures);
    return status;
}

int verb_inspect(const struct call *call, struct failure *why)
{
    const char *type = call_text(call, "type");

    for (size_t i = 0; type != NULL && i < FINDERS; i++)
        if (str_eq(type, finders[i].type))
            return inspect_all(call, type, why);
    if (type != NULL && *type != '\0') {
        fail(why, 0, "\"%s\" is not a valid value for --type", type);
        return answer_failure(why);
    }
    return inspect_all(call, NULL, why);
}

int verb_container_inspect(const struct call *call, struct failure *why)
{
    return inspect_all(call, "container", why);
}

int verb_image_inspect(const struct call *call, struct failure *why)
{
    return inspect_all(call, "image", why);
}

int verb_network_inspect(const struct call *call, struct failure *why)
{
    return inspect_all(call, "network", why);
}
