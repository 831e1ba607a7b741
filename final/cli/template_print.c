/*
 * template_print: values as Go prints them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "quote.h"
#include "template_tree.h"

/* The shortest decimal number that is read back as the same. */
static void print_real(FILE *out, double real)
{
    char text[64];

    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    fputs(text, out);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "map[a:1 b:2]", sorted by name. */
static void print_object(FILE *out, const json_t *object)
{
    size_t count = json_object_size(object);
    cleanup_free const char **names = calloc(count + 1, sizeof(*names));
    const char *name;
    const json_t *member;
    size_t i = 0;

    if (names == NULL)
        return;
    json_object_foreach((json_t *)object, name, member)
        names[i++] = name;
    qsort(names, count, sizeof(*names), compare_names);
    fputs("map[", out);
    for (i = 0; i < count; i++) {
        fprintf(out, "%s%s:", i == 0 ? "" : " ", names[i]);
        template_print(out, json_object_get(object, names[i]));
    }
    fputc(']', out);
}

static void print_array(FILE *out, const json_t *array)
{
    const json_t *item;
    size_t i;

    fputc('[', out);
    json_array_foreach((json_t *)array, i, item) {
        if (i > 0)
            fputc(' ', out);
        template_print(out, item);
    }
    fputc(']', out);
}

void template_print(FILE *out, const json_t *value)
{
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        fputs(json_string_value(value), out);
        break;
    case JSON_INTEGER:
        fprintf(out, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        print_real(out, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        fputs(json_is_true(value) ? "true" : "false", out);
        break;
    case JSON_ARRAY:
        print_array(out, value);
        break;
    case JSON_OBJECT:
        print_object(out, value);
        break;
    default:
        fputs("<no value>", out);
    }
}

const char *template_type(const json_t *value)
{
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        return "string";
    case JSON_INTEGER:
        return "int";
    case JSON_REAL:
        return "float64";
    case JSON_TRUE:
    case JSON_FALSE:
        return "bool";
    case JSON_ARRAY:
        return "[]interface {}";
    case JSON_OBJECT:
        return "map[string]interface {}";
    default:
        return "<nil>";
    }
}

/* One %5.2f of a format. */
struct directive {
    char flags[8];
    int width, precision; /* precision -1: none */
    char verb;
};

/* Reads what follows a '%'. Returns what follows the verb. */
static const char *read_directive(const char *at, struct directive *d)
{
    size_t count = 0;

    *d = (struct directive){.precision = -1};
    for (; *at != '\0' && strchr("-+# 0", *at) != NULL; at++)
        if (count + 1 < sizeof(d->flags) && *at != '#')
            d->flags[count++] = *at;
    for (; isdigit((unsigned char)*at); at++)
        if (d->width < TEMPLATE_WIDTH)
            d->width = d->width * 10 + (*at - '0');
    if (*at == '.')
        for (at++, d->precision = 0; isdigit((unsigned char)*at); at++)
            if (d->precision < TEMPLATE_WIDTH)
                d->precision = d->precision * 10 + (*at - '0');
    d->verb = *at;
    return *at == '\0' ? at : at + 1;
}

/* A text, within its width; Go counts characters, C counts bytes. */
static void print_padded(FILE *out, const struct directive *d, const char *text)
{
    int width = 0;
    bool is_left = strchr(d->flags, '-') != NULL;

    for (const char *at = text; *at != '\0'; at++)
        width += (*at & 0xc0) != 0x80;
    for (; !is_left && width < d->width; width++)
        fputc(' ', out);
    fputs(text, out);
    for (; width < d->width; width++)
        fputc(' ', out);
}

/* The first @count characters of a text, which is cut there. */
static void cut_text(char *text, int count)
{
    for (; *text != '\0'; text++)
        if ((*text & 0xc0) != 0x80 && count-- == 0) {
            *text = '\0';
            return;
        }
}

/* Prints a value as %v does into memory; the caller frees it. */
static char *text_of(const json_t *value)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    template_print(out, value);
    return fclose(out) == 0 ? text : NULL;
}

/* ["a" "b"]: %q of a text, or of each in an array. */
static char *quoted_of(const json_t *value)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const json_t *item;
    size_t i;

    if (out == NULL)
        return NULL;
    if (json_is_array(value))
        fputc('[', out);
    json_array_foreach((json_t *)value, i, item) {
        cleanup_free char *inner = quoted_of(item);

        fprintf(out, "%s%s", i == 0 ? "" : " ", inner == NULL ? "" : inner);
    }
    if (json_is_array(value))
        fputc(']', out);
    else {
        cleanup_free char *plain = text_of(value);
        cleanup_free char *quoted = plain == NULL ? NULL : quote(plain);

        fputs(quoted == NULL ? "" : quoted, out);
    }
    return fclose(out) == 0 ? text : NULL;
}

static bool prints_number(const struct directive *d, const json_t *value)
{
    return (json_is_integer(value) && strchr("dxXoc", d->verb) != NULL) ||
           (json_is_number(value) && strchr("feg", d->verb) != NULL);
}

/* A number: printf(3) does it, with a format that we make. */
static void print_number(FILE *out, const struct directive *d,
                         const json_t *value)
{
    char format[64];
    char precision[16] = "";
    bool is_whole = strchr("dxXoc", d->verb) != NULL;

    if (d->precision >= 0)
        snprintf(precision, sizeof(precision), ".%d", d->precision);
    snprintf(format, sizeof(format), "%%%s%.0d%s%s%c", d->flags, d->width,
             precision, is_whole && d->verb != 'c' ? "ll" : "", d->verb);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (d->verb == 'c')
        fputc((int)json_integer_value(value) & 0x7f, out);
    else if (is_whole)
        fprintf(out, format, (long long)json_integer_value(value));
    else
        fprintf(out, format, json_number_value(value));
#pragma GCC diagnostic pop
}

static void print_directive(FILE *out, struct directive *d, const json_t *value)
{
    cleanup_free char *text = NULL;

    if (prints_number(d, value)) {
        print_number(out, d, value);
        return;
    }
    bool is_text = d->verb == 'v' || (d->verb == 's' && !json_is_number(value));
    bool is_truth = d->verb == 't' && json_is_boolean(value);
    text = d->verb == 'q' && !json_is_number(value) ? quoted_of(value)
                                                    : text_of(value);
    if (text == NULL)
        return;
    if (is_text && d->precision >= 0)
        cut_text(text, d->precision);
    if (is_text && json_is_integer(value) && strchr(d->flags, '0') != NULL) {
        d->verb = 'd';
        print_number(out, d, value);
    } else if (is_text || is_truth ||
               (d->verb == 'q' && !json_is_number(value)))
        print_padded(out, d, text);
    else
        fprintf(out, "%%!%c(%s=%s)", d->verb, template_type(value), text);
}

/* "%!(EXTRA int=1)": what no directive has asked for. */
static void print_extra(FILE *out, json_t **args, size_t count)
{
    fputs("%!(EXTRA ", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%s=", i == 0 ? "" : ", ", template_type(args[i]));
        template_print(out, args[i]);
    }
    fputc(')', out);
}

static void print_format(FILE *out, const char *format, json_t **args,
                         size_t count)
{
    struct directive d;
    size_t used = 0;

    while (*format != '\0' && ftell(out) <= TEMPLATE_VALUE) {
        if (*format != '%') {
            fputc(*format++, out);
            continue;
        }
        format = read_directive(format + 1, &d);
        if (d.verb == '%')
            fputc('%', out);
        else if (d.verb == '\0')
            fputs("%!(NOVERB)", out);
        else if (used == count)
            fprintf(out, "%%!%c(MISSING)", d.verb);
        else
            print_directive(out, &d, args[used++]);
    }
    if (used < count)
        print_extra(out, args + used, count - used);
}

int template_printf(json_t **args, size_t count, json_t **result,
                    struct failure *why)
{
    cleanup_free char *text = NULL;
    size_t size = 0;
    const char *format = json_string_value(args[0]);
    FILE *out = format == NULL ? NULL : open_memstream(&text, &size);

    if (format == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "wrong type for value; expected string; got %s",
                       template_type(args[0]));
    if (out == NULL)
        return fail(why, ENOMEM, "fill in a template");
    print_format(out, format, args + 1, count - 1);
    if (fclose(out) != 0)
        return fail(why, ENOMEM, "fill in a template");
    *result = json_string(text);
    return *result == NULL ? fail_as(why, FAILURE_BAD_PARAMETER, "not UTF-8")
                           : 0;
}
