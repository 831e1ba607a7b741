/*
 * Chapter: archives may be put together in many ways.
 */
#include <string.h>

#include "suite.h"

#define HELLO RECIPE(.layers = LAYERS(pack_base()))

/* The same files the other way round, as a pipe would bring them. */
static char *reversed(struct file *files)
{
    size_t count = 0;

    while (files[count].path != NULL)
        count++;
    for (size_t i = 0; i < count / 2; i++) {
        struct file other = files[i];

        files[i] = files[count - 1 - i];
        files[count - 1 - i] = other;
    }
    return pack_write(pack_tar(files));
}

static void any_order(void)
{
    const char *state = tree_fresh_dir(0);

    (void)load(state, reversed(pack_docker(HELLO)));
    expect_output(run(state, "t:1"), "hello\n");
    state = tree_fresh_dir(0);
    (void)load(state, reversed(pack_oci(HELLO)));
    expect_output(run(state, "t:1"), "hello\n");
}

/* The member at @end is the last. */
static char *packed_list(const char *names, struct file *files, size_t count)
{
    struct recipe r = *HELLO;
    char *config = keep_format("%s.json", pack_id(&r));

    files[count++] = (struct file){.path = config,
                                   .text = pack_config(&r).at,
                                   .size = pack_config(&r).size};
    files[count++] = (struct file){
        .path = "manifest.json",
        .text = keep_format("[{\"Config\":\"%s\",\"RepoTags\":[\"t:1\"],"
                            "\"Layers\":[%s]}]",
                            config, names)};
    return pack_write(pack_tar(files));
}

/* Docker's old layout: a layer of two images is there once. */
static void linked_layers(void)
{
    static const char *const links[] = {"../b/layer.tar", "/b/layer.tar",
                                        "/x/../../b/layer.tar"};

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        const char *state = tree_fresh_dir(0);
        struct file files[6] = {
            S("a/layer.tar", links[i]),
            F("b/layer.tar", pack_base().at, .size = pack_base().size),
            D("x"),
        };

        (void)load(state, packed_list("\"a/layer.tar\"", files, 3));
        expect_output(run(state, "t:1"), "hello\n");
    }
}

static void dotted_names(void)
{
    const char *state = tree_fresh_dir(0);
    struct file *files = pack_oci(HELLO);

    for (struct file *f = files; f->path != NULL; f++)
        f->path = keep_format("./%s", f->path);
    (void)load(state, pack_write(pack_tar(files)));
    expect_output(run(state, "t:1"), "hello\n");
}

static void from_stdin(void)
{
    const char *state = tree_fresh_dir(0);
    struct bytes tar = pack_tar(pack_docker(HELLO));
    const struct program *p;

    p = spawn_run(&(struct spawn){.argv = DUCT("load", "--state", state),
                                  .input = tar.at,
                                  .input_size = tar.size});
    expect_output(p, "Loaded image: t:1\n");
    p = spawn_run(
        &(struct spawn){.argv = DUCT("load", "--state", state, "-i", "-"),
                        .input = tar.at,
                        .input_size = tar.size});
    expect_output(p, "Loaded image: t:1\n");
    p = spawn_run(&(struct spawn){.argv = DUCT("load", "--state", state),
                                  .terminal = true});
    expect_exit(p, 125);
    expect_contains("what duct says on a terminal", "terminal", p->out);
}

/* Who writes to the pipe has more to say than a tar needs. */
static void reads_to_the_end(void)
{
    const char *state = tree_fresh_dir(0);
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-c",
                     "{ cat \"$1\"; head -c 3000000 /dev/zero && echo written "
                     ">&2; } | \"$0\" load --state \"$2\"",
                     duct_path(), archive(HELLO), state)});

    expect_exit(p, 0);
    expect_str("stderr of the writer", "written\n", p->err);
    expect_str("stdout", "Loaded image: t:1\n", p->out);
}

static void compressed_archives(void)
{
    for (enum compression how = GZIP; how <= ZSTD; how++) {
        const char *state = tree_fresh_dir(0);

        (void)load(state, pack_write(pack_compress(pack_tar(pack_docker(HELLO)),
                                                   how)));
        expect_output(run(state, "t:1"), "hello\n");
    }
}

static void compressed_layers(void)
{
    struct bytes base = pack_base(), top = TAR(F("d/low", "top\n"));
    struct recipe r = {
        .layers = LAYERS(base, top),
        .packed = LAYERS(pack_compress(base, GZIP), pack_compress(top, ZSTD)),
        .config = "{\"Cmd\":[\"/bin/cat\",\"/d/low\"]}"};

    for (int i = 0; i < 2; i++) {
        const char *state = tree_fresh_dir(0), *index, *manifest;

        (void)load(state, i == 0 ? archive(&r) : archive_oci(&r));
        expect_output(run(state, "t:1"), "top\n");
        for (size_t layer = 0; layer < 2; layer++)
            expect_that(
                shared_blob(state, pack_sha256(r.packed[layer])) != NULL,
                "the layer as it came, called by the SHA-256 of its bytes",
                "none");
        if (i == 1)
            continue;
        /* What duct says of it, for docker's archives do not. */
        index = strstr(shared_index(state), "sha256:");
        manifest = shared_blob(state, keep_copy(index + 7, 64));
        expect_contains("the manifest", "layer.v1.tar+gzip\"", manifest);
        expect_contains("the manifest", "layer.v1.tar+zstd\"", manifest);
    }
}

static const struct trial trials[] = {
    {.name = "archive_in_any_order",
     .claim = "the files of an archive may come in any order",
     .usual_cause = "manifest.json is expected first, or last",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = any_order},
    {.name = "archive_with_links",
     .claim = "a layer may be a link to another in the archive, even if it "
              "looks like a path of the host's",
     .usual_cause = "O_NOFOLLOW, or a link that leads out of the archive",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = linked_layers},
    {.name = "archive_with_dots",
     .claim = "names may begin with ./",
     .usual_cause = "names are compared as texts",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .body = dotted_names},
    {.name = "load_from_stdin",
     .claim = "without -i, or with -, the archive comes from standard input; "
              "a terminal is refused",
     .usual_cause = "NULL or - is opened as a file",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = from_stdin},
    {.name = "load_reads_to_the_end",
     .claim = "a pipe is read to its end, however early the tar ends",
     .usual_cause = "the writer gets SIGPIPE",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "load_from_stdin",
     .body = reads_to_the_end},
    {.name = "compressed_archives",
     .claim = "an archive may be compressed as a whole",
     .usual_cause = "the filter is enabled for layers alone",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = compressed_archives},
    {.name = "compressed_layers",
     .claim = "layers may be compressed, each in its own way, and stay so",
     .usual_cause = "layer.tar is believed to be a tar; or the manifest says "
                    "another type",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .body = compressed_layers},
};

const struct chapter chapter_archives = {"Archives", TRIALS(trials)};
