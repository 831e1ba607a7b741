/*
 * load: the images of an archive, whoever wrote it.
 *
 * Its files are in the store already when they are looked up. Only when every
 * digest was found to be true, and every layer unpacked, the index of the
 * store gets to know of them.
 *
 * Look at it     tar -xOf ARCHIVE manifest.json | jq .
 *                tar -xOf ARCHIVE index.json | jq .
 */
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "blob.h"
#include "cleanup.h"
#include "compose.h"
#include "image.h"
#include "index.h"
#include "manifest.h"
#include "members.h"
#include "reference.h"

struct load {
    const struct store *store;
    struct members members;
    json_t *images; /* descriptors of those that were found */
    json_t *told;   /* what to say of them */
};

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* Reads a file of the archive, from strangers still. */
static json_t *read_json(const struct load *load, const json_t *told,
                         const char *what, struct failure *why)
{
    struct digest digest;
    long long size;

    if (told == NULL ||
        digest_parse_hex(&digest, text_of(told, "digest")) < 0) {
        fail(why, 0, "the archive has no file %s", what);
        return NULL;
    }
    cleanup_close int fd =
        blob_open(load->store->blobs_fd, &digest, &size, why);
    if (fd < 0)
        return NULL;
    if (size > BOUND_JSON) {
        fail(why, EFBIG, "read %s", what);
        return NULL;
    }
    cleanup_free char *text = malloc((size_t)size + 1);
    if (text == NULL || read(fd, text, (size_t)size) != size) {
        fail(why, errno, "read %s", what);
        return NULL;
    }
    return blob_parse(text, (size_t)size, what, why);
}

/* Reads what a descriptor points to. Both say how long it is. */
static json_t *follow(const struct load *load, const json_t *descriptor,
                      struct digest *digest, struct failure *why)
{
    json_int_t size;

    if (manifest_descriptor(descriptor, digest, &size, why) < 0)
        return NULL;
    const json_t *told = json_object_get(load->members.by_digest, digest->hex);
    if (told == NULL) {
        fail(why, 0, "the archive has no blob sha256:%s", digest->hex);
        return NULL;
    }
    if (json_integer_value(json_object_get(told, "size")) != size) {
        fail(why, 0, "blob sha256:%s has another size than was said",
             digest->hex);
        return NULL;
    }
    return read_json(load, told, digest->hex, why);
}

/* Notes an image under one of its names, or under none. */
static int add_name(const struct load *load, const json_t *descriptor,
                    const struct image *image, const char *text,
                    struct failure *why)
{
    cleanup_free char *name = text == NULL ? NULL : reference_parse(text, why);

    if (text != NULL && name == NULL)
        return -1;
    json_array_append_new(load->images,
                          index_named(descriptor, &image->id, name));
    json_array_append_new(
        load->told,
        json_pack(
            "{s:o}", "stream",
            name != NULL
                ? json_sprintf("Loaded image: %s\n", reference_familiar(name))
                : json_sprintf("Loaded image ID: sha256:%s\n", image->id.hex)));
    return 0;
}

static int add_names(const struct load *load, const json_t *descriptor,
                     const struct image *image, const json_t *names,
                     struct failure *why)
{
    const json_t *name;
    size_t i;

    if (json_array_size(names) == 0)
        return add_name(load, descriptor, image, NULL, why);
    json_array_foreach(names, i, name) {
        if (!json_is_string(name))
            return fail(why, 0, "an image's name has to be a text");
        if (add_name(load, descriptor, image, json_string_value(name), why) < 0)
            return -1;
    }
    return 0;
}

/* What was unpacked has to be what the config speaks of. */
static int check_layer(const json_t *told, const char *path,
                       const struct digest *diff_id, struct failure *why)
{
    const char *bad = text_of(told, "bad");
    const char *found = text_of(told, "diff_id");

    if (told == NULL)
        return fail(why, 0, "the archive has no file %s", path);
    if (bad != NULL)
        return fail(why, 0, "%s", bad);
    if (found == NULL)
        return fail(why, 0, "layer %s is no tar", path);
    if (!str_eq(found, diff_id->hex))
        return fail(why, 0,
                    "layer %s: its config says that it unpacks to sha256:%s, "
                    "but that is sha256:%s",
                    path, diff_id->hex, found);
    return 0;
}

/* Docker names files, and leaves it to us to make a manifest. */
static json_t *describe_layers(const struct load *load, const json_t *paths,
                               const struct image *image, struct failure *why)
{
    json_auto_t *layers = json_array();
    const json_t *path;
    struct digest blob;
    size_t i;

    if (json_array_size(paths) != image->layers) {
        fail(why, 0,
             "manifest.json and config sha256:%s speak of different "
             "layers",
             image->id.hex);
        return NULL;
    }
    json_array_foreach(paths, i, path) {
        if (!json_is_string(path)) {
            fail(why, 0, "manifest.json: \"Layers\" has to be paths");
            return NULL;
        }
        const char *text = json_string_value(path);
        const json_t *told = members_find(&load->members, text);
        if (check_layer(told, text, &image->diff_ids[i], why) < 0 ||
            digest_parse_hex(&blob, text_of(told, "digest")) < 0)
            return NULL;
        json_array_append_new(
            layers,
            compose_layer(&blob,
                          json_integer_value(json_object_get(told, "size")),
                          text_of(told, "suffix")));
    }
    return json_incref(layers);
}

static int load_dockers(const struct load *load, json_t *item,
                        struct failure *why)
{
    cleanup_image struct image image = {0};
    const char *path = text_of(item, "Config");
    const json_t *paths = json_object_get(item, "Layers");
    const json_t *names = json_object_get(item, "RepoTags");

    if (path == NULL || !(json_is_array(paths) || json_is_null(paths)))
        return fail(why, 0, "manifest.json: no \"Config\" or no \"Layers\"");
    const json_t *told = members_find(&load->members, path);
    image.config = read_json(load, told, path, why);
    if (image.config == NULL ||
        digest_parse_hex(&image.id, text_of(told, "digest")) < 0 ||
        manifest_check_config(image.config, why) < 0 ||
        manifest_read_config(&image, why) < 0)
        return -1;
    json_auto_t *layers = describe_layers(load, paths, &image, why);
    json_auto_t *descriptor =
        layers == NULL ? NULL
                       : compose_manifest(load->store, &image.id, layers, why);
    return descriptor == NULL ? -1
                              : add_names(load, descriptor, &image, names, why);
}

/* What an OCI archive calls an image: in full if it was docker's. */
static json_t *names_of(const json_t *descriptor)
{
    const json_t *annotations = json_object_get(descriptor, "annotations");
    json_t *name = json_object_get(annotations, "io.containerd.image.name");

    if (name == NULL)
        name = json_object_get(annotations, INDEX_NAME);
    return name == NULL ? json_array() : json_pack("[O]", name);
}

/* The image of a list for several platforms that is for this machine. */
static const json_t *choose(const json_t *list, struct failure *why)
{
    const json_t *descriptor;
    size_t i;

    json_array_foreach(list, i, descriptor) {
        const json_t *platform = json_object_get(descriptor, "platform");
        const char *architecture = text_of(platform, "architecture");
        const char *os = text_of(platform, "os");

        if (architecture != NULL && os != NULL && str_eq(os, "linux") &&
            str_eq(architecture, compose_architecture()))
            return descriptor;
    }
    fail(why, 0, "none of the images in a list is for linux/%s",
         compose_architecture());
    return NULL;
}

/* Reads a manifest, which may be one of several in a list: but lists are not
 * followed any further. */
static int read_manifest(const struct load *load, const json_t *descriptor,
                         struct image *image, struct failure *why)
{
    const json_t *list;

    image->manifest = follow(load, descriptor, &image->manifest_digest, why);
    list = json_object_get(image->manifest, "manifests");
    if (list != NULL && json_object_get(image->manifest, "config") == NULL &&
        json_object_get(image->manifest, "layers") == NULL) {
        json_auto_t *whole = image->manifest;

        image->manifest = NULL;
        const json_t *chosen = choose(list, why);
        if (chosen != NULL)
            image->manifest =
                follow(load, chosen, &image->manifest_digest, why);
        (void)whole; /* what was chosen is a part of it */
    }
    if (image->manifest == NULL)
        return -1;
    const char *told = text_of(descriptor, "mediaType");
    const char *type = text_of(image->manifest, "mediaType");
    if (list == NULL && told != NULL && type != NULL && !str_eq(told, type))
        return fail(why, 0, "manifest sha256:%s is no %.100s",
                    image->manifest_digest.hex, told);
    return 0;
}

static int load_oci(const struct load *load, const json_t *descriptor,
                    struct failure *why)
{
    json_auto_t *names = names_of(descriptor);
    cleanup_image struct image image = {0};

    if (read_manifest(load, descriptor, &image, why) < 0)
        return -1;
    const json_t *config = manifest_config(image.manifest, why);
    if (config == NULL ||
        (image.config = follow(load, config, &image.id, why)) == NULL ||
        manifest_check_config(image.config, why) < 0 ||
        manifest_read_config(&image, why) < 0 || manifest_read(&image, why) < 0)
        return -1;
    for (size_t i = 0; i < image.layers; i++) {
        const char *hex = image.blobs[i].hex;
        const json_t *told = json_object_get(load->members.by_digest, hex);

        if (check_layer(told, hex, &image.diff_ids[i], why) < 0)
            return -1;
        if (json_integer_value(json_object_get(told, "size")) != image.sizes[i])
            return fail(why, 0,
                        "layer sha256:%s has another size than was said", hex);
    }
    const json_t *told =
        json_object_get(load->members.by_digest, image.manifest_digest.hex);
    const char *type = text_of(image.manifest, "mediaType");
    json_auto_t *own = json_pack(
        "{s:s, s:o, s:O}", "mediaType",
        type != NULL ? type : "application/vnd.oci.image.manifest.v1+json",
        "digest", json_sprintf("sha256:%s", image.manifest_digest.hex), "size",
        json_object_get(told, "size"));
    return add_names(load, own, &image, names, why);
}

/* Docker's own list first: where there are both, it has no nested ones. */
static int load_images(const struct load *load, struct failure *why)
{
    const json_t *dockers = members_find(&load->members, "manifest.json");
    const char *name = dockers != NULL ? "manifest.json" : "index.json";
    json_auto_t *json = read_json(
        load, dockers != NULL ? dockers : members_find(&load->members, name),
        name, why);
    const json_t *list =
        dockers != NULL ? json : json_object_get(json, "manifests");
    json_t *item;
    size_t i;

    if (json == NULL)
        return hint(why,
                    "`duct load` reads what docker save, skopeo and umoci "
                    "write, `duct import`\n      the tar of a file system");
    if (json_array_size(list) == 0)
        return fail(why, 0, "%s in the archive lists no images", name);
    json_array_foreach(list, i, item)
        if ((dockers != NULL ? load_dockers(load, item, why)
                             : load_oci(load, item, why)) < 0)
            return -1;
    return store_commit(load->store, load->images, why);
}

json_t *load_archive(const struct store *store, int fd, struct failure *why)
{
    json_auto_t *images = json_array();
    json_auto_t *told = json_array();
    struct load load = {.store = store, .images = images, .told = told};
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    int status = members_read(&load.members, store, fd, why);

    if (status == 0)
        status = load_images(&load, why);
    members_release(&load.members);
    signal(SIGPIPE, before);
    return status < 0 ? NULL : json_incref(told);
}
