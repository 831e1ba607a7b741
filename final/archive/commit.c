/*
 * commit: an image of what a container has made of its own.
 *
 * The image is the container's, with one layer more, its upper directory, and
 * one line more in its history. While that is read the container is frozen, or
 * half of what it is just writing would be in it.
 *
 * Kernel object  the upper directory of an overlay; a frozen cgroup
 * Side           host
 * Look at it     duct history IMAGE     duct --explain commit CONTAINER
 */
#include "commit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "change.h"
#include "changeset.h"
#include "cleanup.h"
#include "compose.h"
#include "image.h"
#include "index.h"
#include "life.h"
#include "reference.h"
#include "writer.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* ----------------------------------------------------------------- config */

/* What is a container's alone (its host name, its streams) stays its own. */
static void copy_settings(json_t *to, const json_t *container)
{
    static const char *const names[] = {"User",        "ExposedPorts", "Env",
                                        "Labels",      "Entrypoint",   "Cmd",
                                        "WorkingDir",  "Volumes",      "Shell",
                                        "Healthcheck", "StopSignal"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *value = json_object_get(container, names[i]);

        if (value != NULL && !json_is_null(value) &&
            !(json_is_object(value) && json_object_size(value) == 0) &&
            !(json_is_string(value) && json_string_length(value) == 0))
            json_object_set_new(to, names[i], json_deep_copy(value));
    }
}

static int apply_all(json_t *config, const json_t *changes, struct failure *why)
{
    const json_t *change;
    size_t i;

    json_array_foreach(changes, i, change)
        if (change_apply(config, json_string_value(change), why) < 0)
            return -1;
    return 0;
}

json_t *commit_settings(const json_t *container, const json_t *changes,
                        struct failure *why)
{
    json_auto_t *alone = json_pack("{s:{}}", "config");
    json_auto_t *whole = json_pack("{s:{}}", "config");
    json_t *settings = json_object_get(whole, "config");

    if (settings == NULL || alone == NULL) {
        fail(why, ENOMEM, "describe an image");
        return NULL;
    }
    copy_settings(settings, container);
    if (apply_all(alone, changes, why) < 0 ||
        apply_all(whole, changes, why) < 0)
        return NULL;
    const json_t *changed = json_object_get(alone, "config");
    if (json_object_get(changed, "Entrypoint") != NULL &&
        json_object_get(changed, "Cmd") == NULL)
        json_object_del(settings, "Cmd");
    return json_incref(settings);
}

/* Docker's "CreatedBy": the command, in one line. */
static char *command_line_of(const json_t *container)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const json_t *word;
    size_t i;

    if (out == NULL)
        return NULL;
    json_array_foreach(json_object_get(container, "Cmd"), i, word)
        fprintf(out, "%s%s", i > 0 ? " " : "",
                json_is_string(word) ? json_string_value(word) : "");
    return fclose(out) == 0 ? text : NULL;
}

static json_t *history_entry(const json_t *container,
                             const struct commit *commit, const char *created,
                             bool is_empty)
{
    cleanup_free char *line = command_line_of(container);
    json_t *entry = json_pack("{s:s, s:s}", "created", created, "created_by",
                              line != NULL ? line : "");

    if (commit->author != NULL && *commit->author != '\0')
        json_object_set_new(entry, "author", json_string(commit->author));
    if (commit->message != NULL && *commit->message != '\0')
        json_object_set_new(entry, "comment", json_string(commit->message));
    if (is_empty)
        json_object_set_new(entry, "empty_layer", json_true());
    return entry;
}

static void set_text(json_t *config, const char *name, const char *text)
{
    if (text != NULL && *text != '\0')
        json_object_set_new(config, name, json_string(text));
    else
        json_object_del(config, name);
}

/* The image's config, grown by one layer, or by a line of history only. */
static json_t *make_config(const struct image *image,
                           const struct record *record,
                           const struct commit *commit,
                           const struct digest *diff_id, struct failure *why)
{
    const json_t *container = json_object_get(record->config, "Config");
    json_auto_t *settings = commit_settings(container, commit->changes, why);
    json_auto_t *config = json_deep_copy(image->config);
    char created[sizeof("2000-01-01T00:00:00.123456789Z")];

    if (settings == NULL)
        return NULL;
    compose_now(created);
    json_object_set(config, "config", settings);
    json_object_set_new(config, "created", json_string(created));
    json_object_set_new(config, "container", json_string(record->id));
    set_text(config, "author", commit->author);
    set_text(config, "comment", commit->message);
    if (!json_is_array(json_object_get(config, "history")))
        json_object_set_new(config, "history", json_array());
    json_array_append_new(
        json_object_get(config, "history"),
        history_entry(container, commit, created, diff_id == NULL));
    if (diff_id != NULL)
        json_array_append_new(
            json_object_get(json_object_get(config, "rootfs"), "diff_ids"),
            json_sprintf("sha256:%s", diff_id->hex));
    return json_incref(config);
}

/* ------------------------------------------------------------------ layer */

/* With its manifest, which tells how its layers came. */
static int open_image(struct image *image, const struct store *store,
                      const struct record *record, struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    const char *id = text_of(record->config, "Image");
    const json_t *descriptor;
    struct failure ignored;
    struct digest other;
    size_t i;

    if (images == NULL)
        return -1;
    json_array_foreach(images, i, descriptor)
        if (index_id(store, descriptor, &other, &ignored) == 0 &&
            strncmp(id, "sha256:", strlen("sha256:")) == 0 &&
            str_eq(id + strlen("sha256:"), other.hex))
            return image_open(image, store, descriptor, why);
    return fail_as(why, FAILURE_NOT_FOUND, "No such image: %s", id);
}

/* Freezes it, unless somebody else has. Returns whether we have, or -1. */
static int freeze(struct record *record, const struct commit *commit,
                  struct failure *why)
{
    if (!commit->is_paused || !record_is_up(record) ||
        !str_eq(record_status(record), "running"))
        return 0;
    if (container_pause(record, why) == 0)
        return 1;
    return why->kind == FAILURE_CONFLICT ? 0 : -1; /* it has just ended */
}

/* Whoever interrupts us shall not leave the container frozen: signals wait. */
static void hold_signals(sigset_t *before)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    sigset_t held;

    sigemptyset(&held);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaddset(&held, signals[i]);
    sigprocmask(SIG_BLOCK, &held, before);
}

static int take_layer(struct intake *in, const struct store *store,
                      struct record *record, const struct commit *commit,
                      struct failure *why)
{
    cleanup_free char *upper = NULL;
    struct failure other;
    sigset_t before;
    int status = -1;

    if (asprintf(&upper, "%s/containers/%s/upper", record->engine->data,
                 record->id) < 0) {
        upper = NULL;
        return fail(why, ENOMEM, "commit container %s", record->id);
    }
    hold_signals(&before);
    int frozen = freeze(record, commit, why);
    if (frozen >= 0)
        status = changeset_take(in, store, upper, why);
    if (frozen > 0 && container_unpause(record, status < 0 ? &other : why) < 0)
        status = -1;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

/* ------------------------------------------------------------------ image */

static json_t *make_layers(const struct image *image, const struct intake *in)
{
    json_t *layers = json_deep_copy(json_object_get(image->manifest, "layers"));

    if (in != NULL)
        json_array_append_new(
            layers, compose_layer(&in->digest, in->writer.size, in->suffix));
    return layers;
}

static int put_image(const struct store *store, const json_t *config,
                     json_t *layers, struct commit *commit, const char *name,
                     struct failure *why)
{
    long long size;

    if (writer_json(store->blobs_fd, config, &commit->id, &size, why) < 0)
        return -1;
    json_auto_t *manifest = compose_manifest(store, &commit->id, layers, why);
    if (manifest == NULL)
        return -1;
    json_auto_t *images =
        json_pack("[o]", index_named(manifest, &commit->id, name));
    return store_commit(store, images, why);
}

static int check_texts(const struct commit *commit, struct failure *why)
{
    const char *texts[] = {commit->author, commit->message};

    for (size_t i = 0; i < 2; i++) {
        json_auto_t *text = json_string(texts[i] != NULL ? texts[i] : "");

        if (text == NULL)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "author and message have to be UTF-8");
    }
    return 0;
}

static void tell(const struct record *record, const struct commit *commit,
                 const char *name)
{
    json_t *more = json_pack(
        "{s:s, s:o}", "comment", commit->message != NULL ? commit->message : "",
        "imageID", json_sprintf("sha256:%s", commit->id.hex));

    if (name != NULL)
        json_object_set_new(more, "imageRef",
                            json_string(reference_familiar(name)));
    container_tell(record, "commit", more);
}

int commit_container(const struct store *store, struct record *record,
                     struct commit *commit, struct failure *why)
{
    cleanup_free char *name =
        commit->name == NULL ? NULL : reference_parse(commit->name, why);
    json_auto_t *settings =
        commit_settings(json_object_get(record->config, "Config"),
                        commit->changes, why); /* before anything is frozen */
    cleanup_image struct image image = {.config = NULL};
    struct intake in;

    if ((commit->name != NULL && name == NULL) || settings == NULL ||
        check_texts(commit, why) < 0 ||
        open_image(&image, store, record, why) < 0)
        return -1;
    if (image.layers >= BOUND_LAYERS)
        return fail_as(why, FAILURE_BAD_PARAMETER, "max depth exceeded");
    int taken = take_layer(&in, store, record, commit, why);
    if (taken < 0)
        return -1;
    const struct intake *layer = taken > 0 ? &in : NULL; /* has it changed? */
    json_auto_t *config = make_config(
        &image, record, commit, layer != NULL ? &layer->diff_id : NULL, why);
    json_auto_t *layers = make_layers(&image, layer);
    if (config == NULL ||
        put_image(store, config, layers, commit, name, why) < 0)
        return -1;
    tell(record, commit, name);
    return 0;
}
