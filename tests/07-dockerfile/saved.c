/*
 * What the image t is, as duct save tells it to others.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

enum {
    AS_TEXT = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY
};

char *saved(const struct site *site)
{
    char *directory = tree_fresh_dir(site->uid);
    const char *tar = keep_format("%s/t.tar", directory);

    expect_output(on(site, "save", "-o", tar, "t"), "");
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", directory, "-xf", tar)}),
                0);
    return directory;
}

/* Caller frees. */
static json_t *read_json(const char *directory, const char *path)
{
    char *text = file_read(keep_format("%s/%s", directory, path));
    json_t *json = text == NULL ? NULL : json_loads(text, 0, NULL);

    expect_that(json != NULL, keep_format("JSON in %s of duct save", path),
                text == NULL ? "no such file" : text);
    return json;
}

/* The one image of manifest.json; caller frees. */
static json_t *read_manifest(const char *directory)
{
    json_t *list = read_json(directory, "manifest.json");
    json_t *image = json_incref(json_array_get(list, 0));

    json_decref(list);
    return image;
}

static json_t *read_config(const char *directory)
{
    json_t *manifest = read_manifest(directory);
    json_t *config = read_json(
        directory, json_string_value(json_object_get(manifest, "Config")));

    json_decref(manifest);
    return config;
}

static char *member(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);

    return value == NULL ? keep_format("null")
                         : keep(json_dumps(value, AS_TEXT));
}

char *saved_member(const struct site *site, const char *name)
{
    json_t *config = read_config(saved(site));
    char *text = member(json_object_get(config, "config"), name);

    json_decref(config);
    return text;
}

char *saved_top(const struct site *site, const char *name)
{
    json_t *config = read_config(saved(site));
    char *text = member(config, name);

    json_decref(config);
    return text;
}

char *saved_history(const struct site *site)
{
    json_t *config = read_config(saved(site));
    char *text = keep_format("%s", "");
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(config, "history"), i, entry) {
        const char *by =
            json_string_value(json_object_get(entry, "created_by"));
        bool empty = json_is_true(json_object_get(entry, "empty_layer"));

        text = keep_format("%s%s %s\n", text, empty ? "empty" : "layer",
                           by == NULL ? "" : by);
    }
    json_decref(config);
    return text;
}

char *saved_layer(const struct site *site, size_t from_last)
{
    const char *directory = saved(site);
    json_t *manifest = read_manifest(directory);
    const json_t *layers = json_object_get(manifest, "Layers");
    size_t count = json_array_size(layers);
    char *path = NULL;

    if (from_last < count)
        path = keep_format(
            "%s/%s", directory,
            json_string_value(json_array_get(layers, count - 1 - from_last)));
    json_decref(manifest);
    expect_that(path != NULL, "as many layers", keep_format("%zu", count));
    return path;
}

char *saved_names(const struct site *site)
{
    const struct program *p = spawn_run(
        &(struct spawn){.argv = ARGV("tar", "-tf", saved_layer(site, 0))});

    expect_exit(p, 0);
    return p->out;
}

/* What was unpacked, with other settings, as an archive, is loaded. */
static void load_again(const struct site *site, const char *directory,
                       json_t *manifest, json_t *config, const char *tag)
{
    const char *tar = keep_format("%s/again.tar", directory);

    json_object_set_new(manifest, "Config", json_string("config.json"));
    json_object_set_new(manifest, "RepoTags", json_pack("[s]", tag));
    file_write(keep_format("%s/config.json", directory),
               keep(json_dumps(config, 0)));
    file_write(keep_format("%s/manifest.json", directory),
               keep_format("[%s]", (char *)keep(json_dumps(manifest, 0))));
    json_decref(manifest);
    json_decref(config);
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", directory, "-cf", tar,
                                 "manifest.json", "config.json", "blobs")}),
                0);
    expect_exit(on(site, "load", "-i", tar), 0);
}

void saved_load(const struct site *site, const char *config_members,
                const char *tag)
{
    const char *directory = saved(site);
    json_t *config = read_config(directory);
    json_t *more = json_loads(config_members, 0, NULL);

    json_object_update(json_object_get(config, "config"), more);
    json_decref(more);
    load_again(site, directory, read_manifest(directory), config, tag);
}

/* Repeats the last entry of a list until there are so many. */
static void repeat(json_t *list, size_t count)
{
    json_t *last = json_array_get(list, json_array_size(list) - 1);

    while (json_array_size(list) < count)
        json_array_append(list, last);
}

void saved_load_layers(const struct site *site, size_t count, const char *tag)
{
    const char *directory = saved(site);
    json_t *manifest = read_manifest(directory);
    json_t *config = read_config(directory);

    repeat(json_object_get(manifest, "Layers"), count);
    repeat(json_object_get(json_object_get(config, "rootfs"), "diff_ids"),
           count);
    repeat(json_object_get(config, "history"), count);
    load_again(site, directory, manifest, config, tag);
}

void saved_load_without(const struct site *site, const char *member,
                        const char *tag)
{
    const char *directory = saved(site);
    json_t *config = read_config(directory);

    json_object_del(config, member);
    load_again(site, directory, read_manifest(directory), config, tag);
}
