/*
 * Chapter: images without root.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absent.h"
#include "suite.h"

static struct program *as_nobody(const char *const *words)
{
    return spawn_run(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL), .uid = NOBODY});
}

#define AS_NOBODY(...) as_nobody(ARGV(__VA_ARGS__))
#define RUN_AS_NOBODY(...)                                                     \
    AS_NOBODY("run", "--network", "none", "--state", __VA_ARGS__)

/* An archive that anybody may read, loaded by nobody. */
static char *nobodys(const struct recipe *r)
{
    char *state = tree_fresh_dir(NOBODY);
    const struct program *p =
        AS_NOBODY("load", "--state", state, "-i", archive(r));

    expect_exit(p, 0);
    expect_str("stdout", "Loaded image: t:1\n", p->out);
    expect_str("stderr",
               "duct: only root could make devices, if there are any, or set "
               "owners\n",
               p->err);
    return state;
}

#define NOBODYS(...) nobodys(RECIPE(__VA_ARGS__))

static struct container *boxed(const char *state)
{
    return container_start(
        &(struct spawn){.argv = DUCT("run", "--network", "none", "--state",
                                     state, "t:1", "/bin/sleep", "4711"),
                        .uid = NOBODY});
}

static void loads_and_runs(void)
{
    const char *state = NOBODYS(.layers = LAYERS(pack_base()));

    expect_output(RUN_AS_NOBODY(state, "t:1"), "hello\n");
    expect_output(RUN_AS_NOBODY(state, "t:1", "/bin/sh", "-c",
                                "echo x >/d/low; cat /d/low; rm /o/old; ls /o"),
                  "x\nsub\n");
    expect_output(
        AS_NOBODY("images", "--state", state, "-q"),
        keep_format("%.12s\n", pack_id(RECIPE(.layers = LAYERS(pack_base())))));
}

static void imports_and_saves(void)
{
    const char *state = tree_fresh_dir(NOBODY);
    const char *other = tree_fresh_dir(NOBODY);
    const char *file = keep_format("%s/saved", tree_fresh_dir(NOBODY));
    struct program *p =
        AS_NOBODY("import", "--state", state, pack_write(pack_base()), "box");

    expect_exit(p, 0);
    expect_output(RUN_AS_NOBODY(state, "box", "/bin/cat", "/d/low"), "low\n");
    expect_output(AS_NOBODY("save", "--state", state, "-o", file, "box"), "");
    p = AS_NOBODY("load", "--state", other, "-i", file);
    expect_exit(p, 0);
    expect_str("stdout", "Loaded image: box:latest\n", p->out);
    expect_output(RUN_AS_NOBODY(other, "box", "/bin/cat", "/d/low"), "low\n");
}

static void layers_hide(void)
{
    struct bytes top =
        TAR(D("d"), F("d/.wh.gone", ""), D("o"), F("o/.wh..wh..opq", ""),
            F("o/new", "new\n"), F(".wh.tmp", ""));
    const char *state = NOBODYS(.layers = LAYERS(pack_base(), top));
    struct container *c = boxed(state);

    expect_str("/d", "low", listed(c, "/d"));
    expect_str("/o", "new", listed(c, "/o"));
    expect_str("/tmp", "nothing", seen(c, "/tmp"));
    expect_that(tree_is_opaque(keep_format("%s/o", shared_tree(state, top)),
                               "user.overlay.opaque"),
                "the attribute user.overlay.opaque to be y",
                "no such attribute, or another value");
    container_end(c);
    /* The same where / itself is opaque. */
    state = NOBODYS(.layers = LAYERS(TAR(F("hidden", "x")), pack_base(),
                                     TAR(F("kept", "x"))));
    c = boxed(state);
    expect_str("/hidden", "file 644 65534:65534 x", seen(c, "/hidden"));
    container_end(c);
    state = NOBODYS(.layers = LAYERS(TAR(F("hidden", "x")),
                                     TAR(F(".wh..wh..opq", ""), F("only", "x")),
                                     pack_base()));
    c = boxed(state);
    expect_str("/hidden", "nothing", seen(c, "/hidden"));
    expect_str("/only", "file 644 65534:65534 x", seen(c, "/only"));
}

static void owners_and_devices(void)
{
    struct container *c = boxed(
        NOBODYS(.layers = LAYERS(
                    pack_base(),
                    TAR(F("f", "x", .uid = 5, .gid = 6, .mode = 04755),
                        C("c", 1, 3), {.path = "b", .type = '4', .major = 7},
                        {.path = "p", .type = '6'}, H("h", "f"),
                        D("e", .mode = 0, .uid = 9), F("e/x", "x"),
                        F("able", "x",
                          .pax = ARGV("SCHILY.xattr.security.capability=odd",
                                      "SCHILY.xattr.user.ok=yes"))))));

    expect_str("/f", "file 4755 65534:65534 x", seen(c, "/f"));
    expect_str("/h", "file 4755 65534:65534 x", seen(c, "/h"));
    expect_str("/c", "nothing", seen(c, "/c"));
    expect_str("/b", "nothing", seen(c, "/b"));
    expect_str("/p", "fifo 644 65534:65534", seen(c, "/p"));
    expect_str("/able", "file 644 65534:65534 x", seen(c, "/able"));
}

static void all_is_removed(void)
{
    const char *state =
        NOBODYS(.layers = LAYERS(pack_base(),
                                 TAR(D("a", .mode = 010000),
                                     D("a/b", .mode = 0100), F("a/b/x", "x"),
                                     D("r", .mode = 0555), F("r/x", "x"))));

    expect_exit(AS_NOBODY("rmi", "--state", state, "t:1"), 0);
    expect_str("what is left in the store",
               "/_images\n/_images/blobs\n/_images/blobs/sha256\n"
               "/_images/index.json\n/_images/layers\n/_images/oci-layout\n",
               tree_paths(state));
}

static void nobody_else(void)
{
    const char *state = NOBODYS(.layers = LAYERS(pack_base()));
    struct program *p = RUN_AS_NOBODY(state, "-u", "app", "t:1");

    expect_refused(p, "become user 1234", "(EINVAL)");
    expect_contains("the hint", "user 0", p->err);
    expect_output(RUN_AS_NOBODY(state, "-u", "0:0", "t:1"), "hello\n");
    expect_output(RUN_AS_NOBODY(state, "-u", "root", "t:1"), "hello\n");
}

static void escapes_fail(void)
{
    const char *state = NOBODYS(.layers = LAYERS(pack_base()));
    const char *host = tree_fresh_dir(NOBODY), *before, *store;
    struct recipe r = {.tags = "[\"bad\"]"};
    struct program *p;

    tree_make(host, "file", "of the host\n");
    before = tree_record(host);
    store = shared_store(state);
    r.layers = LAYERS(TAR(S("x", host), F("x/file", "mine")));
    (void)AS_NOBODY("load", "--state", state, "-i", archive(&r));
    expect_str("the directory of the host", before, tree_record(host));
    r.layers = LAYERS(TAR(F("../evil", "x")));
    p = AS_NOBODY("load", "--state", state, "-i", archive(&r));
    expect_exit(p, 125);
    expect_contains("what duct says", "no name", p->err);
    (void)AS_NOBODY("rmi", "--state", state, "bad");
    expect_same_store(store, state);
}

static void roots_store(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));

    expect_exit(RUN_AS_NOBODY(state, "t:1"), 125);
    expect_contains("what duct says", "(EACCES)",
                    AS_NOBODY("images", "--state", state)->err);
}

/* On a host that lets nobody have ids in a user namespace. */
static void no_ids(void)
{
    const char *state = tree_fresh_dir(NOBODY);
    const char *file = archive(RECIPE(.layers = LAYERS(TAR(F("x", "x")))));
    const struct program *p = denied_run(
        &(struct spawn){.argv = DUCT("load", "--state", state, "-i", file),
                        .uid = NOBODY},
        ARGV("/uid_map"), EPERM);

    expect_exit(p, 125);
    expect_contains("what duct says", "uid_map", p->err);
    expect_contains("what duct says", "(EPERM)", p->err);
    expect_exit(AS_NOBODY("load", "--state", state, "-i", file), 0);
}

static void usual_place(void)
{
    const char *home = scratch_path("home-of-nobody");
    const char *data = tree_fresh_dir(NOBODY);
    const char *file = archive(RECIPE(.layers = LAYERS(TAR(F("x", "x")))));
    struct program *p;

    p = spawn_run(&(struct spawn){
        .argv = DUCT("load", "-i", file),
        .env = ARGV(keep_format("HOME=%s", home)),
        .uid = NOBODY,
    });
    expect_exit(p, 0);
    expect_that(
        access(keep_format("%s/.local/share/duct/steps/_images/layers", home),
               F_OK) == 0,
        "the store in ~/.local/share/duct/steps", "none");
    expect_int("rm -r", 0,
               file_remove_tree(
                   keep_format("%s/.local/share/duct/steps/_images", home)));
    p = spawn_run(&(struct spawn){
        .argv = DUCT("load", "-i", file),
        .env = ARGV(keep_format("HOME=%s", home),
                    keep_format("XDG_DATA_HOME=%s", data)),
        .uid = NOBODY,
    });
    expect_exit(p, 0);
    expect_that(
        access(keep_format("%s/duct/steps/_images/layers", data), F_OK) == 0,
        "the store in $XDG_DATA_HOME/duct/steps", "none");
}

static const struct trial trials[] = {
    {.name = "nobody_loads_and_runs",
     .claim = "without root images are loaded and run the same; duct says "
              "what it leaves out",
     .usual_cause = "a layer is unpacked outside of a user namespace",
     .reread = "#child_start",
     .feature = true,
     .depends = "docker_archive",
     .body = loads_and_runs},
    {.name = "nobody_imports_and_saves",
     .claim = "so are tars imported, and images saved",
     .usual_cause = "only load has a child of its own",
     .reread = "#child_start",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = imports_and_saves},
    {.name = "nobodys_layers_hide",
     .claim = "whiteouts and opaque directories work, marked by "
              "user.overlay.opaque",
     .usual_cause = "trusted.* is for root only",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = layers_hide},
    {.name = "nobodys_files",
     .claim = "all files are the user's, and devices are left out",
     .usual_cause = "chown() to who does not exist in the user namespace",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = owners_and_devices},
    {.name = "nobody_removes_all",
     .claim = "duct rmi removes all of it, directories of mode 0 as well",
     .usual_cause = "who isn't root can't empty a closed directory",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = all_is_removed},
    {.name = "nobody_is_nobody_else",
     .claim =
         "-u can be nobody but 0: there is no other user, and duct says so",
     .usual_cause = "EINVAL without a word",
     .reread = "#user_become",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = nobody_else},
    {.name = "nobodys_escapes_fail",
     .claim = "a hostile layer gets no further without root",
     .usual_cause = "chroot() is left out where it needs a user namespace",
     .reread = "#break-it",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = escapes_fail},
    {.name = "roots_store_is_closed",
     .claim = "root's store is closed to others",
     .usual_cause = "mode 755",
     .reread = "#store_open",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = roots_store},
    {.name = "nobody_has_ids",
     .claim = "where a user namespace gets no ids nothing is unpacked, and no "
              "child stays",
     .usual_cause = "the child waits for them for ever",
     .reread = "#child_start",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = no_ids},
    {.name = "nobodys_store",
     .claim = "a user's store is in $XDG_DATA_HOME/duct/steps or "
              "~/.local/share/duct/steps",
     .usual_cause = "/var/lib is tried, which is root's",
     .reread = "#store_open",
     .feature = true,
     .depends = "nobody_loads_and_runs",
     .body = usual_place},
};

const struct chapter chapter_rootless = {"Without root", TRIALS(trials)};
