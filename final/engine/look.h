#pragma once
/*
 * look: what a container has changed, and what it has said.
 */
#include <jansson.h>

#include "failure.h"
#include "log_reader.h"
#include "record.h"

/**
 * container_changes - list what it did to its image's tree
 * @record: from record_find()
 * @why:    filled in when the call fails
 *
 * Returns: [{"Path", "Kind"}], a new reference, or NULL with @why.
 */
json_t *container_changes(const struct record *record, struct failure *why);

/**
 * container_logs - read what it has said, and will say
 * @record: from record_find()
 * @reader: what is wanted, see log_reader.h; its directory, name and writer
 *          are filled in here
 * @why:    FAILURE_CONFLICT: nothing was written down of this one
 *
 * Returns: as log_reader_run().
 */
int container_logs(const struct record *record, struct log_reader *reader,
                   struct failure *why);
