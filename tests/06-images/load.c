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
    p = duct("load", "--state", state, "-i", pack_write(pack_text("")));
    expect_refused(p, "archive");
    p = duct("load", "--state", state, "-i",
             pack_write(pack_text("this is no archive\n")));
    expect_refused(p, "archive");
    expect_lacks("what duct says, about no system call", "(E", p->err);
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
