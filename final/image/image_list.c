/*
 * image_list: what there is to say of images, as docker's API says it.
 *
 * Look at it     jq . DATA/images/index.json
 */
#include "image_list.h"

#include <errno.h>
#include <fnmatch.h>

#include "cleanup.h"
#include "image.h"
#include "index.h"
#include "reference.h"
#include "users.h"
#include "when.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

static json_int_t created(const struct image *image)
{
    time_t seconds = 0;

    (void)when_read(text_of(image->config, "created"), &seconds);
    return seconds;
}

static long long size_of(const struct store *store, const struct image *image)
{
    long long size = 0;

    for (size_t i = 0; i < image->layers; i++)
        size += store_tree_size(store, &image->diff_ids[i]);
    return size;
}

void image_names(const struct store *store, const json_t *images,
                 const struct digest *id, json_t *tags, json_t *digests)
{
    const json_t *descriptor;
    struct failure ignored;
    struct digest other;
    size_t i;

    json_array_foreach(images, i, descriptor) {
        const char *name = index_name(descriptor);

        if (name != NULL &&
            index_id(store, descriptor, &other, &ignored) == 0 &&
            digest_eq(id, &other))
            json_array_append_new(reference_has_digest(name) ? digests : tags,
                                  json_string(reference_familiar(name)));
    }
}

/* Filters. */

/* Calls @match with each value of a filter; with none there is nothing that
 * could be wrong. @all: do all have to match, or is one enough? */
static bool passes(const json_t *filters, const char *name, bool all,
                   bool (*match)(const char *value, void *argument),
                   void *argument)
{
    json_t *values = json_object_get(filters, name);
    const char *key;
    json_t *value;
    size_t count = 0;
    size_t good = 0;
    size_t i;

    json_array_foreach(values, i, value) {
        count++;
        good +=
            json_is_string(value) && match(json_string_value(value), argument);
    }
    json_object_foreach(values, key, value) {
        count++;
        good += match(key, argument);
    }
    return count == 0 || (all ? good == count : good > 0);
}

static int check_filters(const json_t *filters, struct failure *why)
{
    static const char *const known[] = {
        "reference", "dangling", "label", "before", "since", "until", "label!"};
    const char *name;
    json_t *values;

    json_object_foreach((json_t *)filters, name, values) {
        size_t i = 0;

        while (i < sizeof(known) / sizeof(known[0]) && !str_eq(name, known[i]))
            i++;
        if (i == sizeof(known) / sizeof(known[0]) ||
            (!json_is_array(values) && !json_is_object(values)))
            return fail_as(why, FAILURE_BAD_PARAMETER, "Invalid filter '%s'",
                           name);
    }
    return 0;
}

struct candidate {
    const struct store *store;
    const struct image *image;
    const char *name; /* one of its names */
    bool is_dangling;
    struct failure *why;
    bool failed;
};

static bool match_reference(const char *pattern, void *argument)
{
    const struct candidate *c = argument;
    cleanup_free char *repository =
        strndup(c->name, reference_repository(c->name));

    return fnmatch(pattern, c->name, FNM_PATHNAME) == 0 ||
           (repository != NULL &&
            fnmatch(pattern, repository, FNM_PATHNAME) == 0);
}

static bool match_dangling(const char *value, void *argument)
{
    struct candidate *c = argument;

    if (str_eq(value, "true") || str_eq(value, "1"))
        return c->is_dangling;
    if (!str_eq(value, "false") && !str_eq(value, "0") && !c->failed) {
        c->failed = true;
        fail_as(c->why, FAILURE_BAD_PARAMETER, "Invalid filter 'dangling=[%s]'",
                value);
    }
    return !c->is_dangling;
}

static bool match_label(const char *value, void *argument)
{
    const struct candidate *c = argument;
    const json_t *config = json_object_get(c->image->config, "config");
    const json_t *labels = json_object_get(config, "Labels");
    cleanup_free char *name = strndup(value, strcspn(value, "="));
    const json_t *label = name == NULL ? NULL : json_object_get(labels, name);
    const char *text = json_string_value(label);

    return text != NULL &&
           (strchr(value, '=') == NULL || str_eq(strchr(value, '=') + 1, text));
}

static bool match_no_label(const char *value, void *argument)
{
    return !match_label(value, argument);
}

/* When was the other one made? */
static bool other(struct candidate *c, const char *reference,
                  json_int_t *seconds)
{
    cleanup_image struct image image = {0};
    struct failure ignored;

    if (image_find(&image, c->store, reference, c->failed ? &ignored : c->why) <
        0) {
        c->failed = true;
        return false;
    }
    *seconds = created(&image);
    return true;
}

static bool match_before(const char *reference, void *argument)
{
    struct candidate *c = argument;
    json_int_t limit;

    return other(c, reference, &limit) && created(c->image) < limit;
}

static bool match_since(const char *reference, void *argument)
{
    struct candidate *c = argument;
    json_int_t limit;

    return other(c, reference, &limit) && created(c->image) > limit;
}

static bool match_until(const char *text, void *argument)
{
    struct candidate *c = argument;
    time_t limit;

    if (when_read_until(text, &limit))
        return created(c->image) <= limit;
    fail_as(c->why, FAILURE_BAD_PARAMETER, "Invalid filter 'until=[%s]'", text);
    c->failed = true;
    return false;
}

static bool is_wanted(struct candidate *c, const json_t *filters)
{
    return passes(filters, "dangling", false, match_dangling, c) &&
           passes(filters, "label", true, match_label, c) &&
           passes(filters, "label!", true, match_no_label, c) &&
           passes(filters, "before", true, match_before, c) &&
           passes(filters, "since", true, match_since, c) &&
           passes(filters, "until", true, match_until, c);
}

/* Only the names that a filter asks for. */
static json_t *matching(struct candidate *c, const json_t *names,
                        const json_t *filters)
{
    json_t *some = json_array();
    json_t *name;
    size_t i;

    json_array_foreach(names, i, name) {
        c->name = json_string_value(name);
        if (passes(filters, "reference", false, match_reference, c))
            json_array_append(some, name);
    }
    return some;
}

/* Lists. */

static json_t *summary(const struct store *store, const struct image *image,
                       json_t *tags, json_t *digests)
{
    const json_t *config = json_object_get(image->config, "config");
    json_t *labels = json_object_get(config, "Labels");
    json_int_t size = size_of(store, image);

    if (json_array_size(tags) == 0 && json_array_size(digests) == 0) {
        json_array_append_new(tags, json_string("<none>:<none>"));
        json_array_append_new(digests, json_string("<none>@<none>"));
    }
    return json_pack("{s:i, s:I, s:o, s:O, s:s, s:O, s:O, s:i, s:I, s:I}",
                     "Containers", -1, "Created", created(image), "Id",
                     json_sprintf("sha256:%s", image->id.hex), "Labels",
                     json_is_object(labels) ? labels : json_null(), "ParentId",
                     "", "RepoDigests", digests, "RepoTags", tags, "SharedSize",
                     -1, "Size", size, "VirtualSize", size);
}

/* Adds an image to a list if it is wanted. */
static int add(const struct store *store, const json_t *images,
               const struct image *image, const json_t *filters, json_t *list,
               struct failure *why)
{
    json_auto_t *tags = json_array();
    json_auto_t *digests = json_array();
    struct candidate c = {.store = store, .image = image, .why = why};

    image_names(store, images, &image->id, tags, digests);
    c.is_dangling = json_array_size(tags) == 0 && json_array_size(digests) == 0;
    bool is_good = is_wanted(&c, filters);
    if (c.failed)
        return -1;
    json_auto_t *some_tags = matching(&c, tags, filters);
    json_auto_t *some_digests = matching(&c, digests, filters);
    if (json_object_size(json_object_get(filters, "reference")) +
                json_array_size(json_object_get(filters, "reference")) >
            0 &&
        json_array_size(some_tags) + json_array_size(some_digests) == 0)
        is_good = false;
    if (is_good)
        json_array_append_new(list,
                              summary(store, image, some_tags, some_digests));
    return 0;
}

/* How much of it have others as well, and how many containers need it? */
static void add_shared(const struct store *store, json_t *list,
                       const json_t *counts)
{
    struct failure ignored;
    json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        cleanup_image struct image image = {0};
        long long shared = 0;

        if (image_find_id(&image, store, text_of(item, "Id"), &ignored) < 0)
            continue;
        for (size_t layer = 0; layer < image.layers; layer++)
            if (json_integer_value(
                    json_object_get(counts, image.diff_ids[layer].hex)) > 1)
                shared += store_tree_size(store, &image.diff_ids[layer]);
        json_auto_t *users = users_of(store, &image.id);
        json_object_set_new(item, "SharedSize", json_integer(shared));
        json_object_set_new(item, "Containers",
                            json_integer((json_int_t)json_array_size(users)));
    }
}

static void count_layers(const struct image *image, json_t *counts)
{
    for (size_t i = 0; i < image->layers; i++) {
        const json_t *before = json_object_get(counts, image->diff_ids[i].hex);

        json_object_set_new(counts, image->diff_ids[i].hex,
                            json_integer(json_integer_value(before) + 1));
    }
}

static int newest_first(const void *a, const void *b)
{
    json_int_t first =
        json_integer_value(json_object_get(*(json_t *const *)a, "Created"));
    json_int_t second =
        json_integer_value(json_object_get(*(json_t *const *)b, "Created"));

    return first < second ? 1 : first > second ? -1 : 0;
}

static json_t *sorted(json_t *list)
{
    size_t count = json_array_size(list);
    cleanup_free json_t **items = calloc(count + 1, sizeof(json_t *));
    json_t *result = json_array();

    for (size_t i = 0; items != NULL && i < count; i++)
        items[i] = json_array_get(list, i);
    if (items != NULL)
        qsort(items, count, sizeof(json_t *), newest_first);
    for (size_t i = 0; items != NULL && i < count; i++)
        json_array_append(result, items[i]);
    return result;
}

json_t *image_list(const struct store *store, const struct image_query *query,
                   struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    json_auto_t *seen = json_object();
    json_auto_t *counts = json_object();
    json_auto_t *list = json_array();
    const json_t *descriptor;
    size_t i;

    if (images == NULL || check_filters(query->filters, why) < 0)
        return NULL;
    json_array_foreach(images, i, descriptor) {
        cleanup_image struct image image = {0};
        struct failure ignored;

        if (index_id(store, descriptor, &image.id, &ignored) < 0 ||
            json_object_get(seen, image.id.hex) != NULL)
            continue;
        json_object_set_new(seen, image.id.hex, json_true());
        char id[sizeof("sha256:") + DIGEST_DIGITS];
        snprintf(id, sizeof(id), "sha256:%s", image.id.hex);
        /* One that is damaged is listed as well, or nobody could remove it. */
        if (image_find_id(&image, store, id, &ignored) == 0)
            count_layers(&image, counts);
        if (add(store, images, &image, query->filters, list, why) < 0)
            return NULL;
    }
    if (query->shared)
        add_shared(store, list, counts);
    return sorted(list);
}
