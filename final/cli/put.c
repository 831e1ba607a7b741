/*
 * put: into a JSON object, from text that a person typed.
 */
#include "put.h"

#include <errno.h>
#include <string.h>

int put_new(json_t *into, const char *key, json_t *value, struct failure *why)
{
    if (value == NULL)
        return fail(why, ENOMEM, "note %s", key);
    if (json_object_set_new(into, key, value) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "\"%s\" is not UTF-8", key);
    return 0;
}

/* A string, or NULL when it can't be one. */
static json_t *as_string(const char *text, size_t length, struct failure *why)
{
    json_t *string = json_stringn(text, length);

    if (string == NULL)
        fail_as(why, FAILURE_BAD_PARAMETER, "\"%.*s\" is not UTF-8",
                (int)length, text);
    return string;
}

int put_text(json_t *into, const char *key, const char *text,
             struct failure *why)
{
    json_t *string = as_string(text, strlen(text), why);

    return string == NULL ? -1 : put_new(into, key, string, why);
}

int put_number(json_t *into, const char *key, json_int_t number,
               struct failure *why)
{
    return put_new(into, key, json_integer(number), why);
}

static json_t *member(json_t *into, const char *key, json_t *(*make)(void),
                      struct failure *why)
{
    json_t *found = json_object_get(into, key);

    if (found == NULL && put_new(into, key, make(), why) == 0)
        found = json_object_get(into, key);
    return found;
}

json_t *put_object(json_t *into, const char *key, struct failure *why)
{
    return member(into, key, json_object, why);
}

json_t *put_array(json_t *into, const char *key, struct failure *why)
{
    return member(into, key, json_array, why);
}

int put_item(json_t *into, const char *key, const char *text,
             struct failure *why)
{
    json_t *array = put_array(into, key, why);
    json_t *string = array == NULL ? NULL : as_string(text, strlen(text), why);

    if (string == NULL)
        return -1;
    if (json_array_append_new(array, string) < 0)
        return fail(why, ENOMEM, "note %s", key);
    return 0;
}

int put_pair(json_t *into, const char *key, const char *text,
             struct failure *why)
{
    size_t length = strcspn(text, "=");
    const char *value = text + length + (text[length] == '=');
    json_t *object = put_object(into, key, why);
    json_t *string =
        object == NULL ? NULL : as_string(value, strlen(value), why);

    if (string == NULL)
        return -1;
    if (json_object_setn_new(object, text, length, string) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "\"%s\" is not UTF-8", text);
    return 0;
}
