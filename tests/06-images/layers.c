/*
 * Chapter: layers on top of each other, and what they hide.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "suite.h"

#define ON_BASE(...) opened(.layers = LAYERS(pack_base(), TAR(__VA_ARGS__)))

static void tops_count(void)
{
    struct container *c =
        opened(.layers =
                   LAYERS(pack_base(), TAR(F("d/low", "mid\n"), F("m", "m")),
                          TAR(F("d/low", "top\n"))));

    expect_str("a file that each layer has", "file 644 0:0 top\n",
               seen(c, "/d/low"));
    expect_str("a file of the middle", "file 644 0:0 m", seen(c, "/m"));
    expect_str("a file of the lowest", "file 644 0:0 gone\n",
               seen(c, "/d/gone"));
}

static void whiteouts(void)
{
    struct container *c =
        ON_BASE(D("d"), F("d/.wh.gone", ""), F("d/new", "new\n"),
                F(".wh.nothing", ""), F(".wh.o", ""));

    expect_str("/d", "low new", listed(c, "/d"));
    expect_str("/d/gone", "nothing", seen(c, "/d/gone"));
    expect_str("/o", "nothing", seen(c, "/o"));
    expect_lacks("/", ".wh.", listed(c, "/"));
}

static void opaque(void)
{
    struct container *c = ON_BASE(D("o", .mode = 0711), F("o/.wh..wh..opq", ""),
                                  F("o/new", "new\n"));

    expect_str("/o", "new", listed(c, "/o"));
    expect_str("/o itself", "dir 711 0:0", seen(c, "/o"));
    expect_str("/d", "gone low", listed(c, "/d"));
}

/* Before, between, or after what they stand beside. */
static void wherever_they_stand(void)
{
    struct container *c = ON_BASE(
        D("d"), F("d/low", "mine\n"), F("d/.wh.low", ""), F("d/.wh.gone", ""),
        D("o"), F("o/new", "new\n"), F("o/.wh..wh..opq", ""), D("o/more"));

    expect_str("/d", "low", listed(c, "/d"));
    expect_str("/d/low", "file 644 0:0 mine\n", seen(c, "/d/low"));
    expect_str("/o", "more new", listed(c, "/o"));
    c = ON_BASE(F(".wh.d", ""), F("d/new", "new\n"));
    expect_str("/d, hidden before something is put in", "new", listed(c, "/d"));
    c = ON_BASE(F("d/new", "new\n"), F(".wh.d", ""));
    expect_str("/d, hidden after something was put in", "new", listed(c, "/d"));
}

static void one_below_the_next(void)
{
    struct container *c =
        opened(.layers = LAYERS(pack_base(), TAR(F("d/.wh.low", "")),
                                TAR(F("d/low", "again\n"), F(".wh.o", "")),
                                TAR(F("o/x", "x\n"))));

    expect_str("/d", "gone low", listed(c, "/d"));
    expect_str("/d/low", "file 644 0:0 again\n", seen(c, "/d/low"));
    expect_str("/o", "x", listed(c, "/o"));
}

static void root_is_opaque(void)
{
    struct bytes only = TAR(F(".wh..wh..opq", ""), F("only", "only\n"));
    const char *state =
        LOADED(.layers = LAYERS(TAR(F("hidden", "x\n")), only, pack_base()));
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");

    expect_str("a file of the layer", "file 644 0:0 only\n", seen(c, "/only"));
    expect_str("a file of one below", "nothing", seen(c, "/hidden"));
    expect_str("a file of one above", "file 644 0:0 low\n", seen(c, "/d/low"));
}

static void other_names(void)
{
    struct container *c =
        ON_BASE(F(".whatever", "x\n"), F(".wh", "x\n"), F("d/x.wh.low", "x\n"),
                F("d/.wh..wh.aufs", ""), F(".wh..wh.plnk/x", "x\n"),
                F("d/.wh.x.y", ""));

    expect_str("/d", "gone low x.wh.low", listed(c, "/d"));
    expect_contains("/", ".wh .whatever", listed(c, "/"));
    expect_lacks("/", ".wh.", listed(c, "/"));
}

/* A directory over a file, a file over a directory, and a link over both. */
static void other_types(void)
{
    struct container *c = ON_BASE(D("d/low"), F("d/low/x", "x\n"),
                                  F("o", "f\n"), S("d/gone", "/etc"));

    expect_str("/d/low", "dir 755 0:0", seen(c, "/d/low"));
    expect_str("/d/low/x", "file 644 0:0 x\n", seen(c, "/d/low/x"));
    expect_str("/o", "file 644 0:0 f\n", seen(c, "/o"));
    expect_str("/d/gone", "link to /etc", seen(c, "/d/gone"));
}

static void marks_of_overlay(void)
{
    struct bytes top =
        TAR(D("d"), F("d/.wh.gone", ""), D("o"), F("o/.wh..wh..opq", ""));
    const char *state = LOADED(.layers = LAYERS(pack_base(), top));
    const char *tree = shared_tree(state, top);

    expect_that(tree_is_whiteout(keep_format("%s/d/gone", tree)),
                "a character device 0,0", "something else");
    expect_that(
        tree_is_opaque(keep_format("%s/o", tree), "trusted.overlay.opaque"),
        "the attribute trusted.overlay.opaque to be y",
        "no such attribute, or another value");
    expect_str("all that is there", "/d\n/d/gone\n/o\n", tree_paths(tree));
}

static void twice(void)
{
    struct bytes top = TAR(F("d/low", "top\n"));
    struct container *c =
        opened(.layers = LAYERS(pack_base(), top, TAR(F("d/low", "mid\n")), top,
                                TAR(F("x", "x"))));

    expect_str("/d/low", "file 644 0:0 top\n", seen(c, "/d/low"));
}

/* What docker makes for ENV and the like: a tar without anything in it. */
static void empty_ones(void)
{
    struct container *c =
        opened(.layers =
                   LAYERS(pack_base(), TAR({0}), TAR(F("x", "x\n")), TAR({0})));

    expect_str("/x", "file 644 0:0 x\n", seen(c, "/x"));
    expect_str("/d", "gone low", listed(c, "/d"));
}

static void shared(void)
{
    const char *state = tree_fresh_dir(0), *tree;
    struct stat first, second;
    struct recipe one = {.layers = LAYERS(pack_base())};
    struct recipe two = {.layers = LAYERS(pack_base(), TAR(F("x", "x\n"))),
                         .tags = "[\"two\"]"};

    (void)load(state, archive(&one));
    tree = shared_tree(state, pack_base());
    expect_call(stat(tree, &first));
    (void)load(state, archive(&two));
    expect_call(stat(tree, &second));
    expect_same("inode of the tree that both stand on", first.st_ino,
                second.st_ino);
    expect_output(run(state, "two", "/bin/cat", "/x", "/d/low"), "x\nlow\n");
    expect_output(run(state, "t:1"), "hello\n");
}

/* As many as docker allows: their names are longer than mount(2) takes. */
static void as_many_as_docker(void)
{
    struct bytes layers[128] = {pack_base()};
    const char *expected = "";
    const char *state;

    for (int i = 1; i < 127; i++) {
        layers[i] = TAR(F(keep_format("many/%03d", i), ""),
                        F("top", keep_format("%d\n", i)));
        expected = keep_format("%s%s%03d", expected, i == 1 ? "" : " ", i);
    }
    state = LOADED(.layers = layers);
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");
    expect_str("/many", expected, listed(c, "/many"));
    expect_str("/top", "file 644 0:0 126\n", seen(c, "/top"));
    container_end(c);
    expect_output(run(state, "--lower", canary(), "t:1", "/bin/cat", "/file"),
                  "of the host\n");
}

static void one_too_many(void)
{
    struct bytes layers[129] = {pack_base()};

    for (int i = 1; i < 128; i++)
        layers[i] = TAR(F(keep_format("%d", i), ""));
    expect_refused(duct("load", "--state", tree_fresh_dir(0), "-i",
                        archive(RECIPE(.layers = layers))),
                   "127 layers");
}

/* A layer of what is to be hidden, where the directory is not said again. */
static void parents_are_made(void)
{
    struct container *c = ON_BASE(F("p/q/r", "x\n"), F("u/v/.wh.w", ""));

    expect_str("/p", "dir 755 0:0", seen(c, "/p"));
    expect_str("/p/q/r", "file 644 0:0 x\n", seen(c, "/p/q/r"));
    expect_str("/u/v", "dir 755 0:0", seen(c, "/u/v"));
    expect_str("/u/v/w", "nothing", seen(c, "/u/v/w"));
}

static const struct trial trials[] = {
    {.name = "tops_count",
     .claim = "what a layer has counts more than what those below it have",
     .usual_cause = "overlay takes lowerdirs top first, a manifest has them "
                    "base first",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "docker_archive",
     .body = tops_count},
    {.name = "whiteouts",
     .claim = ".wh.NAME hides NAME, a file or a whole directory",
     .usual_cause = "it is unpacked as a file",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "tops_count",
     .body = whiteouts},
    {.name = "opaque_directories",
     .claim = ".wh..wh..opq hides all that layers below have in its directory",
     .usual_cause = "it is taken for a whiteout of .wh..opq",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "tops_count",
     .body = opaque},
    {.name = "wherever_they_stand",
     .claim = "both act on layers below, wherever they stand in the tar",
     .usual_cause = "they remove what came before in the same layer, or are "
                    "overwritten by what comes after",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "opaque_directories",
     .body = wherever_they_stand},
    {.name = "one_below_the_next",
     .claim = "what one layer hides the next may have again, and only what it "
              "puts there",
     .usual_cause = "a directory over a whiteout shows what is below again",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "whiteouts",
     .body = one_below_the_next},
    {.name = "root_is_opaque",
     .claim = "an opaque / hides all layers below",
     .usual_cause = "overlay does not look at the mark on its lowerdirs "
                    "themselves",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "opaque_directories",
     .body = root_is_opaque},
    {.name = "other_names",
     .claim = ".wh, .whatever and x.wh.y are files; .wh..wh.* are none, and "
              "hide nothing",
     .usual_cause = "the mark is looked for anywhere in a name",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "whiteouts",
     .body = other_names},
    {.name = "other_types",
     .claim = "a layer may have a file where a lower one has a directory, and "
              "the other way round",
     .usual_cause = "layers are unpacked over each other",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "tops_count",
     .body = other_types},
    {.name = "marks_of_overlay",
     .claim = "in the tree a whiteout is a character device 0,0, an opaque "
              "directory has trusted.overlay.opaque",
     .usual_cause = "marks are made for another storage driver",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "whiteouts",
     .body = marks_of_overlay},
    {.name = "layer_twice",
     .claim = "an image may have the same layer twice: it counts where it is "
              "on top",
     .usual_cause = "overlay refuses one lowerdir twice",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "tops_count",
     .body = twice},
    {.name = "empty_layers",
     .claim = "a layer may be empty",
     .usual_cause = "libarchive says EOF at once",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "tops_count",
     .body = empty_ones},
    {.name = "layers_are_shared",
     .claim = "a layer of two images is unpacked once",
     .usual_cause = "trees are kept by image",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "tops_count",
     .body = shared},
    {.name = "as_many_as_docker",
     .claim = "an image may have 127 layers, and --lower on top",
     .usual_cause = "mount(2) takes one page of options: long paths do not fit",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "tops_count",
     .body = as_many_as_docker},
    {.name = "one_layer_too_many",
     .claim = "an image with 128 layers is refused",
     .usual_cause = "the array is as long as the archive says",
     .reread = "#break-it",
     .feature = true,
     .depends = "as_many_as_docker",
     .body = one_too_many},
    {.name = "parents_are_made",
     .claim = "directories that the tar does not list are made, as root's "
              "with mode 755",
     .usual_cause = "duct's own umask counts",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "whiteouts",
     .body = parents_are_made},
};

const struct chapter chapter_layers = {"Layers", TRIALS(trials)};
