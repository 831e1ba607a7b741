/*
 * save: images as one file, for whoever reads either kind.
 *
 *     oci-layout  index.json  blobs/sha256/HEX ...     an OCI image layout
 *     manifest.json                                    docker's way to the same
 *
 * Look at it     tar -tvf ARCHIVE     skopeo inspect docker-archive:ARCHIVE
 *                skopeo inspect oci-archive:ARCHIVE
 */
#include "save.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>

#include "blob.h"
#include "cleanup.h"
#include "hash.h"
#include "image.h"
#include "index.h"
#include "reference.h"
#include "stream.h"

enum {
    BLOCK = 1 << 18
};

struct save {
    struct archive *tar;
    const struct store *store;
    json_t *written; /* an object: the digests of those blobs */
    json_t *images;  /* the index */
    json_t *chosen;  /* by id: an array of descriptors, one for each name */
};

static int save_failed(const struct save *s, struct failure *why)
{
    const char *text = archive_error_string(s->tar);

    return fail(why, 0, "write the archive: %s", text != NULL ? text : "?");
}

/* Times and owners are nobody's, so the same image makes the same archive. */
static int put_header(const struct save *s, const char *path, long long size,
                      struct failure *why)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, path);
    archive_entry_set_mode(entry, S_IFREG | 0644);
    archive_entry_set_size(entry, size);
    archive_entry_set_mtime(entry, 0, 0);
    int status = archive_write_header(s->tar, entry);
    archive_entry_free(entry);
    return status == ARCHIVE_OK ? 0 : save_failed(s, why);
}

static int put_json(const struct save *s, const char *path, const json_t *json,
                    struct failure *why)
{
    cleanup_free char *text = json_dumps(json, JSON_COMPACT);

    if (text == NULL)
        return fail(why, ENOMEM, "write %s", path);
    if (put_header(s, path, (long long)strlen(text), why) < 0)
        return -1;
    return archive_write_data(s->tar, text, strlen(text)) < 0
               ? save_failed(s, why)
               : 0;
}

/* What was damaged on the disk is noticed while it is written. */
static int put_data(const struct save *s, int fd, const struct digest *digest,
                    struct failure *why)
{
    cleanup_free char *block = malloc(BLOCK);
    struct digest real;
    struct hash hash;
    ssize_t length = -1;
    int status = 0;

    hash_begin(&hash);
    while (block != NULL && status == 0 &&
           (length = read(fd, block, BLOCK)) > 0) {
        hash_add(&hash, block, (size_t)length);
        if (archive_write_data(s->tar, block, (size_t)length) < 0)
            status = save_failed(s, why);
    }
    if (hash_end(&hash, &real) < 0 || length < 0)
        return fail(why, errno, "read blob sha256:%s", digest->hex);
    if (status == 0 && !digest_eq(digest, &real))
        return fail(why, 0, "blob sha256:%s was changed: it is sha256:%s now",
                    digest->hex, real.hex);
    return status;
}

/* Writes a blob, unless it is written: an image may have a layer twice. */
static int put_blob(const struct save *s, const struct digest *digest,
                    struct failure *why)
{
    char path[sizeof("blobs/sha256/") + sizeof(digest->hex)];
    long long size;

    if (json_object_get(s->written, digest->hex) != NULL)
        return 0;
    json_object_set_new(s->written, digest->hex, json_true());
    cleanup_close int fd = blob_open(s->store->blobs_fd, digest, &size, why);
    if (fd < 0)
        return -1;
    snprintf(path, sizeof(path), "blobs/sha256/%s", digest->hex);
    return put_header(s, path, size, why) < 0 ? -1
                                              : put_data(s, fd, digest, why);
}

/* OCI tools know an image by its tag alone, docker by all of its name. */
static json_t *oci_descriptor(const json_t *descriptor)
{
    const char *name = index_name(descriptor);
    json_t *plain = json_deep_copy(descriptor);

    json_object_del(plain, "annotations");
    if (name != NULL && !reference_has_digest(name))
        json_object_set_new(plain, "annotations",
                            json_pack("{s:s, s:s}", INDEX_NAME,
                                      strrchr(name, ':') + 1,
                                      "io.containerd.image.name", name));
    return plain;
}

static json_t *dockers_item(const struct image *image, const json_t *named)
{
    json_t *layers = json_array();
    json_t *names = json_array();
    const json_t *descriptor;
    size_t i;

    json_array_foreach(named, i, descriptor) {
        const char *name = index_name(descriptor);

        if (name != NULL && !reference_has_digest(name))
            json_array_append_new(names, json_string(reference_familiar(name)));
    }
    for (i = 0; i < image->layers; i++)
        json_array_append_new(
            layers, json_sprintf("blobs/sha256/%s", image->blobs[i].hex));
    if (json_array_size(names) == 0) {
        json_decref(names);
        names = json_null();
    }
    return json_pack("{s:o, s:o, s:o}", "Config",
                     json_sprintf("blobs/sha256/%s", image->id.hex), "RepoTags",
                     names, "Layers", layers);
}

static int put_image(const struct save *s, const json_t *named,
                     json_t *manifests, json_t *list, struct failure *why)
{
    cleanup_image struct image image = {0};
    const json_t *descriptor;
    size_t i;

    if (image_open(&image, s->store, json_array_get(named, 0), why) < 0)
        return -1;
    json_array_foreach(named, i, descriptor)
        json_array_append_new(manifests, oci_descriptor(descriptor));
    json_array_append_new(list, dockers_item(&image, named));
    if (put_blob(s, &image.manifest_digest, why) < 0 ||
        put_blob(s, &image.id, why) < 0)
        return -1;
    for (i = 0; i < image.layers; i++)
        if (put_blob(s, &image.blobs[i], why) < 0)
            return -1;
    return 0;
}

static int put_images(const struct save *s, struct failure *why)
{
    json_auto_t *layout = json_pack("{s:s}", "imageLayoutVersion", "1.0.0");
    json_auto_t *index =
        json_pack("{s:i, s:[]}", "schemaVersion", 2, "manifests");
    json_auto_t *list = json_array();
    const char *id;
    json_t *named;

    json_object_foreach(s->chosen, id, named)
        if (put_image(s, named, json_object_get(index, "manifests"), list,
                      why) < 0)
            return -1;
    return put_json(s, "oci-layout", layout, why) < 0 ||
                   put_json(s, "index.json", index, why) < 0
               ? -1
               : put_json(s, "manifest.json", list, why);
}

/* Several names of one image have one list, each is in it once. */
static int choose(const struct save *s, const json_t *descriptor, bool named,
                  struct failure *why)
{
    struct digest id;

    if (index_id(s->store, descriptor, &id, why) < 0)
        return -1;
    json_t *list = json_object_get(s->chosen, id.hex);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(s->chosen, id.hex, list);
    }
    json_t *other;
    size_t i;
    json_array_foreach(list, i, other) {
        const char *name = index_name(other);

        if (!named || (name != NULL && str_eq(name, index_name(descriptor))))
            return 0;
    }
    /* One without a name is of no use where there is one with a name. */
    if (named && json_array_size(list) == 1 &&
        index_name(json_array_get(list, 0)) == NULL)
        json_array_clear(list);
    return json_array_append_new(list,
                                 named ? json_deep_copy(descriptor)
                                       : index_named(descriptor, &id, NULL));
}

/* All tags of what was given without one. */
static int choose_tags(const struct save *s, const char *name,
                       struct failure *why)
{
    size_t length = reference_repository(name);
    const json_t *descriptor;
    int count = 0;
    size_t i;

    json_array_foreach(s->images, i, descriptor) {
        const char *other = index_name(descriptor);

        if (other == NULL || reference_has_digest(other) ||
            reference_repository(other) != length ||
            strncmp(other, name, length) != 0)
            continue;
        if (choose(s, descriptor, true, why) < 0)
            return -1;
        count++;
    }
    return count;
}

static int choose_word(const struct save *s, const char *word,
                       struct failure *why)
{
    struct failure ignored;
    const char *slash = strrchr(word, '/');
    bool is_bare = strpbrk(slash == NULL ? word : slash, ":@") == NULL;
    cleanup_free char *name = is_bare ? reference_parse(word, &ignored) : NULL;
    const char *found = NULL;
    int count = name == NULL ? 0 : choose_tags(s, name, why);

    if (count != 0)
        return count < 0 ? -1 : 0;
    int place = index_find(s->store, s->images, word, &found, why);
    return place < 0 ? -1
                     : choose(s, json_array_get(s->images, (size_t)place),
                              found != NULL, why);
}

int save_archive(const struct store *store, char *const *words, int fd,
                 struct failure *why)
{
    json_auto_t *written = json_object();
    json_auto_t *images = index_read(store, why);
    json_auto_t *chosen = json_object();
    cleanup_archive struct archive *tar = archive_write_new();
    const struct save s = {tar, store, written, images, chosen};

    if (images == NULL)
        return -1;
    for (size_t i = 0; words[i] != NULL; i++)
        if (choose_word(&s, words[i], why) < 0)
            return -1;
    if (tar == NULL ||
        archive_write_set_format_pax_restricted(tar) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(tar, BLOCK) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(tar, 1) != ARCHIVE_OK)
        return fail(why, ENOMEM, "write the archive");
    if (archive_write_open_fd(tar, fd) != ARCHIVE_OK)
        return save_failed(&s, why);
    if (put_images(&s, why) < 0)
        return -1;
    return archive_write_close(tar) == ARCHIVE_OK ? 0 : save_failed(&s, why);
}
