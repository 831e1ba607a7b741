#pragma once
/*
 * inspect: all that there is to say of a container.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"
#include "record.h"

/**
 * container_inspect - describe a container
 * @record:    from record_find()
 * @with_size: also how much room it takes? This may take long
 * @why:       filled in when the call fails
 *
 * Returns: docker's ContainerInspectResponse, a new reference, or NULL with
 *          @why.
 * Source:  Docker Engine API, "Inspect a container".
 */
json_t *container_inspect(struct record *record, bool with_size,
                          struct failure *why);
