/*
 * Chapter: what duct save writes, everybody can read.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define HELLO RECIPE(.layers = LAYERS(pack_base()))

/* A file of a tar, as tar(1) has it; NULL: there is none. */
static char *member(const char *archive, const char *path)
{
    const struct program *p =
        spawn_run(&(struct spawn){.argv = ARGV("tar", "-xOf", archive, path)});

    return p->exit_status == 0 ? p->out : NULL;
}

static char *saved(const char *state, const char *image)
{
    char *file = keep_format("%s/saved", tree_fresh_dir(0));

    expect_output(duct("save", "--state", state, "-o", file, image), "");
    return file;
}

static void comes_back(void)
{
    struct bytes base = pack_base(), top = TAR(F("d/low", "top\n"));
    struct recipe r = {
        .layers = LAYERS(base, top),
        .packed = LAYERS(pack_compress(base, GZIP), pack_compress(top, ZSTD)),
        .config = "{\"Cmd\":[\"/bin/cat\",\"/d/low\"],\"x\":1.0}",
        .tags = "[\"host:80/me/box:v1\"]"};
    const char *state = tree_fresh_dir(0), *other = tree_fresh_dir(0);

    (void)load(state, archive(&r));
    expect_output(load(other, saved(state, "host:80/me/box:v1")),
                  "Loaded image: host:80/me/box:v1\n");
    expect_str("duct images", shared_images(state), shared_images(other));
    expect_output(run(other, "host:80/me/box:v1"), "top\n");
    for (size_t i = 0; i < 2; i++)
        expect_that(shared_blob(other, pack_sha256(r.packed[i])) != NULL,
                    "each layer as it came first", "another");
}

static void both_ways(void)
{
    const char *state = shared_loaded(HELLO), *file = saved(state, "t:1");
    const char *config = keep_format("blobs/sha256/%s", pack_id(HELLO));
    const char *layer =
        keep_format("blobs/sha256/%s", pack_sha256(pack_base()));
    const char *manifest;
    const char *index;

    expect_str("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}",
               member(file, "oci-layout"));
    expect_str("manifest.json",
               keep_format("[{\"Config\":\"%s\",\"RepoTags\":[\"t:1\"],"
                           "\"Layers\":[\"%s\"]}]",
                           config, layer),
               member(file, "manifest.json"));
    index = member(file, "index.json");
    expect_contains("index.json", "\"schemaVersion\":2", index);
    expect_contains("index.json", "\"org.opencontainers.image.ref.name\":\"1\"",
                    index);
    expect_contains("index.json",
                    "\"io.containerd.image.name\":\"docker.io/library/t:1\"",
                    index);
    manifest = keep_copy(strstr(index, "sha256:") + 7, 64);
    expect_str("the manifest", shared_blob(state, manifest),
               member(file, keep_format("blobs/sha256/%s", manifest)));
    expect_str("the config", pack_config(HELLO).at, member(file, config));
    expect_that(member(file, layer) != NULL, "the layer", "none");
}

/* No times, owners or names of ours: whoever saves it gets the same bytes. */
static void same_bytes(void)
{
    const char *state = shared_loaded(HELLO), *other = shared_loaded(HELLO);
    size_t size = 0, again = 0;
    const char *first = file_read_bytes(saved(state, "t:1"), &size);
    const char *second = file_read_bytes(saved(other, "t:1"), &again);
    const struct program *p;

    expect_bytes("the archive, saved again", first, size, second, again);
    p = duct("save", "--state", state, "t:1");
    expect_exit(p, 0);
    expect_bytes("the archive on stdout", first, size, p->out, p->out_size);
    p = duct("save", "--state", state, "-o", "-", "t:1");
    expect_bytes("the archive on stdout, with -o -", first, size, p->out,
                 p->out_size);
    p = spawn_run(&(struct spawn){
        .argv = ARGV("tar", "--numeric-owner", "-tvf", saved(state, "t:1")),
        .env = ARGV("PATH=/bin:/usr/bin", "TZ=UTC")});
    expect_contains("tar -tv", "-rw-r--r-- 0/0 ", p->out);
    expect_contains("tar -tv", " 1970-01-01 00:00 oci-layout\n", p->out);
}

static void by_id(void)
{
    const char *state = shared_loaded(HELLO),
               *id = keep_copy(pack_id(HELLO), 12);
    const char *file = saved(state, id), *other = tree_fresh_dir(0);

    expect_contains("manifest.json", "\"RepoTags\":null",
                    member(file, "manifest.json"));
    expect_lacks("index.json", "annotations", member(file, "index.json"));
    expect_output(load(other, file),
                  keep_format("Loaded image ID: sha256:%s\n", pack_id(HELLO)));
    expect_output(run(other, id), "hello\n");
}

/* "t:1" has two names, and the one that was asked for is in the archive. */
static void one_of_its_names(void)
{
    const char *state = shared_loaded(HELLO);

    expect_exit(duct("tag", "--state", state, "t:1", "me/two"), 0);
    expect_contains("manifest.json", "[\"me/two:latest\"]",
                    member(saved(state, "me/two"), "manifest.json"));
    expect_contains("manifest.json", "[\"t:1\"]",
                    member(saved(state, "t:1"), "manifest.json"));
}

static void layers_once(void)
{
    struct bytes top = TAR(F("x", "x\n"));
    struct recipe r = {.layers =
                           LAYERS(pack_base(), top, TAR(F("y", "y\n")), top)};
    const char *state = shared_loaded(&r), *other = tree_fresh_dir(0), *at;
    const char *file = saved(state, "t:1");
    const struct program *p =
        spawn_run(&(struct spawn){.argv = ARGV("tar", "-tf", file)});

    at = strstr(p->out, pack_sha256(top));
    expect_that(at != NULL, "the layer in the archive", p->out);
    expect_lacks("the names after it", pack_sha256(top), at + 64);
    (void)load(other, file);
    expect_output(run(other, "t:1", "/bin/cat", "/x", "/y"), "x\ny\n");
}

static void file_is_replaced(void)
{
    const char *state = shared_loaded(HELLO), *file = saved(state, "t:1");
    size_t size = 0, again = 0;
    const char *first = file_read_bytes(file, &size), *second;
    struct stat st;

    file_write_bytes(file, keep_zeroed(3 << 20), 3 << 20);
    expect_exit(duct("save", "--state", state, "-o", file, "t:1"), 0);
    second = file_read_bytes(file, &again);
    expect_bytes("the archive over a longer file", first, size, second, again);
    expect_call(unlink(file));
    expect_exit(duct("save", "--state", state, "-o", file, "t:1"), 0);
    expect_call(stat(file, &st));
    expect_int("mode of the archive, in octal", 0600, (int)st.st_mode & 07777);
}

static void half_is_removed(void)
{
    const char *state = shared_loaded(HELLO);
    const char *file = keep_format("%s/saved", tree_fresh_dir(0));
    const char *layer = keep_format("%s/_images/blobs/sha256/%s", state,
                                    pack_sha256(pack_base()));
    struct stat st;
    const struct program *p;

    expect_call(truncate(layer, 5));
    expect_refused(duct("save", "--state", state, "-o", file, "t:1"),
                   "was changed");
    expect_that(access(file, F_OK) < 0, "no half archive", "one");
    p = duct("save", "--state", state, "-o", "/dev/full", "t:1");
    expect_exit(p, 125);
    expect_that(stat("/dev/full", &st) == 0 && S_ISCHR(st.st_mode),
                "/dev/full to be there", "it is gone");
}

static void disk_is_full(void)
{
    const char *state = shared_loaded(HELLO);
    const struct program *p =
        duct("save", "--state", state, "-o", "/dev/full", "t:1");

    expect_refused(p, "write the archive");
    p = spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-c", "\"$0\" save --state \"$1\" t:1 >/dev/full",
                     duct_path(), state)});
    expect_refused(p, "write the archive");
}

static void refused(void)
{
    const char *state = shared_loaded(HELLO);
    const char *file = keep_format("%s/saved", tree_fresh_dir(0));
    const struct program *p;

    expect_refused(duct("save", "--state", state, "-o", file, "other"),
                   "No such image: other:latest");
    expect_that(access(file, F_OK) < 0, "no file", "one");
    expect_refused(duct("save", "--state", state, "-o", "/no/such/file", "t:1"),
                   "/no/such/file", "(ENOENT)");
    p = spawn_run(&(struct spawn){.argv = DUCT("save", "--state", state, "t:1"),
                                  .terminal = true});
    expect_exit(p, 125);
    expect_contains("what duct says on a terminal", "terminal", p->out);
    expect_refused(duct("save", "--state", state), "save needs");
    expect_refused(duct("save", "--state", state, "t:1", "t:1"), "save needs");
}

static const struct trial trials[] = {
    {.name = "saved_comes_back",
     .claim = "what duct save has written duct load reads: the same name, id "
              "and layers",
     .usual_cause = "layers are packed anew, or the name is cut short",
     .reread = "#archive_save",
     .feature = true,
     .depends = "docker_archive",
     .body = comes_back},
    {.name = "saved_both_ways",
     .claim = "an archive is docker's and OCI's at once: two lists of the same "
              "files",
     .usual_cause = "a list is missing, or leads to no file of the archive",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = both_ways},
    {.name = "same_bytes",
     .claim = "the same image makes the same archive, in a file or on stdout",
     .usual_cause = "the time of day is in it",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = same_bytes},
    {.name = "saved_by_id",
     .claim = "by its id an image is saved without a name",
     .usual_cause = "one of its names is taken",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = by_id},
    {.name = "one_of_its_names",
     .claim = "the name in the archive is the one that was asked for",
     .usual_cause = "the first in the index is taken",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = one_of_its_names},
    {.name = "layers_once",
     .claim = "a layer that the image has twice is in the archive once",
     .usual_cause = "each layer of the list is written",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = layers_once},
    {.name = "file_is_replaced",
     .claim = "a file that was there is replaced; a new one is its owner's "
              "alone",
     .usual_cause = "without O_TRUNC the end of the old one stays",
     .reread = "#archive_save",
     .feature = true,
     .depends = "same_bytes",
     .body = file_is_replaced},
    {.name = "half_is_removed",
     .claim = "half an archive is removed; what is no file is not",
     .usual_cause = "unlink() in an error path, of whatever -o was",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = half_is_removed},
    {.name = "disk_is_full",
     .claim = "when there is no room for the archive duct says so",
     .usual_cause = "libarchive writes the last block when it is closed: look "
                    "at the result",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = disk_is_full},
    {.name = "save_refuses",
     .claim = "without such an image, or a place for it, nothing is written",
     .usual_cause = "the file is made before the image is looked for",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_comes_back",
     .body = refused},
};

const struct chapter chapter_save = {"Save", TRIALS(trials)};
