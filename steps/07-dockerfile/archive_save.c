/*
 * archive_save: an image as one file, for whoever reads either kind.
 *
 *     oci-layout  index.json  blobs/sha256/HEX ...     an OCI image layout
 *     manifest.json                                    docker's way to the same
 *
 * Look at it     tar -tvf ARCHIVE     skopeo inspect docker-archive:ARCHIVE
 *                skopeo inspect oci-archive:ARCHIVE
 */
#include "archive_save.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "image.h"
#include "index.h"
#include "reference.h"
#include "stream.h"

struct save {
    struct archive *tar;
    const struct store *store;
    json_t *written; /* an object: the digests of those blobs */
};

static int save_failed(const struct save *s, struct failure *why)
{
    const char *text = archive_error_string(s->tar);

    return fail(why, 0, "write the archive: %s", text != NULL ? text : "?");
}

/* Times and owners are nobody's, so the same image makes the same archive. */
static int put_file(const struct save *s, const char *path, int fd,
                    struct failure *why)
{
    struct archive_entry *entry = archive_entry_new();
    char block[1 << 16];
    ssize_t length;

    archive_entry_set_pathname(entry, path);
    archive_entry_set_mode(entry, S_IFREG | 0644);
    archive_entry_set_size(entry, lseek(fd, 0, SEEK_END));
    archive_entry_set_mtime(entry, 0, 0);
    int status = archive_write_header(s->tar, entry);
    archive_entry_free(entry);
    if (status != ARCHIVE_OK || lseek(fd, 0, SEEK_SET) < 0)
        return save_failed(s, why);
    while ((length = read(fd, block, sizeof(block))) > 0)
        if (archive_write_data(s->tar, block, (size_t)length) < 0)
            return save_failed(s, why);
    return length < 0 ? fail(why, errno, "read %s", path) : 0;
}

static int put_json(const struct save *s, const char *path, const json_t *json,
                    struct failure *why)
{
    cleanup_close int fd = blob_from_json(json, why);

    return fd < 0 ? -1 : put_file(s, path, fd, why);
}

/* Writes a blob that is still what it is called, and not written yet: an image
 * may have a layer twice. */
static int put_blob(const struct save *s, const struct digest *digest,
                    struct failure *why)
{
    char path[sizeof("blobs/sha256/") + sizeof(digest->hex)];
    long long size;

    if (json_object_get(s->written, digest->hex) != NULL)
        return 0;
    json_object_set_new(s->written, digest->hex, json_true());
    cleanup_close int fd = blob_open(s->store->blobs_fd, digest, &size, why);
    if (fd < 0 || blob_check(fd, digest, why) < 0)
        return -1;
    snprintf(path, sizeof(path), "blobs/sha256/%s", digest->hex);
    return put_file(s, path, fd, why);
}

/* OCI tools know an image by its tag alone, docker by all of its name. */
static json_t *oci_index(const json_t *descriptor, const char *name)
{
    const char *tag = name == NULL ? NULL : strrchr(name, ':') + 1;
    json_t *named = index_named(descriptor, tag);

    if (name != NULL)
        json_object_set_new(json_object_get(named, "annotations"),
                            "io.containerd.image.name", json_string(name));
    return json_pack("{s:i, s:[o]}", "schemaVersion", 2, "manifests", named);
}

static json_t *dockers_list(const struct image *image, const char *name)
{
    json_t *layers = json_array();
    json_t *names =
        name == NULL ? json_null() : json_pack("[s]", reference_familiar(name));

    for (size_t i = 0; i < image->layers; i++)
        json_array_append_new(
            layers, json_sprintf("blobs/sha256/%s", image->blobs[i].hex));
    return json_pack("[{s:o, s:o, s:o}]", "Config",
                     json_sprintf("blobs/sha256/%s", image->id.hex), "RepoTags",
                     names, "Layers", layers);
}

static int put_image(const struct save *s, const json_t *descriptor,
                     const char *name, struct failure *why)
{
    cleanup_image struct image image;
    json_auto_t *layout = json_pack("{s:s}", "imageLayoutVersion", "1.0.0");
    json_auto_t *index = oci_index(descriptor, name);

    if (image_open(&image, s->store->blobs_fd, descriptor, why) < 0)
        return -1;
    json_auto_t *list = dockers_list(&image, name);
    if (put_json(s, "oci-layout", layout, why) < 0 ||
        put_json(s, "index.json", index, why) < 0 ||
        put_json(s, "manifest.json", list, why) < 0 ||
        put_blob(s, &image.manifest_digest, why) < 0 ||
        put_blob(s, &image.id, why) < 0)
        return -1;
    for (size_t i = 0; i < image.layers; i++)
        if (put_blob(s, &image.blobs[i], why) < 0)
            return -1;
    return 0;
}

int archive_save(const struct store *store, const json_t *descriptor,
                 const char *name, int fd, struct failure *why)
{
    cleanup_archive struct archive *tar = archive_write_new();
    json_auto_t *written = json_object();
    const struct save s = {tar, store, written};

    if (tar == NULL ||
        archive_write_set_format_pax_restricted(tar) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(tar, 1) != ARCHIVE_OK)
        return fail(why, ENOMEM, "write the archive");
    if (archive_write_open_fd(tar, fd) != ARCHIVE_OK)
        return save_failed(&s, why);
    if (put_image(&s, descriptor, name, why) < 0)
        return -1;
    return archive_write_close(tar) == ARCHIVE_OK ? 0 : save_failed(&s, why);
}
