#pragma once
/*
 * users: which containers an image is needed for.
 */
#include <jansson.h>

#include "store.h"

/**
 * users_of - the containers that need an image
 * @store: open
 * @id:    the image's
 *
 * Returns: an array of ids of containers that exist, or NULL without memory.
 */
json_t *users_of(const struct store *store, const struct digest *id);

/**
 * users_sweep - forget those that were killed before they made a container
 * @store: nobody else has it open
 *
 * Returns: an object: the ids of all images that are needed, or NULL.
 */
json_t *users_sweep(const struct store *store);
