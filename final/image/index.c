/*
 * index: which name stands for which image.
 *
 * The only file of a store that is ever changed: written anew beside it, and
 * renamed over it. Who reads it sees all of a change, or nothing.
 *
 * Kernel object  a lock, on a directory that is never replaced as the index is
 * Look at it     jq . DATA/images/index.json
 */
#include "index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "cleanup.h"
#include "image.h"
#include "json_file.h"
#include "manifest.h"
#include "reference.h"

int index_lock(const struct store *store, struct failure *why)
{
    int fd = openat(store->blobs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    close_fd(&fd);
    return fail(why, errno, "lock the index of the store");
}

int index_write(const struct store *store, json_t *images, struct failure *why)
{
    json_auto_t *index =
        json_pack("{s:i, s:O}", "schemaVersion", 2, "manifests", images);

    return json_file_write(store->fd, "index.json", index, true, why);
}

int index_make(const struct store *store, struct failure *why)
{
    static const char mark[] = "oci-layout";
    cleanup_close int lock = index_lock(store, why);
    json_auto_t *layout = json_pack("{s:s}", "imageLayoutVersion", "1.0.0");
    json_auto_t *none = json_array();

    if (lock < 0 || faccessat(store->fd, mark, F_OK, 0) == 0)
        return lock < 0 ? -1 : 0;
    return index_write(store, none, why) < 0
               ? -1
               : json_file_write(store->fd, mark, layout, true, why);
}

json_t *index_read(const struct store *store, struct failure *why)
{
    json_auto_t *index = json_file_read(store->fd, "index.json", why);
    json_t *images = json_object_get(index, "manifests");

    if (index != NULL && !json_is_array(images))
        fail(why, 0, "read index.json: it has no \"manifests\"");
    return json_is_array(images) ? json_incref(images) : NULL;
}

json_t *index_named(const json_t *descriptor, const struct digest *id,
                    const char *name)
{
    json_t *named = json_deep_copy(descriptor);
    json_t *notes = json_object();

    if (name != NULL)
        json_object_set_new(notes, INDEX_NAME, json_string(name));
    json_object_set_new(notes, INDEX_ID, json_sprintf("sha256:%s", id->hex));
    json_object_set_new(named, "annotations", notes);
    return named;
}

static const char *note(const json_t *descriptor, const char *name)
{
    const json_t *notes = json_object_get(descriptor, "annotations");

    return json_string_value(json_object_get(notes, name));
}

const char *index_name(const json_t *descriptor)
{
    const char *name = note(descriptor, INDEX_NAME);

    /* Other tools write a tag here, and nothing else. */
    return name != NULL && strchr(name, ':') != NULL ? name : NULL;
}

int index_id(const struct store *store, const json_t *descriptor,
             struct digest *id, struct failure *why)
{
    cleanup_image struct image image = {0};

    if (digest_parse(id, note(descriptor, INDEX_ID)) == 0)
        return 0;
    if (image_open(&image, store, descriptor, why) < 0)
        return -1;
    *id = image.id;
    return 0;
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
        json_object_del(
            json_object_get(json_array_get(images, (size_t)old), "annotations"),
            INDEX_NAME);
    json_array_insert(images, 0, descriptor);
}

/* Takes out what has no name, of images that have one elsewhere. */
static void drop_repeated(const struct store *store, json_t *images)
{
    json_auto_t *seen = json_object();
    struct failure ignored;
    struct digest id;
    const json_t *descriptor;
    size_t i;

    json_array_foreach(images, i, descriptor)
        if (index_name(descriptor) != NULL &&
            index_id(store, descriptor, &id, &ignored) == 0)
            json_object_set_new(seen, id.hex, json_true());
    for (i = 0; i < json_array_size(images);) {
        descriptor = json_array_get(images, i);
        bool has_id = index_name(descriptor) == NULL &&
                      index_id(store, descriptor, &id, &ignored) == 0;
        if (has_id && json_object_get(seen, id.hex) != NULL) {
            json_array_remove(images, i);
            continue;
        }
        if (has_id)
            json_object_set_new(seen, id.hex, json_true());
        i++;
    }
}

int index_add(const struct store *store, const json_t *added,
              struct failure *why)
{
    cleanup_close int lock = index_lock(store, why);
    json_auto_t *images = lock < 0 ? NULL : index_read(store, why);
    json_t *descriptor;
    size_t i;

    if (images == NULL)
        return -1;
    json_array_foreach(added, i, descriptor)
        add_one(images, descriptor);
    drop_repeated(store, images);
    return index_write(store, images, why);
}

static int find_nothing(const char *text, struct failure *why)
{
    return fail_as(why, FAILURE_NOT_FOUND, "No such image: %s", text);
}

/* The first image whose id begins so, when no other image's does. */
static int find_id(const struct store *store, const json_t *images,
                   const char *prefix)
{
    struct failure ignored;
    struct digest first;
    struct digest id;
    const json_t *descriptor;
    int place = -1;
    size_t i;

    json_array_foreach(images, i, descriptor) {
        if (index_id(store, descriptor, &id, &ignored) < 0 ||
            strncmp(id.hex, prefix, strlen(prefix)) != 0)
            continue;
        if (place < 0) {
            place = (int)i;
            first = id;
        } else if (!digest_eq(&first, &id)) {
            return -2;
        }
    }
    return place;
}

/* Some name of this repository that has this manifest. */
static int find_digest(const json_t *images, const char *name)
{
    size_t length = reference_repository(name);
    const json_t *descriptor;
    size_t i;

    json_array_foreach(images, i, descriptor) {
        const char *other = index_name(descriptor);
        const char *digest =
            json_string_value(json_object_get(descriptor, "digest"));

        if (other != NULL && digest != NULL &&
            reference_repository(other) == length &&
            strncmp(other, name, length) == 0 &&
            str_eq(digest, name + length + 1))
            return (int)i;
    }
    return -1;
}

int index_find(const struct store *store, const json_t *images,
               const char *text, const char **name, struct failure *why)
{
    static const char algorithm[] = "sha256:";
    bool has_algorithm = strncmp(text, algorithm, strlen(algorithm)) == 0;
    const char *hex = has_algorithm ? text + strlen(algorithm) : text;
    size_t digits = strspn(hex, "0123456789abcdef");
    bool is_hex = digits > 0 && digits <= DIGEST_DIGITS && hex[digits] == '\0';
    cleanup_free char *full = has_algorithm || digits == DIGEST_DIGITS
                                  ? NULL
                                  : reference_parse(text, why);
    int place = full == NULL ? -1 : find_name(images, full);

    if (place < 0 && full != NULL && reference_has_digest(full))
        place = find_digest(images, full);
    if (name != NULL)
        *name = place < 0 ? NULL
                          : index_name(json_array_get(images, (size_t)place));
    if (place < 0 && is_hex)
        place = find_id(store, images, hex);
    if (place >= 0)
        return place;
    if (place == -2)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "multiple IDs found with provided prefix: %s", text);
    if (full != NULL)
        return find_nothing(reference_familiar(full), why);
    return is_hex || has_algorithm ? find_nothing(text, why) : -1;
}
