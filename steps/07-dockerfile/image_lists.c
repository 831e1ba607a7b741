/*
 * image_lists: images and history, for people.
 *
 * Like duct.c a part of the command line: it prints.
 */
#include "image_lists.h"

#include <limits.h>
#include <stdio.h>

#include "age.h"
#include "cleanup.h"
#include "image.h"
#include "index.h"
#include "printable.h"
#include "reference.h"

#define IMAGES_LINE  "%-24.*s   %-10s   %-12s   %-22s   %s\n"
#define HISTORY_LINE "%-12s   %-22s   %-45.*s   %-7s   %s\n"

enum {
    LONGEST_FIGURE = 32,
    SHORT_ID = 12,
    LONGEST_ID = sizeof("sha256:") + sizeof(struct digest),
    LONGEST_ORDER = 45, /* of a history, unless all of it is wanted */
};

/* "4.26MB" */
static const char *figure(json_int_t size, char text[LONGEST_FIGURE])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)size;
    int i = 0;

    for (; value >= 999.5 && i < 4; i++) /* would be rounded to 1e+03 */
        value /= 1000;
    snprintf(text, LONGEST_FIGURE, "%.3g%s", value, units[i]);
    return text;
}

/* Anybody's words, for a terminal. Caller frees. */
static char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    char *copy = strdup(text != NULL ? text : "");

    return copy == NULL ? NULL : printable(copy);
}

static const char *id_of(const struct image *image, bool whole,
                         char text[LONGEST_ID])
{
    snprintf(text, LONGEST_ID, "%s%.*s", whole ? "sha256:" : "",
             whole ? INT_MAX : SHORT_ID, image->id.hex);
    return text;
}

static char *created_of(const json_t *object)
{
    return age_of(json_string_value(json_object_get(object, "created")));
}

static void print_image(const struct image *image, const char *name,
                        const char *id)
{
    char sum[LONGEST_FIGURE];
    const char *familiar =
        name == NULL ? "<none>:<none>" : reference_familiar(name);
    const char *colon = strrchr(familiar, ':');
    cleanup_free char *created = created_of(image->config);
    json_int_t size = 0;

    for (size_t i = 0; i < image->layers; i++)
        size += image->sizes[i];
    printf(IMAGES_LINE, (int)(colon - familiar), familiar, colon + 1, id,
           created, figure(size, sum));
}

int image_lists_images(const struct store *store, bool quiet, bool whole,
                       struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    const json_t *descriptor;
    char id[LONGEST_ID];
    size_t i;
    int status = images == NULL ? -1 : 0;

    if (status == 0 && !quiet)
        printf(IMAGES_LINE, INT_MAX, "REPOSITORY", "TAG", "IMAGE ID", "CREATED",
               "SIZE");
    json_array_foreach(images, i, descriptor) {
        cleanup_image struct image image;

        if (image_open(&image, store->blobs_fd, descriptor, why) < 0)
            status = -1; /* once the others were shown */
        else if (quiet)
            puts(id_of(&image, whole, id));
        else
            print_image(&image, index_name(descriptor),
                        id_of(&image, whole, id));
    }
    return status;
}

/* Layers belong to those entries that do not say otherwise. */
int image_lists_history(const struct store *store, const char *text, bool whole,
                        struct failure *why)
{
    int width = whole ? INT_MAX : LONGEST_ORDER;
    char own[LONGEST_ID];
    char sum[LONGEST_FIGURE];
    cleanup_image struct image image;

    if (image_find(&image, store, text, why) < 0)
        return -1;
    const json_t *history = json_object_get(image.config, "history");
    const char *id = id_of(&image, whole, own);
    size_t layer = image.layers;
    printf(HISTORY_LINE, "IMAGE", "CREATED", width, "CREATED BY", "SIZE",
           "COMMENT");
    for (size_t i = json_array_size(history); i-- > 0; id = "<missing>") {
        const json_t *item = json_array_get(history, i);
        bool is_empty = json_is_true(json_object_get(item, "empty_layer"));
        cleanup_free char *created = created_of(item);
        cleanup_free char *by = text_of(item, "created_by");
        cleanup_free char *comment = text_of(item, "comment");
        json_int_t size = is_empty || layer == 0 ? 0 : image.sizes[--layer];

        printf(HISTORY_LINE, id, created, width, by, figure(size, sum),
               comment);
    }
    return 0;
}
