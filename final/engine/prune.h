#pragma once
/*
 * prune: all containers that do not run, at once.
 */
#include <jansson.h>

#include "engine.h"
#include "failure.h"

/**
 * container_prune - remove all containers that do not run
 * @engine: an engine
 * @why:    filled in when they can't be listed
 *
 * Returns: {"ContainersDeleted": [ids], "SpaceReclaimed": bytes}, which the
 *          caller drops, or NULL with @why.
 * Source:  Docker Engine API, "Delete stopped containers".
 */
json_t *container_prune(const struct engine *engine, struct failure *why);
