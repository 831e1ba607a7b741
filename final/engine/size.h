#pragma once
/*
 * size: how much room a container takes.
 */
#include <jansson.h>

#include "engine.h"

/**
 * size_add - say how much a container has written, and with its image
 * @engine: an engine
 * @config: the container's
 * @into:   receives docker's "SizeRw" and "SizeRootFs", in bytes
 *
 * Looks at each file that the container has written: it may take long.
 */
void size_add(const struct engine *engine, const json_t *config, json_t *into);
