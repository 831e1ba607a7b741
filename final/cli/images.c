/*
 * images: verbs that are about images.
 */
#include "images.h"

#include <stdio.h>

#include "answer.h"
#include "cleanup.h"
#include "image.h"
#include "image_list.h"
#include "image_remove.h"
#include "image_table.h"
#include "journal.h"
#include "looking.h"
#include "printable.h"
#include "record.h"

static int open_store(struct store *store, const struct call *call,
                      enum store_use use, struct failure *why)
{
    return store_open(store, call->engine->data, call->engine->data_fd, use,
                      why);
}

static int ls_verb(const struct call *call, struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    json_auto_t *filters = answer_filters(call, why);
    const struct image_table table = {
        .format = call_text(call, "format"),
        .is_quiet = call_is(call, "quiet"),
        .is_whole = call_is(call, "no-trunc"),
        .is_digests = call_is(call, "digests"),
    };

    if (filters == NULL || open_store(&store, call, STORE_READ, why) < 0)
        return -1;
    if (call->count > 0)
        json_object_set_new(filters, "reference",
                            json_pack("[s]", call->words[0]));
    json_auto_t *list =
        image_list(&store, &(struct image_query){.filters = filters}, why);
    if (list == NULL)
        return -1;
    return image_table_list(list, &table, why);
}

static int history_verb(const struct call *call, struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    const struct image_table table = {
        .format = call_text(call, "format"),
        .is_quiet = call_is(call, "quiet"),
        .is_whole = call_is(call, "no-trunc"),
        .is_exact = json_is_false(json_object_get(call->flags, "human")),
    };

    if (open_store(&store, call, STORE_READ, why) < 0)
        return -1;
    json_auto_t *list = image_history(&store, call->words[0], why);
    if (list == NULL)
        return -1;
    return image_table_history(list, &table, why);
}

/* Notes an event; nothing can be done when that fails. */
static void note(const struct call *call, const char *action, const char *id,
                 const char *name)
{
    json_auto_t *attributes = json_pack("{s:s}", "name", name);
    struct failure ignored;

    (void)journal_add(call->engine, "image", action, id, attributes, &ignored);
}

static int tag_verb(const struct call *call, struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_image struct image image = {0};
    cleanup_free char *id = NULL;

    if (open_store(&store, call, STORE_CHANGE, why) < 0 ||
        image_tag(&store, call->words[0], call->words[1], why) < 0 ||
        image_find(&image, &store, call->words[1], why) < 0)
        return -1;
    if (asprintf(&id, "sha256:%s", image.id.hex) >= 0)
        note(call, "tag", id, call->words[1]);
    return 0;
}

static bool is_running(const char *container, void *engine)
{
    cleanup_record struct record record = RECORD_CLOSED;
    struct failure ignored;

    return record_open(&record, engine, container, &ignored) == 0 &&
           record_is_up(&record);
}

void images_tell_removed(const struct call *call, const json_t *told)
{
    const json_t *item;
    const char *what;
    json_t *text;
    size_t i;

    json_array_foreach(told, i, item)
        json_object_foreach((json_t *)item, what, text) {
            cleanup_free char *name = strdup(json_string_value(text));

            if (str_eq(what, "Deleted"))
                note(call, "delete", json_string_value(text),
                     json_string_value(text));
            else
                note(call, "untag", json_string_value(text),
                     json_string_value(text));
            printf("%s: %s\n", what, name == NULL ? "" : printable(name));
        }
}

static int rm_verb(const struct call *call, struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    int status = 0;

    if (open_store(&store, call, STORE_CHANGE, why) < 0)
        return -1;
    for (int i = 0; i < call->count; i++) {
        struct failure one;
        json_auto_t *told = image_remove(
            &store,
            &(struct image_removal){.reference = call->words[i],
                                    .force = call_is(call, "force"),
                                    .is_running = is_running,
                                    .argument = call->engine},
            &one);

        if (told != NULL) {
            images_tell_removed(call, told);
            continue;
        }
        answer_failure(&one);
        status |= one.kind != FAILURE_NOT_FOUND || !call_is(call, "force");
    }
    return status;
}

static const struct flag ls_flags[] = {
    {"all", 'a', FLAG_SWITCH, NULL,
     "Show all images (default hides intermediate images)"},
    {"digests", 0, FLAG_SWITCH, NULL, "Show digests"},
    {"filter", 'f', FLAG_LIST, "filter",
     "Filter output based on conditions provided"},
    {"format", 0, FLAG_TEXT, "string",
     "Format output using a custom template: table, table TEMPLATE, json or "
     "TEMPLATE"},
    {"no-trunc", 0, FLAG_SWITCH, NULL, "Don't truncate output"},
    {"quiet", 'q', FLAG_SWITCH, NULL, "Only show image IDs"},
    {0},
};

static const struct flag history_flags[] = {
    {"human", 'H', FLAG_SWITCH, NULL,
     "Print sizes and dates in human readable format (default true)"},
    {"format", 0, FLAG_TEXT, "string",
     "Format output using a custom template: table, table TEMPLATE, json or "
     "TEMPLATE"},
    {"no-trunc", 0, FLAG_SWITCH, NULL, "Don't truncate output"},
    {"quiet", 'q', FLAG_SWITCH, NULL, "Only show image IDs"},
    {0},
};

static const struct flag image_inspect_flags[] = {
    {"format", 'f', FLAG_TEXT, "string",
     "Format output using a custom template: json or TEMPLATE"},
    {0},
};

static const struct flag rm_flags[] = {
    {"force", 'f', FLAG_SWITCH, NULL, "Force removal of the image"},
    {"no-prune", 0, FLAG_SWITCH, NULL, "Do not delete untagged parents"},
    {0},
};

static const struct flag load_flags[] = {
    {"input", 'i', FLAG_TEXT, "string",
     "Read from tar archive file, instead of STDIN"},
    {"quiet", 'q', FLAG_SWITCH, NULL, "Suppress the load output"},
    {0},
};

static const struct flag save_flags[] = {
    {"output", 'o', FLAG_TEXT, "string", "Write to a file, instead of STDOUT"},
    {0},
};

static const struct flag import_flags[] = {
    {"change", 'c', FLAG_LIST, "list",
     "Apply Dockerfile instruction to the created image"},
    {"message", 'm', FLAG_TEXT, "string",
     "Set commit message for imported image"},
    {"platform", 0, FLAG_TEXT, "string",
     "Set platform if server is multi-platform capable"},
    {0},
};

const struct verb image_verbs[] = {
    {"image", "ls", "images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images",
     ls_flags, 0, 1, false, ls_verb},
    {"image", "list", NULL, "[OPTIONS] [REPOSITORY[:TAG]]", "List images",
     ls_flags, 0, 1, false, ls_verb},
    {"image", "history", "history", "[OPTIONS] IMAGE",
     "Show the history of an image", history_flags, 1, 1, false, history_verb},
    {"image", "inspect", NULL, "[OPTIONS] IMAGE [IMAGE...]",
     "Display detailed information on one or more images", image_inspect_flags,
     1, -1, false, verb_image_inspect},
    {"image", "tag", "tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
     "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", NULL, 2, 2, false,
     tag_verb},
    {"image", "rm", "rmi", "[OPTIONS] IMAGE [IMAGE...]",
     "Remove one or more images", rm_flags, 1, -1, false, rm_verb},
    {"image", "remove", NULL, "[OPTIONS] IMAGE [IMAGE...]",
     "Remove one or more images", rm_flags, 1, -1, false, rm_verb},
    {"image", "load", "load", "[OPTIONS]",
     "Load an image from a tar archive or STDIN", load_flags, 0, 0, false,
     IN_ARCHIVE(load_verb)},
    {"image", "save", "save", "[OPTIONS] IMAGE [IMAGE...]",
     "Save one or more images to a tar archive (streamed to STDOUT by default)",
     save_flags, 1, -1, false, IN_ARCHIVE(save_verb)},
    {"image", "import", "import", "[OPTIONS] file|- [REPOSITORY[:TAG]]",
     "Import the contents from a tarball to create a filesystem image",
     import_flags, 1, 2, false, IN_ARCHIVE(import_verb)},
    {0},
};
