#pragma once
/*
 * listing: rows of things, as a table or as --format wants them.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "failure.h"

struct column {
    const char *name;   /* in a template, without its dot: "ID" */
    const char *header; /* above the column: "CONTAINER ID" */
};

struct listing {
    const struct column *columns; /* all that there are; name NULL: the end */
    const char *table; /* the usual format: "table {{.ID}}\t{{.Names}}" */
    const char *quiet; /* what -q shows of each: "{{.ID}}" */
};

/**
 * listing_print - print rows
 * @out:    receives the text, each row with its newline
 * @l:      what kind of rows they are
 * @rows:   an array of objects with a member for each column: texts, ready to
 *          be shown. A member "Labels" may be an object; {{.Label "key"}}
 *          looks into it
 * @format: --format's value: "table", "table TEMPLATE", "json" or TEMPLATE,
 *          in which \t and \n are written as such; NULL or "": the usual one
 * @quiet:  -q: show one member of each, whatever @format is
 * @why:    filled in when the template is none, or can't be filled in
 *
 * What could give orders to a terminal is shown as "?". In "json" it is
 * escaped instead, as JSON can.
 *
 * Returns: 0, or -1 with @why; nothing is printed then.
 * Source:  Docker, "Format command and log output".
 */
int listing_print(FILE *out, const struct listing *l, const json_t *rows,
                  const char *format, bool quiet, struct failure *why);
