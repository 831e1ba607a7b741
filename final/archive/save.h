#pragma once
/*
 * save: images as one file, for whoever reads either kind.
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

/**
 * save_archive - write an archive that is both docker's and OCI's
 * @store:  has the images
 * @words:  what a user calls them, a NULL-terminated list; a name without a
 *          tag means all tags of it
 * @fd:     where to
 * @why:    filled in when the call fails, also when an image is damaged; half
 *          an archive may be there then
 *
 * Returns: 0, or -1 with @why.
 */
int save_archive(const struct store *store, char *const *words, int fd,
                 struct failure *why);
