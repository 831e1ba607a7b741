/*
 * Chapter: the store, where everything is called what it is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define HELLO RECIPE(.layers = LAYERS(pack_base()))
#define SMALL                                                                  \
    RECIPE(.layers = LAYERS(TAR(F("x", "x\n"))), .tags = "[\"small\"]")

static char *blobs(const char *state)
{
    return keep_format("%s/_images/blobs/sha256", state);
}

static char *blob_path(const char *state, const char *hex)
{
    return keep_format("%s/%s", blobs(state), hex);
}

/* The manifest that the index speaks of first. */
static char *manifest_of(const char *state)
{
    return keep_copy(strstr(shared_index(state), "sha256:") + 7, 64);
}

static void is_a_layout(void)
{
    const char *state = shared_loaded(HELLO), *manifest;
    DIR *directory = opendir(blobs(state));
    const struct dirent *entry;
    int count = 0;

    expect_str("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}",
               file_read(keep_format("%s/_images/oci-layout", state)));
    expect_contains("index.json", "\"schemaVersion\":2", shared_index(state));
    expect_contains("index.json",
                    "\"org.opencontainers.image.ref.name\":"
                    "\"docker.io/library/t:1\"",
                    shared_index(state));
    expect_that(directory != NULL, "a directory of blobs", strerror(errno));
    while ((entry = readdir(directory)) != NULL) {
        size_t size = 0;
        const char *bytes;

        if (entry->d_name[0] == '.')
            continue;
        bytes = file_read_bytes(blob_path(state, entry->d_name), &size);
        expect_str("SHA-256 of a blob, which is its name", entry->d_name,
                   pack_sha256((struct bytes){bytes, size}));
        count++;
    }
    (void)closedir(directory);
    expect_int("blobs: a layer, a config, a manifest", 3, count);
    manifest = shared_blob(state, manifest_of(state));
    expect_contains("the manifest",
                    keep_format("\"digest\":\"sha256:%s\"", pack_id(HELLO)),
                    manifest);
    expect_contains("the manifest",
                    keep_format("\"size\":%zu", pack_config(HELLO).size),
                    manifest);
    expect_contains("the manifest",
                    "\"application/vnd.oci.image.layer.v1.tar\"", manifest);
    expect_contains("the manifest", "\"schemaVersion\":2", manifest);
    expect_contains("the manifest",
                    "\"application/vnd.oci.image.manifest.v1+json\"", manifest);
    expect_contains("the manifest",
                    "\"application/vnd.oci.image.config.v1+json\"", manifest);
    expect_contains("index.json",
                    "\"application/vnd.oci.image.manifest.v1+json\"",
                    shared_index(state));
}

static void is_closed(void)
{
    const char *state = keep_format("%s/new/state", tree_fresh_dir(0));
    struct stat st;

    (void)load(state, archive(HELLO));
    expect_call(stat(state, &st));
    expect_int("mode of the state directory, in octal", 0700,
               (int)st.st_mode & 07777);
    expect_call(stat(keep_format("%s/_images", state), &st));
    expect_int("mode of the store", 0700, (int)st.st_mode & 07777);
    expect_call(stat(blob_path(state, pack_id(HELLO)), &st));
    expect_int("mode of a blob", 0600, (int)st.st_mode & 07777);
    expect_call(stat(keep_format("%s/_images/index.json", state), &st));
    expect_int("mode of the index", 0600, (int)st.st_mode & 07777);
}

static void usual_place(void)
{
    const char *place = scratch_path("var-lib/duct/steps/_images");

    expect_exit(duct("load", "-i", archive(SMALL)), 0);
    expect_that(access(place, F_OK) == 0 ||
                    access("/var/lib/duct/steps/_images", F_OK) == 0,
                "the store in /var/lib/duct/steps/_images", "none");
    expect_contains("duct images", "small", duct("images")->out);
    expect_exit(duct("rmi", "small"), 0);
    (void)file_remove_tree("/var/lib/duct/steps/_images");
}

/* One bit, in the middle. */
static void damage(const char *path)
{
    size_t size = 0;
    char *bytes = file_read_bytes(path, &size);

    expect_that(bytes != NULL && size > 0, "a file to damage", path);
    bytes[size / 2] ^= 1;
    file_write_bytes(path, bytes, size);
}

static void damage_is_noticed(void)
{
    const char *state = shared_loaded(HELLO);

    damage(blob_path(state, pack_id(HELLO)));
    expect_refused(run(state, "t:1"), "was changed", pack_id(HELLO));
    state = shared_loaded(HELLO);
    damage(blob_path(state, manifest_of(state)));
    expect_refused(run(state, "t:1"), "was changed", manifest_of(state));
    expect_refused(duct("save", "--state", state, "t:1"), "was changed");
    expect_refused(duct("history", "--state", state, "t:1"), "was changed");
    state = shared_loaded(HELLO);
    damage(blob_path(state, pack_sha256(pack_base())));
    expect_refused(duct("save", "--state", state, "-o", "/dev/null", "t:1"),
                   "was changed", pack_sha256(pack_base()));
}

static void lost_is_noticed(void)
{
    const char *state = shared_loaded(HELLO);

    expect_call(unlink(blob_path(state, pack_id(HELLO))));
    expect_refused(run(state, "t:1"), pack_id(HELLO), "(ENOENT)");
    state = shared_loaded(HELLO);
    expect_int("rm -r", 0, file_remove_tree(shared_tree(state, pack_base())));
    expect_refused(run(state, "t:1"), "layers/", "(ENOENT)");
    state = shared_loaded(HELLO);
    expect_call(unlink(blob_path(state, pack_id(HELLO))));
    expect_call(mkdir(blob_path(state, pack_id(HELLO)), 0755));
    expect_refused(run(state, "t:1"), pack_id(HELLO));
    expect_call(rmdir(blob_path(state, pack_id(HELLO))));
    expect_call(symlink(pack_write(pack_config(HELLO)),
                        blob_path(state, pack_id(HELLO))));
    expect_refused(run(state, "t:1"), pack_id(HELLO), "(ELOOP)");
    expect_call(unlink(blob_path(state, pack_id(HELLO))));
    expect_call(mkfifo(blob_path(state, pack_id(HELLO)), 0600));
    expect_refused(run(state, "t:1"), pack_id(HELLO));
}

static void loading_repairs(void)
{
    const char *state = shared_loaded(HELLO);

    expect_int("rm -r", 0, file_remove_tree(shared_tree(state, pack_base())));
    (void)load(state, archive(HELLO));
    expect_output(run(state, "t:1"), "hello\n");
    expect_call(unlink(blob_path(state, pack_id(HELLO))));
    (void)load(state, archive(HELLO));
    expect_output(run(state, "t:1"), "hello\n");
}

static void others_are_shown(void)
{
    const char *state = shared_loaded(HELLO);
    const struct program *p;

    (void)load(state, archive(SMALL));
    damage(blob_path(state, pack_id(SMALL)));
    p = duct("images", "--state", state);
    expect_exit(p, 125);
    expect_contains("duct images", keep_copy(pack_id(HELLO), 12), p->out);
    expect_contains("what duct says", "was changed", p->err);
    expect_output(run(state, "t:1"), "hello\n");
}

/* Who can't read where names lead to must not remove anything. */
static void damage_sweeps_nothing(void)
{
    const char *state = shared_loaded(HELLO), *before, *index;

    (void)load(state, archive(SMALL));
    damage(blob_path(state, pack_id(SMALL)));
    before = tree_paths(state);
    (void)duct("tag", "--state", state, "t:1", "two");
    (void)duct("load", "--state", state, "-i", pack_write(pack_text("no")));
    expect_str("what is in the store", before, tree_paths(state));
    expect_exit(duct("rmi", "--state", state, "two"), 0);
    expect_str("what is in the store", before, tree_paths(state));
    index = shared_index(state);
    file_write(keep_format("%s/_images/index.json", state), "{");
    expect_refused(duct("images", "--state", state), "index.json");
    expect_refused(run(state, "t:1"), "index.json");
    expect_refused(duct("rmi", "--state", state, "t:1"), "index.json");
    expect_refused(duct("load", "--state", state, "-i", archive(HELLO)),
                   "index.json");
    expect_str("what is in the store", before, tree_paths(state));
    file_write(keep_format("%s/_images/index.json", state), index);
    expect_output(run(state, "t:1"), "hello\n");
}

static void damaged_can_go(void)
{
    const char *state = shared_loaded(HELLO);

    (void)load(state, archive(SMALL));
    damage(blob_path(state, pack_id(SMALL)));
    expect_output(duct("rmi", "--state", state, "small"),
                  "Untagged: small:latest\n");
    expect_str("duct images", keep_format("t 1 %.12s\n", pack_id(HELLO)),
               shared_images(state));
    expect_that(shared_blob(state, pack_id(SMALL)) == NULL,
                "what was damaged to be gone", "it is there");
    expect_output(run(state, "t:1"), "hello\n");
}

static void odd_indexes(void)
{
    static const char *const odd[] = {"",
                                      "[]",
                                      "{\"manifests\":{}}",
                                      "{\"schemaVersion\":2}",
                                      "null",
                                      "{\"manifests\":[],\"manifests\":[]}"};
    const char *state = shared_loaded(HELLO);
    const char *path = keep_format("%s/_images/index.json", state);
    const char *good = shared_index(state);

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        file_write(path, odd[i]);
        trial_note("index.json: %s", odd[i]);
        expect_refused(duct("images", "--state", state), "index.json");
    }
    file_write(path,
               "{\"manifests\":[1,null,{},{\"digest\":\"sha256:../x\"}]}");
    expect_exit(duct("images", "--state", state), 125);
    expect_refused(run(state, "t:1"), "No such image");
    expect_call(unlink(path));
    expect_refused(run(state, "t:1"), "index.json", "(ENOENT)");
    /* Other tools know an image by its tag alone. */
    file_write(path, pack_replaced(good, "docker.io/library/t:1", "v1"));
    expect_str("duct images",
               keep_format("<none> <none> %.12s\n", pack_id(HELLO)),
               shared_images(state));
}

static void swept_by_the_next(void)
{
    const char *state = shared_loaded(HELLO), *before = tree_paths(state);

    tree_make(state, "_images/layers/.killed/d/x", "x\n");
    tree_make(state, keep_format("_images/layers/%064d/x", 1), "x\n");
    tree_make(state, keep_format("_images/blobs/sha256/%064d", 1), "x\n");
    tree_make(state, "_images/blobs/sha256/.part", "x\n");
    tree_make(state, "_images/fresh.json", "half");
    expect_exit(duct("images", "--state", state), 0);
    expect_that(shared_blob(state, ".part") != NULL,
                "who only reads to remove nothing", "it is gone");
    (void)load(state, archive(HELLO));
    expect_str("what is in the store", before, tree_paths(state));
}

/* It may be what another duct is about to speak of. */
static void not_beside_others(void)
{
    const char *state = shared_loaded(HELLO);
    int fd = keep_fd(open(keep_format("%s/_images", state),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC));

    expect_call(fd);
    expect_call(flock(fd, LOCK_SH));
    tree_make(state, "_images/layers/.other/x", "x\n");
    (void)load(state, archive(SMALL));
    expect_that(
        access(keep_format("%s/_images/layers/.other/x", state), F_OK) == 0,
        "what another duct makes to stay", "it is gone");
    expect_output(run(state, "t:1"), "hello\n");
    expect_call(flock(fd, LOCK_UN));
    (void)load(state, archive(SMALL));
    expect_that(
        access(keep_format("%s/_images/layers/.other", state), F_OK) < 0,
        "it to be removed when nobody is there any more", "it is there");
}

static void no_place(void)
{
    const char *file = pack_write(pack_text("x")), *state = tree_fresh_dir(0);

    expect_refused(duct("images", "--state", file), file, "(ENOTDIR)");
    expect_refused(duct("images", "--state", ""), "--state");
    file_write(keep_format("%s/_images", state), "");
    expect_refused(duct("load", "--state", state, "-i", archive(SMALL)),
                   "(ENOTDIR)");
    state = tree_fresh_dir(0);
    tree_make(state, "_images/layers", "");
    expect_refused(duct("load", "--state", state, "-i", archive(SMALL)),
                   "(ENOTDIR)");
}

static void nobodys_name(void)
{
    const char *state = shared_loaded(HELLO);

    expect_refused(run(state, "--name", "_images", "t:1"), "_images");
    expect_refused(duct("rm", "--state", state, "_images"), "_images");
    expect_refused(duct("diff", "--state", state, "_images"), "_images");
    expect_output(run(state, "t:1"), "hello\n");
}

static const struct trial trials[] = {
    {.name = "store_is_a_layout",
     .claim = "the store is an OCI image layout, and each blob is called by "
              "its SHA-256",
     .usual_cause = "a file is missing, or a descriptor has another size or "
                    "type",
     .reread = "#store_open",
     .feature = true,
     .depends = "docker_archive",
     .body = is_a_layout},
    {.name = "store_is_closed",
     .claim = "nobody else may look into it: there may be set-user-ID "
              "programs in layers",
     .usual_cause = "mkdir() with mode 755",
     .reread = "#store_open",
     .feature = true,
     .depends = "docker_archive",
     .body = is_closed},
    {.name = "store_in_its_place",
     .claim = "without --state it is in /var/lib/duct/steps/_images",
     .usual_cause = "the path is relative, or another than that of layers",
     .reread = "#store_open",
     .feature = true,
     .depends = "docker_archive",
     .body = usual_place},
    {.name = "damage_is_noticed",
     .claim = "a blob of which one bit was changed is not used",
     .usual_cause = "a name is believed",
     .reread = "#blob_put",
     .feature = true,
     .depends = "store_is_a_layout",
     .body = damage_is_noticed},
    {.name = "lost_is_noticed",
     .claim = "a blob or tree that is gone, or something else now, is named",
     .usual_cause = "a result is not looked at",
     .reread = "#blob_put",
     .feature = true,
     .depends = "store_is_a_layout",
     .body = lost_is_noticed},
    {.name = "loading_repairs",
     .claim = "an image that is loaded again has all that it lacked",
     .usual_cause = "what the index knows is believed to be there",
     .reread = "#archive_load",
     .feature = true,
     .depends = "lost_is_noticed",
     .body = loading_repairs},
    {.name = "others_are_shown",
     .claim = "one damaged image does not hide the others",
     .usual_cause = "duct images ends at the first error",
     .reread = "#image_lists",
     .feature = true,
     .depends = "damage_is_noticed",
     .body = others_are_shown},
    {.name = "damage_sweeps_nothing",
     .claim = "while an image or the index can't be read nothing is removed "
              "that it may lead to",
     .usual_cause = "what could not be marked is swept",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "damage_is_noticed",
     .body = damage_sweeps_nothing},
    {.name = "damaged_can_go",
     .claim = "a damaged image can be removed by its name",
     .usual_cause = "it has to be read before",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "damage_is_noticed",
     .body = damaged_can_go},
    {.name = "odd_indexes",
     .claim = "an index that is none is refused; entries that are none stand "
              "for no image",
     .usual_cause = "NULL from jansson is used",
     .reread = "#index_add",
     .feature = true,
     .depends = "store_is_a_layout",
     .body = odd_indexes},
    {.name = "store_is_swept",
     .claim = "what killed ducts have left in it is removed by the next that "
              "adds something",
     .usual_cause = "only what the index leads to is looked at",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "store_is_a_layout",
     .body = swept_by_the_next},
    {.name = "not_beside_others",
     .claim = "but not while another duct uses the store",
     .usual_cause = "no lock, or one that is exclusive",
     .reread = "#store_open",
     .feature = true,
     .depends = "store_is_swept",
     .body = not_beside_others},
    {.name = "no_place_for_a_store",
     .claim = "where it can't be made duct refuses",
     .usual_cause = "the result of mkdir() or open() is not looked at",
     .reread = "#store_open",
     .feature = true,
     .depends = "store_is_a_layout",
     .body = no_place},
    {.name = "store_is_no_container",
     .claim = "no container is called _images, whatever --name, diff or rm say",
     .usual_cause = "a name may begin with _",
     .reread = "#store_open",
     .feature = true,
     .depends = "docker_archive",
     .body = nobodys_name},
};

const struct chapter chapter_store = {"Store", TRIALS(trials)};
