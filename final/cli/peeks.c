/*
 * peeks: a container's processes, ports and changes.
 */
#include <errno.h>
#include <stdio.h>

#include "answer.h"
#include "cells.h"
#include "cleanup.h"
#include "inspect.h"
#include "look.h"
#include "looking.h"
#include "printable.h"
#include "usage.h"

enum {
    COLUMN_LEAST = 20, /* of top's, with the space behind them */
    COLUMN_SPACE = 3,
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* Harmless on a terminal; "" without memory. Caller frees. */
static char *harmless(const json_t *text)
{
    const char *value = json_string_value(text);
    char *copy = strdup(value != NULL ? value : "");

    return copy == NULL ? NULL : printable(copy);
}

/* ------------------------------------------------------------------- top */

static void widen(int *widths, size_t count, const json_t *row)
{
    for (size_t i = 0; i < count; i++) {
        int width =
            (int)json_string_length(json_array_get(row, i)) + COLUMN_SPACE;

        if (width > widths[i])
            widths[i] = width;
    }
}

static void print_row(const int *widths, size_t count, const json_t *row)
{
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *cell = harmless(json_array_get(row, i));

        printf("%-*s", i + 1 < count ? widths[i] : 0, cell ? cell : "");
    }
    putchar('\n');
}

static int print_processes(const json_t *top, struct failure *why)
{
    const json_t *titles = json_object_get(top, "Titles");
    const json_t *processes = json_object_get(top, "Processes");
    size_t count = json_array_size(titles);
    cleanup_free int *widths = calloc(count + 1, sizeof(*widths));
    const json_t *row;
    size_t i;

    if (widths == NULL)
        return fail(why, ENOMEM, "print processes");
    for (i = 0; i < count; i++)
        widths[i] = COLUMN_LEAST;
    widen(widths, count, titles);
    json_array_foreach(processes, i, row)
        widen(widths, count, row);
    print_row(widths, count, titles);
    json_array_foreach(processes, i, row)
        print_row(widths, count, row);
    return 0;
}

/* All words but the first are for ps. */
static char *join_words(char **words)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (int i = 0; out != NULL && words[i] != NULL; i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", words[i]);
    return out != NULL && fclose(out) == 0 ? text : NULL;
}

int verb_top(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;
    cleanup_free char *ps_args = join_words(call->words + 1);

    if (record_find(&record, call->engine, call->words[0], why) < 0)
        return answer_failure(why);
    json_auto_t *top = container_top(&record, ps_args, why);
    return top == NULL ? answer_failure(why) : print_processes(top, why);
}

/* ------------------------------------------------------------------ port */

static void print_bindings(const char *before, const json_t *bindings)
{
    const json_t *binding;
    size_t i;

    json_array_foreach(bindings, i, binding) {
        cleanup_free char *address = cell_address(text_of(binding, "HostIp"),
                                                  text_of(binding, "HostPort"));

        printf("%s%s%s\n", before, *before != '\0' ? " -> " : "",
               address != NULL ? address : "");
    }
}

/* "9/tcp" before "80/tcp", and that before "80/udp". */
static int by_number(const void *a, const void *b)
{
    const char *first = *(const char *const *)a;
    const char *second = *(const char *const *)b;
    int order = (int)(strtol(first, NULL, 10) - strtol(second, NULL, 10));

    return order != 0 ? order : strcmp(first, second);
}

static int print_all_ports(const json_t *ports, struct failure *why)
{
    size_t count = 0;
    cleanup_free const char **names =
        calloc(json_object_size(ports) + 1, sizeof(*names));
    const char *name;
    const json_t *bindings;

    if (names == NULL)
        return fail(why, ENOMEM, "list ports");
    json_object_foreach((json_t *)ports, name, bindings)
        names[count++] = name;
    qsort(names, count, sizeof(*names), by_number);
    for (size_t i = 0; i < count; i++)
        print_bindings(names[i], json_object_get(ports, names[i]));
    return 0;
}

static int print_one_port(const json_t *ports, const char *container,
                          const char *wanted, struct failure *why)
{
    cleanup_free char *port = NULL;

    if (asprintf(&port, "%s%s", wanted,
                 strchr(wanted, '/') == NULL ? "/tcp" : "") < 0)
        return fail(why, ENOMEM, "list ports");
    const json_t *bindings = json_object_get(ports, port);
    if (json_array_size(bindings) == 0) {
        fail_as(why, FAILURE_NOT_FOUND, "No public port '%s' published for %s",
                port, container);
        return answer_failure(why);
    }
    print_bindings("", bindings);
    return 0;
}

int verb_port(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;

    if (record_find(&record, call->engine, call->words[0], why) < 0)
        return answer_failure(why);
    json_auto_t *all = container_inspect(&record, false, why);
    if (all == NULL)
        return answer_failure(why);
    const json_t *ports =
        json_object_get(json_object_get(all, "NetworkSettings"), "Ports");
    return call->count == 1
               ? print_all_ports(ports, why)
               : print_one_port(ports, call->words[0], call->words[1], why);
}

/* ------------------------------------------------------------------ diff */

int verb_diff(const struct call *call, struct failure *why)
{
    static const char letters[] = "CAD"; /* by docker's numbers, see diff.h */
    cleanup_record struct record record = RECORD_CLOSED;
    const json_t *change;
    size_t i;

    if (record_find(&record, call->engine, call->words[0], why) < 0)
        return answer_failure(why);
    json_auto_t *changes = container_changes(&record, why);
    if (changes == NULL)
        return answer_failure(why);
    json_array_foreach(changes, i, change) {
        cleanup_free char *path = harmless(json_object_get(change, "Path"));
        json_int_t kind = json_integer_value(json_object_get(change, "Kind"));

        printf("%c %s\n", kind >= 0 && kind < 3 ? letters[kind] : '?',
               path != NULL ? path : "");
    }
    return 0;
}
