/*
 * Chapter: archives that end too soon, or have lost a bit.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

static void cut_short(void)
{
    const char *state = kept();
    struct bytes whole = pack_tar(pack_docker(small()));
    struct bytes packed = pack_compress(whole, GZIP);
    size_t last = whole.size - 1024; /* what marks the end */

    for (size_t size = 0; size < last - 511; size += 311) {
        trial_note("%zu bytes of %zu", size, whole.size);
        (void)refuses(state, (struct bytes){whole.at, size});
    }
    for (size_t size = 1; size < packed.size; size += 211) {
        trial_note("%zu bytes of %zu, compressed", size, packed.size);
        (void)refuses(state, (struct bytes){packed.at, size});
    }
    (void)refuses(state, (struct bytes){packed.at, packed.size - 1});
    packed = pack_compress(whole, ZSTD);
    (void)refuses(state, (struct bytes){packed.at, packed.size / 2});
    (void)refuses(state, (struct bytes){packed.at, packed.size - 1});
}

/* A layer that is cut, and whose digest was made of that. */
static void layers_cut_short(void)
{
    const char *state = kept();
    struct bytes tar =
        TAR(F("a", "x\n"), F("b", keep_zeroed(2001), .size = 2000));
    struct recipe r = *small();

    r.layers = LAYERS({tar.at, tar.size - 1024 - 1000});
    (void)refuses(state, pack_tar(pack_docker(&r)));
    r.layers = LAYERS({tar.at, 1024 + 100});
    (void)refuses(state, pack_tar(pack_docker(&r)));
    r.packed = LAYERS(pack_compress(r.layers[0], GZIP));
    (void)refuses(state, pack_tar(pack_docker(&r)));
    /* Of the compressed bytes only a part: they do not unpack. */
    r.layers = LAYERS(tar);
    tar = pack_compress(tar, GZIP);
    r.packed = LAYERS({tar.at, tar.size - 6});
    (void)refuses(state, pack_tar(pack_oci(&r)));
}

/* Wherever one bit is changed, the archive is refused, or nothing of what was
 * loaded is different. */
static void one_bit_anywhere(void)
{
    const char *state = kept(), *store = shared_store(state);
    const struct recipe *r = small();
    struct bytes whole = pack_tar(pack_oci(r));
    const char *index = memmem(whole.at, whole.size, "index.json", 10);
    size_t end = (size_t)(index - (const char *)whole.at);

    for (size_t i = 3; i < end; i += 139) {
        char *bytes = keep_copy(whole.at, whole.size);
        const struct program *p;

        trial_note("bit 4 of byte %zu", i);
        bytes[i] ^= 16;
        p = duct("load", "--state", state, "-i",
                 pack_write((struct bytes){bytes, whole.size}));
        if (p->exit_status != 0) {
            expect_refused(p, "");
            expect_same_store(store, state);
            continue;
        }
        expect_str("the config", pack_config(r).at,
                   shared_blob(state, pack_id(r)));
        expect_str("the layer, unpacked", "/x\n",
                   tree_paths(shared_tree(state, r->layers[0])));
        expect_exit(duct("rmi", "--state", state, "bad"), 0);
        expect_same_store(store, state);
    }
}

static const struct trial trials[] = {
    {.name = "archives_cut_short",
     .claim = "an archive that ends too soon is refused, wherever it ends",
     .usual_cause = "EOF is taken for the end of the tar",
     .reread = "#break-it",
     .feature = true,
     .depends = "docker_archive",
     .body = cut_short},
    {.name = "layers_cut_short",
     .claim = "so is one with a layer that ends too soon",
     .usual_cause = "the result of archive_read_data() is not looked at",
     .reread = "#break-it",
     .feature = true,
     .depends = "archives_cut_short",
     .body = layers_cut_short},
    {.name = "one_bit_anywhere",
     .claim = "wherever one bit of an archive is changed it is refused, or "
              "what is loaded is the same",
     .usual_cause = "a digest is not looked at",
     .reread = "#break-it",
     .feature = true,
     .depends = "blobs_that_were_changed",
     .body = one_bit_anywhere},
};

const struct chapter chapter_damaged = {"Damaged archives", TRIALS(trials)};
