/*
 * csv: one line of values with commas between them, as --mount takes.
 */
#include "csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "cleanup.h"

static int misplaced(const char *text, const char *at, const char *what,
                     struct failure *why)
{
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "parse error on line 1, column %zu: %s",
                   (size_t)(at - text) + 1, what);
}

/* Copies the field at @at, which is quoted, without its quotes. Returns what
 * stands behind it, or NULL with @why. */
static const char *copy_quoted(const char *text, const char *at, FILE *field,
                               struct failure *why)
{
    bool is_closed = false;

    for (at++; *at != '\0'; at++) {
        if (*at == '"' && *++at != '"') {
            is_closed = true;
            break;
        }
        fputc(*at, field);
    }
    if (is_closed && (*at == ',' || *at == '\0'))
        return at;
    misplaced(text, is_closed ? at - 1 : at,
              "extraneous or missing \" in quoted-field", why);
    return NULL;
}

static const char *copy_plain(const char *text, const char *at, FILE *field,
                              struct failure *why)
{
    size_t length = strcspn(at, ",\"");

    if (at[length] == '"') {
        misplaced(text, at + length, "bare \" in non-quoted-field", why);
        return NULL;
    }
    fwrite(at, 1, length, field);
    return at + length;
}

static int append(json_t *fields, const char *field, size_t size,
                  struct failure *why)
{
    json_t *string = json_stringn(field, size);

    if (string == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER, "\"%s\" is not UTF-8",
                       field);
    return json_array_append_new(fields, string) < 0
               ? fail(why, ENOMEM, "cut a line into fields")
               : 0;
}

/* Reads the field at @at into @fields. Returns what stands behind it. */
static const char *read_field(const char *text, const char *at, json_t *fields,
                              struct failure *why)
{
    cleanup_free char *field = NULL;
    size_t size = 0;
    FILE *copy = open_memstream(&field, &size);

    if (copy == NULL) {
        fail(why, errno, "cut a line into fields");
        return NULL;
    }
    at = (*at == '"' ? copy_quoted : copy_plain)(text, at, copy, why);
    if (fclose(copy) != 0 && at != NULL) {
        fail(why, ENOMEM, "cut a line into fields");
        return NULL;
    }
    return at == NULL || append(fields, field, size, why) < 0 ? NULL : at;
}

json_t *csv_fields(const char *text, struct failure *why)
{
    json_t *fields = json_array();
    const char *at = text;

    if (fields == NULL)
        fail(why, ENOMEM, "cut a line into fields");
    while (fields != NULL && (at = read_field(text, at, fields, why)) != NULL) {
        if (*at++ == '\0')
            return fields;
    }
    json_decref(fields);
    return NULL;
}
