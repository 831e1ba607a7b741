#pragma once
/*
 * image_remove: names come and go, and images with their last one.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"
#include "store.h"

struct image_removal {
    const char *reference; /* what a user calls it */
    bool force;            /* also with several names, or containers */
    /* Is a container running? NULL: all are taken to be stopped. */
    bool (*is_running)(const char *container, void *argument);
    void *argument; /* for that */
};

/**
 * image_tag - give an image one more name
 * @store:  opened to change
 * @source: what a user calls it
 * @target: the new name; is taken from whatever has it
 * @why:    filled in when there is no image (404), or no name (400)
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker Engine API 1.41, "ImageTag".
 */
int image_tag(const struct store *store, const char *source, const char *target,
              struct failure *why);

/**
 * image_remove - take a name away, and the image if it was its last
 * @store:   opened to change; its files go when it is closed
 * @removal: what, and how bravely
 * @why:     filled in when there is none (404), or it is needed (409)
 *
 * Returns: an array of {"Untagged": NAME} and {"Deleted": ID}, or NULL with
 *          @why.
 * Source:  Docker Engine API 1.41, "ImageDelete".
 */
json_t *image_remove(const struct store *store,
                     const struct image_removal *removal, struct failure *why);

/**
 * image_prune - remove images that nobody needs
 * @store:   opened to change
 * @filters: dangling ("true" unless it says otherwise), label, label!, until
 * @why:     filled in when the call fails
 *
 * Returns: {"ImagesDeleted": [...] or null, "SpaceReclaimed": bytes}, or NULL
 *          with @why.
 * Source:  Docker Engine API 1.41, "ImagePrune".
 */
json_t *image_prune(struct store *store, const json_t *filters,
                    struct failure *why);
