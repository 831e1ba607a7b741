#pragma once
/*
 * archive_load: the images of an archive, whoever wrote it.
 *
 * docker's     manifest.json, which names a config and layers by their paths
 * OCI's        index.json, which names manifests in blobs/sha256
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

/**
 * archive_load - read all images of an archive
 * @store:   gets them, all or none
 * @fd:      the archive, from here to its end
 * @loaded:  an array, receives ": NAME:TAG" or " ID: sha256:..." for each
 * @why:     filled in when the call fails; the store is unchanged then
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Layout"; Docker, "docker image
 *          save".
 */
int archive_load(const struct store *store, int fd, json_t *loaded,
                 struct failure *why);
