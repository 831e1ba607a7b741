#pragma once
/*
 * load: the images of an archive, whoever wrote it.
 *
 * docker's     manifest.json, which names a config and layers by their paths
 * OCI's        index.json, which names manifests in blobs/sha256
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

/**
 * load_archive - read all images of an archive
 * @store: opened to change; gets them, all or none
 * @fd:    the archive, from here to its end, perhaps compressed
 * @why:   filled in when the call fails; the store is unchanged then
 *
 * Returns: an array of {"stream": "Loaded image: NAME:TAG\n"} or of "Loaded
 *          image ID: sha256:...\n", as docker's API says it, or NULL with @why.
 * Source:  OCI Image Specification, "Image Layout"; Docker, "docker image
 *          save".
 */
json_t *load_archive(const struct store *store, int fd, struct failure *why);
