#pragma once
/*
 * usage: what a container uses, and for which processes.
 */
#include <jansson.h>

#include "failure.h"
#include "record.h"

/**
 * container_stats - take one sample
 * @record:   a container, running or not; a record holds what was known when it
 *            was opened
 * @previous: the sample before; NULL: there is none
 * @why:      filled in when the call fails
 *
 * Without a previous sample there is no telling how busy the CPUs are: whoever
 * shows only one takes two, a second apart.
 *
 * Returns: docker's record (see stats_read(), stats_display()), or NULL with
 *          @why.
 */
json_t *container_stats(const struct record *record, const json_t *previous,
                        struct failure *why);

/**
 * container_top - list its processes
 * @record:  a running container
 * @ps_args: as for top_list()
 * @why:     FAILURE_CONFLICT: it doesn't run
 *
 * Returns: {"Titles":[...], "Processes":[[...], ...]}, or NULL with @why.
 */
json_t *container_top(const struct record *record, const char *ps_args,
                      struct failure *why);
