/*
 * import: an image from scratch, of a tar and what has to be said about it.
 *
 * Look at it     tar -c -C rootfs/busybox . | duct import - busybox
 */
#include "import.h"

#include <errno.h>
#include <signal.h>

#include "change.h"
#include "cleanup.h"
#include "compose.h"
#include "index.h"
#include "intake.h"
#include "reference.h"
#include "writer.h"

static int put_config(const struct store *store, struct import *import,
                      const struct digest *diff_id, struct failure *why)
{
    char created[sizeof("2000-01-01T00:00:00.123456789Z")];
    const json_t *change;
    long long size;
    size_t i;

    compose_now(created);
    json_auto_t *config = compose_config(created);
    json_t *rootfs = json_object_get(config, "rootfs");
    json_auto_t *comment = json_string(import->message);
    if (comment == NULL)
        return fail(why, 0, "import \"%s\": a name that is no UTF-8",
                    import->message);
    json_object_set(config, "comment", comment);
    json_array_append_new(
        json_object_get(config, "history"),
        json_pack("{s:s, s:O}", "created", created, "comment", comment));
    json_array_append_new(json_object_get(rootfs, "diff_ids"),
                          json_sprintf("sha256:%s", diff_id->hex));
    if (import->platform != NULL &&
        change_platform(config, import->platform, why) < 0)
        return -1;
    json_array_foreach(import->changes, i, change)
        if (change_apply(config, json_string_value(change), why) < 0)
            return -1;
    return writer_json(store->blobs_fd, config, &import->id, &size, why);
}

static int take(struct intake *in, int fd, struct failure *why)
{
    cleanup_free char *block = malloc(1 << 18);
    ssize_t length = 0;

    if (block == NULL)
        return fail(why, ENOMEM, "read a tar");
    while ((length = read(fd, block, 1 << 18)) > 0)
        if (intake_add(in, block, (size_t)length, why) < 0)
            return -1;
    return length < 0 ? fail(why, errno, "read a tar") : 0;
}

static int take_layer(const struct store *store, const struct import *import,
                      struct intake *in, struct failure *why)
{
    if (intake_begin(in, store, true, why) < 0)
        return -1;
    if (take(in, import->fd, why) < 0) {
        intake_drop(in);
        return -1;
    }
    if (intake_end(in, why) < 0)
        return -1;
    if (in->is_bad)
        *why = in->why_bad;
    else if (in->suffix == NULL)
        fail_as(why, FAILURE_BAD_PARAMETER,
                "what was to be imported is no tar");
    return in->is_bad || in->suffix == NULL ? -1 : 0;
}

int import_tar(const struct store *store, struct import *import,
               struct failure *why)
{
    cleanup_free char *name =
        import->name == NULL ? NULL : reference_parse(import->name, why);
    struct intake in;

    if (import->name != NULL && name == NULL)
        return -1;
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    int status = take_layer(store, import, &in, why);
    signal(SIGPIPE, before);
    if (status < 0 || put_config(store, import, &in.diff_id, why) < 0)
        return -1;
    json_auto_t *layers =
        json_pack("[o]", compose_layer(&in.digest, in.writer.size, in.suffix));
    json_auto_t *manifest = compose_manifest(store, &import->id, layers, why);
    if (manifest == NULL)
        return -1;
    json_auto_t *images =
        json_pack("[o]", index_named(manifest, &import->id, name));
    return store_commit(store, images, why);
}
