/*
 * stage: an image that grows, step by step.
 *
 * Where a step has changed files, they become one more layer. In any case
 * there is one more line in the history of the config, which makes it the
 * config of another image.
 *
 * Look at it     duct history IMAGE     (0B: no layer)
 */
#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cache.h"
#include "changeset.h"
#include "cleanup.h"
#include "config.h"
#include "import.h"
#include "index.h"

static const char usual_path[] = "PATH=/usr/local/sbin:/usr/local/bin:"
                                 "/usr/sbin:/usr/bin:/sbin:/bin";

void stage_release(struct stage *s)
{
    image_close(&s->image);
    json_decref(s->cache);
    json_decref(s->made);
}

/* A time as configs have it. */
struct time_text {
    char text[sizeof("2000-01-01T00:00:00Z")];
};

static struct time_text time_text(time_t time)
{
    struct time_text created;

    strftime(created.text, sizeof(created.text), "%FT%TZ", gmtime(&time));
    return created;
}

int stage_from(struct stage *s, const char *name, struct failure *why)
{
    const struct time_text created = time_text(s->now);

    s->cache = s->no_cache ? json_object() : cache_read(s->store);
    s->made = json_object();
    if (str_eq(name, "scratch")) {
        s->image.config = import_config(created.text);
        if (cache_key(s->image.config, &s->image.id, why) < 0)
            return -1;
    } else if (image_find(&s->image, s->store, name, why) < 0)
        return -1;
    json_t *config = json_object_get(s->image.config, "config");
    if (!json_is_object(config))
        json_object_set_new(s->image.config, "config", json_object());
    if (json_array_size(json_object_get(config, "OnBuild")) > 0)
        return fail(why, 0, "%s has an ONBUILD, which is for docker", name);
    json_t *env = config_member(s->image.config, "Env", json_array());
    if (words_find(env, "PATH") < 0)
        json_array_append_new(env, json_string(usual_path));
    return 0;
}

/* The trees below a layer; overlay needs one, if only an empty one. */
static int find_lowerdirs(const struct stage *s, char **list,
                          struct failure *why)
{
    if (s->image.layers > 0)
        return image_lowerdirs(&s->image, s->store, list, why);
    list[0] = store_temporary(s->store, why);
    return list[0] == NULL            ? -1
           : chmod(list[0], 0755) < 0 ? fail(why, errno, "chmod %s", list[0])
                                      : 0;
}

/* Does a step's work in a layer, and makes one of an image's of it. Returns 1,
 * or 0 when nothing has changed. */
static int work(const struct stage *s, const struct stage_step *step,
                struct digest *blob, struct failure *why)
{
    char *lowerdirs[BOUND_LAYERS + 1] = {NULL};
    const struct layer_request request = {
        .state = s->state,
        .lowerdirs = lowerdirs,
        .image = s->image.id.hex,
    };
    struct failure ignored;
    struct layer layer;
    int status = find_lowerdirs(s, lowerdirs, why);

    if (status == 0 && (status = layer_open(&layer, &request, why)) == 0) {
        status = step->work(step->argument, &layer, lowerdirs, why);
        if (status == 0)
            status = changeset_put(s->store, layer.upper, s->latest, blob, why);
        if (layer_close(&layer, status < 0 ? &ignored : why) < 0)
            status = -1;
    }
    for (char **lower = lowerdirs; *lower != NULL; lower++)
        free(*lower);
    return status;
}

/* What the step has made becomes a part of the image. */
static int grow(struct stage *s, const struct stage_step *step,
                const json_t *record)
{
    struct image *image = &s->image;
    json_t *layer = json_object_get(record, "layer");
    json_t *created = json_object_get(record, "created");
    json_t *config = json_deep_copy(step->config);
    json_t *rootfs = json_object_get(config, "rootfs");
    json_t *entry =
        json_pack("{s:O, s:s}", "created", created, "created_by", step->told);

    if (!json_is_array(json_object_get(config, "history")))
        json_object_set_new(config, "history", json_array());
    json_object_set(config, "created", created);
    json_array_append_new(json_object_get(config, "history"), entry);
    json_decref(image->config);
    image->config = config;
    s->is_grown = true;
    if (layer == NULL)
        return json_object_set_new(entry, "empty_layer", json_true());
    digest_parse(&image->blobs[image->layers], json_string_value(layer));
    digest_parse(&image->diff_ids[image->layers++], json_string_value(layer));
    return json_array_append(json_object_get(rootfs, "diff_ids"), layer);
}

/* Does a step, and makes a record of it. */
static json_t *make(const struct stage *s, const struct stage_step *step,
                    struct failure *why)
{
    const struct image *image = &s->image;
    const struct time_text created = time_text(s->now);
    struct digest blob = {0};
    int changed = step->work == NULL ? 0 : work(s, step, &blob, why);

    if (changed > 0 && image->layers >= BOUND_LAYERS)
        changed = fail(why, 0, "more than %d layers", BOUND_LAYERS);
    if (changed < 0)
        return NULL;
    if (changed == 0 && image->layers > 0)
        blob = image->blobs[image->layers - 1];
    return json_pack("{s:s, s:s, s:o*}", "created", created.text, "newest",
                     blob.hex, "layer",
                     changed > 0 ? json_sprintf("sha256:%s", blob.hex) : NULL);
}

int stage_step(struct stage *s, const struct stage_step *step,
               struct failure *why)
{
    json_auto_t *inputs = json_pack("{s:O, s:s, s:O*}", "config", step->config,
                                    "told", step->told, "inputs", step->inputs);
    struct digest key;

    if (cache_key(inputs, &key, why) < 0)
        return -1;
    json_t *known = cache_find(s->cache, &key, s->store);
    if (known != NULL)
        puts(" ---> CACHED");
    json_auto_t *record =
        known != NULL ? json_incref(known) : make(s, step, why);
    if (record == NULL || grow(s, step, record) < 0)
        return -1;
    if (known != NULL || (step->is_sure != NULL && !step->is_sure(step)))
        return 0;
    return json_object_set(s->made, key.hex, record);
}

int stage_keep(struct stage *s, const char *name, struct failure *why)
{
    json_auto_t *layers = json_array();
    long long size;

    for (size_t i = 0; i < s->image.layers; i++) {
        json_t *layer = import_layer(s->store, &s->image.blobs[i], why);

        if (layer == NULL)
            return -1;
        json_array_append_new(layers, layer);
    }
    if (s->is_grown && blob_put_json(s->store->blobs_fd, s->image.config,
                                     &s->image.id, &size, why) < 0)
        return -1;
    json_auto_t *manifest =
        import_manifest(s->store, &s->image.id, layers, why);
    if (manifest == NULL)
        return -1;
    json_auto_t *images = json_pack("[o]", index_named(manifest, name));
    return store_commit(s->store, images, why) < 0
               ? -1
               : cache_add(s->store, s->made, why);
}
