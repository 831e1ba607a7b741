/*
 * template_functions: what a template can call.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "template_tree.h"

bool template_truth(const json_t *value)
{
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_INTEGER:
    case JSON_REAL:
        return json_number_value(value) != 0;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_OBJECT:
        return json_object_size(value) > 0;
    default:
        return json_is_true(value);
    }
}

static int bad(struct failure *why, const char *format, const char *what)
{
    cleanup_free char *text = NULL;

    if (asprintf(&text, "%s%s", format, what) < 0)
        text = NULL;
    return fail_as(why, FAILURE_BAD_PARAMETER, "%s", text == NULL ? "" : text);
}

/* Makes what was made the result, if it was. */
static int give(json_t **result, json_t *made, struct failure *why)
{
    *result = made;
    return made == NULL ? bad(why, "not UTF-8, or no memory", "") : 0;
}

static int call_not(json_t **args, size_t count, json_t **result,
                    struct failure *why)
{
    (void)count;
    return give(result, json_boolean(!template_truth(args[0])), why);
}

static bool same_kind(const json_t *a, const json_t *b)
{
    return (json_is_number(a) && json_is_number(b)) ||
           (json_is_string(a) && json_is_string(b)) ||
           (json_is_boolean(a) && json_is_boolean(b)) || a == NULL ||
           b == NULL || json_is_null(a) || json_is_null(b);
}

static bool is_nothing(const json_t *value)
{
    return value == NULL || json_is_null(value);
}

static bool are_equal(const json_t *a, const json_t *b)
{
    if (is_nothing(a) || is_nothing(b))
        return is_nothing(a) && is_nothing(b);
    if (json_is_integer(a) && json_is_integer(b))
        return json_integer_value(a) == json_integer_value(b);
    if (json_is_number(a))
        return json_number_value(a) == json_number_value(b);
    return json_equal(a, b);
}

/* eq a b c: is a one of the others? */
static int call_eq(json_t **args, size_t count, json_t **result,
                   struct failure *why)
{
    bool found = false;

    for (size_t i = 1; i < count && !found; i++) {
        if (!same_kind(args[0], args[i]))
            return bad(why, "incompatible types for comparison", "");
        found = are_equal(args[0], args[i]);
    }
    return give(result, json_boolean(found), why);
}

static int call_ne(json_t **args, size_t count, json_t **result,
                   struct failure *why)
{
    if (!same_kind(args[0], args[1]))
        return bad(why, "incompatible types for comparison", "");
    (void)count;
    return give(result, json_boolean(!are_equal(args[0], args[1])), why);
}

/* Sets @order to less than 0, 0 or more, for two numbers or two texts. */
static int compare(json_t **args, int *order, struct failure *why)
{
    if (json_is_string(args[0]) && json_is_string(args[1])) {
        *order = strcmp(json_string_value(args[0]), json_string_value(args[1]));
        return 0;
    }
    if (!json_is_number(args[0]) || !json_is_number(args[1]))
        return bad(why, "incompatible types for comparison", "");
    if (json_is_integer(args[0]) && json_is_integer(args[1])) {
        json_int_t a = json_integer_value(args[0]);
        json_int_t b = json_integer_value(args[1]);

        *order = (a > b) - (a < b);
        return 0;
    }
    double a = json_number_value(args[0]);
    double b = json_number_value(args[1]);
    *order = (a > b) - (a < b);
    return 0;
}

static int call_lt(json_t **args, size_t count, json_t **result,
                   struct failure *why)
{
    int order = 0;

    (void)count;
    return compare(args, &order, why) < 0
               ? -1
               : give(result, json_boolean(order < 0), why);
}

static int call_le(json_t **args, size_t count, json_t **result,
                   struct failure *why)
{
    int order = 0;

    (void)count;
    return compare(args, &order, why) < 0
               ? -1
               : give(result, json_boolean(order <= 0), why);
}

static int call_gt(json_t **args, size_t count, json_t **result,
                   struct failure *why)
{
    int order = 0;

    (void)count;
    return compare(args, &order, why) < 0
               ? -1
               : give(result, json_boolean(order > 0), why);
}

static int call_ge(json_t **args, size_t count, json_t **result,
                   struct failure *why)
{
    int order = 0;

    (void)count;
    return compare(args, &order, why) < 0
               ? -1
               : give(result, json_boolean(order >= 0), why);
}

/* The zero value of what an object holds: texts, mostly. */
static json_t *absent(const json_t *object)
{
    const char *name;
    const json_t *member;

    json_object_foreach((json_t *)object, name, member)
        if (!json_is_string(member))
            return json_null();
    return json_string("");
}

static int index_list(const json_t *list, const json_t *key, json_t **result,
                      struct failure *why)
{
    size_t count =
        json_is_string(list) ? json_string_length(list) : json_array_size(list);
    json_int_t i = json_integer_value(key);
    char number[32];

    if (!json_is_integer(key))
        return bad(why, "cannot index slice/array with type ",
                   template_type(key));
    snprintf(number, sizeof(number), "%lld", (long long)i);
    if (i < 0 || (size_t)i >= count)
        return bad(why, "index out of range: ", number);
    if (json_is_string(list))
        return give(result,
                    json_integer((unsigned char)json_string_value(list)[i]),
                    why);
    return give(result, json_incref(json_array_get(list, (size_t)i)), why);
}

static int index_one(const json_t *whole, const json_t *key, json_t **result,
                     struct failure *why)
{
    if (is_nothing(whole))
        return bad(why, "index of untyped nil", "");
    if (json_is_array(whole) || json_is_string(whole))
        return index_list(whole, key, result, why);
    if (!json_is_object(whole))
        return bad(why, "can't index item of type ", template_type(whole));
    if (!json_is_string(key))
        return bad(why, "value has type ", template_type(key));

    json_t *found = json_object_get(whole, json_string_value(key));
    return give(result, found != NULL ? json_incref(found) : absent(whole),
                why);
}

/* index x 1 "a": x[1]["a"] */
static int call_index(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    json_t *at = json_incref(args[0]);

    if (at == NULL)
        return bad(why, "index of untyped nil", "");
    for (size_t i = 1; i < count; i++) {
        json_t *next = NULL;
        int status = index_one(at, args[i], &next, why);

        json_decref(at);
        if (status < 0)
            return -1;
        at = next;
    }
    *result = at;
    return 0;
}

/* A bound of slice: from 0 to @most. */
static int read_bound(const json_t *bound, size_t most, size_t *out,
                      struct failure *why)
{
    json_int_t number = json_integer_value(bound);
    char text[32];

    if (!json_is_integer(bound))
        return bad(why, "cannot index slice/array with type ",
                   template_type(bound));
    snprintf(text, sizeof(text), "%lld", (long long)number);
    if (number < 0 || (size_t)number > most)
        return bad(why, "index out of range: ", text);
    *out = (size_t)number;
    return 0;
}

static json_t *slice_array(const json_t *array, size_t from, size_t to)
{
    json_t *part = json_array();

    for (; part != NULL && from < to; from++)
        json_array_append(part, json_array_get(array, from));
    return part;
}

/* slice x 1 3: x[1:3] */
static int call_slice(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    bool is_text = json_is_string(args[0]);
    size_t length =
        is_text ? json_string_length(args[0]) : json_array_size(args[0]);
    size_t from = 0;
    size_t to = length;

    if (!is_text && !json_is_array(args[0]))
        return bad(why, "can't slice item of type ", template_type(args[0]));
    if ((count > 2 && read_bound(args[2], length, &to, why) < 0) ||
        (count > 1 && read_bound(args[1], to, &from, why) < 0))
        return -1;
    return give(result,
                is_text
                    ? json_stringn(json_string_value(args[0]) + from, to - from)
                    : slice_array(args[0], from, to),
                why);
}

static int call_len(json_t **args, size_t count, json_t **result,
                    struct failure *why)
{
    size_t length = json_array_size(args[0]);

    (void)count;
    if (json_is_string(args[0]))
        length = json_string_length(args[0]);
    else if (json_is_object(args[0]))
        length = json_object_size(args[0]);
    else if (!json_is_array(args[0]) && !json_is_null(args[0]))
        return bad(why, "len of type ", template_type(args[0]));
    return give(result, json_integer((json_int_t)length), why);
}

/* Go's Print sets a space between two that are both no text, Println between
 * all. */
static int join_values(json_t **args, size_t count, bool is_line,
                       json_t **result, struct failure *why)
{
    cleanup_free char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return fail(why, ENOMEM, "fill in a template");
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (is_line || (!json_is_string(args[i]) &&
                                  !json_is_string(args[i - 1]))))
            fputc(' ', out);
        template_print(out, args[i]);
    }
    if (is_line)
        fputc('\n', out);
    if (fclose(out) != 0)
        return fail(why, ENOMEM, "fill in a template");
    return give(result, json_string(text), why);
}

static int call_print(json_t **args, size_t count, json_t **result,
                      struct failure *why)
{
    return join_values(args, count, false, result, why);
}

static int call_println(json_t **args, size_t count, json_t **result,
                        struct failure *why)
{
    return join_values(args, count, true, result, why);
}

static int call_json(json_t **args, size_t count, json_t **result,
                     struct failure *why)
{
    cleanup_free char *text =
        args[0] == NULL ? strdup("null")
                        : json_dumps(args[0], JSON_COMPACT | JSON_ENCODE_ANY);

    (void)count;
    return text == NULL ? fail(why, ENOMEM, "fill in a template")
                        : give(result, json_string(text), why);
}

static const struct function functions[] = {
    {"and", 1, -1, NULL, true},
    {"or", 1, -1, NULL, true},
    {"not", 1, 1, call_not, false},
    {"eq", 2, -1, call_eq, false},
    {"ne", 2, 2, call_ne, false},
    {"lt", 2, 2, call_lt, false},
    {"le", 2, 2, call_le, false},
    {"gt", 2, 2, call_gt, false},
    {"ge", 2, 2, call_ge, false},
    {"index", 1, -1, call_index, false},
    {"slice", 1, 3, call_slice, false},
    {"len", 1, 1, call_len, false},
    {"print", 0, -1, call_print, false},
    {"println", 0, -1, call_println, false},
    {"printf", 1, -1, template_printf, false},
    {"json", 1, 1, call_json, false},
};

static const struct function *find(const struct function *list, size_t count,
                                   const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i].name) == length &&
            strncmp(list[i].name, name, length) == 0)
            return &list[i];
    return NULL;
}

const struct function *template_function(const char *name, size_t length)
{
    const struct function *found =
        find(functions, sizeof(functions) / sizeof(*functions), name, length);

    return found != NULL ? found
                         : find(template_text_functions,
                                template_text_function_count, name, length);
}
