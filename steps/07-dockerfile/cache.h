#pragma once
/*
 * cache: what the steps of builds have made, by what went into them.
 *
 * A record of a step is an object:
 *
 *     created    when it was done, as in RFC 3339
 *     layer      "sha256:HEX" of what it has changed, if that was anything
 *     newest     HEX of the newest layer so far: it keeps the record
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"
#include "store.h"

/**
 * cache_read - all records
 * @store: a store
 *
 * Returns: an object of them, each below its key; perhaps an empty one.
 */
json_t *cache_read(const struct store *store);

/**
 * cache_key - a name for all that a step depends on
 * @inputs: as JSON; the order in its objects does not matter
 * @key:    receives the name
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int cache_key(const json_t *inputs, struct digest *key, struct failure *why);

/**
 * cache_find - what has the same step made before?
 * @records: from cache_read()
 * @key:     from cache_key()
 * @store:   has to have the layer still
 *
 * Returns: a record, which belongs to @records, or NULL.
 */
json_t *cache_find(const json_t *records, const struct digest *key,
                   const struct store *store);

/**
 * cache_add - keep records for later builds
 * @store: has the layers
 * @made:  an object of new records
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int cache_add(const struct store *store, json_t *made, struct failure *why);

/**
 * cache_sweep - forget what no image has any more
 * @store: a store that nobody else has open
 * @marks: an object: digests of what the images have
 */
void cache_sweep(const struct store *store, const json_t *marks);
