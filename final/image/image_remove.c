/*
 * image_remove: names come and go, and images with their last one.
 *
 * Only the index is changed. What it leads to no more goes when somebody is
 * alone in the store, mostly at once; see sweep.c.
 *
 * Look at it     watch jq .manifests DATA/images/index.json
 */
#include "image_remove.h"

#include <errno.h>
#include <stdio.h>
#include <sys/file.h>

#include "cleanup.h"
#include "image.h"
#include "image_list.h"
#include "index.h"
#include "reference.h"
#include "sweep.h"
#include "users.h"

int image_tag(const struct store *store, const char *source, const char *target,
              struct failure *why)
{
    cleanup_free char *name = reference_parse(target, why);
    json_auto_t *images = name == NULL ? NULL : index_read(store, why);
    struct digest id;

    if (images == NULL)
        return -1;
    if (reference_has_digest(name))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "refusing to create a tag with a digest reference");
    int place = index_find(store, images, source, NULL, why);
    const json_t *descriptor =
        place < 0 ? NULL : json_array_get(images, (size_t)place);
    if (place < 0 || index_id(store, descriptor, &id, why) < 0)
        return -1;
    json_auto_t *added = json_pack("[o]", index_named(descriptor, &id, name));
    return index_add(store, added, why);
}

struct removal {
    const struct store *store;
    const struct image_removal *wanted;
    json_t *images; /* the index, locked */
    json_t *told;
    struct digest id;
};

/* The names of our image: how many, and are they all of one repository, with
 * at most one tag? */
static size_t count_names(const struct removal *r, bool *is_single)
{
    const char *first = NULL;
    const json_t *descriptor;
    struct failure ignored;
    struct digest id;
    size_t names = 0;
    size_t tags = 0;
    size_t i;

    *is_single = true;
    json_array_foreach(r->images, i, descriptor) {
        const char *name = index_name(descriptor);

        if (name == NULL || index_id(r->store, descriptor, &id, &ignored) < 0 ||
            !digest_eq(&id, &r->id))
            continue;
        if (first == NULL)
            first = name;
        names++;
        tags += !reference_has_digest(name);
        size_t length = reference_repository(first);
        if (reference_repository(name) != length ||
            strncmp(name, first, length) != 0)
            *is_single = false;
    }
    *is_single = *is_single && names > 0 && tags <= 1;
    return names;
}

/* Takes out all names of our image that @wants says, and forgets the image
 * itself if it was told to. */
static void untag(struct removal *r,
                  bool (*wants)(const char *name, const char *argument),
                  const char *argument)
{
    struct failure ignored;
    struct digest id;

    for (size_t i = 0; i < json_array_size(r->images);) {
        const json_t *descriptor = json_array_get(r->images, i);
        const char *name = index_name(descriptor);

        if (index_id(r->store, descriptor, &id, &ignored) < 0 ||
            !digest_eq(&id, &r->id) || !wants(name, argument)) {
            i++;
            continue;
        }
        if (name != NULL)
            json_array_append_new(r->told, json_pack("{s:s}", "Untagged",
                                                     reference_familiar(name)));
        json_array_remove(r->images, i);
    }
}

static bool is_any(const char *name, const char *argument)
{
    (void)name;
    (void)argument;
    return true;
}

static bool is_same(const char *name, const char *wanted)
{
    return name != NULL && str_eq(name, wanted);
}

/* A digest of a repository goes with the last tag of it. */
static bool is_digest_of(const char *name, const char *wanted)
{
    size_t length = reference_repository(wanted);

    return name != NULL && reference_has_digest(name) &&
           reference_repository(name) == length &&
           strncmp(name, wanted, length) == 0;
}

static bool has_tag_of(const struct removal *r, const char *wanted)
{
    size_t length = reference_repository(wanted);
    const json_t *descriptor;
    struct failure ignored;
    struct digest id;
    size_t i;

    json_array_foreach(r->images, i, descriptor) {
        const char *name = index_name(descriptor);

        if (name != NULL && !reference_has_digest(name) &&
            reference_repository(name) == length &&
            strncmp(name, wanted, length) == 0 &&
            index_id(r->store, descriptor, &id, &ignored) == 0 &&
            digest_eq(&id, &r->id))
            return true;
    }
    return false;
}

/* Some container on our image, that runs or that does not; NULL: none. */
static const char *user_of(const struct removal *r, const json_t *users,
                           bool runs)
{
    const struct image_removal *w = r->wanted;
    const json_t *user;
    size_t i;

    json_array_foreach(users, i, user) {
        const char *id = json_string_value(user);

        if ((w->is_running != NULL && w->is_running(id, w->argument)) == runs)
            return id;
    }
    return NULL;
}

/* What stands against removing the image itself. */
static int check_image(const struct removal *r, const json_t *users,
                       bool names_count, struct failure *why)
{
    const char *running = user_of(r, users, true);
    const char *stopped = user_of(r, users, false);
    bool is_single;

    if (running != NULL)
        return fail_as(why, FAILURE_CONFLICT,
                       "conflict: unable to delete %.12s (cannot be forced) - "
                       "image is being used by running container %.12s",
                       r->id.hex, running);
    if (r->wanted->force)
        return 0;
    if (names_count && count_names(r, &is_single) > 0)
        return fail_as(why, FAILURE_CONFLICT,
                       "conflict: unable to delete %.12s (must be forced) - "
                       "image is referenced in multiple repositories",
                       r->id.hex);
    if (stopped != NULL)
        return fail_as(why, FAILURE_CONFLICT,
                       "conflict: unable to delete %.12s (must be forced) - "
                       "image is being used by stopped container %.12s",
                       r->id.hex, stopped);
    return 0;
}

/* Leaves the image without a name. */
static void leave_nameless(struct removal *r, const json_t *descriptor)
{
    json_array_append_new(r->images, index_named(descriptor, &r->id, NULL));
}

static void forget(struct removal *r)
{
    untag(r, is_any, NULL);
    json_array_append_new(
        r->told,
        json_pack("{s:o}", "Deleted", json_sprintf("sha256:%s", r->id.hex)));
}

static int remove_name(struct removal *r, const char *name,
                       const json_t *descriptor, struct failure *why)
{
    json_auto_t *users = users_of(r->store, &r->id);
    const char *user = json_string_value(json_array_get(users, 0));
    struct failure ignored;
    bool is_single;

    count_names(r, &is_single);
    if (!r->wanted->force && is_single && user != NULL)
        return fail_as(why, FAILURE_CONFLICT,
                       "conflict: unable to remove repository reference "
                       "\"%.300s\" (must force) - container %.12s is using "
                       "its referenced image %.12s",
                       r->wanted->reference, user, r->id.hex);
    untag(r, is_same, name);
    if (!reference_has_digest(name) && !has_tag_of(r, name))
        untag(r, is_digest_of, name);
    if (count_names(r, &is_single) > 0)
        return 0;
    if (check_image(r, users, false, &ignored) == 0)
        forget(r);
    else
        leave_nameless(r, descriptor);
    return 0;
}

static int remove_id(struct removal *r, struct failure *why)
{
    json_auto_t *users = users_of(r->store, &r->id);
    bool is_single;

    count_names(r, &is_single);
    if (check_image(r, users, !is_single, why) < 0)
        return -1;
    forget(r);
    return 0;
}

json_t *image_remove(const struct store *store,
                     const struct image_removal *removal, struct failure *why)
{
    cleanup_close int lock = index_lock(store, why);
    json_auto_t *images = lock < 0 ? NULL : index_read(store, why);
    json_auto_t *told = json_array();
    struct removal r = {store, removal, images, told, {{0}}};
    const char *found = NULL;

    if (images == NULL)
        return NULL;
    int place = index_find(store, images, removal->reference, &found, why);
    if (place < 0)
        return NULL;
    json_auto_t *descriptor =
        json_incref(json_array_get(images, (size_t)place));
    cleanup_free char *name = found == NULL ? NULL : strdup(found);
    if (index_id(store, descriptor, &r.id, why) < 0)
        return NULL;
    int status = name == NULL ? remove_id(&r, why)
                              : remove_name(&r, name, descriptor, why);
    return status < 0 || index_write(store, images, why) < 0
               ? NULL
               : json_incref(told);
}

/* Takes the images of a list away, as far as nobody uses them. */
static json_t *remove_all(const struct store *store, const json_t *list,
                          struct failure *why)
{
    json_t *told = json_array();
    const json_t *item;
    struct failure ignored;
    size_t i;

    json_array_foreach(list, i, item) {
        const char *id = json_string_value(json_object_get(item, "Id"));
        struct digest digest;

        if (digest_parse(&digest, id) < 0)
            continue;
        json_auto_t *users = users_of(store, &digest);
        if (json_array_size(users) > 0)
            continue;
        json_auto_t *some = image_remove(
            store, &(struct image_removal){.reference = id, .force = true},
            &ignored); /* somebody else may have been quicker */
        json_array_extend(told, some);
    }
    if (told == NULL)
        fail(why, ENOMEM, "prune images");
    return told;
}

json_t *image_prune(struct store *store, const json_t *filters,
                    struct failure *why)
{
    json_auto_t *usual = json_pack("{s:[s]}", "dangling", "true");
    long long reclaimed = 0;
    struct failure ignored;

    json_object_update(usual, (json_t *)filters);
    const json_t *dangling = json_object_get(usual, "dangling");
    const char *value = json_string_value(json_array_get(dangling, 0));
    /* "false" means all here, not those that have names. */
    if ((value != NULL && (str_eq(value, "false") || str_eq(value, "0"))) ||
        json_object_get(dangling, "false") != NULL ||
        json_object_get(dangling, "0") != NULL)
        json_object_del(usual, "dangling");
    json_auto_t *list =
        image_list(store, &(struct image_query){.filters = usual}, why);
    json_auto_t *told = list == NULL ? NULL : remove_all(store, list, why);
    if (told == NULL)
        return NULL;
    if (flock(store->fd, LOCK_EX | LOCK_NB) == 0)
        (void)sweep_store(store, &reclaimed, &ignored);
    return json_pack("{s:O, s:I}", "ImagesDeleted",
                     json_array_size(told) > 0 ? told : json_null(),
                     "SpaceReclaimed", (json_int_t)reclaimed);
}
