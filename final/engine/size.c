/*
 * size: how much room a container takes.
 *
 * Side           host
 * Look at it     du -sb /var/lib/duct/containers/ID/upper
 */
#include "size.h"

#include <stdio.h>

#include "cleanup.h"
#include "image.h"
#include "store.h"
#include "tree_size.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* What was added up when its layers were unpacked. */
static long long image_size(const struct engine *engine, const char *id)
{
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_image struct image image = {.config = NULL};
    struct failure ignored;
    long long size = 0;

    if (store_open(&store, engine->data, engine->data_fd, STORE_READ,
                   &ignored) < 0 ||
        image_find_id(&image, &store, id, &ignored) < 0)
        return 0;
    for (size_t i = 0; i < image.layers; i++)
        size += store_tree_size(&store, &image.diff_ids[i]);
    return size;
}

void size_add(const struct engine *engine, const json_t *config, json_t *into)
{
    cleanup_free char *upper = NULL;

    if (asprintf(&upper, "containers/%s/upper", text_of(config, "Id")) < 0) {
        upper = NULL;
        return;
    }
    long long written = tree_size(engine->data_fd, upper);
    if (written < 0)
        written = 0;
    json_object_set_new(into, "SizeRw", json_integer(written));
    json_object_set_new(
        into, "SizeRootFs",
        json_integer(written + image_size(engine, text_of(config, "Image"))));
}
