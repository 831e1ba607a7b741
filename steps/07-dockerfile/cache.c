/*
 * cache: what the steps of builds have made, by what went into them.
 *
 * A step's key is a digest of the image it begins with, of what it does and of
 * what it reads. Who asks for the same again gets the same layer, and so the
 * next step has the same key as last time; where one differs, all after it do.
 *
 * Look at it     jq . STATE/_images/cache.json
 */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "cleanup.h"
#include "index.h"

static const char file[] = "cache.json";

json_t *cache_read(const struct store *store)
{
    struct failure ignored;
    cleanup_close int fd = openat(store->fd, file, O_RDONLY | O_CLOEXEC);
    json_t *records = fd < 0 ? NULL : blob_json_from(fd, file, &ignored);

    if (json_is_object(records))
        return records;
    json_decref(records);
    return json_object(); /* what can't be read is as good as nothing */
}

static int replace(const struct store *store, const json_t *records)
{
    static const char fresh[] = "fresh-cache.json";
    cleanup_close int fd = openat(
        store->fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    cleanup_free char *text = json_dumps(records, JSON_COMPACT);
    ssize_t length = text == NULL ? -1 : (ssize_t)strlen(text);

    return fd < 0 || write(fd, text, (size_t)length) != length
               ? -1
               : renameat(store->fd, fresh, store->fd, file);
}

int cache_key(const json_t *inputs, struct digest *key, struct failure *why)
{
    cleanup_free char *text = json_dumps(inputs, JSON_COMPACT | JSON_SORT_KEYS);
    struct digest_state state;

    if (text == NULL)
        return fail(why, EILSEQ, "name a step");
    digest_begin(&state);
    digest_add(&state, text, strlen(text));
    return digest_end(&state, key) < 0 ? fail(why, ENOMEM, "name a step") : 0;
}

json_t *cache_find(const json_t *records, const struct digest *key,
                   const struct store *store)
{
    json_t *record = json_object_get(records, key->hex);
    const char *layer = json_string_value(json_object_get(record, "layer"));
    struct digest digest;

    if (!json_is_string(json_object_get(record, "created")))
        return NULL;
    return layer == NULL ||
                   (digest_parse(&digest, layer) == 0 &&
                    store_has_tree(store, &digest) &&
                    faccessat(store->blobs_fd, digest.hex, F_OK, 0) == 0)
               ? record
               : NULL;
}

int cache_add(const struct store *store, json_t *made, struct failure *why)
{
    cleanup_close int lock = index_lock(store->fd, why);
    json_auto_t *records = lock < 0 ? NULL : cache_read(store);

    if (records == NULL)
        return -1;
    return json_object_update(records, made) < 0 || replace(store, records) < 0
               ? fail(why, errno, "write %s/%s", store->path, file)
               : 0;
}

void cache_sweep(const struct store *store, const json_t *marks)
{
    json_auto_t *records = cache_read(store);
    json_auto_t *kept = json_object();
    const char *key;
    json_t *record;

    json_object_foreach(records, key, record)
        if (json_object_get(marks, json_string_value(json_object_get(
                                       record, "newest"))) != NULL)
            json_object_set(kept, key, record);
    if (json_object_size(kept) == 0)
        (void)unlinkat(store->fd, file, 0);
    else if (json_object_size(kept) < json_object_size(records))
        (void)replace(store, kept); /* more of them would do no harm */
}
