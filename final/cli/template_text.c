/*
 * template_text: what a template can do to texts.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "template_tree.h"

/* The text at @i, or NULL with @why when it is none. */
static const char *text_at(json_t **args, size_t i, struct failure *why)
{
    if (!json_is_string(args[i]))
        fail_as(why, FAILURE_BAD_PARAMETER,
                "wrong type for value; expected string; got %s",
                template_type(args[i]));
    return json_string_value(args[i]);
}

static int give(json_t **result, const char *text, struct failure *why)
{
    *result = json_string(text);
    return *result != NULL
               ? 0
               : fail_as(why, FAILURE_BAD_PARAMETER, "not UTF-8, or no memory");
}

/* Changes the letters of ASCII; @is_title: only the first of each word. */
static int change(json_t **args, int (*letter)(int), bool is_title,
                  json_t **result, struct failure *why)
{
    const char *text = text_at(args, 0, why);
    cleanup_free char *copy = text == NULL ? NULL : strdup(text);
    bool is_inside = false;

    if (text == NULL)
        return -1;
    if (copy == NULL)
        return fail(why, ENOMEM, "fill in a template");
    for (char *at = copy; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;

        if (!is_title || !is_inside)
            *at = (char)letter(byte);
        is_inside = isalnum(byte) || byte == '_' || byte == '\'' || byte > 127;
    }
    return give(result, copy, why);
}

static int call_upper(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    (void)count;
    return change(args, toupper, false, result, why);
}

static int call_lower(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    (void)count;
    return change(args, tolower, false, result, why);
}

static int call_title(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    (void)count;
    return change(args, toupper, true, result, why);
}

static int call_join(json_t **args, size_t count, json_t **result,
                     struct failure *why)
{
    const char *separator = text_at(args, 1, why);
    cleanup_free char *text = NULL;
    size_t size = 0;
    const json_t *item;
    size_t i;

    (void)count;
    if (separator == NULL)
        return -1;
    if (!json_is_array(args[0]) && !json_is_null(args[0]))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "wrong type for value; expected []string; got %s",
                       template_type(args[0]));
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return fail(why, ENOMEM, "fill in a template");
    json_array_foreach(args[0], i, item) {
        if (i > 0)
            fputs(separator, out);
        template_print(out, item);
        if (ftell(out) > TEMPLATE_VALUE)
            break;
    }
    if (fclose(out) != 0)
        return fail(why, ENOMEM, "fill in a template");
    return give(result, text, why);
}

static int append(json_t *parts, const char *text, size_t length,
                  struct failure *why)
{
    if (json_array_append_new(parts, json_stringn(text, length)) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "not UTF-8");
    return 0;
}

/* A text in characters, for an empty separator. */
static int split_letters(json_t *parts, const char *text, struct failure *why)
{
    while (*text != '\0') {
        size_t length = 1;

        while ((text[length] & 0xc0) == 0x80)
            length++;
        if (append(parts, text, length, why) < 0)
            return -1;
        text += length;
    }
    return 0;
}

static int call_split(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    const char *text = text_at(args, 0, why);
    const char *separator = text == NULL ? NULL : text_at(args, 1, why);
    json_auto_t *parts = json_array();
    const char *end;

    (void)count;
    if (separator == NULL)
        return -1;
    if (*separator == '\0') {
        if (split_letters(parts, text, why) < 0)
            return -1;
        *result = json_incref(parts);
        return 0;
    }
    for (; (end = strstr(text, separator)) != NULL;
         text = end + strlen(separator))
        if (append(parts, text, (size_t)(end - text), why) < 0)
            return -1;
    if (append(parts, text, strlen(text), why) < 0)
        return -1;
    *result = json_incref(parts);
    return 0;
}

static int clamp(json_int_t number)
{
    if (number < 0)
        return 0;
    return number > TEMPLATE_WIDTH ? TEMPLATE_WIDTH : (int)number;
}

/* pad "x" 2 3: spaces on both sides, unless there is nothing between them */
static int call_pad(json_t **args, size_t count, json_t **result,
                    struct failure *why)
{
    const char *text = text_at(args, 0, why);
    cleanup_free char *padded = NULL;

    (void)count;
    if (text == NULL)
        return -1;
    if (*text == '\0')
        return give(result, "", why);
    if (asprintf(&padded, "%*s%s%*s", clamp(json_integer_value(args[1])), "",
                 text, clamp(json_integer_value(args[2])), "") < 0) {
        padded = NULL;
        return fail(why, ENOMEM, "fill in a template");
    }
    return give(result, padded, why);
}

/* truncate "abc" 2: "ab" */
static int call_truncate(json_t **args, size_t count, json_t **result,
                         struct failure *why)
{
    const char *text = text_at(args, 0, why);
    json_int_t length = json_integer_value(args[1]);
    size_t end = 0;

    (void)count;
    if (text == NULL)
        return -1;
    for (; text[end] != '\0'; end++)
        if ((text[end] & 0xc0) != 0x80 && length-- <= 0)
            break;
    *result = json_stringn(text, end);
    return *result == NULL ? fail(why, ENOMEM, "fill in a template") : 0;
}

/* "a=b,c=d": the value of one label in a row of a listing. */
static char *find_label(const char *labels, const char *key)
{
    size_t length = strlen(key);

    for (; *labels != '\0'; labels += *labels == ',') {
        size_t size = strcspn(labels, ",");

        if (size > length && strncmp(labels, key, length) == 0 &&
            labels[length] == '=')
            return strndup(labels + length + 1, size - length - 1);
        labels += size;
    }
    return strdup("");
}

/* .Label "key", which is docker's only method: of args[0], a row, or of the
 * row of headers, whose label is called as the key is. */
static int call_label(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    const char *key = text_at(args, 1, why);
    const json_t *labels = json_object_get(args[0], "Labels");
    const char *text = json_string_value(labels);

    (void)count;
    if (key == NULL)
        return -1;
    if (json_is_object(labels)) {
        text = json_string_value(json_object_get(labels, key));
        return give(result, text == NULL ? "" : text, why);
    }
    if (text != NULL && str_eq(text, "LABELS"))
        return give(result, key, why);
    cleanup_free char *found = find_label(text == NULL ? "" : text, key);
    return give(result, found == NULL ? "" : found, why);
}

const struct function template_label = {"Label", 2, 2, call_label, false};

const struct function template_text_functions[] = {
    {"join", 2, 2, call_join, false},
    {"split", 2, 2, call_split, false},
    {"upper", 1, 1, call_upper, false},
    {"lower", 1, 1, call_lower, false},
    {"title", 1, 1, call_title, false},
    {"pad", 3, 3, call_pad, false},
    {"truncate", 2, 2, call_truncate, false},
};
const size_t template_text_function_count =
    sizeof(template_text_functions) / sizeof(*template_text_functions);
