/*
 * image_inspect: one image, as docker's API says it.
 *
 * Look at it     jq . DATA/images/blobs/sha256/CONFIG
 */
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "image.h"
#include "image_list.h"
#include "index.h"
#include "users.h"
#include "when.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

/* What docker's Config has, though nobody spoke of it. */
static json_t *whole_config(const struct image *image)
{
    json_t *config = json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:n, s:n, s:s, s:n,"
        " s:s, s:n, s:n, s:n}",
        "Hostname", "", "Domainname", "", "User", "", "AttachStdin", 0,
        "AttachStdout", 0, "AttachStderr", 0, "Tty", 0, "OpenStdin", 0,
        "StdinOnce", 0, "Env", "Cmd", "Image", "", "Volumes", "WorkingDir", "",
        "Entrypoint", "OnBuild", "Labels");

    json_object_update(config, json_object_get(image->config, "config"));
    return config;
}

static json_t *layers_of(const struct image *image)
{
    json_t *layers = json_array();

    for (size_t i = 0; i < image->layers; i++)
        json_array_append_new(
            layers, json_sprintf("sha256:%s", image->diff_ids[i].hex));
    return layers;
}

/* Where its trees are: the topmost, and those below it. */
static json_t *graph_driver(const struct store *store,
                            const struct image *image)
{
    char *list[BOUND_LAYERS + 1] = {0};
    struct failure ignored;
    json_t *data = json_object();
    json_auto_t *below = json_string("");

    (void)image_lowerdirs(image, store, list, &ignored); /* if they are there */
    for (size_t i = 0; list[i] != NULL; i++) {
        if (i == 0)
            json_object_set_new(data, "UpperDir", json_string(list[i]));
        else {
            json_t *more = json_sprintf("%s%s%s", json_string_value(below),
                                        i == 1 ? "" : ":", list[i]);
            json_decref(below);
            below = more;
        }
        free(list[i]);
    }
    if (json_string_length(below) > 0)
        json_object_set(data, "LowerDir", below);
    return json_pack("{s:s, s:o}", "Name", "overlay2", "Data", data);
}

/* Who imports an image says what it is in the history, not in the config. */
static const char *comment_of(const struct image *image)
{
    const json_t *history = json_object_get(image->config, "history");
    const char *text = text_of(image->config, "comment");
    size_t count = json_array_size(history);

    return *text == '\0' && count > 0
               ? text_of(json_array_get(history, count - 1), "comment")
               : text;
}

static json_t *describe(const struct store *store, const struct image *image,
                        json_t *tags, json_t *digests)
{
    json_int_t size = 0;

    for (size_t i = 0; i < image->layers; i++)
        size += store_tree_size(store, &image->diff_ids[i]);
    return json_pack(
        "{s:o, s:O, s:O, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s,"
        " s:I, s:I, s:o, s:{s:s, s:o}, s:{s:s}}",
        "Id", json_sprintf("sha256:%s", image->id.hex), "RepoTags", tags,
        "RepoDigests", digests, "Parent", "", "Comment", comment_of(image),
        "Created", text_of(image->config, "created"), "Container",
        text_of(image->config, "container"), "DockerVersion",
        text_of(image->config, "docker_version"), "Author",
        text_of(image->config, "author"), "Config", whole_config(image),
        "Architecture", text_of(image->config, "architecture"), "Variant",
        text_of(image->config, "variant"), "Os", text_of(image->config, "os"),
        "Size", size, "VirtualSize", size, "GraphDriver",
        graph_driver(store, image), "RootFS", "Type", "layers", "Layers",
        layers_of(image), "Metadata", "LastTagTime", "0001-01-01T00:00:00Z");
}

json_t *image_inspect(const struct store *store, const char *reference,
                      struct failure *why)
{
    cleanup_image struct image image = {0};
    json_auto_t *tags = json_array();
    json_auto_t *digests = json_array();

    if (image_find(&image, store, reference, why) < 0)
        return NULL;
    json_auto_t *images = index_read(store, why);
    if (images == NULL)
        return NULL;
    image_names(store, images, &image.id, tags, digests);
    json_t *described = describe(store, &image, tags, digests);
    if (described == NULL)
        fail(why, ENOMEM, "inspect %s", reference);
    else if (*text_of(described, "Variant") == '\0')
        json_object_del(described, "Variant");
    return described;
}

/* One step; those that changed no file have no layer. */
static json_t *step(const struct store *store, const struct image *image,
                    const json_t *entry, size_t *layer)
{
    bool is_empty = json_is_true(json_object_get(entry, "empty_layer"));
    json_int_t size = 0;
    time_t seconds = 0;

    if (!is_empty && *layer < image->layers)
        size = store_tree_size(store, &image->diff_ids[(*layer)++]);
    (void)when_read(text_of(entry, "created"), &seconds); /* 0: unknown */
    return json_pack(
        "{s:s, s:s, s:I, s:s, s:I, s:n}", "Comment", text_of(entry, "comment"),
        "CreatedBy", text_of(entry, "created_by"), "Created",
        (json_int_t)seconds, "Id", "<missing>", "Size", size, "Tags");
}

json_t *image_history(const struct store *store, const char *reference,
                      struct failure *why)
{
    cleanup_image struct image image = {0};
    json_auto_t *tags = json_array();
    json_auto_t *digests = json_array();
    json_t *list = NULL;
    size_t layer = 0;
    size_t i;
    const json_t *entry;

    if (image_find(&image, store, reference, why) < 0)
        return NULL;
    json_auto_t *images = index_read(store, why);
    if (images == NULL)
        return NULL;
    list = json_array();
    json_array_foreach(json_object_get(image.config, "history"), i, entry)
        json_array_insert_new(list, 0, step(store, &image, entry, &layer));
    /* Whoever wrote no history still has made layers. */
    while (layer < image.layers)
        json_array_insert_new(list, 0, step(store, &image, NULL, &layer));
    image_names(store, images, &image.id, tags, digests);
    json_t *newest = json_array_get(list, 0);
    json_object_set_new(newest, "Id", json_sprintf("sha256:%s", image.id.hex));
    if (json_array_size(tags) > 0)
        json_object_set(newest, "Tags", tags);
    return list;
}
