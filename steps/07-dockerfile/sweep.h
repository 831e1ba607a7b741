#pragma once
/*
 * sweep: what no name leads to any more.
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

/**
 * sweep_store - remove all that the index does not lead to
 * @store: a store that nobody else has open
 * @why:   filled in when the call fails
 *
 * Also what is left of those who were killed before they were done.
 *
 * Returns: 0, or -1 with @why.
 */
int sweep_store(const struct store *store, struct failure *why);

/**
 * sweep_image - take a name away, and the image if it was its last
 * @store: opened to remove
 * @text:  the name, or the beginning of the id of an image with one name
 * @told:  an array, receives a line for each thing that was done
 * @why:   filled in when the call fails, also when a container stands on it
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker image rm".
 */
int sweep_image(const struct store *store, const char *text, json_t *told,
                struct failure *why);
