#pragma once
/*
 * archive_save: an image as one file, for whoever reads either kind.
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

/**
 * archive_save - write an archive that is both docker's and OCI's
 * @store:      has the image
 * @descriptor: of the image, from the index
 * @name:       in full, or NULL
 * @fd:         where to
 * @why:        filled in when the call fails, also when the image is damaged
 *
 * Returns: 0, or -1 with @why.
 */
int archive_save(const struct store *store, const json_t *descriptor,
                 const char *name, int fd, struct failure *why);
