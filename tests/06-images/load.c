/*
 * Chapter: archives, as docker, skopeo and umoci write them.
 */
#include <string.h>

#include "suite.h"

#define HELLO RECIPE(.layers = LAYERS(pack_base()))

static void dockers(void)
{
    const char *state = tree_fresh_dir(0);

    expect_output(load(state, archive(HELLO)), "Loaded image: t:1\n");
    expect_output(run(state, "t:1"), "hello\n");
    expect_str("duct images", keep_format("t 1 %.12s\n", pack_id(HELLO)),
               shared_images(state));
    expect_str("the config, called by the SHA-256 that it came with",
               pack_config(HELLO).at, shared_blob(state, pack_id(HELLO)));
}

static void oci(void)
{
    const char *state = tree_fresh_dir(0);

    expect_output(load(state, archive_oci(HELLO)), "Loaded image: t:1\n");
    expect_output(run(state, "t:1"), "hello\n");
    expect_str("duct images", keep_format("t 1 %.12s\n", pack_id(HELLO)),
               shared_images(state));
}

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

static char *list_two(const struct recipe *one, const struct recipe *two)
{
    struct file *files = pack_docker(one), *more = pack_docker(two);
    struct file *end = files;
    const char *first = pack_file(files, "manifest.json")->text;
    const char *second = pack_file(more, "manifest.json")->text;
    const char *both =
        keep_format("%.*s,%s", (int)strlen(first) - 1, first, second + 1);

    while (end->path != NULL)
        end++;
    for (; more->path != NULL; more++) {
        *end = *more;
        if (strstr(end->path, "layer.tar") != NULL)
            end->path = keep_format("second/%s", end->path);
        end++;
    }
    both = pack_replaced(both, second + 1,
                         pack_replaced(second + 1, "\"0/", "\"second/0/"));
    end = pack_file(files, "manifest.json");
    end->size = 0;
    end->text = both;
    pack_file(end + 1, "manifest.json")->path = "not-this.json";
    return pack_write(pack_tar(files));
}

static void several_images(void)
{
    const char *state = tree_fresh_dir(0);
    struct bytes other = TAR(F("x", "x\n"));
    struct recipe one = {.layers = LAYERS(pack_base()),
                         .tags = "[\"one\",\"me/one:2\"]"};
    struct recipe two = {.layers = LAYERS(other), .tags = "[\"two\"]"};
    const char *id = keep_copy(pack_id(&one), 12);

    expect_output(load(state, list_two(&one, &two)),
                  "Loaded image: one:latest\nLoaded image: me/one:2\n"
                  "Loaded image: two:latest\n");
    expect_str("duct images",
               keep_format("two latest %.12s\nme/one 2 %s\none latest %s\n",
                           pack_id(&two), id, id),
               shared_images(state));
    expect_output(run(state, "me/one:2"), "hello\n");
}

static void untagged(void)
{
    static const char *const tags[] = {"[]", "null"};

    for (size_t i = 0; i < 2; i++) {
        struct recipe r = {.layers = LAYERS(pack_base()), .tags = tags[i]};
        const char *state = tree_fresh_dir(0), *id = pack_id(&r);

        expect_output(load(state, archive(&r)),
                      keep_format("Loaded image ID: sha256:%s\n", id));
        expect_str("duct images", keep_format("<none> <none> %.12s\n", id),
                   shared_images(state));
        expect_output(run(state, keep_copy(id, 12)), "hello\n");
        expect_output(run(state, keep_format("sha256:%s", id)), "hello\n");
    }
}

static void ocis_names(void)
{
    static const struct {
        const char *annotations, *said;
    } cases[] = {
        {"{\"org.opencontainers.image.ref.name\":\"full:v1\"}", ": full:v1"},
        {"{\"org.opencontainers.image.ref.name\":\"latest\"}",
         ": latest:latest"},
        {"{\"org.opencontainers.image.ref.name\":\"3\","
         "\"io.containerd.image.name\":\"docker.io/library/box:3\"}",
         ": box:3"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *state = tree_fresh_dir(0);
        struct recipe r = {.layers = LAYERS(pack_base()),
                           .annotations = cases[i].annotations};

        expect_output(load(state, archive_oci(&r)),
                      keep_format("Loaded image%s\n", cases[i].said));
    }
    struct recipe r = {.layers = LAYERS(pack_base()), .annotations = "{}"};
    expect_output(load(tree_fresh_dir(0), archive_oci(&r)),
                  keep_format("Loaded image ID: sha256:%s\n", pack_id(&r)));
}

static void again(void)
{
    const char *state = tree_fresh_dir(0), *before;

    (void)load(state, archive(HELLO));
    before = shared_store(state);
    expect_output(load(state, archive(HELLO)), "Loaded image: t:1\n");
    expect_same_store(before, state);
}

/* One id, two manifests: the image is the same. */
static void compressed_otherwise(void)
{
    const char *state = tree_fresh_dir(0);
    struct bytes before = pack_compress(pack_base(), GZIP);
    struct recipe r = {.layers = LAYERS(pack_base()), .packed = LAYERS(before)};

    (void)load(state, archive(&r));
    r.packed = LAYERS(pack_compress(pack_base(), ZSTD));
    (void)load(state, archive(&r));
    expect_str("duct images", keep_format("t 1 %.12s\n", pack_id(&r)),
               shared_images(state));
    expect_that(shared_blob(state, pack_sha256(before)) == NULL,
                "the layer that came before to be gone", "it is there");
    expect_output(run(state, "t:1"), "hello\n");
}

static void name_moves_on(void)
{
    const char *state = tree_fresh_dir(0);
    struct bytes top = TAR(F("d/low", "new\n"));
    struct recipe r = {.layers = LAYERS(pack_base(), top),
                       .config = "{\"Cmd\":[\"/bin/cat\",\"/d/low\"]}"};

    (void)load(state, archive(HELLO));
    (void)load(state, archive(&r));
    expect_output(run(state, "t:1"), "new\n");
    expect_str("duct images",
               keep_format("t 1 %.12s\n<none> <none> %.12s\n", pack_id(&r),
                           pack_id(HELLO)),
               shared_images(state));
}

/* Both kinds at once, as duct save writes them: docker's names are whole. */
static void both_kinds(void)
{
    const char *state = tree_fresh_dir(0);
    struct file *files = pack_oci(HELLO), *end = files;
    const char *layer =
        keep_format("blobs/sha256/%s", pack_sha256(pack_base()));

    while (end->path != NULL)
        end++;
    *end = (struct file){
        .path = "manifest.json",
        .text = keep_format("[{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":"
                            "[\"whole/name:2\"],\"Layers\":[\"%s\"]}]",
                            pack_id(HELLO), layer)};
    expect_output(load(state, pack_write(pack_tar(files))),
                  "Loaded image: whole/name:2\n");
    expect_output(run(state, "whole/name:2"), "hello\n");
}

static void list_of_platforms(void)
{
    struct recipe r = {.layers = LAYERS(pack_base()),
                       .manifest = "{\"schemaVersion\":2,\"manifests\":[]}"};
    const struct program *p =
        duct("load", "--state", tree_fresh_dir(0), "-i", archive_oci(&r));

    expect_refused(p, "several platforms");
    expect_contains("the hint", "skopeo", p->err);
}

static void no_layers(void)
{
    const char *state = tree_fresh_dir(0);
    struct recipe r = {.layers = LAYERS({0}), .tags = "[\"empty\"]"};

    (void)load(state, archive(&r));
    expect_refused(run(state, "empty"), "no layers");
    expect_contains("duct images", "empty latest", shared_images(state));
}

/* Those that a tool of tomorrow writes. */
static void unknown_words_stay(void)
{
    const char *state = tree_fresh_dir(0);
    struct recipe r = {
        .layers = LAYERS(pack_base()),
        .config = "{ \"Cmd\" : [\"/bin/echo\",\"odd\"], \"Healthcheck\":"
                  "{\"Test\":[\"NONE\"]}, \"x-new\":1.50e1, \"\\u0041\":2}"};

    (void)load(state, archive(&r));
    expect_str("the config, byte for byte", pack_config(&r).at,
               shared_blob(state, pack_id(&r)));
    expect_output(run(state, "t:1"), "odd\n");
}

/* The archive itself is unpacked somewhere, and that is gone afterwards. */
static void nothing_else_stays(void)
{
    const char *state = tree_fresh_dir(0), *paths;
    struct bytes tar = TAR(D("d"), F("d/x", "x\n"));
    struct recipe r = {.layers = LAYERS(tar)};

    (void)load(state, archive(&r));
    paths = tree_paths(state);
    expect_str("layers in the store",
               keep_format("/_images/layers/%s\n/_images/layers/%s/d\n"
                           "/_images/layers/%s/d/x\n/_images/oci-layout\n",
                           pack_sha256(tar), pack_sha256(tar),
                           pack_sha256(tar)),
               strstr(paths, "/_images/layers/"));
    expect_lacks("what is in the state directory", "manifest.json", paths);
    expect_lacks("what is in the state directory", "/.", paths);
}

static void no_archive(void)
{
    const char *state = tree_fresh_dir(0);
    const struct program *p;

    expect_refused(duct("load", "--state", state, "-i", "/no/such/file"),
                   "/no/such/file", "(ENOENT)");
    p = duct("load", "--state", state, "-i",
             pack_write(TAR(F("x", "x\n"), D("d"))));
    expect_refused(p, "no file index.json");
    expect_contains("the hint", "duct import", p->err);
    expect_refused(
        duct("load", "--state", state, "-i", pack_write(pack_text(""))),
        "archive");
}

static const struct trial trials[] = {
    {.name = "docker_archive",
     .claim = "duct load reads what docker save writes, and tells its name",
     .usual_cause = "Layers are taken in the other order, or Config by its "
                    "file's name",
     .reread = "#archive_load",
     .feature = true,
     .depends = "imported_runs",
     .body = dockers},
    {.name = "oci_archive",
     .claim = "it reads OCI archives, as skopeo and umoci write them",
     .usual_cause = "index.json is not looked for where there is no "
                    "manifest.json",
     .reread = "#archive_load",
     .feature = true,
     .depends = "imported_runs",
     .body = oci},
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
    {.name = "several_images",
     .claim = "an archive may have several images, and these several names",
     .usual_cause = "only the first is looked at",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = several_images},
    {.name = "load_untagged",
     .claim = "an image without a name is loaded as well, and its id told",
     .usual_cause = "RepoTags is null, or empty",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = untagged},
    {.name = "names_in_oci",
     .claim = "an OCI archive names its image by a tag, or in full",
     .usual_cause = "only one of the two annotations is read",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .body = ocis_names},
    {.name = "loaded_again",
     .claim = "an image that is there already changes nothing",
     .usual_cause = "one more descriptor in the index, or a blob written anew",
     .reread = "#index_add",
     .feature = true,
     .depends = "docker_archive",
     .body = again},
    {.name = "compressed_otherwise",
     .claim = "the same image with other compression is still one image",
     .usual_cause = "images are compared by their manifests, not by their ids",
     .reread = "#index_add",
     .feature = true,
     .depends = "loaded_again",
     .body = compressed_otherwise},
    {.name = "name_moves_on",
     .claim = "a name goes to the image that was loaded last; the other stays "
              "without",
     .usual_cause = "the first descriptor with a name wins",
     .reread = "#index_add",
     .feature = true,
     .depends = "docker_archive",
     .body = name_moves_on},
    {.name = "both_kinds_at_once",
     .claim = "where an archive is of both kinds, docker's list counts",
     .usual_cause = "index.json is read first: it has a tag, and no name",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .body = both_kinds},
    {.name = "list_of_platforms",
     .claim = "a list of images for several platforms is refused, with a way "
              "out",
     .usual_cause = "it is read as a manifest without layers",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .body = list_of_platforms},
    {.name = "no_layers",
     .claim = "an image without layers can be loaded and not run",
     .usual_cause = "an overlay without a lowerdir is tried",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = no_layers},
    {.name = "unknown_words_stay",
     .claim = "a config is kept byte for byte",
     .usual_cause = "it is parsed, and written anew: its digest is another",
     .reread = "#blob_put",
     .feature = true,
     .depends = "docker_archive",
     .body = unknown_words_stay},
    {.name = "nothing_else_stays",
     .claim = "of the archive's own files nothing stays",
     .usual_cause = "the place where it was unpacked is not removed",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = nothing_else_stays},
    {.name = "no_archive",
     .claim = "what is no archive is refused, and duct says what it reads",
     .usual_cause = "a result is not looked at",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = no_archive},
};

const struct chapter chapter_load = {"Load", TRIALS(trials)};
