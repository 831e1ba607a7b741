/*
 * index: which name stands for which image.
 *
 * The only file of a store that is ever changed: written anew beside it, and
 * renamed over it. Who reads it sees all of a change, or nothing.
 *
 * Kernel object  a lock, on a directory that is never replaced as the index is
 * Look at it     jq . STATE/_images/index.json
 */
#include "index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "cleanup.h"
#include "image.h"
#include "reference.h"

int index_lock(int store_fd, struct failure *why)
{
    int fd = openat(store_fd, "blobs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    close_fd(&fd);
    return fail(why, errno, "lock the index of the store");
}

/* Writes a file that is there as a whole or not at all. */
static int replace_file(int dir_fd, const char *name, const json_t *json,
                        struct failure *why)
{
    static const char fresh[] = "fresh.json";
    cleanup_close int fd =
        openat(dir_fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || json_dumpfd(json, fd, JSON_COMPACT) < 0 || fsync(fd) < 0 ||
        renameat(dir_fd, fresh, dir_fd, name) < 0 || fsync(dir_fd) < 0)
        return fail(why, errno, "write %s in the store", name);
    return 0;
}

int index_write(const struct store *store, json_t *images, struct failure *why)
{
    json_auto_t *index =
        json_pack("{s:i, s:O}", "schemaVersion", 2, "manifests", images);

    return replace_file(store->fd, "index.json", index, why);
}

int index_make(const struct store *store, struct failure *why)
{
    static const char mark[] = "oci-layout";
    cleanup_close int lock = index_lock(store->fd, why);
    json_auto_t *layout = json_pack("{s:s}", "imageLayoutVersion", "1.0.0");
    json_auto_t *none = json_array();

    if (lock < 0 || faccessat(store->fd, mark, F_OK, 0) == 0)
        return lock < 0 ? -1 : 0;
    return index_write(store, none, why) < 0
               ? -1
               : replace_file(store->fd, mark, layout, why);
}

json_t *index_read(const struct store *store, struct failure *why)
{
    cleanup_close int fd =
        openat(store->fd, "index.json", O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        fail(why, errno, "open %s/index.json", store->path);
        return NULL;
    }
    json_auto_t *index = blob_json_from(fd, "index.json", why);
    json_t *images = json_object_get(index, "manifests");
    if (index != NULL && !json_is_array(images))
        fail(why, 0, "read index.json: it has no \"manifests\"");
    return json_is_array(images) ? json_incref(images) : NULL;
}

json_t *index_named(const json_t *descriptor, const char *name)
{
    json_t *named = json_deep_copy(descriptor);

    json_object_del(named, "annotations");
    if (name != NULL)
        json_object_set_new(named, "annotations",
                            json_pack("{s:s}", INDEX_NAME, name));
    return named;
}

const char *index_name(const json_t *descriptor)
{
    const json_t *annotations = json_object_get(descriptor, "annotations");
    const char *name =
        json_string_value(json_object_get(annotations, INDEX_NAME));

    return name != NULL && strchr(name, ':') != NULL ? name : NULL;
}

int index_count(const struct store *store, const json_t *images,
                const struct digest *id)
{
    struct failure ignored;
    const json_t *descriptor;
    int count = 0;
    size_t i;

    json_array_foreach(images, i, descriptor) {
        cleanup_image struct image image;

        count +=
            image_open(&image, store->blobs_fd, descriptor, &ignored) == 0 &&
            digest_eq(&image.id, id);
    }
    return count;
}

static int find_name(const json_t *images, const char *name)
{
    const json_t *descriptor;
    size_t i;

    json_array_foreach(images, i, descriptor) {
        const char *other = index_name(descriptor);

        if (other != NULL && str_eq(other, name))
            return (int)i;
    }
    return -1;
}

/* An image that has lost its last name stays, without any. */
static void add_one(json_t *images, json_t *descriptor)
{
    const char *name = index_name(descriptor);
    int old = name == NULL ? -1 : find_name(images, name);

    if (old >= 0)
        json_object_del(json_array_get(images, (size_t)old), "annotations");
    json_array_insert(images, 0, descriptor);
}

/* Is the same image there once more, perhaps compressed in another way? */
static bool is_repeated(const struct store *store, const json_t *images,
                        const json_t *descriptor)
{
    cleanup_image struct image image;
    struct failure ignored;

    return image_open(&image, store->blobs_fd, descriptor, &ignored) == 0 &&
           index_count(store, images, &image.id) > 1;
}

int index_add(const struct store *store, const json_t *added,
              struct failure *why)
{
    cleanup_close int lock = index_lock(store->fd, why);
    json_auto_t *images = lock < 0 ? NULL : index_read(store, why);
    json_t *descriptor;
    size_t i;

    if (images == NULL)
        return -1;
    json_array_foreach(added, i, descriptor)
        add_one(images, descriptor);
    for (i = json_array_size(images); i-- > 0;) {
        descriptor = json_array_get(images, i);
        if (index_name(descriptor) == NULL &&
            is_repeated(store, images, descriptor))
            json_array_remove(images, i);
    }
    return index_write(store, images, why);
}

static int find_nothing(const char *text, struct failure *why)
{
    fail(why, 0, "No such image: %s", text);
    return hint(why, "`duct images` lists what there is, `duct load` and "
                     "`duct import` bring more");
}

/* The first image whose id begins so, when no other image's does. */
static int find_id(const struct store *store, const json_t *images,
                   const char *prefix, struct failure *why)
{
    struct digest first;
    const json_t *descriptor;
    int place = -1;
    size_t i;

    json_array_foreach(images, i, descriptor) {
        cleanup_image struct image image;

        if (image_open(&image, store->blobs_fd, descriptor, why) < 0 ||
            strncmp(image.id.hex, prefix, strlen(prefix)) != 0)
            continue;
        if (place < 0) {
            place = (int)i;
            first = image.id;
        } else if (!digest_eq(&first, &image.id)) {
            return fail(why, 0, "ambiguous image id: %s", prefix);
        }
    }
    return place < 0 ? find_nothing(prefix, why) : place;
}

int index_find(const struct store *store, const json_t *images,
               const char *text, bool *by_id, struct failure *why)
{
    static const char algorithm[] = "sha256:";
    bool has_algorithm = strncmp(text, algorithm, strlen(algorithm)) == 0;
    const char *hex = has_algorithm ? text + strlen(algorithm) : text;
    bool is_hex = *hex != '\0' && hex[strspn(hex, "0123456789abcdef")] == '\0';
    cleanup_free char *name = NULL;

    if (images == NULL)
        return -1; /* nobody could read it */
    name = reference_parse(text, why);
    int place = name == NULL ? -1 : find_name(images, name);

    if (by_id != NULL)
        *by_id = place < 0;
    if (place < 0 && is_hex)
        return find_id(store, images, hex, why);
    if (place < 0 && name != NULL)
        return find_nothing(reference_familiar(name), why);
    return place;
}
