/*
 * manifest: what is in an image, as JSON texts say it, held against the rules.
 *
 * A manifest names a config and layers as they were sent; a config names the
 * same layers by what they unpack to. Both come from strangers.
 *
 * Look at it     jq . DATA/images/blobs/sha256/HEX, beginning in index.json
 */
#include "manifest.h"

#include "cleanup.h"

static const char *const manifest_types[] = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json", NULL};
static const char *const config_types[] = {
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json", NULL};
static const char *const layer_types[] = {
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
    NULL};

int manifest_descriptor(const json_t *descriptor, struct digest *digest,
                        json_int_t *size, struct failure *why)
{
    const json_t *number = json_object_get(descriptor, "size");

    *size = json_integer_value(number);
    if (digest_parse(digest, json_string_value(
                                 json_object_get(descriptor, "digest"))) < 0)
        return fail(why, 0, "a descriptor has no digest, or a bad one");
    if (!json_is_integer(number) || *size < 0)
        return fail(why, 0, "the descriptor of sha256:%s has no size",
                    digest->hex);
    return 0;
}

/* May be missing where there is nothing to confuse it with. */
static int check_type(const json_t *object, const char *const *types,
                      struct failure *why)
{
    const json_t *type = json_object_get(object, "mediaType");

    for (size_t i = 0; type != NULL && types[i] != NULL; i++)
        if (json_is_string(type) && str_eq(json_string_value(type), types[i]))
            return 0;
    return type == NULL
               ? 0
               : fail(why, 0,
                      "the media type \"%.100s\" is unknown "
                      "here",
                      json_is_string(type) ? json_string_value(type) : "?");
}

const json_t *manifest_config(const json_t *manifest, struct failure *why)
{
    const json_t *version = json_object_get(manifest, "schemaVersion");
    const json_t *config = json_object_get(manifest, "config");

    if (json_object_get(manifest, "manifests") != NULL) {
        fail(why, 0,
             config == NULL
                 ? "this is no image, but a list of them for several "
                   "platforms"
                 : "a manifest and an index at once");
        return NULL;
    }
    if (json_integer_value(version) == 1)
        fail(why, 0, "a manifest of schema 1, which nobody writes any more");
    else if (json_integer_value(version) != 2 || !json_is_object(config))
        fail(why, 0,
             "a manifest without its schemaVersion 2, or without a "
             "config");
    else if (check_type(manifest, manifest_types, why) == 0 &&
             check_type(config, config_types, why) == 0)
        return config;
    return NULL;
}

int manifest_read_config(struct image *image, struct failure *why)
{
    const json_t *rootfs = json_object_get(image->config, "rootfs");
    const json_t *diff_ids = json_object_get(rootfs, "diff_ids");
    const json_t *text;
    size_t i;

    image->layers = 0;
    if (!json_is_array(diff_ids) && !json_is_null(diff_ids))
        return fail(why, 0, "config sha256:%s has no diff_ids", image->id.hex);
    if (json_array_size(diff_ids) > BOUND_LAYERS)
        return fail(why, 0, "an image has more than %d layers", BOUND_LAYERS);
    json_array_foreach(diff_ids, i, text)
        if (digest_parse(&image->diff_ids[i], json_string_value(text)) < 0)
            return fail(why, 0, "config sha256:%s has a bad diff_id",
                        image->id.hex);
    image->layers = i;
    return 0;
}

int manifest_read(struct image *image, struct failure *why)
{
    const json_t *layers = json_object_get(image->manifest, "layers");
    const json_t *layer;
    size_t i;

    if (!json_is_array(layers) || json_array_size(layers) != image->layers)
        return fail(why, 0,
                    "manifest sha256:%s and its config speak of different "
                    "layers",
                    image->manifest_digest.hex);
    json_array_foreach(layers, i, layer)
        if (manifest_descriptor(layer, &image->blobs[i], &image->sizes[i],
                                why) < 0 ||
            check_type(layer, layer_types, why) < 0)
            return -1;
    return 0;
}

static bool is_texts(const json_t *list)
{
    const json_t *text;
    size_t i;

    json_array_foreach(list, i, text)
        if (!json_is_string(text))
            return false;
    return json_is_array(list);
}

static bool is_labels(const json_t *labels)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)labels, name, text)
        if (!json_is_string(text))
            return false;
    return json_is_object(labels);
}

static bool is_text(const json_t *text)
{
    return json_is_string(text);
}

static bool is_object(const json_t *object)
{
    return json_is_object(object);
}

/* A variable without a value would be taken over from the host. */
static bool is_environment(const json_t *list)
{
    const json_t *text;
    size_t i;

    if (!is_texts(list))
        return false;
    json_array_foreach(list, i, text)
        if (strchr(json_string_value(text), '=') == NULL ||
            *json_string_value(text) == '=')
            return false;
    return true;
}

static const struct field {
    const char *name;
    bool (*is_good)(const json_t *value);
} fields[] = {
    {"Env", is_environment},     {"Cmd", is_texts},
    {"Entrypoint", is_texts},    {"Shell", is_texts},
    {"OnBuild", is_texts},       {"User", is_text},
    {"WorkingDir", is_text},     {"StopSignal", is_text},
    {"Labels", is_labels},       {"Volumes", is_object},
    {"ExposedPorts", is_object}, {"Healthcheck", is_object},
};

int manifest_check_config(const json_t *config, struct failure *why)
{
    const json_t *run = json_object_get(config, "config");

    if (!json_is_object(config) ||
        (run != NULL && !json_is_object(run) && !json_is_null(run)))
        return fail(why, 0, "the image's config is no object");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const json_t *value = json_object_get(run, fields[i].name);

        if (value != NULL && !json_is_null(value) && !fields[i].is_good(value))
            return fail(why, 0, "the image's config has a bad \"%s\"",
                        fields[i].name);
    }
    return 0;
}
