#pragma once
/*
 * list: which containers there are.
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"

/**
 * container_list - all containers, newest first
 * @engine:  an engine
 * @all:     also those that do not run?
 * @limit:   at most so many, whether they run or not; <= 0: any number
 * @size:    also how much room each takes? This may take long
 * @filters: docker's, or NULL; see list_filter.h
 * @why:     FAILURE_BAD_PARAMETER: a filter is unknown, or makes no sense;
 *           FAILURE_NOT_FOUND: it names a container that is not there
 *
 * Returns: an array of docker's ContainerSummary, a new reference, or NULL
 *          with @why.
 * Source:  Docker Engine API, "List containers".
 */
json_t *container_list(const struct engine *engine, bool all, int limit,
                       bool size, const json_t *filters, struct failure *why);

/**
 * container_ids - the same, but only who they are; costs half of it
 *
 * Returns: [{"Id"}, ...], a new reference, or NULL with @why.
 */
json_t *container_ids(const struct engine *engine, bool all, int limit,
                      const json_t *filters, struct failure *why);
