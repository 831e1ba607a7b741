/*
 * sweep: what no name and no container leads to any more.
 *
 * Who wants to forget an image takes its name away. Everything that the other
 * names still lead to is marked, and what has no mark is removed. Whoever is
 * killed in between leaves something without a mark, for the next sweep.
 *
 * Trees lose only their names while others wait; that is quick. They are
 * emptied when nobody waits any more.
 *
 * Side           host, at first alone in the store
 * Look at it     ls -a DATA/layers
 */
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>

#include "apart.h"
#include "cleanup.h"
#include "image.h"
#include "index.h"
#include "users.h"

static const char gone[] = ".gone-";

static void mark(json_t *marks, const struct image *image)
{
    json_object_set_new(marks, image->id.hex, json_true());
    for (size_t i = 0; i < image->layers; i++)
        json_object_set_new(marks, image->diff_ids[i].hex, json_true());
    if (image->manifest == NULL)
        return;
    json_object_set_new(marks, image->manifest_digest.hex, json_true());
    for (size_t i = 0; i < image->layers; i++)
        json_object_set_new(marks, image->blobs[i].hex, json_true());
}

/* All digests that an index and the containers lead to, as keys; or NULL when
 * they lead to something that can't be read. */
static json_t *mark_all(const struct store *store, const json_t *images,
                        struct failure *why)
{
    json_auto_t *marks = json_object();
    json_auto_t *used = users_sweep(store);
    const json_t *descriptor;
    const char *hex;
    json_t *ignored;
    size_t place;

    json_array_foreach(images, place, descriptor) {
        cleanup_image struct image image = {0};

        if (image_open(&image, store, descriptor, why) < 0)
            return NULL;
        mark(marks, &image);
    }
    /* The tree below each container's others is no image's. */
    json_object_set_new(marks, "bottom", json_true());
    json_object_foreach(used, hex, ignored) {
        cleanup_image struct image image = {0};
        char id[sizeof("sha256:") + DIGEST_DIGITS];

        snprintf(id, sizeof(id), "sha256:%.64s", hex);
        if (json_object_get(marks, hex) == NULL &&
            image_find_id(&image, store, id, why) == 0)
            mark(marks, &image);
    }
    return json_incref(marks);
}

/* Calls a function for all names in a directory but those of itself. */
static int for_each(int dir_fd,
                    void (*visit)(int fd, const char *name, void *argument),
                    void *argument)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (entries == NULL) {
        close_fd(&fd);
        return -1;
    }
    while ((entry = readdir(entries)) != NULL)
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
            visit(fd, entry->d_name, argument);
    closedir(entries);
    return 0;
}

struct sweep {
    const struct store *store;
    const json_t *marks;
    long long reclaimed;
};

static void sweep_file(int fd, const char *name, void *argument)
{
    const struct sweep *s = argument;

    if (json_object_get(s->marks, name) == NULL)
        (void)apart_remove(fd, name); /* once the others are gone */
}

/* Half a layer must not be taken for one. What is neither a layer nor on its
 * way to be one or none, is not ours: containers run on the tree "bottom". */
static void unname_tree(int fd, const char *name, void *argument)
{
    struct sweep *s = argument;
    char nameless[2 * NAME_MAX];
    struct digest diff_id;
    bool is_layer = digest_parse_hex(&diff_id, name) == 0;

    if (json_object_get(s->marks, name) != NULL ||
        (!is_layer && *name != '.') || strncmp(name, gone, strlen(gone)) == 0)
        return;
    snprintf(nameless, sizeof(nameless), "%s%d-%s", gone, getpid(), name);
    if (is_layer)
        s->reclaimed += store_tree_size(s->store, &diff_id);
    (void)!renameat(fd, name, fd, nameless); /* the next sweep tries again */
}

static void remove_nameless(int fd, const char *name, void *argument)
{
    (void)argument;
    if (strncmp(name, gone, strlen(gone)) == 0)
        (void)apart_remove(fd, name); /* two may be at it */
}

int sweep_store(const struct store *store, long long *reclaimed,
                struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    json_auto_t *marks = images == NULL ? NULL : mark_all(store, images, why);
    struct sweep s = {.store = store, .marks = marks};

    if (marks == NULL)
        return -1;
    cleanup_close int sizes_fd =
        openat(store->fd, "sizes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (for_each(store->trees_fd, unname_tree, &s) < 0 ||
        for_each(store->blobs_fd, sweep_file, &s) < 0 ||
        for_each(sizes_fd, sweep_file, &s) < 0)
        return fail(why, errno, "sweep the store of images");
    flock(store->fd, LOCK_UN);
    if (reclaimed != NULL)
        *reclaimed = s.reclaimed;
    (void)for_each(store->trees_fd, remove_nameless, NULL);
    return 0;
}
