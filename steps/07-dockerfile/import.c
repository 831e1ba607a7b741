/*
 * import: an image from scratch, of a tar and what has to be said about it.
 *
 *     layer      the tar, as it came
 *     config     how to run it, and the diffID of each layer
 *     manifest   the digests of both
 *
 * Look at it     tar -c -C rootfs/busybox . | duct import - busybox
 */
#include "import.h"

#include <sys/utsname.h>
#include <time.h>

#include "cleanup.h"
#include "index.h"
#include "stream.h"
#include "unpack.h"

static const char manifest_type[] =
    "application/vnd.oci.image.manifest.v1+json";
static const char config_type[] = "application/vnd.oci.image.config.v1+json";
static const char layer_type[] = "application/vnd.oci.image.layer.v1.tar";

/* Images name processors as Go does, the kernel has names of its own. */
static const char *architecture(struct utsname *system)
{
    uname(system);
    return str_eq(system->machine, "x86_64")    ? "amd64"
           : str_eq(system->machine, "aarch64") ? "arm64"
                                                : system->machine;
}

static json_t *describe(const char *type, const char *suffix,
                        const struct digest *digest, long long size)
{
    return json_pack("{s:o, s:o, s:I}", "mediaType",
                     json_sprintf("%s%s", type, suffix), "digest",
                     json_sprintf("sha256:%s", digest->hex), "size",
                     (json_int_t)size);
}

json_t *import_layer(const struct store *store, const struct digest *blob,
                     struct failure *why)
{
    long long size;
    cleanup_close int fd = blob_open(store->blobs_fd, blob, &size, why);
    const char *suffix = fd < 0 ? NULL : stream_suffix(fd, "a layer", why);

    return suffix == NULL ? NULL : describe(layer_type, suffix, blob, size);
}

json_t *import_manifest(const struct store *store, const struct digest *id,
                        json_t *layers, struct failure *why)
{
    struct digest digest;
    long long size;
    cleanup_close int fd = blob_open(store->blobs_fd, id, &size, why);

    if (fd < 0)
        return NULL;
    json_auto_t *manifest = json_pack(
        "{s:i, s:s, s:o, s:O}", "schemaVersion", 2, "mediaType", manifest_type,
        "config", describe(config_type, "", id, size), "layers", layers);
    return blob_put_json(store->blobs_fd, manifest, &digest, &size, why) < 0
               ? NULL
               : describe(manifest_type, "", &digest, size);
}

json_t *import_config(const char *created)
{
    struct utsname system;

    return json_pack("{s:s, s:s, s:s, s:{}, s:{s:s, s:[]}, s:[]}", "created",
                     created, "architecture", architecture(&system), "os",
                     "linux", "config", "rootfs", "type", "layers", "diff_ids",
                     "history");
}

static int put_config(const struct store *store, const struct digest *diff_id,
                      const char *origin, struct digest *id,
                      struct failure *why)
{
    time_t now = time(NULL);
    char created[sizeof("2000-01-01T00:00:00Z")];
    long long size;

    strftime(created, sizeof(created), "%FT%TZ", gmtime(&now));
    json_auto_t *config = import_config(created);
    json_t *rootfs = json_object_get(config, "rootfs");
    json_t *comment = json_sprintf("Imported from %s", origin);
    if (comment == NULL)
        return fail(why, 0, "import \"%s\": a name that is no UTF-8", origin);
    json_array_append_new(
        json_object_get(config, "history"),
        json_pack("{s:s, s:o}", "created", created, "comment", comment));
    json_array_append_new(json_object_get(rootfs, "diff_ids"),
                          json_sprintf("sha256:%s", diff_id->hex));
    return blob_put_json(store->blobs_fd, config, id, &size, why);
}

int import_tar(const struct store *store, struct import *import,
               struct failure *why)
{
    struct digest layer;
    struct digest diff_id;

    if (blob_put(store->blobs_fd, import->fd, &layer, why) < 0 ||
        unpack_layer(store, &layer, NULL, &diff_id, why) < 0 ||
        put_config(store, &diff_id, import->origin, &import->id, why) < 0)
        return -1;
    json_t *described = import_layer(store, &layer, why);
    if (described == NULL)
        return -1;
    json_auto_t *layers = json_pack("[o]", described);
    json_auto_t *manifest = import_manifest(store, &import->id, layers, why);
    if (manifest == NULL)
        return -1;
    json_auto_t *images = json_pack("[o]", index_named(manifest, import->name));
    return store_commit(store, images, why);
}
