/*
 * Chapter: small archives that claim to be large.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "suite.h"

/* No more memory than this, and less time than it would take to do it all. */
static void limit_memory(void *unused)
{
    const struct rlimit limit = {64 << 20, 64 << 20};

    (void)unused;
    if (setrlimit(RLIMIT_DATA, &limit) < 0)
        _exit(125);
}

static struct program *limited(const char *const *words)
{
    needs_no_sanitizer();
    return spawn_run(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL),
        .prepare = limit_memory,
        .timeout_ms = 60000,
    });
}

#define LIMITED(...) limited(ARGV(__VA_ARGS__))

static void refused(struct bytes layer, const char *word)
{
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *before = shared_store(state);
    struct recipe r = {.layers = LAYERS(layer), .tags = "[\"large\"]"};

    expect_refused(LIMITED("load", "--state", state, "-i", archive(&r)), word);
    expect_same_store(before, state);
    expect_refused(
        LIMITED("import", "--state", state, pack_write(layer), "large"), word);
    expect_same_store(before, state);
}

/* Each file says how long it will be. */
static void files_that_claim(void)
{
    refused(TAR(F("x", "x", .pax = ARGV("size=8589934593"))), "(EFBIG)");
    refused(TAR(F("x", "x", .pax = ARGV("size=9223372036854775807"))), "");
    refused(
        TAR(F("GNUSparseFile.0/x", "",
              .pax = ARGV("GNU.sparse.major=0", "GNU.sparse.minor=1",
                          "GNU.sparse.name=x", "GNU.sparse.size=1099511627776",
                          "GNU.sparse.numblocks=1",
                          "GNU.sparse.map=1099511627776,0"))),
        "(EFBIG)");
    refused(TAR(F("a", "",
                  .pax = ARGV("GNU.sparse.major=0", "GNU.sparse.minor=1",
                              "GNU.sparse.name=a", "GNU.sparse.size=5000000000",
                              "GNU.sparse.numblocks=1",
                              "GNU.sparse.map=5000000000,0")),
                F("b", "",
                  .pax = ARGV("GNU.sparse.major=0", "GNU.sparse.minor=1",
                              "GNU.sparse.name=b", "GNU.sparse.size=5000000000",
                              "GNU.sparse.numblocks=1",
                              "GNU.sparse.map=5000000000,0"))),
            "(EFBIG)");
}

/* The archive is a tar as well. */
static void archives_that_claim(void)
{
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *before = shared_store(state);

    expect_refused(
        LIMITED("load", "--state", state, "-i",
                pack_write(TAR(F("x", "x", .pax = ARGV("size=8589934593"))))),
        "the archive", "(EFBIG)");
    expect_same_store(before, state);
}

static void large_texts(void)
{
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *before = shared_store(state);
    const size_t size = (4 << 20) + 1;
    char *blanks = keep_zeroed(size + 1), *deep = keep_zeroed(200001);
    struct recipe r = {.layers = LAYERS(TAR(F("x", "x"))),
                       .tags = "[\"large\"]"};

    memset(blanks, ' ', size);
    blanks[0] = '[';
    blanks[size - 1] = ']';
    memset(deep, '[', 100000);
    memset(deep + 100000, ']', 100000);
    r.manifest = blanks;
    expect_refused(LIMITED("load", "--state", state, "-i", archive(&r)),
                   "manifest.json", "(EFBIG)");
    expect_refused(LIMITED("load", "--state", state, "-i", archive_oci(&r)),
                   "(EFBIG)");
    r.manifest = deep;
    expect_refused(LIMITED("load", "--state", state, "-i", archive(&r)),
                   "manifest.json");
    r.manifest = NULL;
    blanks[0] = '"';
    blanks[size - 1] = '"';
    r.config = blanks;
    expect_refused(LIMITED("load", "--state", state, "-i", archive(&r)),
                   "(EFBIG)");
    expect_same_store(before, state);
    file_write(keep_format("%s/_images/index.json", state), blanks);
    expect_refused(duct("images", "--state", state), "index.json", "(EFBIG)");
}

/* A frame of zstd, in which each 4 bytes stand for 128 KiB of zeros: RFC 8878,
 * "Blocks". */
static struct bytes zeros_of(long long size)
{
    static const unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x38};
    const size_t blocks = (size_t)(size >> 17);
    char *bytes = keep_zeroed(sizeof(frame) + 4 * blocks);
    char *to = mempcpy(bytes, frame, sizeof(frame));

    for (size_t i = 0; i < blocks; i++) {
        unsigned header = 1U << 20 | 1U << 1 | (i + 1 == blocks);

        *to++ = (char)header;
        *to++ = (char)(header >> 8);
        *to++ = (char)(header >> 16);
        *to++ = 0;
    }
    return (struct bytes){bytes, sizeof(frame) + 4 * blocks};
}

static void zeros(void)
{
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *before = shared_store(state);

    expect_refused(LIMITED("import", "--state", state,
                           pack_write(zeros_of((8LL << 30) + (1 << 20))),
                           "large"),
                   "a layer", "(EFBIG)");
    expect_same_store(before, state);
}

/* Marks that hide nothing, and cost nothing but their headers. zstd's frames
 * may follow each other. */
static void headers(void)
{
    enum {
        PART = 1 << 20,
        PARTS = 530
    };
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *before = shared_store(state);
    struct bytes one = TAR(F(".wh..wh.x", "")), part;
    char *many = keep_zeroed(PART), *all, *end;

    for (size_t i = 0; i < PART; i += 512)
        memcpy(many + i, one.at, 512);
    part = pack_compress((struct bytes){many, PART}, ZSTD);
    all = end = keep_zeroed(PARTS * part.size);
    for (size_t i = 0; i < PARTS; i++)
        end = mempcpy(end, part.at, part.size);
    expect_refused(LIMITED("import", "--state", state,
                           pack_write((struct bytes){all, PARTS * part.size}),
                           "large"),
                   "a layer", "(EFBIG)");
    expect_same_store(before, state);
}

static const struct trial trials[] = {
    {.name = "files_that_claim",
     .claim = "a layer that claims to be larger than 8 GiB is refused before "
              "it is unpacked, holes and all",
     .usual_cause = "each file is looked at by itself, or not at all",
     .reread = "#break-it",
     .feature = true,
     .depends = "types_of_files",
     .body = files_that_claim},
    {.name = "archives_that_claim",
     .claim = "so is an archive",
     .usual_cause = "only layers are looked at",
     .reread = "#break-it",
     .feature = true,
     .depends = "files_that_claim",
     .body = archives_that_claim},
    {.name = "large_texts",
     .claim = "a manifest, config or index of more than 4 MiB is refused, and "
              "one that is nested too deep",
     .usual_cause = "it is read into memory first",
     .reread = "#break-it",
     .feature = true,
     .depends = "docker_archive",
     .body = large_texts},
    {.name = "a_million_files",
     .claim = "a layer with more than 512 MiB of headers is refused, and "
              "nothing of it stays",
     .usual_cause = "only what is in files counts",
     .reread = "#break-it",
     .feature = true,
     .depends = "files_that_claim",
     .body = headers},
    {.name = "eight_gigabytes_of_zeros",
     .claim = "a layer that unpacks to more than 8 GiB is refused, in little "
              "memory",
     .usual_cause = "nobody counts what comes out of a filter",
     .reread = "#break-it",
     .feature = true,
     .depends = "files_that_claim",
     .body = zeros},
};

const struct chapter chapter_bounds = {"Bounds", TRIALS(trials)};
