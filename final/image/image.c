/*
 * image: a config, which says how to run it and of which layers it is made.
 *
 * A name leads to a manifest, a manifest to a config and to blobs, a config
 * to the trees that come of them; each step but the first by digest. Who only
 * wants to run it has no use for the manifest: the index knows the config too.
 *
 * Look at it     jq . DATA/images/blobs/sha256/HEX, beginning in index.json
 */
#include "image.h"

#include <errno.h>
#include <sys/xattr.h>

#include "blob.h"
#include "cleanup.h"
#include "index.h"
#include "manifest.h"

void image_close(struct image *image)
{
    json_decref(image->manifest);
    json_decref(image->config);
    image->manifest = image->config = NULL;
    image->layers = 0;
}

/* Reads what has been told of by id. */
static int read_config(struct image *image, const struct store *store,
                       struct failure *why)
{
    image->config = blob_json(store->blobs_fd, &image->id, why);
    if (image->config != NULL && manifest_read_config(image, why) == 0)
        return 0;
    image_close(image);
    return -1;
}

static int read_manifest(struct image *image, const struct store *store,
                         const json_t *descriptor, struct failure *why)
{
    json_int_t size;

    if (manifest_descriptor(descriptor, &image->manifest_digest, &size, why) <
        0)
        return -1;
    image->manifest = blob_json(store->blobs_fd, &image->manifest_digest, why);
    const json_t *config =
        image->manifest == NULL ? NULL : manifest_config(image->manifest, why);
    return config == NULL ? -1
                          : manifest_descriptor(config, &image->id, &size, why);
}

int image_open(struct image *image, const struct store *store,
               const json_t *descriptor, struct failure *why)
{
    image->manifest = image->config = NULL;
    if (read_manifest(image, store, descriptor, why) == 0 &&
        read_config(image, store, why) == 0 && manifest_read(image, why) == 0)
        return 0;
    image_close(image);
    return -1;
}

int image_find_id(struct image *image, const struct store *store,
                  const char *id, struct failure *why)
{
    image->manifest = image->config = NULL;
    if (digest_parse(&image->id, id) < 0)
        return fail_as(why, FAILURE_NOT_FOUND, "No such image: %s", id);
    return read_config(image, store, why);
}

int image_find(struct image *image, const struct store *store,
               const char *reference, struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    int place =
        images == NULL ? -1 : index_find(store, images, reference, NULL, why);

    image->manifest = image->config = NULL;
    if (place < 0 ||
        index_id(store, json_array_get(images, (size_t)place), &image->id,
                 why) < 0 ||
        read_config(image, store, why) < 0)
        return -1;
    if (manifest_check_config(image->config, why) == 0)
        return 0;
    image_close(image);
    return -1;
}

/* Overlay asks all its trees for "/", whatever the upper ones say. */
static bool hides_all_below(const char *tree)
{
    char value[1];

    return getxattr(tree, "trusted.overlay.opaque", value, 1) == 1 ||
           getxattr(tree, "user.overlay.opaque", value, 1) == 1;
}

/* A layer that an image has twice counts where it is on top. */
static bool is_above(const struct image *image, size_t layer)
{
    for (size_t i = layer + 1; i < image->layers; i++)
        if (digest_eq(&image->diff_ids[i], &image->diff_ids[layer]))
            return true;
    return false;
}

int image_lowerdirs(const struct image *image, const struct store *store,
                    char **list, struct failure *why)
{
    if (image->layers == 0)
        return fail(why, 0, "the image has no layers, so no files");
    for (size_t i = image->layers; i-- > 0;) {
        if (is_above(image, i))
            continue;
        *list = store_tree(store, &image->diff_ids[i]);
        if (*list == NULL)
            return fail(why, ENOMEM, "list an image's layers");
        if (!store_has_tree(store, &image->diff_ids[i]))
            return fail(why, ENOENT, "find layer %s", *list);
        if (hides_all_below(*list++))
            break;
    }
    return 0;
}
