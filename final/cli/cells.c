/*
 * cells: what stands in the columns of listings, as docker shortens it.
 */
#include "cells.h"

#include <stdio.h>
#include <time.h>

#include "cleanup.h"
#include "human.h"

/* Where the character after @count others begins. */
static const char *skip_characters(const char *text, size_t count)
{
    for (; *text != '\0'; text++)
        if (((unsigned char)*text & 0xc0) != 0x80 && count-- == 0)
            break;
    return text;
}

char *cell_cut(const char *text, size_t most)
{
    char *cut = NULL;

    if (*skip_characters(text, most) == '\0')
        return strdup(text);
    int length = (int)(skip_characters(text, most - 1) - text);
    return asprintf(&cut, "%.*s…", length, text) < 0 ? NULL : cut;
}

char *cell_id(const char *id, bool is_whole)
{
    const char *colon = strchr(id, ':');

    if (is_whole)
        return strdup(id);
    return strndup(colon != NULL ? colon + 1 : id, 12);
}

char *cell_ago(json_int_t seconds)
{
    cleanup_free char *duration = human_duration(time(NULL) - seconds);
    char *text = NULL;

    return duration == NULL || asprintf(&text, "%s ago", duration) < 0 ? NULL
                                                                       : text;
}

char *cell_time(json_int_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm parts;
    char text[64] = "";

    if (localtime_r(&moment, &parts) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z %Z", &parts);
    return strdup(text);
}

char *cell_pairs(const json_t *object)
{
    char *text = NULL;
    size_t size;
    FILE *out =
        json_object_size(object) == 0 ? NULL : open_memstream(&text, &size);
    const char *separator = "";
    const char *key;
    const json_t *value;

    if (out == NULL)
        return strdup("");
    json_object_foreach((json_t *)object, key, value) {
        fprintf(out, "%s%s=%s", separator, key, json_string_value(value));
        separator = ",";
    }
    return fclose(out) == 0 ? text : NULL;
}

/* ----------------------------------------------------------------- ports */

struct port {
    const char *ip;   /* "": it is not published */
    const char *type; /* "tcp" */
    int inner, outer;
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static int by_port(const void *a, const void *b)
{
    const struct port *x = a;
    const struct port *y = b;
    int order = strcmp(x->type, y->type);

    if (order == 0)
        order = strcmp(x->ip, y->ip);
    if (order == 0)
        order = (x->outer - x->inner) - (y->outer - y->inner);
    return order != 0 ? order : x->inner - y->inner;
}

/* Do two stand in a row, so that "8000-8001->80-81" tells of both? */
static bool is_next(const struct port *a, const struct port *b)
{
    return str_eq(a->type, b->type) && str_eq(a->ip, b->ip) &&
           b->inner == a->inner + 1 && b->outer == a->outer + 1;
}

static char *range(int first, int last)
{
    char *text = NULL;

    return (first == last ? asprintf(&text, "%d", first)
                          : asprintf(&text, "%d-%d", first, last)) < 0
               ? NULL
               : text;
}

char *cell_address(const char *ip, const char *port)
{
    bool is_six = strchr(ip, ':') != NULL;
    char *text = NULL;

    return asprintf(&text, "%s%s%s:%s", is_six ? "[" : "", ip,
                    is_six ? "]" : "", port) < 0
               ? NULL
               : text;
}

static void print_range(FILE *out, const struct port *first,
                        const struct port *last)
{
    cleanup_free char *inner = range(first->inner, last->inner);
    cleanup_free char *outer = range(first->outer, last->outer);
    cleanup_free char *address =
        outer == NULL ? NULL : cell_address(first->ip, outer);

    if (inner == NULL || address == NULL)
        return;
    if (*first->ip != '\0')
        fprintf(out, "%s->", address);
    fprintf(out, "%s/%s", inner, first->type);
}

/* One that is not published leads, as it were, to itself. */
static struct port read_port(const json_t *item)
{
    struct port port = {
        .ip = text_of(item, "IP"),
        .type = text_of(item, "Type"),
        .inner = (int)json_integer_value(json_object_get(item, "PrivatePort")),
        .outer = (int)json_integer_value(json_object_get(item, "PublicPort")),
    };

    if (*port.ip == '\0')
        port.outer = port.inner;
    return port;
}

static struct port *read_ports(const json_t *list)
{
    struct port *ports = calloc(json_array_size(list) + 1, sizeof(*ports));
    const json_t *item;
    size_t i;

    if (ports == NULL)
        return NULL;
    json_array_foreach(list, i, item)
        ports[i] = read_port(item);
    qsort(ports, json_array_size(list), sizeof(*ports), by_port);
    return ports;
}

char *cell_ports(const json_t *list)
{
    size_t count = json_array_size(list);
    cleanup_free struct port *ports = read_ports(list);
    char *text = NULL;
    size_t size;
    FILE *out = count == 0 ? NULL : open_memstream(&text, &size);

    for (size_t i = 0; out != NULL && ports != NULL && i < count;) {
        size_t last = i;

        while (last + 1 < count && is_next(&ports[last], &ports[last + 1]))
            last++;
        fputs(i > 0 ? ", " : "", out);
        print_range(out, &ports[i], &ports[last]);
        i = last + 1;
    }
    if (out == NULL)
        return strdup("");
    return fclose(out) == 0 ? text : NULL;
}
