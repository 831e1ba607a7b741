/*
 * image_table: images and their history, as docker prints them.
 */
#include "image_table.h"

#include <stdio.h>
#include <time.h>

#include "cells.h"
#include "cleanup.h"
#include "human.h"
#include "listing.h"

static const char none[] = "<none>";

static const struct column image_columns[] = {
    {"ID", "IMAGE ID"},
    {"Repository", "REPOSITORY"},
    {"Tag", "TAG"},
    {"Digest", "DIGEST"},
    {"CreatedSince", "CREATED"},
    {"CreatedAt", "CREATED AT"},
    {"Size", "SIZE"},
    {"Containers", "CONTAINERS"},
    {"VirtualSize", "SIZE"},
    {"SharedSize", "SHARED SIZE"},
    {"UniqueSize", "UNIQUE SIZE"},
    {0},
};

static const struct column history_columns[] = {
    {"ID", "IMAGE"},
    {"CreatedSince", "CREATED"},
    {"CreatedAt", "CREATED AT"},
    {"CreatedBy", "CREATED BY"},
    {"Size", "SIZE"},
    {"Comment", "COMMENT"},
    {0},
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

/* Gives a row a cell, and frees its text. */
static void set(json_t *row, const char *name, char *text)
{
    json_object_set_new(row, name, json_string(text == NULL ? "" : text));
    free(text);
}

static void set_size(json_t *row, const char *name, const json_t *object,
                     const char *member, bool is_exact)
{
    json_int_t bytes = json_integer_value(json_object_get(object, member));
    char *text = NULL;

    if (bytes < 0)
        text = strdup("N/A");
    else if (!is_exact)
        text = human_size((unsigned long long)bytes, 3);
    else if (asprintf(&text, "%lld", (long long)bytes) < 0)
        text = NULL;
    set(row, name, text);
}

/* When something was made; many images do not say it. */
static void set_created(json_t *row, const json_t *object)
{
    json_int_t seconds = json_integer_value(json_object_get(object, "Created"));

    set(row, "CreatedSince", seconds > 0 ? cell_ago(seconds) : strdup("N/A"));
    set(row, "CreatedAt", seconds > 0 ? cell_time(seconds) : strdup("N/A"));
}

/* Where the last part of "name:tag" or "name@digest" begins. */
static const char *last_part(const char *name, char sign)
{
    const char *end = strrchr(name, sign);

    return end == NULL ? none : end + 1;
}

static char *first_part(const char *name, char sign)
{
    const char *end = strrchr(name, sign);

    return strndup(name, end == NULL ? strlen(name) : (size_t)(end - name));
}

/* The digest of the same repository, if there is one. */
static const char *digest_for(const json_t *image, const char *repository)
{
    const json_t *digest;
    size_t i;

    json_array_foreach(json_object_get(image, "RepoDigests"), i, digest) {
        const char *text = json_string_value(digest);
        size_t length = strlen(repository);

        if (strncmp(text, repository, length) == 0 && text[length] == '@')
            return text + length + 1;
    }
    return none;
}

/* One name of an image: @sign stands before its tag, or its digest. */
static void add_image(json_t *rows, const json_t *image, const char *name,
                      char sign, const struct image_table *table)
{
    json_t *row = json_object();
    char *repository = first_part(name, sign);
    bool is_tag = sign == ':';

    set(row, "Digest",
        strdup(is_tag ? digest_for(image, repository == NULL ? "" : repository)
                      : last_part(name, sign)));
    set(row, "Repository", repository);
    set(row, "Tag", strdup(is_tag ? last_part(name, sign) : none));
    set(row, "ID", cell_id(text_of(image, "Id"), table->is_whole));
    set_created(row, image);
    set_size(row, "Size", image, "Size", false);
    set_size(row, "VirtualSize", image, "Size", false);
    set_size(row, "SharedSize", image, "SharedSize", false);
    set(row, "Containers", strdup("N/A"));
    set(row, "UniqueSize", strdup("N/A"));
    json_array_append_new(rows, row);
}

static void add_names(json_t *rows, const json_t *image,
                      const struct image_table *table)
{
    const json_t *tags = json_object_get(image, "RepoTags");
    const json_t *name;
    size_t i;

    json_array_foreach(tags, i, name)
        add_image(rows, image, json_string_value(name), ':', table);
    if (json_array_size(tags) > 0)
        return;
    json_array_foreach(json_object_get(image, "RepoDigests"), i, name)
        if (i == 0 || (table->is_digests && !table->is_quiet))
            add_image(rows, image, json_string_value(name), '@', table);
}

int image_table_list(const json_t *list, const struct image_table *table,
                     struct failure *why)
{
    const struct listing listing = {
        .columns = image_columns,
        .table = table->is_digests
                     ? "table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t"
                       "{{.CreatedSince}}\t{{.Size}}"
                     : "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t"
                       "{{.CreatedSince}}\t{{.Size}}",
        .quiet = "{{.ID}}",
    };
    json_auto_t *rows = json_array();
    const json_t *image;
    size_t i;

    json_array_foreach(list, i, image)
        add_names(rows, image, table);
    return listing_print(stdout, &listing, rows, table->format, table->is_quiet,
                         why);
}

/* One line, of at most so many signs. */
static char *line_text(const char *text, bool is_whole)
{
    char *line = is_whole ? strdup(text) : cell_cut(text, 45);

    for (char *c = line; c != NULL && *c != '\0'; c++)
        *c = *c == '\t' || *c == '\n' ? ' ' : *c;
    return line;
}

static json_t *step_row(const json_t *step, const struct image_table *table)
{
    const char *id = text_of(step, "Id");
    json_t *row = json_object();

    set(row, "ID", *id == '<' ? strdup(id) : cell_id(id, table->is_whole));
    set_created(row, step);
    if (table->is_exact)
        set(row, "CreatedSince", strdup(text_of(row, "CreatedAt")));
    set(row, "CreatedBy",
        line_text(text_of(step, "CreatedBy"), table->is_whole));
    set_size(row, "Size", step, "Size", table->is_exact);
    set(row, "Comment", strdup(text_of(step, "Comment")));
    return row;
}

int image_table_history(const json_t *list, const struct image_table *table,
                        struct failure *why)
{
    static const struct listing listing = {
        .columns = history_columns,
        .table = "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t"
                 "{{.Comment}}",
        .quiet = "{{.ID}}",
    };
    json_auto_t *rows = json_array();
    const json_t *step;
    size_t i;

    json_array_foreach(list, i, step)
        json_array_append_new(rows, step_row(step, table));
    return listing_print(stdout, &listing, rows, table->format, table->is_quiet,
                         why);
}
