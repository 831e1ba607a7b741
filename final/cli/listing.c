/*
 * listing: rows of things, as a table or as --format wants them.
 *
 * A table is a template like any other, with tabs in it: filled in once with
 * the headers and once for each row, and then aligned.
 */
#include "listing.h"

#include <errno.h>

#include "cleanup.h"
#include "printable.h"
#include "template.h"

enum {
    CELL_LEAST = 10, /* columns of the screen */
    CELL_SPACE = 3,
};

/* "\t" and "\n", as people type them, to what they mean. */
static char *unescape(const char *format)
{
    char *text = strdup(format);
    char *to = text;

    if (text == NULL)
        return NULL;
    for (const char *at = text; *at != '\0'; at++)
        if (at[0] == '\\' && (at[1] == 't' || at[1] == 'n'))
            *to++ = *++at == 't' ? '\t' : '\n';
        else
            *to++ = *at;
    *to = '\0';
    return text;
}

/* Makes all texts in it harmless. */
static int sanitize(json_t *value, struct failure *why)
{
    cleanup_free char *text = NULL;
    const char *name;
    json_t *member;
    size_t i;

    json_object_foreach(value, name, member)
        if (sanitize(member, why) < 0)
            return -1;
    json_array_foreach(value, i, member)
        if (sanitize(member, why) < 0)
            return -1;
    if (!json_is_string(value))
        return 0;
    text = strdup(json_string_value(value));
    if (text == NULL || json_string_set(value, printable(text)) < 0)
        return fail(why, ENOMEM, "print a listing");
    return 0;
}

/* How wide a text is on the screen: its characters, not its bytes. */
static size_t width_of(const char *text, size_t length)
{
    size_t width = 0;

    for (size_t i = 0; i < length; i++)
        width += (text[i] & 0xc0) != 0x80;
    return width;
}

/* How many cells of a line have another one to their right, at most? */
static size_t count_columns(const char *text)
{
    size_t most = 0;
    size_t tabs = 0;

    for (; *text != '\0'; text++) {
        tabs = *text == '\t' ? tabs + 1 : *text == '\n' ? 0 : tabs;
        if (tabs > most)
            most = tabs;
    }
    return most;
}

/* The widths of those. */
static size_t *measure(const char *text)
{
    size_t *widths = calloc(count_columns(text) + 1, sizeof(*widths));
    size_t column = 0;

    if (widths == NULL)
        return NULL;
    for (const char *cell = text; *cell != '\0';) {
        size_t length = strcspn(cell, "\t\n");
        size_t width = width_of(cell, length) + CELL_SPACE;

        if (width < CELL_LEAST)
            width = CELL_LEAST;
        if (cell[length] == '\t' && width > widths[column])
            widths[column] = width;
        column = cell[length] == '\t' ? column + 1 : 0;
        cell += length + (cell[length] != '\0');
    }
    return widths;
}

/* Prints a text with tabs as columns of spaces. */
static int print_aligned(FILE *out, const char *text, struct failure *why)
{
    cleanup_free size_t *widths = measure(text);
    size_t column = 0;

    if (widths == NULL)
        return fail(why, ENOMEM, "print a listing");
    while (*text != '\0') {
        size_t length = strcspn(text, "\t\n");
        size_t width = width_of(text, length);

        fwrite(text, 1, length, out);
        if (text[length] == '\t') {
            fprintf(out, "%*s", (int)(widths[column] - width), "");
            column++;
        } else {
            fputs(text[length] == '\n' ? "\n" : "", out);
            column = 0;
        }
        text += length + (text[length] != '\0');
    }
    return 0;
}

static json_t *header_of(const struct listing *l)
{
    json_t *header = json_object();

    for (const struct column *c = l->columns; c->name != NULL; c++)
        json_object_set_new(header, c->name, json_string(c->header));
    return header;
}

static int fill_rows(FILE *out, const struct template *t, const json_t *rows,
                     struct failure *why)
{
    const json_t *row;
    size_t i;

    json_array_foreach((json_t *)rows, i, row) {
        if (template_run(t, out, row, why) < 0)
            return -1;
        fputc('\n', out);
    }
    return 0;
}

/* Fills in all that the template asks for; the caller frees it. */
static char *fill(const struct listing *l, const json_t *rows,
                  const char *format, bool is_table, struct failure *why)
{
    cleanup_free char *filled = NULL;
    size_t size;
    struct template *t = template_parse(format, why);
    FILE *out = t == NULL ? NULL : open_memstream(&filled, &size);
    int status = out == NULL ? -1 : 0;

    if (out != NULL && is_table) {
        json_auto_t *header = header_of(l);
        struct failure ignored;

        /* What can't be done to a header can be done to a row, perhaps. */
        (void)template_run(t, out, header, &ignored);
        fputc('\n', out);
    }
    if (out != NULL) {
        status = fill_rows(out, t, rows, why);
        if (fclose(out) != 0)
            status = fail(why, ENOMEM, "print a listing");
    } else if (t != NULL)
        fail(why, ENOMEM, "print a listing");
    template_free(t);
    if (status < 0)
        return NULL;
    char *text = filled;
    filled = NULL;
    return text;
}

static int print_json(FILE *out, const json_t *rows, struct failure *why)
{
    const json_t *row;
    size_t i;

    json_array_foreach((json_t *)rows, i, row) {
        cleanup_free char *text =
            json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);

        if (text == NULL)
            return fail(why, ENOMEM, "print a listing");
        fprintf(out, "%s\n", text);
    }
    return 0;
}

int listing_print(FILE *out, const struct listing *l, const json_t *rows,
                  const char *format, bool quiet, struct failure *why)
{
    static const char table[] = "table";
    const size_t length = strlen(table);

    if (quiet)
        format = l->quiet;
    else if (format == NULL || *format == '\0' || str_eq(format, table))
        format = l->table;
    if (str_eq(format, "json"))
        return print_json(out, rows, why);

    bool is_table = strncmp(format, table, length) == 0;
    format += is_table ? length : 0;
    format += strspn(format, " ");
    cleanup_free char *plain = unescape(format);
    json_auto_t *harmless = json_deep_copy(rows);
    if (plain == NULL || harmless == NULL)
        return fail(why, ENOMEM, "print a listing");
    if (sanitize(harmless, why) < 0)
        return -1;
    cleanup_free char *text = fill(l, harmless, plain, is_table, why);
    if (text == NULL)
        return -1;
    if (is_table)
        return print_aligned(out, text, why);
    fputs(text, out);
    return 0;
}
