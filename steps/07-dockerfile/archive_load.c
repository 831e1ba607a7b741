/*
 * archive_load: the images of an archive, whoever wrote it.
 *
 * It is unpacked as a layer is, and its files are looked up in there. Only when
 * every digest was found to be true, and every layer unpacked, the index of
 * the store gets to know of it.
 *
 * Look at it     tar -xOf ARCHIVE manifest.json | jq .
 *                tar -xOf ARCHIVE index.json | jq .
 */
#include "archive_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "image.h"
#include "import.h"
#include "index.h"
#include "inside.h"
#include "reference.h"
#include "tree.h"
#include "unpack.h"

struct load {
    const struct store *store;
    int tree_fd;    /* the archive's files */
    json_t *images; /* descriptors of those that were found */
    json_t *loaded; /* what to call them */
};

/* Opens a file of the archive; links lead where they would if it were "/". */
static int open_file(const struct load *load, const char *path,
                     struct failure *why)
{
    struct stat status;
    int fd = inside_open(load->tree_fd, path, O_RDONLY | O_NONBLOCK);

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close_fd(&fd);
    return fail(why, 0, "the archive has no file %s", path);
}

/* Docker calls a config HEX.json, or blobs/sha256/HEX as OCI does: then it was
 * changed on its way if that isn't its digest. */
static int take_blob(const struct load *load, const char *path,
                     struct digest *digest, struct failure *why)
{
    cleanup_close int fd = open_file(load, path, why);
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;

    if (fd < 0 || blob_put(load->store->blobs_fd, fd, digest, why) < 0)
        return -1;
    if (strspn(name, "0123456789abcdef") == strlen(digest->hex) &&
        strncmp(name, digest->hex, strlen(digest->hex)) != 0)
        return fail(why, 0,
                    "%s in the archive was changed: it is sha256:%s now", path,
                    digest->hex);
    return 0;
}

/* Notes an image under one of its names, or under none. */
static int add_name(const struct load *load, const json_t *descriptor,
                    const struct image *image, const char *text,
                    struct failure *why)
{
    cleanup_free char *name = text == NULL ? NULL : reference_parse(text, why);

    if (text != NULL && name == NULL)
        return -1;
    json_array_append_new(load->images, index_named(descriptor, name));
    json_array_append_new(load->loaded,
                          name != NULL
                              ? json_sprintf(": %s", reference_familiar(name))
                              : json_sprintf(" ID: sha256:%s", image->id.hex));
    return 0;
}

/* Whoever packed it: all blobs are there, and a manifest speaks of them. */
static int load_image(const struct load *load, const json_t *descriptor,
                      const json_t *names, struct failure *why)
{
    cleanup_image struct image image;
    struct digest diff_id;
    const json_t *name;
    size_t i;

    if (image_open(&image, load->store->blobs_fd, descriptor, why) < 0)
        return -1;
    for (i = 0; i < image.layers; i++)
        if (unpack_layer(load->store, &image.blobs[i], &image.diff_ids[i],
                         &diff_id, why) < 0)
            return -1;
    json_array_foreach(names, i, name)
        if (add_name(load, descriptor, &image, json_string_value(name), why) <
            0)
            return -1;
    return i > 0 ? 0 : add_name(load, descriptor, &image, NULL, why);
}

/* Docker names files, and leaves it to us to make a manifest. */
static int load_dockers(const struct load *load, json_t *item,
                        struct failure *why)
{
    json_auto_t *layers = json_array();
    json_t *names = NULL;
    json_t *paths;
    json_t *path;
    const char *config;
    struct digest id;
    struct digest blob;
    size_t i;

    if (json_unpack(item, "{s:s, s:o, s?o}", "Config", &config, "Layers",
                    &paths, "RepoTags", &names) < 0)
        return fail(why, 0, "manifest.json: no \"Config\" or no \"Layers\"");
    if (take_blob(load, config, &id, why) < 0)
        return -1;
    json_array_foreach(paths, i, path) {
        if (!json_is_string(path))
            return fail(why, 0, "manifest.json: \"Layers\" has to be paths");
        if (take_blob(load, json_string_value(path), &blob, why) < 0)
            return -1;
        json_t *layer = import_layer(load->store, &blob, why);
        if (layer == NULL)
            return -1;
        json_array_append_new(layers, layer);
    }
    json_auto_t *descriptor = import_manifest(load->store, &id, layers, why);
    return descriptor == NULL ? -1 : load_image(load, descriptor, names, why);
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

/* Each blob has its digest for a name: blobs/sha256/HEX. */
static int copy_blob(const struct load *load, const struct digest *digest,
                     struct failure *why)
{
    char path[sizeof("blobs/sha256/") + sizeof(digest->hex)];
    struct digest same;

    snprintf(path, sizeof(path), "blobs/sha256/%s", digest->hex);
    return take_blob(load, path, &same, why);
}

static int load_oci(const struct load *load, const json_t *descriptor,
                    struct failure *why)
{
    cleanup_close int blobs_fd =
        inside_open(load->tree_fd, "blobs/sha256", O_RDONLY | O_DIRECTORY);
    json_auto_t *names = names_of(descriptor);
    cleanup_image struct image image;
    struct stat status;

    if (image_open(&image, blobs_fd, descriptor, why) < 0)
        return -1;
    if (copy_blob(load, &image.manifest_digest, why) < 0 ||
        copy_blob(load, &image.id, why) < 0)
        return -1;
    for (size_t i = 0; i < image.layers; i++) {
        const char *hex = image.blobs[i].hex;

        if (copy_blob(load, &image.blobs[i], why) < 0)
            return -1;
        if (fstatat(load->store->blobs_fd, hex, &status, 0) < 0 ||
            status.st_size != image.sizes[i])
            return fail(why, 0,
                        "layer sha256:%s has another size than was said", hex);
    }
    return load_image(load, descriptor, names, why);
}

/* Docker's own list first: where there are both, it has no nested ones. */
static int load_images(const struct load *load, struct failure *why)
{
    bool is_dockers = faccessat(load->tree_fd, "manifest.json", F_OK,
                                AT_SYMLINK_NOFOLLOW) == 0;
    const char *name = is_dockers ? "manifest.json" : "index.json";
    cleanup_close int fd = open_file(load, name, why);
    json_auto_t *json = fd < 0 ? NULL : blob_json_from(fd, name, why);
    const json_t *list = is_dockers ? json : json_object_get(json, "manifests");
    json_t *item;
    size_t i;

    if (json == NULL)
        return hint(why,
                    "`duct load` reads what docker save, skopeo and umoci "
                    "write, `duct import`\n      the tar of a file system");
    if (json_array_size(list) == 0)
        return fail(why, 0, "%s in the archive lists no images", name);
    json_array_foreach(list, i, item)
        if ((is_dockers ? load_dockers(load, item, why)
                        : load_oci(load, item, why)) < 0)
            return -1;
    return store_commit(load->store, load->images, why);
}

int archive_load(const struct store *store, int fd, json_t *loaded,
                 struct failure *why)
{
    json_auto_t *images = json_array();
    struct load load = {.store = store, .images = images, .loaded = loaded};
    cleanup_free char *tree = store_temporary(store, why);
    int status = -1;

    if (tree == NULL)
        return -1;
    if (unpack_tar(fd, "the archive", tree, why) == 0) {
        load.tree_fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
        status = load.tree_fd < 0 ? fail(why, errno, "open %s", tree)
                                  : load_images(&load, why);
        close_fd(&load.tree_fd);
    }
    tree_remove(AT_FDCWD, tree);
    return status;
}
