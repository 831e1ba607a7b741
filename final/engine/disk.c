/*
 * disk: how much room everything takes.
 *
 * Side           host
 * Look at it     du -sh /var/lib/duct/{layers,containers,volumes}
 */
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "cleanup.h"
#include "image_list.h"
#include "list.h"
#include "store.h"
#include "volumes.h"

/* A layer that several images have counts once. */
static long long layers_size(const struct store *store)
{
    int fd = openat(store->trees_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    struct digest layer;
    long long size = 0;

    if (directory == NULL) {
        close_fd(&fd);
        return 0;
    }
    while ((entry = readdir(directory)) != NULL)
        if (digest_parse_hex(&layer, entry->d_name) == 0)
            size += store_tree_size(store, &layer);
    closedir(directory);
    return size;
}

static int add_images(const struct engine *engine, json_t *disk,
                      struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    struct image_query query = {.shared = true};

    if (store_open(&store, engine->data, engine->data_fd, STORE_READ, why) < 0)
        return -1;
    json_t *images = image_list(&store, &query, why);
    if (images == NULL)
        return -1;
    json_object_set_new(disk, "LayersSize", json_integer(layers_size(&store)));
    json_object_set_new(disk, "Images", images);
    return 0;
}

static int add_volumes(const struct engine *engine, json_t *disk,
                       struct failure *why)
{
    json_auto_t *answer = volume_list(engine, NULL, why);
    json_t *volumes = json_object_get(answer, "Volumes");
    json_t *volume;
    size_t i;

    if (answer == NULL)
        return -1;
    json_array_foreach(volumes, i, volume) {
        const char *name = json_string_value(json_object_get(volume, "Name"));
        json_auto_t *users = volume_users(engine, name);

        json_object_set_new(volume, "UsageData",
                            json_pack("{s:I, s:I}", "Size",
                                      (json_int_t)volume_size(engine, name),
                                      "RefCount",
                                      (json_int_t)json_array_size(users)));
    }
    return json_object_set(disk, "Volumes", volumes);
}

static int add_containers(const struct engine *engine, json_t *disk,
                          struct failure *why)
{
    json_t *containers = container_list(engine, true, 0, true, NULL, why);

    return containers == NULL
               ? -1
               : json_object_set_new(disk, "Containers", containers);
}

json_t *engine_disk(const struct engine *engine, struct failure *why)
{
    json_t *disk = json_pack("{s:[], s:i}", "BuildCache", "BuilderSize", 0);

    if (add_images(engine, disk, why) == 0 &&
        add_containers(engine, disk, why) == 0 &&
        add_volumes(engine, disk, why) == 0)
        return disk;
    json_decref(disk);
    return NULL;
}
