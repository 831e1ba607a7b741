#pragma once
/*
 * image_table: images and their history, as docker prints them.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"

struct image_table {
    const char *format; /* --format's value, or NULL */
    bool is_quiet;      /* only ids */
    bool is_whole;      /* ids and commands are not cut off */
    bool is_exact;      /* sizes and times as numbers */
    bool is_digests;    /* also the digests */
};

/**
 * image_table_list - print images
 * @list:  from image_list()
 * @table: how
 * @why:   filled in when the format is none
 *
 * Returns: 0, or -1 with @why.
 */
int image_table_list(const json_t *list, const struct image_table *table,
                     struct failure *why);

/**
 * image_table_history - print the history of an image
 * @list:  from image_history()
 * @table: how
 * @why:   filled in when the format is none
 *
 * Returns: 0, or -1 with @why.
 */
int image_table_history(const json_t *list, const struct image_table *table,
                        struct failure *why);
