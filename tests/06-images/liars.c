/*
 * Chapter: archives that lie, that were changed, or that end too soon.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

static void diff_ids(void)
{
    static const char *const lies[] = {
        "[\"sha256:0000000000000000000000000000000000000000000000000000000000"
        "000000\"]",
        "[]",
        "[\"sha256:../../../../../../../../../../../../../../../../../../../.."
        "/x\"]",
        "[\"sha512:ab\"]",
        "[\"\"]",
        "[1]",
        "[\"sha256:\"]",
        "{}",
        "null",
        "[\"sha256:0\",\"sha256:0\"]",
    };
    const char *state = kept();

    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct recipe r = *small();
        const struct program *p;

        trial_note("diff_ids: %s", lies[i]);
        r.diff_ids = lies[i];
        p = refuses(state, pack_tar(pack_docker(&r)));
        if (i == 0)
            says(p, "its config says that it unpacks to");
        (void)refuses(state, pack_tar(pack_oci(&r)));
    }
    struct recipe r = *small();
    r.diff_ids = keep_format("[\"SHA256:%s\"]", pack_sha256(r.layers[0]));
    (void)refuses(state, pack_tar(pack_docker(&r)));
    r.diff_ids = keep_format("[\"sha256:%s0\"]", pack_sha256(r.layers[0]));
    (void)refuses(state, pack_tar(pack_docker(&r)));
}

/* One bit of one blob. */
static void changed_blobs(void)
{
    const char *state = kept();

    for (size_t i = 0; i < 3; i++) {
        struct file *files = pack_oci(small());
        char *text = keep_copy(files[i].text, files[i].size);
        const char *hex = strrchr(files[i].path, '/') + 1;

        text[files[i].size / 2] ^= 1;
        files[i].text = text;
        says(refuses(state, pack_tar(files)), hex);
        files = pack_oci(small());
        files[i].size--; /* cut, and in the tar a smaller file */
        says(refuses(state, pack_tar(files)), hex);
        files = pack_oci(small());
        files[i].path = keep_format("%sx", files[i].path);
        (void)refuses(state, pack_tar(files));
    }
    struct file *files = pack_docker(small());
    files[1].text = pack_replaced(files[1].text, "echo", "ohce");
    files[1].size = 0;
    says(refuses(state, pack_tar(files)), "was changed");
}

static void sizes(void)
{
    const char *state = kept(), *at;
    struct file *files = pack_oci(small()), *f;
    char *manifest;

    f = pack_file(files, "index.json");
    f->text = pack_replaced(f->text, "\"size\":", "\"size\":1");
    f->size = 0;
    says(refuses(state, pack_tar(files)), "another size");
    f->text = pack_replaced(f->text, "\"size\":", "\"size\":-");
    (void)refuses(state, pack_tar(files));

    /* A manifest of our own: of the config, then of the layer. */
    files = pack_oci(small());
    manifest = keep_copy(files[2].text, files[2].size);
    for (int i = 0; i < 2; i++) {
        struct recipe r = *small();

        at = strstr(i == 0 ? manifest : strstr(manifest, "\"layers\""),
                    "\"size\":");
        r.manifest = keep_format("%.*s\"size\":1%s", (int)(at - manifest),
                                 manifest, at + strlen("\"size\":"));
        says(refuses(state, pack_tar(pack_oci(&r))), "another size");
    }
}

/* A path of 64 characters, which leads out of the archive. */
static void digests_are_digits(void)
{
    const char *host = canary(), *state = kept();
    const char *name = keep_format("%s/file", strrchr(host, '/') + 1);
    struct file *files = pack_oci(small());
    struct file *index = pack_file(files, "index.json");
    const char *hex = strstr(index->text, "sha256:") + 7;
    char slashes[65] = "";
    const char *path;
    const struct program *p;

    memset(slashes, '/', 64 - 17 - strlen(name));
    path = keep_format("../../../../../..%s%s", slashes, name);
    expect_int("characters", 64, (long long)strlen(path));
    index->text = pack_replaced(index->text, keep_copy(hex, 64), path);
    index->size = 0;
    p = refuses(state, pack_tar(files));
    expect_lacks("what duct says: the digest of a file of the host",
                 pack_sha256(pack_text("of the host\n")), p->err);
}

static void double_compression(void)
{
    const char *state = kept();
    struct recipe r = *small();
    struct bytes once = pack_compress(r.layers[0], GZIP);

    r.packed = LAYERS(pack_compress(once, ZSTD));
    says(refuses(state, pack_tar(pack_docker(&r))), "more than once");
    r.packed = LAYERS(pack_compress(once, GZIP));
    (void)refuses(state, pack_tar(pack_docker(&r)));
}

/* Something that the digest covers, and no tar program would see. */
static void more_behind(void)
{
    const char *state = kept();
    struct recipe r = *small();
    struct bytes tar = r.layers[0];
    char *more = keep_zeroed(tar.size + 512);

    memcpy(more, tar.at, tar.size);
    more[tar.size] = 1;
    r.diff_ids = keep_format("[\"sha256:%s\"]", pack_sha256(tar));
    r.layers = LAYERS({more, tar.size + 512});
    (void)refuses(state, pack_tar(pack_docker(&r)));
}

/* Files of the archive, and no others. */
static void not_members(void)
{
    const char *host = canary(), *state = kept();
    static const char *const paths[] = {
        "[{\"Config\":\"%s/config\",\"Layers\":[]}]",
        "[{\"Config\":\"../../../../../../..%s/config\",\"Layers\":[]}]",
        "[{\"Config\":\"none\",\"Layers\":[],\"x\":\"%s\"}]",
        "[{\"Config\":\"\",\"Layers\":[],\"x\":\"%s\"}]",
        "[{\"Config\":\".\",\"Layers\":[],\"x\":\"%s\"}]",
    };
    struct recipe r = *small();

    file_write_bytes(keep_format("%s/config", host), pack_config(&r).at,
                     pack_config(&r).size);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        r.manifest = pack_replaced(paths[i], "%s", host);
        trial_note("manifest.json: %s", r.manifest);
        says(refuses(state, pack_tar(pack_docker(&r))),
             "the archive has no file");
    }
    r = *small();
    r.manifest =
        keep_format("[{\"Config\":\"%s.json\",\"Layers\":[\"%s/file\"]}]",
                    pack_id(&r), host);
    says(refuses(state, pack_tar(pack_docker(&r))), "the archive has no file");
}

static void links_of_members(void)
{
    const char *host = canary(), *state = kept();
    const char *const *to =
        ARGV(keep_format("%s/manifest.json", host),
             keep_format("../../../../../../..%s/manifest.json", host),
             "manifest.json", "/proc/self/fd/0", ".", "none");
    struct recipe r = *small();

    tree_make(host, "manifest.json", "[]");
    for (; *to != NULL; to++) {
        struct file *files = pack_docker(&r);

        trial_note("manifest.json leads to %s", *to);
        files[2] = (struct file)S("manifest.json", *to);
        says(refuses(state, pack_tar(files)), "no file manifest.json");
    }
    /* Something that would wait for a writer. */
    struct file *files = pack_docker(&r);
    files[2] = (struct file){.path = "manifest.json", .type = '6'};
    says(refuses(state, pack_tar(files)), "no file manifest.json");
}

static void dockers_lists(void)
{
    static const char *const texts[] = {
        "",
        "[{",
        "\"x\"",
        "7",
        "{}",
        "[]",
        "[1,\"a\",null]",
        "[{}]",
        "[{\"Config\":1,\"Layers\":[]}]",
        "[{\"Config\":\"x\"}]",
        "[{\"Config\":\"x\",\"Config\":\"x\",\"Layers\":[]}]",
        "[{\"Config\":\"x\\u0000y\",\"Layers\":[]}]",
        "[{\"Config\":\"\\ud800\",\"Layers\":[]}]",
        "\xff\xfe",
        "[{\"Config\":\"1.json\",\"Layers\":[]}]",
    };
    const char *state = kept();
    struct recipe r = *small();

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        trial_note("manifest.json: %s", texts[i]);
        r.manifest = texts[i];
        (void)refuses(state, pack_tar(pack_docker(&r)));
    }
    const char *config =
        keep_format("\"Config\":\"%s.json\"", pack_id(small()));
    r.manifest = keep_format("[{%s,\"Layers\":[1]}]", config);
    says(refuses(state, pack_tar(pack_docker(&r))), "has to be paths");
    r.manifest = keep_format("[{%s,\"Layers\":[\"0/layer.tar\"]}]", config);
    expect_exit(duct("load", "--state", state, "-i", archive(&r)), 0);
    r.manifest = keep_format(
        "[{%s,\"Layers\":[\"0/layer.tar\",\"0/layer.tar\"]}]", config);
    says(refuses(state, pack_tar(pack_docker(&r))), "different layers");
}

static void ocis_lists(void)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"manifests\":[]}",
        "{\"manifests\":{}}",
        "{\"manifests\":[1]}",
        "{\"manifests\":[{}]}",
        "{\"manifests\":[{\"digest\":\"sha256:x\",\"size\":1}]}",
        "{\"manifests\":[{\"digest\":7,\"size\":1}]}",
        "{\"manifests\":[],\"manifests\":[]}",
    };
    const char *state = kept();

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct file *files = pack_oci(small());
        struct file *index = pack_file(files, "index.json");

        trial_note("index.json: %s", texts[i]);
        index->text = texts[i];
        index->size = 0;
        (void)refuses(state, pack_tar(files));
    }
    static const char *const manifests[] = {"[]",
                                            "{}",
                                            "{\"layers\":[]}",
                                            "{\"config\":{},\"layers\":[]}",
                                            "{\"layers\":[],\"manifests\":[]}",
                                            "no",
                                            "{\"manifests\":null}"};
    for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
        struct recipe r = *small();

        trial_note("the manifest: %s", manifests[i]);
        r.manifest = manifests[i];
        (void)refuses(state, pack_tar(pack_oci(&r)));
    }
}

static void configs(void)
{
    static const char *const texts[] = {
        "[]", "{}", "7", "{\"rootfs\":7}", "{\"rootfs\":{},\"rootfs\":{}}",
        "x"};
    const char *state = kept();

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct recipe r = *small();
        struct file files[] = {
            F("0/layer.tar", r.layers[0].at, .size = r.layers[0].size),
            F("config", texts[i]),
            F("manifest.json", "[{\"Config\":\"config\",\"Layers\":"
                               "[\"0/layer.tar\"]}]"),
            {0}};

        trial_note("the config: %s", texts[i]);
        (void)refuses(state, pack_tar(files));
    }
}

/* The first image was good. */
static void one_of_two(void)
{
    const char *state = kept();
    struct file *files = pack_docker(small()), *list;

    list = pack_file(files, "manifest.json");
    list->text = keep_format("%.*s,{\"Config\":\"none\",\"Layers\":[]}]",
                             (int)list->size - 1, list->text);
    list->size = 0;
    says(refuses(state, pack_tar(files)), "no file none");
}

static const struct trial trials[] = {
    {.name = "diff_ids_that_lie",
     .claim = "a layer that is not what the config says of it is refused, and "
              "the store stays as it was",
     .usual_cause = "the diff_ids are copied, and no layer is hashed",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "oci_archive",
     .body = diff_ids},
    {.name = "blobs_that_were_changed",
     .claim = "so is an archive in which one bit of a manifest, a config or a "
              "layer is another, or one byte is missing",
     .usual_cause = "a file's name is taken for its digest",
     .reread = "#digest",
     .feature = true,
     .depends = "oci_archive",
     .body = changed_blobs},
    {.name = "sizes_that_lie",
     .claim = "so is a descriptor with another size than its blob's",
     .usual_cause = "the size is not looked at",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .body = sizes},
    {.name = "digests_are_digits",
     .claim = "a digest that is no 64 digits is refused, and no file is looked "
              "for by it",
     .usual_cause = "what stands behind sha256: is taken for a file's name",
     .reread = "#digest",
     .feature = true,
     .depends = "blobs_that_were_changed",
     .body = digests_are_digits},
    {.name = "double_compression",
     .claim = "so is a layer that was compressed twice",
     .usual_cause = "libarchive undoes as many as there are: what others hash "
                    "is another tar",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "compressed_layers",
     .body = double_compression},
    {.name = "more_behind_the_end",
     .claim = "what stands behind the end of a layer's tar counts in its "
              "digest",
     .usual_cause = "the digest is of what was unpacked",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "diff_ids_that_lie",
     .body = more_behind},
    {.name = "files_of_the_host",
     .claim = "paths in manifest.json are files of the archive and no others",
     .usual_cause = "they are joined to the place where it was unpacked",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = not_members},
    {.name = "links_to_the_host",
     .claim = "links in an archive lead to files of the archive and to no "
              "others",
     .usual_cause = "open() follows them",
     .reread = "#archive_load",
     .feature = true,
     .depends = "archive_with_links",
     .body = links_of_members},
    {.name = "lists_that_are_none",
     .claim = "a manifest.json that is none, or says something twice, is "
              "refused",
     .usual_cause = "NULL from jansson is used",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = dockers_lists},
    {.name = "indexes_that_are_none",
     .claim = "so is an index.json, and a manifest",
     .usual_cause = "NULL from jansson is used",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .body = ocis_lists},
    {.name = "configs_that_are_none",
     .claim = "so is a config",
     .usual_cause = "NULL from jansson is used",
     .reread = "#archive_load",
     .feature = true,
     .depends = "docker_archive",
     .body = configs},
    {.name = "one_of_two_is_bad",
     .claim = "of an archive with one bad image none is loaded",
     .usual_cause = "each image is added to the index when it is done",
     .reread = "#archive_load",
     .feature = true,
     .depends = "several_images",
     .body = one_of_two},
};

const struct chapter chapter_liars = {"Archives that lie", TRIALS(trials)};
