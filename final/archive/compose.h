#pragma once
/*
 * compose: the JSON texts that make an image of layers.
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"
#include "store.h"

/**
 * compose_config - begin a config, of an image without layers for this machine
 * @created: when, as in RFC 3339
 *
 * Returns: a config, or NULL.
 * Source:  OCI Image Specification, "Image Configuration".
 */
json_t *compose_config(const char *created);

/**
 * compose_now - this moment, as in RFC 3339
 * @text: receives it
 */
void compose_now(char text[sizeof("2000-01-01T00:00:00.123456789Z")]);

/**
 * compose_layer - describe a layer for a manifest
 * @blob:   its digest
 * @size:   its length in bytes
 * @suffix: how it is compressed; see sink_suffix()
 *
 * Returns: a descriptor, or NULL.
 * Source:  OCI Image Specification, "Content Descriptors".
 */
json_t *compose_layer(const struct digest *blob, long long size,
                      const char *suffix);

/**
 * compose_manifest - write the manifest of an image whose other parts are there
 * @store:  has its config and layers
 * @id:     the digest of its config
 * @layers: descriptors of its layers, base first
 * @why:    filled in when the call fails
 *
 * Returns: a descriptor of the manifest, or NULL with @why.
 * Source:  OCI Image Specification, "Image Manifest".
 */
json_t *compose_manifest(const struct store *store, const struct digest *id,
                         json_t *layers, struct failure *why);

/**
 * compose_architecture - what images call this machine's processor
 *
 * Returns: "amd64", "arm64" or as the kernel calls it.
 */
const char *compose_architecture(void);
