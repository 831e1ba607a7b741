/*
 * image: a manifest, which names a config and layers, base first.
 *
 * A name leads to a manifest, a manifest to a config and to blobs, a config
 * to the trees that come of them; each step but the first by digest.
 *
 * Look at it     jq . STATE/_images/blobs/sha256/HEX, beginning in index.json
 */
#include "image.h"

#include <errno.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "index.h"

void image_close(struct image *image)
{
    json_decref(image->manifest);
    json_decref(image->config);
    free(image->settings);
    free(image->argv);
    memset(image, 0, sizeof(*image));
}

/* What a descriptor points to. */
static int read_descriptor(const json_t *descriptor, struct digest *digest,
                           json_int_t *size, struct failure *why)
{
    const char *text = NULL;

    json_unpack((json_t *)descriptor, "{s:s, s:I}", "digest", &text, "size",
                size);
    return digest_parse(digest, text) == 0
               ? 0
               : fail(why, 0, "a descriptor has no digest, or a bad one");
}

/* Reads that. Both say how long it is. */
static json_t *follow(int blobs_fd, const json_t *descriptor,
                      struct digest *digest, struct failure *why)
{
    json_int_t told = -1;
    long long size;

    if (read_descriptor(descriptor, digest, &told, why) < 0)
        return NULL;
    json_t *json = blob_json(blobs_fd, digest, &size, why);
    if (json == NULL || told == size)
        return json;
    fail(why, 0, "blob sha256:%s has another size than was said", digest->hex);
    json_decref(json);
    return NULL;
}

/* A config knows layers by what they unpack to, a manifest as they came. */
static int read_layers(struct image *image, struct failure *why)
{
    const json_t *layers = json_object_get(image->manifest, "layers");
    const json_t *rootfs = json_object_get(image->config, "rootfs");
    const json_t *diff_ids = json_object_get(rootfs, "diff_ids");
    const json_t *layer;
    size_t i;

    image->layers = json_array_size(layers);
    if (!json_is_array(layers) || json_array_size(diff_ids) != image->layers)
        return fail(why, 0,
                    "manifest sha256:%s and its config speak of different "
                    "layers",
                    image->manifest_digest.hex);
    if (image->layers > BOUND_LAYERS)
        return fail(why, 0, "an image has more than %d layers", BOUND_LAYERS);
    json_array_foreach(layers, i, layer) {
        const json_t *text = json_array_get(diff_ids, i);

        if (read_descriptor(layer, &image->blobs[i], &image->sizes[i], why) < 0)
            return -1;
        if (digest_parse(&image->diff_ids[i], json_string_value(text)) < 0)
            return fail(why, 0, "config sha256:%s has a bad diff_id",
                        image->id.hex);
    }
    return 0;
}

int image_open(struct image *image, int blobs_fd, const json_t *descriptor,
               struct failure *why)
{
    memset(image, 0, sizeof(*image));
    image->manifest =
        follow(blobs_fd, descriptor, &image->manifest_digest, why);
    if (json_object_get(image->manifest, "manifests") != NULL) {
        fail(why, 0,
             "sha256:%s is no image, but a list of them for several "
             "platforms",
             image->manifest_digest.hex);
        hint(why, "`skopeo copy` takes the right one out of it");
    } else if (image->manifest != NULL)
        image->config =
            follow(blobs_fd, json_object_get(image->manifest, "config"),
                   &image->id, why);
    if (image->config != NULL && read_layers(image, why) == 0)
        return 0;
    image_close(image);
    return -1;
}

int image_find(struct image *image, const struct store *store, const char *text,
               struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    int place =
        images == NULL ? -1 : index_find(store, images, text, NULL, why);

    memset(image, 0, sizeof(*image));
    if (place < 0)
        return -1;
    return image_open(image, store->blobs_fd,
                      json_array_get(images, (size_t)place), why);
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

static size_t count(char *const *list)
{
    size_t length = 0;

    while (list[length] != NULL)
        length++;
    return length;
}

/* Adds a config's texts to a list, if that is what they are, and have @sign in
 * them. */
static int add_texts(json_t *list, const json_t *texts, const char *sign,
                     struct failure *why)
{
    json_t *text;
    size_t i;

    json_array_foreach(texts, i, text) {
        const char *value = json_string_value(text);

        if (value == NULL || strstr(value, sign) == NULL)
            return fail(why, 0, "the image's config has a bad text: \"%s\"",
                        value != NULL ? value : "?");
        json_array_append(list, text);
    }
    return 0;
}

/* What the caller frees: a word unless it is NULL or empty, texts, words. */
static char **join(char *word, const json_t *texts, char *const *words)
{
    char **list =
        calloc(json_array_size(texts) + count(words) + 2, sizeof(*list));
    char **end = list;
    const json_t *text;
    size_t i;

    if (list == NULL)
        return NULL;
    if (word != NULL && *word != '\0')
        *end++ = word;
    json_array_foreach(texts, i, text)
        *end++ = (char *)json_string_value(text);
    memcpy(end, words, count(words) * sizeof(*words));
    return list;
}

static const char *text_of(const json_t *config, const char *name)
{
    const char *text = json_string_value(json_object_get(config, name));

    return text == NULL || *text == '\0' ? NULL : text;
}

int image_command(struct image *image, char *entrypoint, char **arguments,
                  struct command *command, struct failure *why)
{
    const json_t *config = json_object_get(image->config, "config");
    json_auto_t *env = json_array();
    json_auto_t *usual = json_array();

    /* A variable without a value would be taken over from the host. */
    if (add_texts(env, json_object_get(config, "Env"), "=", why) < 0)
        return -1;
    /* The image's Cmd is for the image's Entrypoint, or for none. */
    if (entrypoint == NULL &&
        add_texts(usual, json_object_get(config, "Entrypoint"), "", why) < 0)
        return -1;
    if (entrypoint == NULL && *arguments == NULL &&
        add_texts(usual, json_object_get(config, "Cmd"), "", why) < 0)
        return -1;
    image->settings = join(NULL, env, command->settings);
    image->argv = join(entrypoint, usual, arguments);
    if (image->settings == NULL || image->argv == NULL)
        return fail(why, ENOMEM, "read the image's config");
    command->settings = image->settings;
    command->argv = image->argv;
    if (command->argv[0] == NULL) {
        fail(why, 0, "no command specified");
        return hint(why, "the image has neither Cmd nor Entrypoint");
    }
    if (command->workdir == NULL)
        command->workdir = text_of(config, "WorkingDir");
    if (command->workdir != NULL && *command->workdir != '/')
        return fail(why, 0, "the image's WorkingDir \"%s\" is not absolute",
                    command->workdir);
    command->make_workdir = true;
    if (command->user == NULL)
        command->user = text_of(config, "User");
    if (command->user == NULL)
        command->user = "0";
    return 0;
}
