/*
 * prune: all containers that do not run, at once.
 *
 * Side           host
 * Look at it     duct events --filter event=destroy
 */
#include "prune.h"

#include <errno.h>

#include "life.h"
#include "record.h"
#include "size.h"

struct pruned {
    json_t *ids;
    json_int_t bytes;
};

/* One that was started, or removed, since it was listed is left alone. */
static int prune_one(struct record *record, void *arg, struct failure *why)
{
    struct pruned *pruned = arg;
    json_auto_t *size = json_object();
    struct failure ignored;

    (void)why;
    if (record_is_up(record))
        return 0;
    size_add(record->engine, record->config, size);
    if (container_remove(record, false, false, &ignored) < 0)
        return 0;
    json_array_append_new(pruned->ids, json_string(record->id));
    pruned->bytes += json_integer_value(json_object_get(size, "SizeRw"));
    return 0;
}

json_t *container_prune(const struct engine *engine, struct failure *why)
{
    json_auto_t *ids = json_array();
    struct pruned pruned = {.ids = ids};

    if (record_each(engine, prune_one, &pruned, why) < 0)
        return NULL;
    json_t *answer = json_pack("{s:O, s:I}", "ContainersDeleted", ids,
                               "SpaceReclaimed", pruned.bytes);
    if (answer == NULL)
        fail(why, ENOMEM, "say what was removed");
    return answer;
}
