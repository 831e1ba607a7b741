/*
 * Chapter: several at once, each at its own pace.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

#define HELLO RECIPE(.layers = LAYERS(pack_base()))

static struct program *start(const char *const *words)
{
    return spawn_start(
        &(struct spawn){.argv = argv_of(ARGV(duct_path()), words, NULL)});
}

#define START(...) start(ARGV(__VA_ARGS__))

/* A duct that waits when it makes a system call. */
static struct program *held_at(struct deny *call, const char *const *words,
                               struct held *held)
{
    struct program *p = spawn_start(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL),
        .prepare = hold_call,
        .prepare_arg = call,
    });

    expect_that(hold_wait(p, false, held),
                keep_format("duct to call %s", call->name), "it does not");
    return p;
}

static const struct recipe *numbered(int number)
{
    static struct recipe all[8];
    struct bytes *layers = keep_zeroed(3 * sizeof(*layers));

    layers[0] = TAR(F("common", "x\n"));
    layers[1] = TAR(F("own", keep_format("%d\n", number)));
    all[number] = (struct recipe){.layers = layers,
                                  .tags = keep_format("[\"n%d\"]", number)};
    return &all[number];
}

static void into_a_new_store(void)
{
    const char *state = keep_format("%s/state", tree_fresh_dir(0));
    struct program *p[8];
    const char *images, *paths;

    for (int i = 0; i < 8; i++)
        p[i] = START("load", "--state", state, "-i", archive(numbered(i)));
    for (int i = 0; i < 8; i++) {
        spawn_finish(p[i]);
        expect_output(p[i], keep_format("Loaded image: n%d:latest\n", i));
    }
    images = shared_images(state);
    paths = tree_paths(state);
    for (int i = 0; i < 8; i++) {
        expect_contains(
            "duct images",
            keep_format("n%d latest %.12s\n", i, pack_id(numbered(i))), images);
        expect_contains("layers in the store",
                        keep_format("/_images/layers/%s/own\n",
                                    pack_sha256(numbered(i)->layers[1])),
                        paths);
    }
    expect_lacks("what is in the state directory", "/.", paths);
    for (int i = 0; i < 8; i++)
        p[i] = START("rmi", "--state", state, keep_format("n%d", i));
    for (int i = 0; i < 8; i++) {
        spawn_finish(p[i]);
        expect_exit(p[i], 0);
    }
    expect_str("what is left in the store",
               "/_images\n/_images/blobs\n/_images/blobs/sha256\n"
               "/_images/index.json\n/_images/layers\n/_images/oci-layout\n",
               tree_paths(state));
}

/* One has unpacked the layer, and another was quicker. */
static void same_layer_at_once(void)
{
    const char *state = tree_fresh_dir(0), *file = archive(HELLO), *before;
    struct deny call = {.number = SYS_rename, .name = "rename"};
    struct held held;
    struct program *p =
        held_at(&call, ARGV("load", "--state", state, "-i", file), &held);

    (void)load(state, file);
    before = shared_images(state);
    hold_no_more(&held);
    spawn_finish(p);
    expect_output(p, "Loaded image: t:1\n");
    expect_str("duct images", before, shared_images(state));
    expect_output(run(state, "t:1"), "hello\n");
    (void)load(state, file);
    expect_lacks("what is in the state directory", "/.", tree_paths(state));
}

/* Both add a name: neither takes the other's away. */
static void both_names_are_there(void)
{
    const char *state = shared_loaded(HELLO), *images;
    struct deny call = {.number = SYS_renameat, .name = "renameat"};
    struct held held;
    struct program *p =
        held_at(&call, ARGV("tag", "--state", state, "t:1", "one"), &held);
    struct program *other = START("tag", "--state", state, "t:1", "two");

    spawn_sleep_ms(50);
    expect_that(!other->ended, "one to wait for the other", "it has ended");
    hold_no_more(&held);
    spawn_finish(p);
    spawn_finish(other);
    expect_output(p, "");
    expect_output(other, "");
    images = shared_images(state);
    expect_contains("duct images", "one latest ", images);
    expect_contains("duct images", "two latest ", images);
    expect_contains("duct images", "t 1 ", images);
}

/* What one is loading the other must not sweep. */
static void removal_waits(void)
{
    const char *state = shared_loaded(HELLO);
    const char *file = archive(numbered(1));
    struct deny call = {.number = SYS_syncfs, .name = "syncfs"};
    struct held held;
    struct program *p =
        held_at(&call, ARGV("load", "--state", state, "-i", file), &held);
    struct program *other = START("rmi", "--state", state, "t:1");

    spawn_sleep_ms(50);
    expect_that(!other->ended, "duct rmi to wait for duct load",
                "it has ended");
    hold_no_more(&held);
    spawn_finish(p);
    spawn_finish(other);
    expect_output(p, "Loaded image: n1:latest\n");
    expect_exit(other, 0);
    expect_that(shared_blob(state, pack_sha256(numbered(1)->layers[1])) != NULL,
                "the layer that was loaded", "none");
    expect_str("duct images",
               keep_format("n1 latest %.12s\n", pack_id(numbered(1))),
               shared_images(state));
}

/* Between finding an image and standing on it. */
static void runs_or_removes(void)
{
    const char *state = shared_loaded(HELLO);
    struct deny call = {.number = SYS_symlink, .name = "symlink"};
    struct held held;
    struct program *p = held_at(&call,
                                ARGV("run", "--network", "none", "--state",
                                     state, "t:1", "/bin/sleep", "4711"),
                                &held);
    struct program *other = START("rmi", "--state", state, "t:1");
    struct container *c;

    spawn_sleep_ms(50);
    expect_that(!other->ended, "duct rmi to wait until the container is there",
                "it has ended");
    hold_no_more(&held);
    c = container_wait(p);
    spawn_finish(other);
    expect_refused(other, "conflict");
    expect_str("a file of the container", "file 644 0:0 low\n",
               seen(c, "/d/low"));
}

/* Readers see all of a change, or nothing of it. */
static void readers_do_not_wait(void)
{
    const char *state = shared_loaded(HELLO);
    const char *file = archive(numbered(1));
    struct deny call = {.number = SYS_syncfs, .name = "syncfs"};
    struct held held;
    struct program *p =
        held_at(&call, ARGV("load", "--state", state, "-i", file), &held);

    expect_str("duct images", keep_format("t 1 %.12s\n", pack_id(HELLO)),
               shared_images(state));
    expect_output(run(state, "t:1"), "hello\n");
    hold_no_more(&held);
    spawn_finish(p);
    expect_exit(p, 0);
}

static void all_at_once(void)
{
    const char *state = shared_loaded(HELLO), *file = archive(HELLO);
    struct program *p[20];

    for (int i = 0; i < 20; i++)
        switch (i % 4) {
        case 0:
            p[i] = START("load", "--state", state, "-i", file);
            break;
        case 1:
            p[i] = START("rmi", "--state", state, "t:1");
            break;
        case 2:
            p[i] = START("run", "--network", "none", "--state", state, "t:1");
            break;
        default:
            p[i] = START("tag", "--state", state, "t:1", "two");
        }
    for (int i = 0; i < 20; i++) {
        spawn_finish(p[i]);
        if (p[i]->exit_status == 0)
            continue;
        expect_exit(p[i], 125);
        expect_that(strstr(p[i]->err, "No such image") != NULL ||
                        strstr(p[i]->err, "conflict") != NULL,
                    "there is no such image, or it is in use", p[i]->err);
    }
    (void)load(state, file);
    expect_output(run(state, "t:1"), "hello\n");
    expect_lacks("what is in the state directory", "/.", tree_paths(state));
}

static const struct trial trials[] = {
    {.name = "into_a_new_store",
     .claim = "eight images may be loaded at once into a store that is not "
              "there yet, and removed at once",
     .usual_cause = "EEXIST of mkdir() is taken for a failure, or each makes "
                    "an index",
     .reread = "#store_open",
     .feature = true,
     .depends = "docker_archive",
     .body = into_a_new_store},
    {.name = "same_layer_at_once",
     .claim = "the same layer may be unpacked by two at once",
     .usual_cause = "rename() over a tree that is there fails",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "loaded_again",
     .body = same_layer_at_once},
    {.name = "both_names_are_there",
     .claim = "who changes the index waits for who is changing it",
     .usual_cause = "the index is read before it is locked",
     .reread = "#index_add",
     .feature = true,
     .depends = "tag_adds_a_name",
     .body = both_names_are_there},
    {.name = "removal_waits",
     .claim = "duct rmi waits for a duct load, whose blobs no name leads to "
              "yet",
     .usual_cause = "load has no lock on the store",
     .reread = "#store_open",
     .feature = true,
     .depends = "last_name_removes",
     .body = removal_waits},
    {.name = "runs_or_removes",
     .claim = "duct rmi waits for a duct run that is about to stand on the "
              "image, and then finds it in use",
     .usual_cause = "the store is left before the layer notes its image",
     .reread = "#store_open",
     .feature = true,
     .depends = "running_ones_hold_it",
     .body = runs_or_removes},
    {.name = "readers_do_not_wait",
     .claim = "while an image is loaded others can be listed and run",
     .usual_cause = "one lock for all",
     .reread = "#store_open",
     .feature = true,
     .depends = "loaded_again",
     .body = readers_do_not_wait},
    {.name = "all_at_once",
     .claim = "loading, naming, running and removing one image at once end "
              "well, or say why not",
     .usual_cause = "something is looked up without a lock",
     .reread = "#store_open",
     .feature = true,
     .depends = "removal_waits",
     .body = all_at_once},
};

const struct chapter chapter_races = {"At once", TRIALS(trials)};
