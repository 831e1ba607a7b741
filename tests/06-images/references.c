/*
 * Chapter: what people call an image, and what it is called in full.
 */
#include <string.h>

#include "suite.h"

/* A small image: nothing here is run. */
static char *one_image(void)
{
    return LOADED(.layers = LAYERS(TAR(F("x", "x\n"))));
}

static char *repeated(const char *part, int times)
{
    char *all = keep_zeroed(strlen(part) * (size_t)times + 1), *end = all;

    while (times-- > 0)
        end = stpcpy(end, part);
    return all;
}

static const struct {
    const char *text, *full, *familiar, *tag;
} names[] = {
    {"box", "docker.io/library/box:latest", "box", "latest"},
    {"box:1.0", "docker.io/library/box:1.0", "box", "1.0"},
    {"me/box", "docker.io/me/box:latest", "me/box", "latest"},
    {"a/b/c:d", "docker.io/a/b/c:d", "a/b/c", "d"},
    {"docker.io/x", "docker.io/library/x:latest", "x", "latest"},
    {"docker.io/library/y:1", "docker.io/library/y:1", "y", "1"},
    {"docker.io/me/z", "docker.io/me/z:latest", "me/z", "latest"},
    {"localhost/box", "localhost/box:latest", "localhost/box", "latest"},
    {"localhost:5000/box:2", "localhost:5000/box:2", "localhost:5000/box", "2"},
    {"quay.io/a/b", "quay.io/a/b:latest", "quay.io/a/b", "latest"},
    {"host:80/box", "host:80/box:latest", "host:80/box", "latest"},
    {"Host/box", "Host/box:latest", "Host/box", "latest"},
    {"a.b-c.D/x", "a.b-c.D/x:latest", "a.b-c.D/x", "latest"},
    {"[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x", "latest"},
    {"library/lib", "docker.io/library/lib:latest", "lib", "latest"},
    {"a.b", "docker.io/library/a.b:latest", "a.b", "latest"},
    {"a_b__c---d.e", "docker.io/library/a_b__c---d.e:latest", "a_b__c---d.e",
     "latest"},
    {"box:_A.b-9", "docker.io/library/box:_A.b-9", "box", "_A.b-9"},
    {"localhosts/x", "docker.io/localhosts/x:latest", "localhosts/x", "latest"},
    {"scratch/x", "docker.io/scratch/x:latest", "scratch/x", "latest"},
    {"5000", "docker.io/library/5000:latest", "5000", "latest"},
    {"index.docker/x", "index.docker/x:latest", "index.docker/x", "latest"},
};

enum {
    NAMES = sizeof(names) / sizeof(names[0])
};

static void in_full(void)
{
    const char *state = one_image();

    for (size_t i = 0; i < NAMES; i++) {
        trial_note("name %s", names[i].text);
        expect_output(duct("tag", "--state", state, "t:1", names[i].text), "");
        expect_contains("names in the store's index",
                        keep_format("\"%s\"", names[i].full),
                        shared_index(state));
    }
}

static void familiar(void)
{
    const char *state = one_image(), *images;

    for (size_t i = 0; i < NAMES; i++)
        expect_exit(duct("tag", "--state", state, "t:1", names[i].text), 0);
    images = keep_format("\n%s", shared_images(state));
    for (size_t i = 0; i < NAMES; i++)
        expect_contains(
            "duct images",
            keep_format("\n%s %s ", names[i].familiar, names[i].tag), images);
}

static void all_forms_lead_there(void)
{
    const char *const *form =
        ARGV("me/box", "me/box:latest", "docker.io/me/box",
             "docker.io/me/box:latest");
    const char *state =
        LOADED(.layers = LAYERS(pack_base()), .tags = "[\"me/box\",\"one\"]");

    for (; *form != NULL; form++)
        expect_output(run(state, *form), "hello\n");
    expect_output(run(state, "library/one"), "hello\n");
    expect_refused(run(state, "other.io/me/box"), "No such image",
                   "other.io/me/box:latest");
    expect_refused(run(state, "box"), "No such image: box:latest");
}

static void no_names(void)
{
    const char *const *text =
        ARGV("", "Box", "a/B", "a//b", "/a", "a/", "a b", "a:", ":1", "a:b:c",
             "a:-x", "a:.x", "-a", "a-", "a..b", "a___b", "_a", "a._b", ".",
             "..", "../x", "a/../b", "x/..", "a@b", "a\nb", "a\033b", "b\u00e4",
             "scratch", "scratch:1", "-.x/y", "a-.b/c", "host:x/y", "[::1/x",
             "[x]/y", "localhost:", "localhost:5000/", "a:b/c");
    const char *state = one_image();
    const char *before = shared_store(state);

    for (; *text != NULL; text++) {
        trial_note("name \"%s\"", *text);
        expect_refused(duct("tag", "--state", state, "t:1", *text),
                       "invalid reference");
    }
    expect_refused(duct("tag", "--state", state, "t:1", repeated("0a", 32)),
                   "invalid reference");
    expect_refused(duct("tag", "--state", state, "t:1",
                        keep_format("me/%s:1", repeated("0a", 32))),
                   "invalid reference");
    expect_same_store(before, state);
}

static void lengths(void)
{
    const char *state = one_image();
    const char *path = repeated("p", 255 - 18), *tag = repeated("t", 128);

    expect_exit(
        duct("tag", "--state", state, "t:1", keep_format("%s:%s", path, tag)),
        0);
    expect_refused(
        duct("tag", "--state", state, "t:1", keep_format("%sp", path)),
        "invalid reference");
    expect_refused(
        duct("tag", "--state", state, "t:1", keep_format("a:%st", tag)),
        "invalid reference");
    expect_refused(
        duct("tag", "--state", state, "t:1", repeated("0123456789", 10000)),
        "invalid reference");
    expect_exit(duct("tag", "--state", state, "t:1", repeated("0a", 31)), 0);
}

static void of_archives(void)
{
    static const char *const tags[] = {"t:\\u001b[2J", "Foo:1", "../x:1", "",
                                       "a b"};
    const char *state = one_image(), *before = shared_store(state);

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        struct recipe r = {.layers = LAYERS(TAR(F("y", "y\n"))),
                           .tags = keep_format("[\"%s\"]", tags[i])};
        const struct program *p =
            duct("load", "--state", state, "-i", archive(&r));

        trial_note("name \"%s\"", tags[i]);
        expect_refused(p, "invalid reference");
        expect_lacks("what duct says", "\033", p->err);
        expect_same_store(before, state);
    }
}

static const struct trial trials[] = {
    {.name = "names_in_full",
     .claim = "a name gets what it lacks: docker.io/, library/, :latest",
     .usual_cause = "what stands before the first / is taken for a host, or "
                    "what follows a : for a tag",
     .reread = "#reference_parse",
     .feature = true,
     .depends = "docker_archive",
     .body = in_full},
    {.name = "familiar_names",
     .claim = "it is shown without what was added",
     .usual_cause = "the full name is printed, or too much is cut off",
     .reread = "#reference_parse",
     .feature = true,
     .depends = "names_in_full",
     .body = familiar},
    {.name = "all_forms_lead_there",
     .claim = "short and long forms of a name find the same image, and those "
              "of other hosts do not",
     .usual_cause = "names are compared as they were typed",
     .reread = "#reference_parse",
     .feature = true,
     .depends = "names_in_full",
     .body = all_forms_lead_there},
    {.name = "what_is_no_name",
     .claim = "what is no name is refused: upper case, empty parts, .., "
              "control characters, scratch, or 64 digits",
     .usual_cause = "the name is checked by halves, or not at all",
     .reread = "#reference_parse",
     .feature = true,
     .depends = "names_in_full",
     .body = no_names},
    {.name = "lengths_of_names",
     .claim = "a name may have 255 characters, and a tag 128",
     .usual_cause = "nobody counts",
     .reread = "#reference_parse",
     .feature = true,
     .depends = "what_is_no_name",
     .body = lengths},
    {.name = "names_of_archives",
     .claim = "an archive with a bad name is refused, the store stays, and the "
              "terminal is spared",
     .usual_cause = "names from archives are taken as they are",
     .reread = "#archive_load",
     .feature = true,
     .depends = "what_is_no_name",
     .body = of_archives},
};

const struct chapter chapter_references = {"References", TRIALS(trials)};
