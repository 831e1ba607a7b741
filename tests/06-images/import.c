/*
 * Chapter: a tar of files becomes an image.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "suite.h"

/* "sha256:..." and a new line is all that duct import prints. */
static char *imported(const struct program *p)
{
    expect_exit(p, 0);
    expect_str("stderr of duct import", "", p->err);
    expect_that(p->out_size == 72 && strncmp(p->out, "sha256:", 7) == 0 &&
                    strspn(p->out + 7, "0123456789abcdef") == 64,
                "sha256: and 64 digits on stdout",
                expect_quoted(p->out, p->out_size));
    return keep_copy(p->out + 7, 64);
}

static void runs(void)
{
    const char *state = tree_fresh_dir(0);

    (void)imported(
        duct("import", "--state", state, pack_write(pack_base()), "box"));
    expect_output(run(state, "box", "cat", "/d/low"), "low\n");
    expect_output(run(state, "box:latest", "/bin/sh", "-c", "echo $$"), "1\n");
}

static void from_stdin(void)
{
    const char *state = tree_fresh_dir(0);
    struct bytes tar = TAR(F("x", "x\n"));
    struct bytes whole = TAR(F("x", "x\n"), F("y", ""));

    (void)imported(spawn_run(
        &(struct spawn){.argv = DUCT("import", "--state", state, "-", "one:1"),
                        .input = tar.at,
                        .input_size = tar.size}));
    (void)imported(spawn_run(&(struct spawn){
        .argv = DUCT("import", "--state", state, "/dev/stdin", "two:2"),
        .input = whole.at,
        .input_size = whole.size}));
    expect_str("the layer, unpacked", "/x\n",
               tree_paths(shared_tree(state, tar)));
    expect_str("the other layer, unpacked", "/x\n/y\n",
               tree_paths(shared_tree(state, whole)));
}

/* A pipe brings a tar in pieces, and may stay open after its end. */
static void in_pieces(void)
{
    const char *state = tree_fresh_dir(0);
    struct bytes tar = TAR(F("x", "x\n"));
    const char *file = pack_write(tar);
    struct program *p = spawn_run(
        &(struct spawn){.argv = ARGV("sh", "-c",
                                     "dd if=\"$1\" bs=100 2>/dev/null | "
                                     "\"$0\" import --state \"$2\" - box",
                                     duct_path(), file, state)});

    (void)imported(p);
    expect_str("the layer, unpacked", "/x\n",
               tree_paths(shared_tree(state, tar)));
}

static void compressed(void)
{
    struct bytes tar = pack_base();

    for (enum compression how = GZIP; how <= ZSTD; how++) {
        const char *state = tree_fresh_dir(0);
        struct bytes packed = pack_compress(tar, how);

        (void)imported(
            duct("import", "--state", state, pack_write(packed), "box"));
        expect_output(run(state, "box", "cat", "/d/low"), "low\n");
        expect_that(shared_blob(state, pack_sha256(packed)) != NULL,
                    "the layer as it came, called by the SHA-256 of its bytes",
                    "none");
    }
}

static void its_objects(void)
{
    const char *state = tree_fresh_dir(0), *config, *created;
    struct bytes tar = TAR(F("x", "x\n"));
    char *id =
        imported(duct("import", "--state", state, pack_write(tar), "box:1"));
    struct utsname system;
    char now[64];
    time_t time_now = time(NULL);

    config = shared_blob(state, id);
    expect_that(config != NULL, "a blob called by the id that was printed",
                "none");
    expect_str("SHA-256 of the config", id, pack_sha256(pack_text(config)));
    expect_contains(
        "diff_ids of the config",
        keep_format("\"diff_ids\":[\"sha256:%s\"]", pack_sha256(tar)), config);
    expect_contains("os of the config", "\"os\":\"linux\"", config);
    expect_int("uname", 0, uname(&system));
    if (strcmp(system.machine, "x86_64") == 0)
        expect_contains("architecture", "\"architecture\":\"amd64\"", config);
    if (strcmp(system.machine, "aarch64") == 0)
        expect_contains("architecture", "\"architecture\":\"arm64\"", config);
    expect_contains("its history", "Imported from", config);
    created = strstr(config, "\"created\":\"");
    expect_that(created != NULL, "a date in the config", config);
    (void)strftime(now, sizeof(now), "%FT%H", gmtime(&time_now));
    if (strncmp(created + 11, now, strlen(now)) != 0) { /* the hour's end */
        time_now -= 60;
        (void)strftime(now, sizeof(now), "%FT%H", gmtime(&time_now));
    }
    expect_str("the hour in which it was created, in UTC", now,
               keep_copy(created + 11, strlen(now)));
}

static void without_name(void)
{
    const char *state = tree_fresh_dir(0);
    char *id =
        imported(duct("import", "--state", state, pack_write(pack_base())));

    expect_str("duct images", keep_format("<none> <none> %.12s\n", id),
               shared_images(state));
    expect_output(run(state, keep_copy(id, 12), "cat", "/d/low"), "low\n");
}

static void again(void)
{
    const char *state = tree_fresh_dir(0);
    const char *one = pack_write(TAR(F("one", "1\n")));
    const char *two = pack_write(TAR(F("two", "2\n")));
    char *first = imported(duct("import", "--state", state, one, "box"));
    char *second = imported(duct("import", "--state", state, two, "box"));

    expect_str(
        "duct images",
        keep_format("box latest %.12s\n<none> <none> %.12s\n", second, first),
        shared_images(state));
}

static void refused(void)
{
    const char *state = tree_fresh_dir(0), *before;
    struct bytes tar = TAR(F("x", "x\n"));
    const char *file = pack_write(tar);
    const struct program *p;

    (void)imported(duct("import", "--state", state, file, "keep"));
    before = shared_store(state);
    expect_refused(duct("import", "--state", state, "/no/such/tar", "box"),
                   "/no/such/tar", "(ENOENT)");
    expect_refused(duct("import", "--state", state, canary(), "box"),
                   "(EISDIR)");
    expect_refused(duct("import", "--state", state,
                        pack_write(pack_text("this is no tar at all\n")),
                        "box"),
                   "a layer");
    expect_refused(duct("import", "--state", state, pack_write(tar), "No Name"),
                   "No Name");
    p = spawn_run(
        &(struct spawn){.argv = DUCT("import", "--state", state, "-", "box"),
                        .terminal = true});
    expect_exit(p, 125);
    expect_contains("what duct says on a terminal", "terminal", p->out);
    (void)rename(file, keep_format("%s\xff", file));
    expect_refused(
        duct("import", "--state", state, keep_format("%s\xff", file), "box"),
        "UTF-8");
    expect_same_store(before, state);
}

static const struct trial trials[] = {
    {.name = "imported_runs",
     .claim = "duct import makes an image of a tar, and duct run NAME runs a "
              "command in its files",
     .usual_cause = "the layer is not unpacked, or not a lowerdir of the "
                    "overlay",
     .reread = "#import_tar",
     .feature = true,
     .body = runs},
    {.name = "import_from_stdin",
     .claim = "the tar may come from standard input",
     .usual_cause = "- is taken for a file's name",
     .reread = "#import_tar",
     .feature = true,
     .depends = "imported_runs",
     .body = from_stdin},
    {.name = "import_in_pieces",
     .claim = "it may come through a pipe, a few bytes at a time",
     .usual_cause = "read(2) is believed to fill its buffer",
     .reread = "#blob_put",
     .feature = true,
     .depends = "import_from_stdin",
     .body = in_pieces},
    {.name = "import_compressed",
     .claim = "it may be compressed by gzip or zstd, and is kept as it came",
     .usual_cause = "the filter is not enabled, or the blob is written from "
                    "what came out of it",
     .reread = "#import_tar",
     .feature = true,
     .depends = "imported_runs",
     .body = compressed},
    {.name = "import_makes_a_config",
     .claim = "the id is the SHA-256 of a config, which names the layer by "
              "the SHA-256 of its tar",
     .usual_cause = "the digest is of something else than the bytes on disk",
     .reread = "#import_tar",
     .feature = true,
     .depends = "imported_runs",
     .body = its_objects},
    {.name = "import_without_name",
     .claim = "without a name the image is found by its id",
     .usual_cause = "the index knows names only",
     .reread = "#index_add",
     .feature = true,
     .depends = "imported_runs",
     .body = without_name},
    {.name = "import_takes_the_name",
     .claim = "a name that is given again goes to the new image, and the old "
              "one stays without",
     .usual_cause = "a descriptor is added, and the old one not looked for",
     .reread = "#index_add",
     .feature = true,
     .depends = "import_without_name",
     .body = again},
    {.name = "import_refuses",
     .claim = "what is no tar, no file or no name is refused, and the store "
              "stays as it was",
     .usual_cause = "a result is not looked at",
     .reread = "#import_tar",
     .feature = true,
     .depends = "imported_runs",
     .body = refused},
};

const struct chapter chapter_import = {"Import", TRIALS(trials)};
