#pragma once
/*
 * filter: docker's filters, whose values come in two shapes.
 *
 *     {"name": ["web", "db"]}
 *     {"name": {"web": true, "db": true}}
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"

/**
 * filter_check - are all filters known ones, with texts for values?
 * @filters: docker's, or NULL
 * @known:   names, NULL-terminated
 * @why:     FAILURE_BAD_PARAMETER: "Invalid filter 'X'"
 *
 * Returns: 0, or -1 with @why.
 */
int filter_check(const json_t *filters, const char *const known[],
                 struct failure *why);

/**
 * filter_values - all values of one filter
 * @filters: passed filter_check(), or NULL
 * @name:    the filter's
 *
 * Returns: an array of texts, a new reference; empty when there are none.
 */
json_t *filter_values(const json_t *filters, const char *name);

/**
 * filter_label - has an object of labels this one?
 * @labels: {"key": "value"}, or NULL
 * @wanted: "key", or "key=value"
 */
bool filter_label(const json_t *labels, const char *wanted);
