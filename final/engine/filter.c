/*
 * filter: docker's filters, whose values come in two shapes.
 *
 * Source  Docker Engine API, "filters"
 */
#include "filter.h"

#include "cleanup.h"

static bool is_known(const char *name, const char *const known[])
{
    for (; *known != NULL; known++)
        if (str_eq(name, *known))
            return true;
    return false;
}

int filter_check(const json_t *filters, const char *const known[],
                 struct failure *why)
{
    const char *name;
    json_t *values;
    json_t *value;
    size_t i;

    if (filters != NULL && !json_is_null(filters) && !json_is_object(filters))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid filters");
    json_object_foreach((json_t *)filters, name, values) {
        if (!is_known(name, known) ||
            (!json_is_array(values) && !json_is_object(values)))
            return fail_as(why, FAILURE_BAD_PARAMETER, "Invalid filter '%s'",
                           name);
        json_array_foreach(values, i, value)
            if (!json_is_string(value))
                return fail_as(why, FAILURE_BAD_PARAMETER,
                               "Invalid filter '%s'", name);
    }
    return 0;
}

json_t *filter_values(const json_t *filters, const char *name)
{
    json_t *values = json_object_get(filters, name);
    json_t *texts = json_array();
    const char *key;
    json_t *value;
    size_t i;

    json_array_foreach(values, i, value)
        json_array_append(texts, value);
    json_object_foreach(values, key, value)
        json_array_append_new(texts, json_string(key));
    return texts;
}

bool filter_label(const json_t *labels, const char *wanted)
{
    const char *equals = strchr(wanted, '=');
    size_t length = equals != NULL ? (size_t)(equals - wanted) : strlen(wanted);
    const char *value =
        json_string_value(json_object_getn(labels, wanted, length));

    return value != NULL && (equals == NULL || str_eq(value, equals + 1));
}
