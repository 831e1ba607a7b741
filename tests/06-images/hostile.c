/*
 * Chapter: a layer may say anything, and reaches nothing outside of its tree.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* The store stays as it was, and so does the host. */
struct witness {
    const char *state, *store;
    const char *host, *hosts;
};

static struct witness begin(void)
{
    struct witness w = {
        .state = LOADED(.layers = LAYERS(TAR(F("kept", "x\n")))),
        .host = canary(),
    };

    w.store = shared_store(w.state);
    w.hosts = tree_record(w.host);
    return w;
}

static void expect_host_untouched(const struct witness *w)
{
    expect_str("the directory of the host", w->hosts, tree_record(w->host));
}

static void refused(const struct witness *w, struct bytes layer)
{
    struct recipe r = {.layers = LAYERS(layer), .tags = "[\"bad\"]"};
    struct program *p = duct("load", "--state", w->state, "-i", archive(&r));

    expect_host_untouched(w);
    expect_refused(p, "");
    expect_same_store(w->store, w->state);
    p = duct("import", "--state", w->state, pack_write(layer), "bad");
    expect_host_untouched(w);
    expect_refused(p, "");
    expect_same_store(w->store, w->state);
}

/* It is refused, or it stays inside. */
static void harmless(const struct witness *w, struct bytes layer)
{
    struct recipe r = {.layers = LAYERS(layer), .tags = "[\"bad\"]"};
    const struct program *p =
        duct("load", "--state", w->state, "-i", archive(&r));

    expect_host_untouched(w);
    if (p->exit_status == 0)
        expect_exit(duct("rmi", "--state", w->state, "bad"), 0);
    else
        expect_refused(p, "");
    expect_host_untouched(w);
    expect_same_store(w->store, w->state);
}

static void names_with_dots(void)
{
    struct witness w = begin();
    const char *up = keep_format("../../../../../../../../..%s", w.host);

    refused(&w, TAR(F("../evil", "x")));
    refused(&w, TAR(F("..", "x")));
    refused(&w, TAR(D("..")));
    refused(&w, TAR(D("a"), F("a/../../evil", "x")));
    refused(&w, TAR(D("a"), F("a/../b", "x")));
    refused(&w, TAR(F(keep_format("%s/evil", up), "x")));
    refused(&w, TAR(F(keep_format("a/%s/file", up), "x")));
    refused(&w, TAR(D("a"), D("a/..")));
}

static void absolute_names(void)
{
    struct witness w = begin();
    const char *evil = keep_format("%s/evil", w.host);
    struct container *c =
        opened(.layers = LAYERS(pack_base(), TAR(F(evil, "x\n"))));

    expect_str("the file of an absolute name", "file 644 0:0 x\n",
               seen(c, evil));
    expect_host_untouched(&w);
}

static void links_out(void)
{
    struct witness w = begin();
    const char *up = keep_format("../../../../../../../../..%s", w.host);

    harmless(&w, TAR(S("x", w.host), F("x/file", "mine")));
    harmless(&w, TAR(S("x", w.host), F("x/evil", "mine")));
    harmless(&w, TAR(S("x", up), F("x/file", "mine")));
    harmless(&w, TAR(S("a", "b"), S("b", w.host), F("a/file", "mine")));
    harmless(&w, TAR(S("x", keep_format("%s/file", w.host)),
                     F("x", "mine", .mode = 0777, .uid = 7)));
    harmless(&w, TAR(S("x", w.host), D("x", .mode = 0777, .uid = 7),
                     F("x/evil", "x")));
    harmless(&w, TAR(S("x", w.host), D("x/new/dir"), F("x/new/dir/x", "x")));
    harmless(&w, TAR(S("x", "/proc/1/root"),
                     F(keep_format("x%s/evil", w.host), "x")));
}

/* What the layer does not have itself can't be linked to. */
static void hard_links_out(void)
{
    struct witness w = begin();
    const char *file = keep_format("%s/file", w.host);

    refused(&w, TAR(H("x", file)));
    refused(&w, TAR(H("x", keep_format("../../../../../../../..%s", file))));
    refused(&w, TAR(S("l", w.host), H("x", "l/file")));
    refused(&w, TAR(H("x", "no/such")));
    refused(&w, TAR(D("d"), H("d/x", "../x")));
    refused(&w, TAR(D("d"), F("x", "x"), H("y", "d/../x")));
}

/* A tree that another image has is no part of this layer. */
static void hard_links_below(void)
{
    struct witness w = begin();
    struct recipe r = {.layers = LAYERS(TAR(F("low", "x")), TAR(H("x", "low"))),
                       .tags = "[\"bad\"]"};

    expect_refused(duct("load", "--state", w.state, "-i", archive(&r)), "");
    expect_same_store(w.store, w.state);
}

static void whiteouts_out(void)
{
    struct witness w = begin();

    refused(&w, TAR(F("../.wh.evil", "")));
    refused(&w, TAR(F("d/.wh...", "")));
    refused(&w, TAR(F("d/.wh..", "")));
    refused(&w, TAR(F("d/.wh.", "")));
    refused(&w, TAR(F(".wh.d/x", "")));
    harmless(&w, TAR(S("x", w.host), F("x/.wh.file", "")));
    harmless(&w, TAR(S("x", w.host), F("x/.wh..wh..opq", "")));
    harmless(&w, TAR(S("x", w.host), F("x/.wh.other", "")));
    harmless(&w, TAR(S("x", w.host), F(".wh.x", "")));
    expect_that(!tree_is_opaque(w.host, "trusted.overlay.opaque"),
                "no mark on the directory of the host", "one");
}

/* What overlay takes for something else may only come from duct. */
static void overlays_own(void)
{
    struct witness w = begin();

    refused(&w, TAR(C("d", 0, 0)));
    refused(&w, TAR(D("d"), C("d/gone", 0, 0)));
}

static void no_owners(void)
{
    struct witness w = begin();
    const char *const *record =
        ARGV("uid=4294967295", "gid=4294967295", "uid=99999999999",
             "gid=99999999999", "uid=-1", "gid=-1");

    for (; *record != NULL; record++) {
        struct file files[] = {F("x", "x", .pax = ARGV(*record)), {0}};
        struct witness again = w;

        trial_note("%s", *record);
        if ((*record)[4] == '-') /* libarchive may take it for none */
            harmless(&again, pack_tar(files));
        else
            refused(&again, pack_tar(files));
    }
}

static void no_names(void)
{
    struct witness w = begin();
    char word[302], *path = keep_zeroed(8802), *end = path;

    memset(word, 'n', 300);
    word[300] = '\0';
    refused(&w, TAR(F(word, "x")));
    for (int i = 0; i < 4200; i += 2)
        end = stpcpy(end, "n/");
    refused(&w, TAR(F(path, "x")));
    refused(&w, TAR(F("./", "x")));
    refused(&w, TAR(S("./", w.host)));
}

/* The message names a file that the layer has chosen a name for. */
static void terminals_are_spared(void)
{
    struct witness w = begin();
    struct recipe r = {.layers =
                           LAYERS(TAR(H("a\033[2J\ab\xc2\x9b", "no/such"))),
                       .tags = "[\"bad\"]"};
    struct program *p = duct("load", "--state", w.state, "-i", archive(&r));

    expect_refused(p, "a?[2J?b");
    expect_lacks("what duct says", "\033", p->err);
    expect_lacks("what duct says", "\a", p->err);
    expect_lacks("what duct says", "\xc2\x9b", p->err);
    p = duct("load", "--state", w.state, "-i",
             archive(RECIPE(.layers = LAYERS(TAR(F("../\033[2J", "x"))))));
    expect_refused(p, "no name");
    expect_lacks("what duct says", "\033", p->err);
}

/* What is unpacked is not executed, and needs nothing of the tree. */
static void nothing_is_executed(void)
{
    struct witness w = begin();
    const char *evil = keep_format("#!/bin/sh\necho evil >%s/file\n", w.host);
    struct file files[16] = {{0}};
    const char *const *name = ARGV("bin/sh", "bin/tar", "bin/gzip", "bin/zstd",
                                   "bin/xz", "usr/bin/unpigz");
    size_t count = 0;
    struct recipe r = {.tags = "[\"bad\"]"};

    for (; *name != NULL; name++)
        files[count++] =
            (struct file){.path = *name, .text = evil, .mode = 04755};
    files[count++] = (struct file)F("etc/nsswitch.conf", "passwd: evil\n");
    files[count++] = (struct file)F("etc/ld.so.preload", "/evil.so\n");
    r.layers = LAYERS(pack_tar(files));
    r.packed = LAYERS(pack_compress(r.layers[0], GZIP));
    (void)load(w.state, archive(&r));
    expect_host_untouched(&w);
}

/* Formats that name files of the host's, or that only look like a tar. */
static void other_formats(void)
{
    struct witness w = begin();
    const char *text =
        keep_format("#mtree\n./x type=file contents=%s/file\n", w.host);

    refused(&w, pack_text(text));
    refused(&w, pack_text("!<arch>\nx/              0           0     0     "
                          "644     2         `\nx\n"));
    refused(&w, pack_text("070701"
                          "0000000100008124000000000000000000000001000000000000"
                          "0002000000000000000000000000000000000000000200000000"
                          "x"));
}

static const struct trial trials[] = {
    {.name = "names_with_dots",
     .claim = "a name with .. in it is refused; the store and the host stay "
              "as they were",
     .usual_cause = "the path is joined to the tree's, and opened",
     .reread = "#break-it",
     .feature = true,
     .depends = "types_of_files",
     .body = names_with_dots},
    {.name = "absolute_names",
     .claim = "an absolute name is one of the tree",
     .usual_cause = "it is opened as it is",
     .reread = "#break-it",
     .feature = true,
     .depends = "types_of_files",
     .body = absolute_names},
    {.name = "links_out",
     .claim = "nothing is written through a link that leads out",
     .usual_cause = "the root directory was not changed before unpacking",
     .reread = "#break-it",
     .feature = true,
     .depends = "types_of_files",
     .body = links_out},
    {.name = "hard_links_out",
     .claim = "hard links to what is outside, or not there, are refused",
     .usual_cause = "link() resolves them from duct's own root",
     .reread = "#break-it",
     .feature = true,
     .depends = "hard_links",
     .body = hard_links_out},
    {.name = "hard_links_below",
     .claim = "so is a hard link to a file of a layer below",
     .usual_cause = "layers are unpacked over each other",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "hard_links",
     .body = hard_links_below},
    {.name = "whiteouts_out",
     .claim = "whiteouts of no name, or through a link, hide nothing outside",
     .usual_cause = "what stands behind .wh. is not looked at",
     .reread = "#break-it",
     .feature = true,
     .depends = "whiteouts",
     .body = whiteouts_out},
    {.name = "overlays_own_marks",
     .claim = "a device 0,0 in a tar is refused: overlay would take it for a "
              "whiteout",
     .usual_cause = "it is made as any other device",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "whiteouts",
     .body = overlays_own},
    {.name = "no_owners",
     .claim = "owners that are no numbers for the kernel are refused",
     .usual_cause = "-1 means \"as it is\" to chown(2), and 2 to the power of "
                    "32 is 0",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "owners_of_files",
     .body = no_owners},
    {.name = "no_names",
     .claim = "names longer than the kernel takes are refused; / can be "
              "nothing but a directory",
     .usual_cause = "they are cut off",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "names_of_files",
     .body = no_names},
    {.name = "terminals_are_spared",
     .claim = "control characters in a name do not reach the terminal",
     .usual_cause = "the message has the name as it is",
     .reread = "#break-it",
     .feature = true,
     .depends = "names_of_files",
     .body = terminals_are_spared},
    {.name = "nothing_is_executed",
     .claim = "nothing of a layer is executed, or read, to unpack it",
     .usual_cause = "a program of the same name is started after chroot()",
     .reread = "#break-it",
     .feature = true,
     .depends = "import_compressed",
     .body = nothing_is_executed},
    {.name = "other_formats",
     .claim = "a layer is a tar and nothing else: some formats name files of "
              "the host's",
     .usual_cause = "archive_read_support_format_all()",
     .reread = "#break-it",
     .feature = true,
     .depends = "import_refuses",
     .body = other_formats},
};

const struct chapter chapter_hostile = {"Hostile layers", TRIALS(trials)};
