/*
 * compose: the JSON texts that make an image of layers.
 *
 *     layer      a tar, as it came
 *     config     how to run it, and the diffID of each layer
 *     manifest   the digests of both
 *
 * Look at it     jq . DATA/images/blobs/sha256/HEX
 */
#include "compose.h"

#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>

#include "blob.h"
#include "cleanup.h"
#include "writer.h"

static const char manifest_type[] =
    "application/vnd.oci.image.manifest.v1+json";
static const char config_type[] = "application/vnd.oci.image.config.v1+json";
static const char layer_type[] = "application/vnd.oci.image.layer.v1.tar";

/* Images name processors as Go does, the kernel has names of its own. */
const char *compose_architecture(void)
{
    static struct utsname system;

    uname(&system);
    return str_eq(system.machine, "x86_64")    ? "amd64"
           : str_eq(system.machine, "aarch64") ? "arm64"
                                               : system.machine;
}

static json_t *describe(const char *type, const char *suffix,
                        const struct digest *digest, long long size)
{
    return json_pack("{s:o, s:o, s:I}", "mediaType",
                     json_sprintf("%s%s", type, suffix), "digest",
                     json_sprintf("sha256:%s", digest->hex), "size",
                     (json_int_t)size);
}

json_t *compose_layer(const struct digest *blob, long long size,
                      const char *suffix)
{
    return describe(layer_type, suffix, blob, size);
}

json_t *compose_manifest(const struct store *store, const struct digest *id,
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
    return writer_json(store->blobs_fd, manifest, &digest, &size, why) < 0
               ? NULL
               : describe(manifest_type, "", &digest, size);
}

json_t *compose_config(const char *created)
{
    return json_pack("{s:s, s:s, s:s, s:{}, s:{s:s, s:[]}, s:[]}", "created",
                     created, "architecture", compose_architecture(), "os",
                     "linux", "config", "rootfs", "type", "layers", "diff_ids",
                     "history");
}

void compose_now(char text[sizeof("2000-01-01T00:00:00.123456789Z")])
{
    struct timespec now;
    struct tm parts;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t length =
        strftime(text, sizeof("2000-01-01T00:00:00"), "%FT%T", &parts);
    snprintf(text + length, sizeof(".123456789Z"), ".%09ldZ", now.tv_nsec);
}
