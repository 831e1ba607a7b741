#pragma once
/*
 * manifest: what is in an image, as JSON texts say it, held against the rules.
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"
#include "image.h"

/**
 * manifest_descriptor - what a descriptor points to
 * @descriptor: from an index or a manifest, perhaps NULL
 * @digest:     receives the digest
 * @size:       receives the size in bytes
 * @why:        filled in when it is none
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Content Descriptors".
 */
int manifest_descriptor(const json_t *descriptor, struct digest *digest,
                        json_int_t *size, struct failure *why);

/**
 * manifest_config - the descriptor of a manifest's config
 * @manifest: a manifest
 * @why:      filled in when it is none that we know, or two things at once
 *
 * Returns: a descriptor that belongs to @manifest, or NULL with @why.
 */
const json_t *manifest_config(const json_t *manifest, struct failure *why);

/**
 * manifest_read_config - the layers that a config speaks of
 * @image:  has the config; receives layers and diff_ids
 * @why:    filled in when it has none, too many, or bad ones
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Configuration".
 */
int manifest_read_config(struct image *image, struct failure *why);

/**
 * manifest_read - the layers as they came
 * @image: has manifest and config, and the config's layers; receives the rest
 * @why:   filled in when the two contradict each other
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Manifest".
 */
int manifest_read(struct image *image, struct failure *why);

/**
 * manifest_check_config - can a container be made of what a config says?
 * @config: all of a config
 * @why:    filled in when something in it is of another kind than it has to be
 *
 * Whoever reads it afterwards may rely on the types of docker's Config, where
 * anything may be missing or null.
 *
 * Returns: 0, or -1 with @why.
 */
int manifest_check_config(const json_t *config, struct failure *why);
