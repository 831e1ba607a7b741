/*
 * Chapter: ADD, which unpacks tars.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static void tar(const struct site *site, const char *const *words)
{
    expect_exit(
        spawn_run(&(struct spawn){
            .argv = argv_of(ARGV("tar", "-C", site->context), words, NULL)}),
        0);
}

#define TAR(site, ...) tar((site), ARGV(__VA_ARGS__))
#define IN(site, name) site_path((site), (name))

static struct site *furnished(void)
{
    struct site *site = site_new();

    site_file(site, "a", "a\n");
    site_file(site, "d/x", "x\n");
    site_file(site, "d/sub/y", "y\n");
    TAR(site, "--owner=7", "--group=8", "-cf", IN(site, "l.tar"), "-C",
        IN(site, "d"), "x", "sub");
    return site;
}

static void tars_are_unpacked(void)
{
    const struct site *site = furnished();

    (void)built(site, DOCKERFILE("ADD l.tar /t1\nADD l.tar /t2/\n"
                                 "RUN mkdir /t3; echo old >/t3/old; "
                                 "echo o >/t3/x\nADD l.tar /t3\n"
                                 "WORKDIR /t4\nADD l.tar .\n"));
    expect_inside(site,
                  "cat /t1/x /t1/sub/y /t2/x /t3/old /t3/x /t4/x; stat -c "
                  "%u:%g /t1/x /t1; ls /t1 | xargs",
                  "x\ny\nx\nold\nx\nx\n7:8\n0:0\nsub x\n");
}

static void compressed_tars(void)
{
    static const struct {
        const char *program, *flag;
    } kinds[] = {
        {"gzip", "-z"}, {"bzip2", "-j"}, {"xz", "-J"}, {"zstd", "--zstd"}};
    const struct site *site = furnished();
    char *text = keep_format("FROM busybox\n");
    int count = 0;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!spawn_have(kinds[i].program))
            continue;
        /* Its name says nothing. */
        TAR(site, kinds[i].flag, "-cf",
            IN(site, keep_format("packed%d", count)), "-C", IN(site, "d"), "x");
        text = keep_format("%sADD packed%d /t%d\n", text, count, count);
        count++;
    }
    expect_that(count > 0, "a program that compresses", "none");
    (void)built(site, text);
    for (int i = 0; i < count; i++)
        expect_inside(site, keep_format("cat /t%d/x", i), "x\n");
}

static void other_files_are_copied(void)
{
    const struct site *site = furnished();

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("sh", "-c",
                                 "cd \"$1\"; gzip -c a >a.gz; : >empty; "
                                 "cp l.tar d/inner.tar; cp a a.tar",
                                 "sh", site->context)}),
                0);
    (void)built(site, DOCKERFILE("ADD a.gz /t1\nADD d /t2\nADD a /t3\n"
                                 "ADD empty /t4\nCOPY l.tar /t5\n"
                                 "ADD a.tar /t6\nADD a d /t7/\n"));
    expect_inside(site,
                  "gunzip -c </t1; test -f /t2/inner.tar && cat /t2/x /t3; "
                  "stat -c %s /t4; test -f /t5; tar -xOf /t5 x; cat /t6 /t7/a "
                  "/t7/x",
                  "a\nx\na\n0\nx\na\na\nx\n");
}

static void through_a_link(void)
{
    const struct site *site = furnished();

    expect_call(symlink("l.tar", IN(site, "link")));
    (void)built(site, DOCKERFILE("ADD link /t1\nADD l.* /t2/\n"));
    expect_inside(site, "cat /t1/x /t2/x", "x\nx\n");
}

static void owners_of_tars(void)
{
    const struct site *site = furnished();

    (void)built(site, DOCKERFILE("ADD --chown=1:2 l.tar /t1\n"));
    expect_inside(site, "stat -c %u:%g /t1/x", "7:8\n");
}

/* They are this machine's, if anybody's: the image has numbers. */
static void names_of_owners(void)
{
    const struct site *site = furnished();
    static const char text[] = DOCKERFILE("ADD n.tar /t1\n");
    static const char *const groups[] = {"--group=one:8", "--group=two:8"};

    for (int i = 0; i < 2; i++) {
        const char *owner = i == 0 ? "--owner=one:7" : "--owner=two:7";

        TAR(site, owner, groups[i], "-cf", IN(site, "n.tar"), "-C",
            IN(site, "d"), "x");
        expect_hits(i, build(site, text));
    }
    expect_inside(site, "stat -c %u:%g /t1/x", "7:8\n");
}

static void into_scratch(void)
{
    const struct site *site = furnished();

    (void)built(site, "FROM scratch\nADD l.tar /\n");
    expect_str("names in the layer", "sub/\nsub/y\nx\n", saved_names(site));
}

/* Of whoever packed it nothing reaches further than the image. */
static void hostile_tars(void)
{
    const struct site *site = furnished();
    const char *canary = tree_fresh_dir(0), *before;

    tree_make(canary, "file", "of the host\n");
    before = tree_record(canary);
    site_file(site, "up", "up\n");
    TAR(site, "-P", "-cf", IN(site, "up.tar"), "--transform",
        "s,^up$,../../escape,", "up");
    TAR(site, "-P", "-cf", IN(site, "abs.tar"), "--transform",
        keep_format("s,^up$,%s/new,", canary), "up");
    expect_call(symlink(canary, IN(site, "out")));
    TAR(site, "-cf", IN(site, "link.tar"), "out");
    expect_call(unlink(IN(site, "out")));
    site_file(site, "out/new", "new\n");
    TAR(site, "-rf", IN(site, "link.tar"), "out/new");
    expect_failed(build(site, DOCKERFILE("ADD up.tar /q/\n")),
                  "Dockerfile:2: ");
    expect_nothing_left(site);
    (void)built(site, DOCKERFILE("ADD abs.tar /q/\n"));
    expect_inside(site, keep_format("cat /q%s/new", canary), "up\n");
    expect_failed(build(site, DOCKERFILE("ADD link.tar /q/\n")),
                  "Dockerfile:2: ");
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("sh", "-c",
                                 "cd \"$1\"; mkdir w; : >w/.wh..wh..opq; "
                                 "tar cf white.tar -C w .wh..wh..opq; "
                                 "mknod dev c 0 0; tar cf dev.tar dev; rm dev",
                                 "sh", site->context)}),
                0);
    expect_blamed(build(site, DOCKERFILE("ADD white.tar /etc\n")), 125, 2,
                  "ADD white.tar /etc", ".wh");
    expect_blamed(build(site, DOCKERFILE("ADD dev.tar /etc\n")), 125, 2,
                  "ADD dev.tar /etc", "dev");
    expect_str("a directory of the host's", before, tree_record(canary));
    expect_tidy(site);
}

static void absolute_tars(void)
{
    const struct site *site = furnished();

    expect_call(link(IN(site, "a"), IN(site, "b")));
    TAR(site, "-P", "--transform", "s,^,/w/,", "-cf", IN(site, "abs.tar"), "a",
        "b");
    (void)built(site, DOCKERFILE("ADD abs.tar /q\n"));
    expect_inside(site,
                  "cat /q/w/a /q/w/b; stat -c %h /q/w/a; test ! -e /w; "
                  "stat -c %a /q/w",
                  "a\na\n2\n755\n");
}

static void cut_off(void)
{
    const struct site *site = furnished();

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("sh", "-c",
                                 "cd \"$1\"; head -c 300000 /dev/urandom >d/r; "
                                 "tar cf r.tar -C d r; head -c 2000 r.tar "
                                 ">cut.tar; gzip -c r.tar | head -c 200000 "
                                 ">cut.tgz",
                                 "sh", site->context)}),
                0);
    expect_failed(build(site, DOCKERFILE("ADD cut.tar /q/\n")),
                  "Dockerfile:2: ");
    expect_failed(build(site, DOCKERFILE("ADD cut.tgz /q/\n")),
                  "Dockerfile:2: ");
    expect_nothing_left(site);
}

static const struct trial trials[] = {
    {.name = "add_unpacks_tars",
     .claim = "ADD unpacks a tar into its destination, which is made; "
              "owners are the "
              "tar's",
     .usual_cause = "the tar is copied, or only unpacked with a slash",
     .reread = "#copy",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = tars_are_unpacked},
    {.name = "add_unpacks_compressed_tars",
     .claim = "gzip, bzip2, xz and zstd are undone, whatever the file's name",
     .usual_cause = "the name's end is looked at",
     .reread = "#copy",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = compressed_tars},
    {.name = "add_copies_the_rest",
     .claim = "what is no tar, or lies in a directory, is copied; so does "
              "COPY with a "
              "tar",
     .usual_cause = "a file without entries is taken for a tar",
     .reread = "#copy",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = other_files_are_copied},
    {.name = "add_follows_a_link",
     .claim = "a source that is a link to a tar is one",
     .usual_cause = "the link's own type is looked at",
     .reread = "#context",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = through_a_link},
    {.name = "add_leaves_owners_alone",
     .claim = "--chown does not change a tar's owners",
     .usual_cause = "all that was made is given away",
     .reread = "#copy",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = owners_of_tars},
    {.name = "add_knows_owners_by_number",
     .claim = "names of owners and groups in a tar make no difference",
     .usual_cause = "the hash is made of all that the tar says",
     .reread = "#cache",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = names_of_owners},
    {.name = "add_takes_names_with_slashes",
     .claim = "a / in front of a tar's names, and of its links', is left out",
     .usual_cause = "a link leads to the image's root",
     .reread = "#copy",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = absolute_tars},
    {.name = "add_into_scratch",
     .claim = "a tar can be all of an image",
     .usual_cause = "the root is taken for a directory to be made",
     .reread = "#copy",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = into_scratch},
    {.name = "hostile_tars_stay_inside",
     .claim = "a tar writes nothing outside of the image, and removes nothing",
     .usual_cause = "names with .. in them, and links on the way, are followed",
     .reread = "#break-it",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = hostile_tars},
    {.name = "cut_off_tars_are_refused",
     .claim = "half a tar is no tar",
     .usual_cause = "the end of the file is taken for the end of the archive",
     .reread = "#copy",
     .feature = true,
     .depends = "add_unpacks_tars",
     .body = cut_off},
};

const struct chapter chapter_add = {"ADD", TRIALS(trials)};
