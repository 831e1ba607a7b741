#pragma once
/*
 * disk: how much room everything takes.
 */
#include <jansson.h>

#include "engine.h"
#include "failure.h"

/**
 * engine_disk - look at every file that there is
 * @engine: an engine
 * @why:    filled in when the call fails
 *
 * Returns: docker's SystemDataUsageResponse, a new reference: {"LayersSize",
 *          "Images", "Containers", "Volumes", "BuildCache"}, or NULL with @why.
 * Source:  Docker Engine API, "Get data usage information".
 */
json_t *engine_disk(const struct engine *engine, struct failure *why);
