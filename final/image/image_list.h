#pragma once
/*
 * image_list: what there is to say of images, as docker's API says it.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"
#include "store.h"

struct image_query {
    const json_t *filters; /* {"reference": ["web*"]}, or the values as an
                              object of trues; NULL: all */
    bool shared;           /* also how much others share, and who uses it? */
};

/**
 * image_list - all images, newest first
 * @store: a store
 * @query: which of them; knows the filters reference, dangling, label, before,
 *         since and until
 * @why:   filled in when the call fails, also for an unknown filter (400)
 *
 * Returns: an array of docker's ImageSummary, or NULL with @why.
 * Source:  Docker Engine API 1.41, "ImageList".
 */
json_t *image_list(const struct store *store, const struct image_query *query,
                   struct failure *why);

/**
 * image_inspect - one image
 * @store:     a store
 * @reference: what a user calls it
 * @why:       filled in when there is none (404), or it is damaged
 *
 * Returns: docker's Image, or NULL with @why.
 * Source:  Docker Engine API 1.41, "ImageInspect".
 */
json_t *image_inspect(const struct store *store, const char *reference,
                      struct failure *why);

/**
 * image_history - how an image was made, newest step first
 * @store:     a store
 * @reference: what a user calls it
 * @why:       filled in when there is none (404), or it is damaged
 *
 * Returns: an array of docker's HistoryResponseItem, or NULL with @why.
 * Source:  Docker Engine API 1.41, "ImageHistory".
 */
json_t *image_history(const struct store *store, const char *reference,
                      struct failure *why);

/**
 * image_names - what an image is called
 * @images: the index
 * @store:  has it
 * @id:     the image's
 * @tags:   an array, receives NAME:TAG
 * @digests: an array, receives NAME@DIGEST
 */
void image_names(const struct store *store, const json_t *images,
                 const struct digest *id, json_t *tags, json_t *digests);
