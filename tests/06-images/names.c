/*
 * Chapter: names come and go, and the last one takes the image with it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define HELLO RECIPE(.layers = LAYERS(pack_base()))

/* What an empty store has in it. */
static const char nothing[] = "/_images\n/_images/blobs\n"
                              "/_images/blobs/sha256\n/_images/index.json\n"
                              "/_images/layers\n/_images/oci-layout\n";

static void tag_adds(void)
{
    const char *state = shared_loaded(HELLO), *id = pack_id(HELLO);

    expect_output(duct("tag", "--state", state, "t:1", "me/other:2"), "");
    expect_str("duct images",
               keep_format("me/other 2 %.12s\nt 1 %.12s\n", id, id),
               shared_images(state));
    expect_output(run(state, "me/other:2"), "hello\n");
    expect_output(duct("tag", "--state", state, keep_copy(id, 12), "third"),
                  "");
    expect_output(run(state, "third"), "hello\n");
    expect_output(
        duct("tag", "--state", state, keep_format("sha256:%s", id), "fourth"),
        "");
    expect_output(run(state, "fourth"), "hello\n");
}

static void tag_moves(void)
{
    struct recipe two = {.layers = LAYERS(TAR(F("x", "x"))),
                         .tags = "[\"two\"]"};
    const char *state = shared_loaded(HELLO), *id = pack_id(&two);

    (void)load(state, archive(&two));
    expect_output(duct("tag", "--state", state, "two", "t:1"), "");
    expect_str("duct images",
               keep_format("t 1 %.12s\ntwo latest %.12s\n"
                           "<none> <none> %.12s\n",
                           id, id, pack_id(HELLO)),
               shared_images(state));
    /* The one it has already. */
    expect_output(duct("tag", "--state", state, "t:1", "t:1"), "");
    expect_str("duct images",
               keep_format("t 1 %.12s\ntwo latest %.12s\n"
                           "<none> <none> %.12s\n",
                           id, id, pack_id(HELLO)),
               shared_images(state));
}

static void tag_refuses(void)
{
    const char *state = shared_loaded(HELLO), *before = shared_store(state);

    expect_refused(duct("tag", "--state", state, "other", "x"),
                   "No such image: other:latest");
    expect_refused(duct("tag", "--state", state, "t:1", "Bad"), "Bad");
    expect_refused(duct("tag", "--state", state, "t:1"), "tag needs");
    expect_refused(duct("tag", "--state", state, "t:1", "a", "b"), "tag needs");
    expect_same_store(before, state);
}

static void last_name_removes(void)
{
    const char *state = shared_loaded(HELLO), *id = pack_id(HELLO), *before;

    expect_exit(duct("tag", "--state", state, "t:1", "me/two"), 0);
    before = tree_paths(state);
    expect_output(duct("rmi", "--state", state, "t:1"), "Untagged: t:1\n");
    expect_str("what is in the store", before, tree_paths(state));
    expect_output(run(state, "me/two"), "hello\n");
    expect_output(
        duct("rmi", "--state", state, "me/two"),
        keep_format("Untagged: me/two:latest\nDeleted: sha256:%s\n", id));
    expect_str("what is left in the store", nothing, tree_paths(state));
    expect_refused(duct("rmi", "--state", state, "me/two"),
                   "No such image: me/two:latest");
}

static void removed_by_id(void)
{
    const char *state = shared_loaded(HELLO), *id = pack_id(HELLO), *before;

    expect_exit(duct("tag", "--state", state, "t:1", "two"), 0);
    before = shared_store(state);
    expect_refused(duct("rmi", "--state", state, keep_copy(id, 12)), "conflict",
                   keep_copy(id, 12), "several names");
    expect_same_store(before, state);
    expect_exit(duct("rmi", "--state", state, "two"), 0);
    expect_output(duct("rmi", "--state", state, keep_copy(id, 12)),
                  keep_format("Untagged: t:1\nDeleted: sha256:%s\n", id));
    expect_str("what is left in the store", nothing, tree_paths(state));
}

static void several_at_once(void)
{
    struct recipe two = {.layers = LAYERS(TAR(F("x", "x"))),
                         .tags = "[\"two\"]"};
    const char *state = shared_loaded(HELLO);
    const struct program *p;

    (void)load(state, archive(&two));
    expect_output(duct("rmi", "--state", state, "t:1", "two"),
                  keep_format("Untagged: t:1\nDeleted: sha256:%s\n"
                              "Untagged: two:latest\nDeleted: sha256:%s\n",
                              pack_id(HELLO), pack_id(&two)));
    expect_str("what is left in the store", nothing, tree_paths(state));
    (void)load(state, archive(HELLO));
    p = duct("rmi", "--state", state, "none", "t:1", "two");
    expect_exit(p, 125);
    expect_str(
        "what was done nevertheless",
        keep_format("Untagged: t:1\nDeleted: sha256:%s\n", pack_id(HELLO)),
        p->out);
    expect_contains("what duct says", "duct: No such image: none:latest\n",
                    p->err);
    expect_contains("what duct says", "duct: No such image: two:latest\n",
                    p->err);
}

static void nameless_is_removed(void)
{
    struct recipe r = {.layers = LAYERS(pack_base()), .tags = "[]"};
    const char *state = tree_fresh_dir(0), *id = pack_id(&r);

    (void)load(state, archive(&r));
    expect_output(duct("rmi", "--state", state, keep_copy(id, 6)),
                  keep_format("Deleted: sha256:%s\n", id));
    expect_str("what is left in the store", nothing, tree_paths(state));
}

static void shared_layers_stay(void)
{
    struct bytes top = TAR(F("x", "x\n"));
    struct recipe two = {.layers = LAYERS(pack_base(), top),
                         .tags = "[\"two\"]"};
    const char *state = shared_loaded(HELLO);

    (void)load(state, archive(&two));
    expect_exit(duct("rmi", "--state", state, "two"), 0);
    expect_that(access(shared_tree(state, top), F_OK) < 0,
                "the layer that nobody has any more to be gone", "it is there");
    expect_that(shared_blob(state, pack_sha256(top)) == NULL,
                "its blob to be gone", "it is there");
    expect_output(run(state, "t:1"), "hello\n");
    (void)load(state, archive(&two));
    expect_exit(duct("rmi", "--state", state, "t:1"), 0);
    expect_output(run(state, "two", "/bin/cat", "/x", "/d/low"), "x\nlow\n");
}

static void beginnings_of_ids(void)
{
    static struct recipe r;
    const char *state = tree_fresh_dir(0), *first = NULL, *other = NULL;
    char tags[64];
    char *ids[17];

    /* Of 17 images two begin with the same digit. */
    for (size_t i = 0; i < 17 && other == NULL; i++) {
        (void)snprintf(tags, sizeof(tags), "[\"n%zu\"]", i);
        r = (struct recipe){.layers = LAYERS(TAR(F("x", tags))), .tags = tags};
        (void)load(state, archive(&r));
        ids[i] = pack_id(&r);
        for (size_t j = 0; j < i; j++)
            if (ids[j][0] == ids[i][0]) {
                first = ids[j];
                other = ids[i];
            }
    }
    size_t same = 0;
    while (first[same] == other[same])
        same++;
    expect_refused(duct("history", "--state", state, keep_copy(first, same)),
                   "ambiguous", keep_copy(first, same));
    expect_exit(duct("history", "--state", state, keep_copy(first, same + 1)),
                0);
    expect_exit(duct("history", "--state", state,
                     keep_format("sha256:%s", keep_copy(other, same + 1))),
                0);
    expect_refused(
        duct("history", "--state", state, keep_format("sha256:%.11sx", first)),
        "No such image");
    expect_refused(duct("history", "--state", state, "sha256:"),
                   "invalid reference");
}

/* A name that looks like the beginning of an id. */
static void names_before_ids(void)
{
    const char *state = shared_loaded(HELLO);
    struct recipe two = {.layers =
                             LAYERS(pack_base(), TAR(F("d/low", "two\n"))),
                         .tags = keep_format("[\"%.12s\"]", pack_id(HELLO)),
                         .config = "{\"Cmd\":[\"/bin/echo\",\"by name\"]}"};

    (void)load(state, archive(&two));
    expect_output(run(state, keep_copy(pack_id(HELLO), 12)), "by name\n");
    expect_output(run(state, keep_copy(pack_id(HELLO), 13)), "hello\n");
}

static void running_ones_hold_it(void)
{
    const char *state = shared_loaded(HELLO), *before;
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");
    const struct program *p;

    before = shared_store(keep_format("%s/_images", state));
    p = duct("rmi", "--state", state, "t:1");
    expect_refused(p, "conflict", "t:1", "without a name");
    expect_contains("the hint", "duct rm", p->err);
    expect_refused(duct("rmi", "--state", state, keep_copy(pack_id(HELLO), 12)),
                   "conflict");
    expect_same_store(before, keep_format("%s/_images", state));
    /* One name of two may go meanwhile. */
    expect_exit(duct("tag", "--state", state, "t:1", "two"), 0);
    expect_output(duct("rmi", "--state", state, "t:1"), "Untagged: t:1\n");
    container_end(c);
    expect_exit(duct("rmi", "--state", state, "two"), 0);
    expect_str("what is left in the store", nothing, tree_paths(state));
}

static void others_go_meanwhile(void)
{
    struct recipe two = {.layers = LAYERS(TAR(F("x", "x"))),
                         .tags = "[\"two\"]"};
    const char *state = shared_loaded(HELLO);
    struct container *c;

    (void)load(state, archive(&two));
    c = box(state, "t:1", "/bin/sleep", "4711");
    expect_exit(duct("rmi", "--state", state, "two"), 0);
    (void)load(state, archive(&two));
    expect_exit(duct("rmi", "--state", state, "two"), 0);
    expect_str("a file of the container", "file 644 0:0 low\n",
               seen(c, "/d/low"));
}

static void kept_ones_hold_it(void)
{
    const char *state = shared_loaded(HELLO);

    expect_exit(run(state, "--name", "web", "t:1", "/bin/true"), 0);
    expect_refused(duct("rmi", "--state", state, "t:1"), "conflict",
                   "container web");
    expect_output(run(state, "--name", "web", "t:1"), "hello\n");
    expect_output(duct("rm", "--state", state, "web"), "");
    expect_exit(duct("rmi", "--state", state, "t:1"), 0);
}

static void dead_ones_do_not(void)
{
    const char *state = shared_loaded(HELLO);
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");

    expect_call(spawn_signal(c->duct, SIGKILL));
    spawn_finish(c->duct);
    for (int i = 0; i < 100 && kernel_alive(c->init); i++)
        spawn_sleep_ms(10);
    expect_exit(duct("rmi", "--state", state, "t:1"), 0);
}

/* Containers of a ROOTFS stand on no image. */
static void rootfs_holds_nothing(void)
{
    const char *state = shared_loaded(HELLO);

    expect_exit(run(state, "--name", "plain", rootfs(), "true"), 0);
    expect_exit(duct("rmi", "--state", state, "t:1"), 0);
    expect_output(duct("rm", "--state", state, "plain"), "");
}

static const struct trial trials[] = {
    {.name = "tag_adds_a_name",
     .claim = "duct tag gives an image one more name; it is found by its old "
              "name, or by its id",
     .usual_cause = "the old name is replaced",
     .reread = "#index_add",
     .feature = true,
     .depends = "docker_archive",
     .body = tag_adds},
    {.name = "tag_moves_a_name",
     .claim = "a name that another image has moves on, and that one stays",
     .usual_cause = "both have it, or the other is removed",
     .reread = "#index_add",
     .feature = true,
     .depends = "tag_adds_a_name",
     .body = tag_moves},
    {.name = "tag_refuses",
     .claim = "without an image or a name for it there is nothing to tag",
     .usual_cause = "a result is not looked at",
     .reread = "#index_add",
     .feature = true,
     .depends = "tag_adds_a_name",
     .body = tag_refuses},
    {.name = "last_name_removes",
     .claim = "duct rmi takes a name away, and with the last one all that the "
              "image was made of",
     .usual_cause = "names are not counted, or blobs and trees stay",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "tag_adds_a_name",
     .body = last_name_removes},
    {.name = "removed_by_id",
     .claim = "an image may be removed by its id, unless it has several names",
     .usual_cause = "all its names go, or just one of them",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = removed_by_id},
    {.name = "several_are_removed",
     .claim = "several images are removed one after the other, and each that "
              "can't be is told",
     .usual_cause = "it ends at the first that can't be removed",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = several_at_once},
    {.name = "nameless_is_removed",
     .claim = "an image without a name is removed by the beginning of its id",
     .usual_cause = "an image without names counts as one that has none left",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = nameless_is_removed},
    {.name = "shared_layers_stay",
     .claim = "layers go when the last image that has them goes",
     .usual_cause = "all layers of the image are removed",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = shared_layers_stay},
    {.name = "beginnings_of_ids",
     .claim = "the beginning of an id will do, if one image's begins so",
     .usual_cause = "the first that fits is taken",
     .reread = "#index_add",
     .feature = true,
     .depends = "docker_archive",
     .body = beginnings_of_ids},
    {.name = "names_before_ids",
     .claim = "a name counts before an id that begins like it",
     .usual_cause = "ids are looked for first",
     .reread = "#index_add",
     .feature = true,
     .depends = "beginnings_of_ids",
     .body = names_before_ids},
    {.name = "running_ones_hold_it",
     .claim = "an image whose container runs stays, with its last name",
     .usual_cause = "nobody asks who stands on it",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = running_ones_hold_it},
    {.name = "others_go_meanwhile",
     .claim = "a container that runs keeps nobody from loading or removing "
              "other images",
     .usual_cause = "it holds the lock of the store",
     .reread = "#store_open",
     .feature = true,
     .depends = "running_ones_hold_it",
     .body = others_go_meanwhile},
    {.name = "kept_ones_hold_it",
     .claim = "so does a container that was kept, until duct rm",
     .usual_cause = "only those that run are looked at",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = kept_ones_hold_it},
    {.name = "dead_ones_do_not",
     .claim = "what a killed duct has left holds no image",
     .usual_cause = "its directory is there, and its lock is not asked for",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "running_ones_hold_it",
     .body = dead_ones_do_not},
    {.name = "rootfs_holds_nothing",
     .claim = "nor does a container of a ROOTFS",
     .usual_cause = "all that is kept counts",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "kept_ones_hold_it",
     .body = rootfs_holds_nothing},
};

const struct chapter chapter_names = {"Names come and go", TRIALS(trials)};
