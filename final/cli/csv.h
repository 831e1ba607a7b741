#pragma once
/*
 * csv: one line of values with commas between them, as --mount takes.
 */
#include <jansson.h>

#include "failure.h"

/**
 * csv_fields - cut a line into its fields
 * @text: "a,\"b,c\",d": a field in quotes may have commas in it, and quotes
 *        when they are doubled
 * @why:  filled in, in docker's words, when a quote is out of place
 *
 * Returns: an array of strings, or NULL with @why.
 * Source:  RFC 4180.
 */
json_t *csv_fields(const char *text, struct failure *why);
