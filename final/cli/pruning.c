/*
 * pruning: verbs that remove what nobody needs any more.
 *
 * Each kind of thing has a function that prunes, tells what is gone and adds
 * how much room that had taken. Its own verb calls one of them, `system prune`
 * those of all kinds: what keeps a network, a volume or an image from being
 * removed may be a container that is.
 *
 * Source: docker's manual, `docker system prune` and the four others.
 */
#include "pruning.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "answer.h"
#include "cleanup.h"
#include "human.h"
#include "image_remove.h"
#include "images.h"
#include "moment.h"
#include "networks.h"
#include "plugging.h"
#include "prune.h"
#include "store.h"
#include "volumes.h"

/* ------------------------------------------------------ before and after */

/* Has somebody said yes, now or by --force? */
static bool is_agreed(const struct call *call, const char *what)
{
    if (call_is(call, "force"))
        return true;
    printf("WARNING! This will remove%sAre you sure you want to continue? "
           "[y/N] ",
           what);
    fflush(stdout);
    int answer = getchar();

    return answer == 'y' || answer == 'Y';
}

/* "Deleted Volumes:", their names, an empty line; nothing if there are none. */
static void tell(const char *kind, const json_t *names)
{
    const json_t *name;
    size_t i;

    if (json_array_size(names) == 0)
        return;
    printf("Deleted %s:\n", kind);
    json_array_foreach(names, i, name)
        puts(json_string_value(name));
    putchar('\n');
}

static int tell_space(long long bytes)
{
    cleanup_free char *size = human_size((unsigned long long)bytes, 4);

    printf("Total reclaimed space: %s\n", size != NULL ? size : "?");
    return 0;
}

static long long space_of(const json_t *answer)
{
    return json_integer_value(json_object_get(answer, "SpaceReclaimed"));
}

/* ----------------------------------------------------- one kind at a time */

static int prune_containers(const struct call *call, long long *bytes,
                            struct failure *why)
{
    json_auto_t *answer = container_prune(call->engine, why);

    if (answer == NULL)
        return -1;
    tell("Containers", json_object_get(answer, "ContainersDeleted"));
    *bytes += space_of(answer);
    return 0;
}

/* Takes "until" out of the filters; @text receives it as RFC 3339 in UTC, or
 * NULL: it was not there. */
static int take_until(json_t *filters, char **text, struct failure *why)
{
    const json_t *values = json_object_get(filters, "until");
    int64_t nano;
    struct tm parts;
    char date[32] = "";

    *text = NULL;
    if (values == NULL)
        return 0;
    if (json_array_size(values) != 1)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "more than one until filter specified");
    if (moment_parse(json_string_value(json_array_get(values, 0)), &nano, why) <
        0)
        return -1;
    time_t seconds = (time_t)(nano / 1000000000);
    if (gmtime_r(&seconds, &parts) != NULL)
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
    if (asprintf(text, "%s.%09dZ", date, (int)(nano % 1000000000)) < 0)
        return *text = NULL, fail(why, ENOMEM, "read a filter");
    return json_object_del(filters, "until");
}

static int prune_networks(const struct call *call, struct failure *why)
{
    json_auto_t *filters = answer_filters(call, why);
    cleanup_free char *until = NULL;

    if (filters == NULL || take_until(filters, &until, why) < 0)
        return -1;
    json_auto_t *in_use = plugging_in_use(call->engine, why);
    json_auto_t *answer = in_use == NULL ? NULL
                                         : networks_prune(call->engine, filters,
                                                          until, in_use, why);
    if (answer == NULL)
        return -1;
    tell("Networks", json_object_get(answer, "NetworksDeleted"));
    return 0;
}

/* @is_all: those with a name as well? */
static int prune_volumes(const struct call *call, bool is_all, long long *bytes,
                         struct failure *why)
{
    json_auto_t *filters = answer_filters(call, why);

    if (filters == NULL)
        return -1;
    if (is_all)
        json_object_set_new(filters, "all", json_pack("[s]", "true"));
    json_auto_t *answer = volume_prune(call->engine, filters, why);
    if (answer == NULL)
        return -1;
    tell("Volumes", json_object_get(answer, "VolumesDeleted"));
    *bytes += space_of(answer);
    return 0;
}

/* @is_all: those with a name as well? */
static int prune_images(const struct call *call, bool is_all, long long *bytes,
                        struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    json_auto_t *filters = answer_filters(call, why);

    if (filters == NULL)
        return -1;
    if (is_all)
        json_object_set_new(filters, "dangling", json_pack("[s]", "false"));
    if (store_open(&store, call->engine->data, call->engine->data_fd,
                   STORE_CHANGE, why) < 0)
        return -1;
    json_auto_t *answer = image_prune(&store, filters, why);
    if (answer == NULL)
        return -1;
    const json_t *deleted = json_object_get(answer, "ImagesDeleted");
    if (json_array_size(deleted) > 0) {
        puts("Deleted Images:");
        images_tell_removed(call, deleted);
        putchar('\n');
    }
    *bytes += space_of(answer);
    return 0;
}

/* -------------------------------------------------------------- the verbs */

static int verb_containers(const struct call *call, struct failure *why)
{
    long long bytes = 0;

    if (!is_agreed(call, " all stopped containers.\n"))
        return 0;
    return prune_containers(call, &bytes, why) < 0 ? answer_failure(why)
                                                   : tell_space(bytes);
}

static int verb_networks(const struct call *call, struct failure *why)
{
    if (!is_agreed(call, " all custom networks not used by at least one "
                         "container.\n"))
        return 0;
    return prune_networks(call, why) < 0 ? answer_failure(why) : 0;
}

static int verb_volumes(const struct call *call, struct failure *why)
{
    const bool is_all = call_is(call, "all");
    long long bytes = 0;

    if (!is_agreed(call, is_all ? " all local volumes not used by at least one "
                                  "container.\n"
                                : " anonymous local volumes not used by at "
                                  "least one container.\n"))
        return 0;
    return prune_volumes(call, is_all, &bytes, why) < 0 ? answer_failure(why)
                                                        : tell_space(bytes);
}

static int verb_images(const struct call *call, struct failure *why)
{
    const bool is_all = call_is(call, "all");
    long long bytes = 0;

    if (!is_agreed(call, is_all ? " all images without at least one container "
                                  "associated to them.\n"
                                : " all dangling images.\n"))
        return 0;
    return prune_images(call, is_all, &bytes, why) < 0 ? answer_failure(why)
                                                       : tell_space(bytes);
}

static int verb_system(const struct call *call, struct failure *why)
{
    const bool is_all = call_is(call, "all");
    const bool has_volumes = call_is(call, "volumes");
    cleanup_free char *what = NULL;
    long long bytes = 0;

    if (asprintf(&what,
                 ":\n  - all stopped containers\n  - all networks not used by "
                 "at least one container\n%s  - all %s\n\n",
                 has_volumes ? "  - all anonymous volumes not used by at least "
                               "one container\n"
                             : "",
                 is_all ? "images without at least one container associated "
                          "to them"
                        : "dangling images") < 0)
        return fail(why, ENOMEM, "say what would be removed");
    if (!is_agreed(call, what))
        return 0;
    if (prune_containers(call, &bytes, why) < 0 ||
        prune_networks(call, why) < 0 ||
        (has_volumes && prune_volumes(call, false, &bytes, why) < 0) ||
        prune_images(call, is_all, &bytes, why) < 0)
        return answer_failure(why);
    return tell_space(bytes);
}

#define FORCE                                                                  \
    {                                                                          \
        "force", 'f', FLAG_SWITCH, NULL, "Do not prompt for confirmation"      \
    }
#define FILTER(example)                                                        \
    {                                                                          \
        "filter", 0, FLAG_LIST, "filter",                                      \
            "Provide filter values (e.g. \"" example "\")"                     \
    }

static const struct flag container_flags[] = {FORCE, {0}};

static const struct flag network_flags[] = {
    FILTER("until=<timestamp>"), FORCE, {0}};

static const struct flag volume_flags[] = {
    {"all", 'a', FLAG_SWITCH, NULL,
     "Remove all unused volumes, not just anonymous ones"},
    FILTER("label=<label>"),
    FORCE,
    {0},
};

static const struct flag image_flags[] = {
    {"all", 'a', FLAG_SWITCH, NULL,
     "Remove all unused images, not just dangling ones"},
    FILTER("until=<timestamp>"),
    FORCE,
    {0},
};

static const struct flag system_flags[] = {
    {"all", 'a', FLAG_SWITCH, NULL,
     "Remove all unused images, not just dangling ones"},
    FORCE,
    {"volumes", 0, FLAG_SWITCH, NULL, "Prune anonymous volumes"},
    {0},
};

const struct verb prune_verbs[] = {
    {"container", "prune", NULL, "[OPTIONS]", "Remove all stopped containers",
     container_flags, 0, 0, false, verb_containers},
    {"image", "prune", NULL, "[OPTIONS]", "Remove unused images", image_flags,
     0, 0, false, verb_images},
    {"network", "prune", NULL, "[OPTIONS]", "Remove all unused networks",
     network_flags, 0, 0, false, verb_networks},
    {"volume", "prune", NULL, "[OPTIONS]", "Remove unused local volumes",
     volume_flags, 0, 0, false, verb_volumes},
    {"system", "prune", NULL, "[OPTIONS]", "Remove unused data", system_flags,
     0, 0, false, verb_system},
    {0},
};
