/*
 * manifest: a manifest, a zero, and a config. Whatever they say, what comes of
 * it holds only digests, and sizes that are not negative.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct image *image)
{
    if (image->layers > BOUND_LAYERS)
        abort();
    for (size_t i = 0; i < image->layers; i++) {
        struct digest same;

        if (digest_parse_hex(&same, image->blobs[i].hex) < 0 ||
            digest_parse_hex(&same, image->diff_ids[i].hex) < 0 ||
            image->sizes[i] < 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *zero = memchr(text, '\0', size);
    size_t first = zero == NULL ? size : (size_t)(zero - text);
    cleanup_image struct image image = {0};
    struct failure why;

    image.manifest = blob_parse(text, first, "a manifest", &why);
    if (first < size)
        image.config = blob_parse(zero + 1, size - first - 1, "a config", &why);
    (void)manifest_check_config(image.config, &why);
    if (manifest_config(image.manifest, &why) != NULL &&
        manifest_read_config(&image, &why) == 0 &&
        manifest_read(&image, &why) == 0)
        check(&image);
    return 0;
}
