/*
 * sweep: what no name leads to any more.
 *
 * Who wants to forget an image takes its name away. Everything that the other
 * names still lead to is marked, and what has no mark is removed. Whoever is
 * killed in between leaves something without a mark, for the next sweep.
 *
 * Side           host, alone in the store
 * Look at it     ls STATE/_images/layers     find STATE -type l -ls
 */
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>

#include "cache.h"
#include "cleanup.h"
#include "image.h"
#include "index.h"
#include "reference.h"
#include "tree.h"

/* All digests that an index leads to, as keys; or NULL when it leads to
 * something that can't be read, and nobody knows where that leads. */
static json_t *mark_all(const struct store *store, const json_t *images)
{
    json_auto_t *marks = json_object();
    struct failure ignored;
    const json_t *descriptor;
    size_t place;

    json_array_foreach(images, place, descriptor) {
        cleanup_image struct image image;

        if (image_open(&image, store->blobs_fd, descriptor, &ignored) < 0)
            return NULL;
        json_object_set_new(marks, image.manifest_digest.hex, json_true());
        json_object_set_new(marks, image.id.hex, json_true());
        for (size_t i = 0; i < image.layers; i++) {
            json_object_set_new(marks, image.blobs[i].hex, json_true());
            json_object_set_new(marks, image.diff_ids[i].hex, json_true());
        }
    }
    return json_incref(marks);
}

/* With its name first: half a layer must not be taken for one. What is left of
 * it, if we are killed, has a dot and no mark. */
static int remove_entry(int dir_fd, const char *name)
{
    char nameless[NAME_MAX + 2];

    snprintf(nameless, sizeof(nameless), ".%s", name);
    (void)tree_remove(dir_fd, nameless); /* somebody was killed */
    if (renameat(dir_fd, name, dir_fd, nameless) < 0)
        return errno == ENOENT ? 0 : -1; /* it was that */
    return tree_remove(dir_fd, nameless);
}

static int sweep_directory(int dir_fd, const json_t *marks)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int status = entries == NULL ? -1 : 0;

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") &&
            json_object_get(marks, entry->d_name) == NULL &&
            remove_entry(fd, entry->d_name) < 0)
            status = -1; /* once the others are gone */
    if (entries != NULL)
        closedir(entries);
    return status;
}

int sweep_store(const struct store *store, struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    json_auto_t *marks = images == NULL ? NULL : mark_all(store, images);

    if (marks == NULL)
        return images == NULL ? -1 : 0;
    cache_sweep(store, marks);
    int trees = sweep_directory(store->trees_fd, marks);
    int blobs = sweep_directory(store->blobs_fd, marks);
    return trees < 0 || blobs < 0
               ? fail(why, errno, "sweep the store %s", store->path)
               : 0;
}

/* Whose duct was killed: nobody holds the lock on a layer without a name. */
static bool is_dead(int state_fd, const char *name)
{
    cleanup_close int fd =
        openat(state_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return *name == '.' && fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0;
}

static bool is_of_image(int state_fd, const char *name, const char *id)
{
    char link[NAME_MAX + sizeof("/image")];
    char target[sizeof(((struct digest *)NULL)->hex)] = "";

    snprintf(link, sizeof(link), "%s/image", name);
    return readlinkat(state_fd, link, target, sizeof(target) - 1) > 0 &&
           str_eq(target, id);
}

/* Does a container stand on this image: one that runs, or one whose changes
 * are kept under a name? */
static int check_unused(const struct store *store, const char *id,
                        const char *text, struct failure *why)
{
    int fd = openat(store->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *layers = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int status = 0;

    if (layers == NULL)
        return fail(why, errno, "look for containers of \"%s\"", text);
    while (status == 0 && (entry = readdir(layers)) != NULL) {
        const char *name = entry->d_name;

        if (!is_of_image(fd, name, id) || is_dead(fd, name))
            continue;
        status = fail(why, 0,
                      "conflict: unable to remove \"%s\": container %s is "
                      "using it",
                      text, *name == '.' ? "without a name" : name);
        hint(why, "`duct rm` removes one that does not run any more");
    }
    closedir(layers);
    return status;
}

int sweep_image(const struct store *store, const char *text, json_t *told,
                struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    struct failure ignored;
    bool by_id;
    int place = index_find(store, images, text, &by_id, why);

    if (place < 0)
        return -1;
    json_auto_t *descriptor =
        json_incref(json_array_get(images, (size_t)place));
    const char *name = index_name(descriptor);
    cleanup_image struct image image;
    /* A damaged one has no id, and has to go as well. */
    (void)image_open(&image, store->blobs_fd, descriptor, &ignored);
    int count = index_count(store, images, &image.id);
    if (by_id && count > 1)
        return fail(why, 0,
                    "conflict: unable to remove image %.12s: it has several "
                    "names",
                    image.id.hex);
    if (count == 1 && check_unused(store, image.id.hex, text, why) < 0)
        return -1;
    json_array_remove(images, (size_t)place);
    if (index_write(store, images, why) < 0)
        return -1;
    if (name != NULL)
        json_array_append_new(
            told, json_sprintf("Untagged: %s", reference_familiar(name)));
    if (count == 1)
        json_array_append_new(told,
                              json_sprintf("Deleted: sha256:%s", image.id.hex));
    return sweep_store(store, why);
}
