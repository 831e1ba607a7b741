/*
 * Chapter: what a tar says of a file is what the container sees.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "suite.h"

#define ON_BASE(...) opened(.layers = LAYERS(pack_base(), TAR(__VA_ARGS__)))

#define expect_seen(c, path, text) expect_str((path), (text), seen((c), (path)))

static void types(void)
{
    struct container *c =
        ON_BASE(F("f", "x\n"), D("e"), S("s", "../any where"), C("c", 1, 3),
                {.path = "b", .type = '4', .major = 7, .minor = 9},
                {.path = "p", .type = '6', .mode = 0600},
                {.path = "old", .type = '\0' + '0', .text = "v7\n"});

    expect_seen(c, "/f", "file 644 0:0 x\n");
    expect_seen(c, "/e", "dir 755 0:0");
    expect_seen(c, "/s", "link to ../any where");
    expect_seen(c, "/c", "char 1,3");
    expect_seen(c, "/b", "block 7,9");
    expect_seen(c, "/p", "fifo 600 0:0");
    expect_seen(c, "/old", "file 644 0:0 v7\n");
}

static void hard_links(void)
{
    struct bytes tar = TAR(F("a", "x\n", .mode = 0640, .uid = 7), H("b", "a"),
                           D("q"), H("q/c", "./b"), H("q/d", "q/c"));
    const char *state = LOADED(.layers = LAYERS(pack_base(), tar));
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");
    struct stat a, b;

    expect_seen(c, "/q/c", "file 640 7:0 x\n");
    expect_call(stat(keep_format("%s/a", shared_tree(state, tar)), &a));
    expect_call(stat(keep_format("%s/q/d", shared_tree(state, tar)), &b));
    expect_same("inode of the first and of the last name", a.st_ino, b.st_ino);
    expect_int("names of it", 4, (long long)a.st_nlink);
}

/* A name of a link is not a name of what it leads to. */
static void link_to_a_link(void)
{
    const char *host = canary();
    const char *to = keep_format("%s/file", host), *before = tree_record(host);
    struct container *c = ON_BASE(S("l", to), H("x", "l"), S("m", to),
                                  H("y", "m"), F("y", "new\n"));

    expect_seen(c, "/x", keep_format("link to %s", to));
    expect_seen(c, "/y", "file 644 0:0 new\n");
    expect_seen(c, "/m", keep_format("link to %s", to));
    expect_str("the directory of the host", before, tree_record(host));
}

static void modes(void)
{
    struct container *c = ON_BASE(
        F("suid", "x", .mode = 04755), F("sgid", "x", .mode = 02755, .gid = 7),
        D("sticky", .mode = 01777), F("secret", "x", .mode = 0400),
        F("none", "x", .mode = 010000), D("closed", .mode = 0500),
        F("closed/x", "x"), F("late/x", "x"), D("late", .mode = 0550),
        F("late/y", "x"), D("gs", .mode = 02775, .gid = 9), F("gs/x", "x"));

    expect_seen(c, "/suid", "file 4755 0:0 x");
    expect_seen(c, "/sgid", "file 2755 0:7 x");
    expect_seen(c, "/sticky", "dir 1777 0:0");
    expect_seen(c, "/secret", "file 400 0:0 x");
    expect_seen(c, "/none", "file 0 0:0 x");
    expect_seen(c, "/closed", "dir 500 0:0");
    expect_seen(c, "/closed/x", "file 644 0:0 x");
    expect_seen(c, "/late", "dir 550 0:0");
    expect_seen(c, "/late/y", "file 644 0:0 x");
    expect_seen(c, "/gs", "dir 2775 0:9");
    expect_seen(c, "/gs/x", "file 644 0:0 x");
}

static void owners(void)
{
    struct container *c =
        ON_BASE(F("f", "x", .uid = 5, .gid = 6), D("e", .uid = 7, .gid = 8),
                F("suid", "x", .mode = 06755, .uid = 9, .gid = 10),
                F("big", "x", .pax = ARGV("uid=3000000000", "gid=3000000001")),
                {.path = "s", .type = '2', .link = "f", .uid = 11, .gid = 12});
    struct stat st;

    expect_seen(c, "/f", "file 644 5:6 x");
    expect_seen(c, "/e", "dir 755 7:8");
    expect_seen(c, "/suid", "file 6755 9:10 x");
    expect_seen(c, "/big", "file 644 3000000000:3000000001 x");
    expect_call(lstat(keep_format("/proc/%d/root/s", c->init), &st));
    expect_int("owner of a link", 11, st.st_uid);
    expect_int("group of a link", 12, st.st_gid);
}

static void expect_time(struct container *c, const char *path,
                        long long seconds, long nanoseconds)
{
    struct stat st;

    expect_call(lstat(keep_format("/proc/%d/root%s", c->init, path), &st));
    expect_int(path, seconds, (long long)st.st_mtim.tv_sec);
    expect_int(keep_format("%s, nanoseconds", path), nanoseconds,
               st.st_mtim.tv_nsec);
}

static void times(void)
{
    struct container *c =
        ON_BASE(F("f", "x", .mtime = 981173045),
                F("part", "x", .pax = ARGV("mtime=981173045.25")),
                F("early", "x", .pax = ARGV("mtime=-2")),
                D("e", .mtime = 981173046), F("e/x", "x"),
                D("r", .mtime = 981173047, .mode = 0500), F("r/.wh.x", ""),
                {.path = "s", .type = '2', .link = "f", .mtime = 981173048});

    expect_time(c, "/f", 981173045, 0);
    expect_time(c, "/part", 981173045, 250000000);
    expect_time(c, "/early", -2, 0);
    expect_time(c, "/e", 981173046, 0);
    expect_time(c, "/s", 981173048, 0);
}

static char *attribute(const char *path, const char *name)
{
    char value[256];
    ssize_t size = lgetxattr(path, name, value, sizeof(value));

    return size < 0 ? keep_format("none") : keep_copy(value, (size_t)size);
}

static void attributes(void)
{
    /* Its value has NUL bytes: version 2, effective, CAP_NET_BIND_SERVICE. */
    static const char able[] = "57 SCHILY.xattr.security.capability="
                               "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\n";
    const char *all;
    struct bytes tar;

    tar = TAR(
        {.path = "pax", .type = 'x', .text = able, .size = 57}, F("able", "x"),
        F("x", "x",
          .pax = ARGV("SCHILY.xattr.user.ok=yes", "SCHILY.xattr.user.two=2=2",
                      "SCHILY.xattr.user.overlay.opaque=y",
                      "SCHILY.xattr.user.overlay.redirect=/x",
                      "SCHILY.xattr.trusted.overlay.redirect=/../../x",
                      "SCHILY.xattr.trusted.overlay.metacopy=",
                      "SCHILY.xattr.trusted.x=no",
                      "SCHILY.xattr.security.selinux=no")),
        D("e", .pax = ARGV("SCHILY.xattr.user.dir=yes",
                           "SCHILY.xattr.trusted.overlay.opaque=y",
                           "SCHILY.xattr.user.overlay.opaque=y")));
    const char *state = LOADED(.layers = LAYERS(pack_base(), tar));
    const char *tree = shared_tree(state, tar);

    all = keep_format("%s/x", tree);
    expect_str("user.ok", "yes", attribute(all, "user.ok"));
    expect_str("user.two", "2=2", attribute(all, "user.two"));
    expect_str("trusted.x", "none", attribute(all, "trusted.x"));
    expect_str("security.selinux", "none", attribute(all, "security.selinux"));
    expect_str("trusted.overlay.redirect", "none",
               attribute(all, "trusted.overlay.redirect"));
    expect_str("trusted.overlay.metacopy", "none",
               attribute(all, "trusted.overlay.metacopy"));
    expect_str("user.overlay.opaque", "none",
               attribute(all, "user.overlay.opaque"));
    expect_str("user.overlay.redirect", "none",
               attribute(all, "user.overlay.redirect"));
    all = keep_format("%s/e", tree);
    expect_str("user.dir", "yes", attribute(all, "user.dir"));
    expect_str("trusted.overlay.opaque", "none",
               attribute(all, "trusted.overlay.opaque"));
    expect_str("user.overlay.opaque", "none",
               attribute(all, "user.overlay.opaque"));
    all = keep_format("%s/able", tree);
    expect_int("size of security.capability", 20,
               lgetxattr(all, "security.capability", NULL, 0));
}

static char *repeated(const char *part, int times)
{
    char *all = keep_zeroed(strlen(part) * (size_t)times + 1), *end = all;

    while (times-- > 0)
        end = stpcpy(end, part);
    return all;
}

static void names(void)
{
    const char *longest = repeated("n", 255);
    const char *deep = repeated("directory-of-twenty/", 190);
    struct bytes tar = TAR(
        F("b\u00e4", "x"), F("bl ank", "x"), F("new\nline", "x"),
        F("esc\033[2J", "x"), F("-rf", "x"), F("*", "x"), F("\u65e5", "x"),
        F(longest, "x"), F(keep_format("%sx", deep), "x"), F("a//b/./c", "x"),
        S("s\u00e4", "b\u00e4"), H("h\u00e4", "b\u00e4"), F(".wh.d\u00e4", ""));
    const char *state = LOADED(.layers = LAYERS(pack_base(), tar));
    const char *paths = tree_paths(shared_tree(state, tar));
    const char *const *name =
        ARGV("/b\u00e4\n", "/bl ank\n", "/esc\033[2J\n", "/-rf\n", "/*\n",
             "/\u65e5\n", keep_format("/%s\n", longest), "/a/b/c\n",
             keep_format("/%sx\n", deep));
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");

    for (; *name != NULL; name++)
        expect_contains("the layer, unpacked", *name, paths);
    expect_str("a link to \u00e4", "link to b\u00e4", seen(c, "/s\u00e4"));
    expect_str("a hard link to \u00e4", "file 644 0:0 x", seen(c, "/h\u00e4"));
    expect_str("a name of two lines", "file 644 0:0 x", seen(c, "/new\nline"));
}

/* Bytes that are no UTF-8, and the long names of other times. */
static void older_names(void)
{
    const char *name = repeated("l", 150), *to = repeated("t", 120);
    struct bytes tar = TAR(F("latin\xe4", "x", .raw = true),
                           F("././@LongLink", keep_format("%s", name),
                             .size = 151, .raw = true, .type = 'L'),
                           F("short", "x"),
                           {.path = "././@LongLink",
                            .text = to,
                            .size = 121,
                            .raw = true,
                            .type = 'K'},
                           S("s", "short"));
    const char *state = LOADED(.layers = LAYERS(pack_base(), tar));
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");

    expect_seen(c, "/latin\xe4", "file 644 0:0 x");
    expect_seen(c, keep_format("/%s", name), "file 644 0:0 x");
    expect_seen(c, "/s", keep_format("link to %s", to));
    expect_seen(c, "/short", "nothing");
}

static void the_last_counts(void)
{
    struct container *c =
        ON_BASE(F("a", "1"), D("a"), F("a/x", "x"), F("b", "1"), F("b", "2"),
                D("e"), F("e/x", "x"), S("e", "a"), S("g", "nowhere"), D("g"),
                F("g/x", "x"), D("h", .mode = 0700), F("h/x", "x"),
                D("h", .mode = 0711), C("n", 1, 3), C("n", 1, 5), F("i", "x"),
                H("j", "i"), F("i", "y"), D("k"), F("k/x", "x"), F("k", "z"));

    expect_seen(c, "/a/x", "file 644 0:0 x");
    expect_seen(c, "/b", "file 644 0:0 2");
    expect_seen(c, "/e", "link to a");
    expect_seen(c, "/g/x", "file 644 0:0 x");
    expect_seen(c, "/h", "dir 711 0:0");
    expect_seen(c, "/h/x", "file 644 0:0 x");
    expect_seen(c, "/n", "char 1,5");
    expect_seen(c, "/i", "file 644 0:0 y");
    expect_seen(c, "/j", "file 644 0:0 x");
    expect_seen(c, "/k", "file 644 0:0 z");
}

static void root_itself(void)
{
    struct bytes tar =
        TAR(D("./", .mode = 0711, .uid = 5, .gid = 6), F("./x", "x"));
    struct container *c = opened(.layers = LAYERS(pack_base(), tar));

    expect_seen(c, "/", "dir 711 5:6");
    expect_seen(c, "/x", "file 644 0:0 x");
    c = ON_BASE(F("x", "x"));
    expect_seen(c, "/", "dir 755 0:0");
    c = ON_BASE(D("./", .mode = 0555), F("./x", "x"), D("./y", .mode = 010000),
                F("./y/z", "x"));
    expect_seen(c, "/", "dir 555 0:0");
    expect_seen(c, "/y", "dir 0 0:0");
    expect_seen(c, "/y/z", "file 644 0:0 x");
}

/* A file with a hole of 1 MiB, and 3 bytes at its end. */
static void holes(void)
{
    struct bytes tar = TAR(
        F("GNUSparseFile.0/x", "end",
          .pax = ARGV("GNU.sparse.major=0", "GNU.sparse.minor=1",
                      "GNU.sparse.name=x", "GNU.sparse.size=1048579",
                      "GNU.sparse.numblocks=1", "GNU.sparse.map=1048576,3")));
    const char *state = LOADED(.layers = LAYERS(pack_base(), tar));
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");
    struct stat st;
    size_t size = 0;
    const char *text;

    expect_call(stat(keep_format("/proc/%d/root/x", c->init), &st));
    expect_int("size", 1048579, (long long)st.st_size);
    expect_between("blocks on the disk", 0, 64, (double)st.st_blocks);
    text = file_read_bytes(keep_format("/proc/%d/root/x", c->init), &size);
    expect_str("its end", "end", text + 1048576);
}

/* Links inside of a layer lead where they would in a container. */
static void through_links(void)
{
    const char *host = canary();
    const char *below = host + 1, *before = tree_record(host);
    struct bytes tar =
        TAR(S("x", "/"), F("x/in-root", "x"), D("real"), S("y", "real"),
            F("y/f", "x"), S("z", host), D(below), F("z/f", "x"));
    const char *state = LOADED(.layers = LAYERS(pack_base(), tar));
    struct container *c = box(state, "t:1", "/bin/sleep", "4711");

    expect_seen(c, "/in-root", "file 644 0:0 x");
    expect_seen(c, "/real/f", "file 644 0:0 x");
    expect_seen(c, keep_format("%s/f", host), "file 644 0:0 x");
    expect_str("the directory of the host", before, tree_record(host));
}

static const struct trial trials[] = {
    {.name = "types_of_files",
     .claim = "files, directories, links, devices and FIFOs are what the tar "
              "says",
     .usual_cause = "all but files and directories are left out",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "tops_count",
     .body = types},
    {.name = "hard_links",
     .claim = "hard links are names of one file, with its mode and owner",
     .usual_cause = "they are copied, or resolved from the host's root",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "tops_count",
     .body = hard_links},
    {.name = "link_to_a_link",
     .claim = "a hard link to a symbolic one is a name of the link itself",
     .usual_cause = "link() where linkat() follows",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "hard_links",
     .body = link_to_a_link},
    {.name = "modes_of_files",
     .claim = "modes are as the tar says: set-user-ID, sticky, none at all, "
              "and of directories that are closed",
     .usual_cause = "umask counts; or chown() comes after chmod(), and takes "
                    "set-user-ID away",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = modes},
    {.name = "owners_of_files",
     .claim = "owners are the tar's numbers, however large",
     .usual_cause = "names are looked up on the host, or owners left out",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = owners},
    {.name = "times_of_files",
     .claim = "times are the tar's, also of links, and of directories that "
              "were filled later",
     .usual_cause = "directories get their time before their files",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = times},
    {.name = "attributes_of_files",
     .claim = "user.* and security.capability are kept, what is overlay's or "
              "the host's is not",
     .usual_cause = "ARCHIVE_EXTRACT_XATTR takes all",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = attributes},
    {.name = "names_of_files",
     .claim = "names may be long, deep, of several lines, or in any script",
     .usual_cause = "the locale is C: libarchive can't convert them",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = names},
    {.name = "older_names",
     .claim = "names may be no UTF-8, or long in the way of old GNU tars",
     .usual_cause = "the name is asked for in another character set",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "names_of_files",
     .body = older_names},
    {.name = "the_last_counts",
     .claim = "a later entry replaces an earlier one; only a directory keeps "
              "what is in it",
     .usual_cause = "EEXIST, or a file is written through a link",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = the_last_counts},
    {.name = "root_itself",
     .claim = "an entry for / sets its mode and owner; without one it is "
              "root's, 755",
     .usual_cause = "./ is left out, or the mode of mkdtemp() stays",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = root_itself},
    {.name = "holes_in_files",
     .claim = "files with holes have them again",
     .usual_cause = "zeros are written",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = holes},
    {.name = "through_links",
     .claim = "an entry below a link of the layer goes where the link leads "
              "in a container",
     .usual_cause = "it leads out to the host, or is refused",
     .reread = "#extract_tar",
     .feature = true,
     .depends = "types_of_files",
     .body = through_links},
};

const struct chapter chapter_files = {"Files", TRIALS(trials)};
