/*
 * Chapter: what there is, for people.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "suite.h"

#define HELLO RECIPE(.layers = LAYERS(pack_base()))

#define DAYS 86400LL

/* The lines after the title, and what must be one. */
static char *rows(const struct program *p, const char *const *titles)
{
    char *text = keep_format("%s", p->out), *title = strsep(&text, "\n");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    for (const char *at = title; *titles != NULL; titles++) {
        expect_that(strstr(at, *titles) != NULL,
                    keep_format("%s in its place of the title", *titles),
                    title);
        at = strstr(at, *titles) + strlen(*titles);
    }
    return text;
}

static char *images(const struct program *p)
{
    return rows(p, ARGV("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"));
}

static char *history(const struct program *p)
{
    return rows(p, ARGV("IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"));
}

/* A text with one blank where there were several. */
static char *squeezed(const char *text)
{
    char *all = keep_format("%s", text), *to = all;

    for (; *text != '\0'; text++)
        if (text[0] != ' ' || (text[1] != ' ' && text[1] != '\n'))
            *to++ = *text;
    *to = '\0';
    return all;
}

static char *ago(long long seconds)
{
    char text[64];
    time_t then = time(NULL) - (time_t)seconds;

    (void)strftime(text, sizeof(text), "%FT%TZ", gmtime(&then));
    return keep_format("%s", text);
}

static void nothing_yet(void)
{
    expect_str("the lines of duct images", "",
               images(duct("images", "--state", tree_fresh_dir(0))));
    expect_output(duct("images", "--state", tree_fresh_dir(0), "-q"), "");
}

static void images_are_listed(void)
{
    struct bytes two = TAR(F("x", keep_zeroed(1233408), .size = 1233408));
    struct recipe r = {.layers = LAYERS(two, TAR(F("x", "x"))),
                       .created = ago(21 * DAYS + 3600),
                       .tags = "[\"localhost:5000/me/box:v1.0\"]"};
    struct recipe none = {
        .layers = LAYERS({0}), .tags = "[]", .created = "never"};
    const char *state = tree_fresh_dir(0);

    (void)load(state, archive(&r));
    (void)load(state, archive(&none));
    expect_str(
        "the lines of duct images",
        keep_format("<none> <none> %.12s N/A 0B\n"
                    "localhost:5000/me/box v1.0 %.12s 3 weeks ago 1.24MB\n",
                    pack_id(&none), pack_id(&r)),
        squeezed(images(duct("images", "--state", state))));
}

static void columns(void)
{
    const char *state = shared_loaded(HELLO), *row;
    const struct program *p = duct("images", "--state", state);
    long place = strstr(p->out, "IMAGE ID") - p->out;

    row = strchr(p->out, '\n') + 1;
    expect_int("place of the id below its title", place,
               strstr(row, keep_copy(pack_id(HELLO), 12)) - row);
    expect_int("place of the date below its title",
               strstr(p->out, "CREATED") - p->out,
               strchr(row + place, ' ') + 3 - row);
}

static void sizes(void)
{
    static const struct {
        size_t size; /* with what a tar has around it: 1536 more */
        const char *told;
    } cases[] = {{0, "1.54kB"},   {8704, "10.2kB"},  {100352, "102kB"},
                 {998400, "1MB"}, {997888, "999kB"}, {10000384, "10MB"}};
    const char *state = tree_fresh_dir(0);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recipe r = {.layers =
                               LAYERS(TAR(F("x", keep_zeroed(cases[i].size + 1),
                                            .size = cases[i].size))),
                           .tags = keep_format("[\"s%zu\"]", i)};

        (void)load(state, archive(&r));
        expect_contains("duct images", keep_format(" %s\n", cases[i].told),
                        images(duct("images", "--state", state)));
        expect_exit(duct("rmi", "--state", state, keep_format("s%zu", i)), 0);
    }
}

static void ids_alone(void)
{
    const char *state = shared_loaded(HELLO);
    struct recipe r = {.layers = LAYERS({0}), .tags = "[\"two\"]"};

    (void)load(state, archive(&r));
    expect_output(duct("images", "--state", state, "-q"),
                  keep_format("%.12s\n%.12s\n", pack_id(&r), pack_id(HELLO)));
    expect_output(
        duct("images", "--state", state, "--quiet", "--no-trunc"),
        keep_format("sha256:%s\nsha256:%s\n", pack_id(&r), pack_id(HELLO)));
}

static void whole_ids(void)
{
    const char *state = shared_loaded(HELLO);

    expect_contains(
        "duct images --no-trunc", keep_format("t 1 sha256:%s ", pack_id(HELLO)),
        squeezed(images(duct("images", "--state", state, "--no-trunc"))));
    expect_lacks("duct images", keep_copy(pack_id(HELLO), 13),
                 duct("images", "--state", state)->out);
}

static void long_names(void)
{
    const char *name = "a-very-long-host.example.org:5000/some/long/path/box";
    const char *state = shared_loaded(HELLO);

    expect_exit(duct("tag", "--state", state, "t:1", name), 0);
    expect_contains("duct images", keep_format("%s ", name),
                    images(duct("images", "--state", state)));
}

/* One image whose history has an entry for each. */
static void ages(void)
{
    static const struct {
        long long seconds;
        const char *told;
    } cases[] = {
        {75, "About a minute"},    {150, "2 minutes"},
        {3540, "59 minutes"},      {3605, "About an hour"},
        {5340, "About an hour"},   {5410, "2 hours"},
        {169000, "47 hours"},      {171010, "2 days"},
        {13 * DAYS, "13 days"},    {14 * DAYS, "2 weeks"},
        {59 * DAYS, "8 weeks"},    {60 * DAYS, "2 months"},
        {729 * DAYS, "24 months"}, {730 * DAYS, "2 years"},
        {3650 * DAYS, "10 years"}, {-100000, "Less than a second"},
    };
    const size_t count = sizeof(cases) / sizeof(cases[0]);
    char *list = keep_format("%s", ""), *expected = keep_format("%s", ""), *at;
    struct recipe r = {.layers = LAYERS({0})};
    const char *state;

    for (size_t i = 0; i < count; i++) {
        list = keep_format("{\"created\":\"%s\",\"empty_layer\":true}%s%s",
                           ago(cases[i].seconds), i == 0 ? "" : ",", list);
        expected = keep_format("%s%s ago\n", expected, cases[i].told);
    }
    r.history = keep_format("[%s]", list);
    state = shared_loaded(&r);
    at = squeezed(history(duct("history", "--state", state, "t:1")));
    for (size_t i = 0; i < count; i++) {
        const char *line = strsep(&at, "\n");

        expect_contains(
            keep_format("the age of %lld seconds", cases[i].seconds),
            keep_format("> %s ago 0B", cases[i].told),
            i == 0 ? pack_replaced(line, " ", "> ") : line);
    }
}

static void seconds(void)
{
    struct recipe r = {.layers = LAYERS({0}), .created = ago(30)};
    const char *row = images(duct("images", "--state", shared_loaded(&r)));
    const char *at = strstr(row, " seconds ago ");

    expect_that(at != NULL, "\"... seconds ago\" in duct images", row);
    while (at > row && at[-1] != ' ')
        at--;
    expect_between("its age in seconds", 29, 59, strtod(at, NULL));
}

static void dates(void)
{
    static const char *const odd[] = {"\"\"",
                                      "\"yesterday\"",
                                      "\"2020-01-01\"",
                                      "5",
                                      "null",
                                      "\"2020-13-41T00:00:00Z\"",
                                      "\"2020-01-01T00:00:00\""};
    char *list = keep_format("%s", ""), *lines, *line;
    struct recipe r = {.layers = LAYERS({0})};
    time_t then = time(NULL) - 3 * DAYS + 19800;
    char east[64], west[64];
    int count = 0;

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        list = keep_format("%s{\"created\":%s},", list, odd[i]);
    r.history = keep_format("[%s{}]", list);
    lines =
        squeezed(history(duct("history", "--state", shared_loaded(&r), "t:1")));
    while ((line = strsep(&lines, "\n"))[0] != '\0' && ++count > 0)
        expect_contains("an age that nobody knows", " N/A 0B", line);
    expect_int("lines", 8, count);

    (void)strftime(east, sizeof(east), "%FT%T.123456789+05:30", gmtime(&then));
    then -= 39600; /* twice 5:30 */
    (void)strftime(west, sizeof(west), "%FT%T-05:30", gmtime(&then));
    r.history =
        keep_format("[{\"created\":\"%s\"},{\"created\":\"%s\"}]", east, west);
    lines = history(duct("history", "--state", shared_loaded(&r), "t:1"));
    expect_contains("the age of a time elsewhere", " 3 days ago ",
                    strsep(&lines, "\n"));
    expect_contains("the age of a time elsewhere", " 3 days ago ",
                    strsep(&lines, "\n"));
}

static void history_is_told(void)
{
    struct recipe r = {
        .layers = LAYERS(TAR(F("x", "x")),
                         TAR(F("x", keep_zeroed(9000), .size = 9000))),
        .history =
            "[{\"created_by\":\"first\"},"
            "{\"created_by\":\"ENV A=1\",\"empty_layer\":true,"
            "\"comment\":\"a comment\"},"
            "{\"created_by\":\"RUN sh -c 'a long order that goes on and on and "
            "on'\",\"empty_layer\":false},"
            "{\"created_by\":\"CMD x\",\"empty_layer\":true}]"};
    const char *state = shared_loaded(&r);
    const char *id = pack_id(&r);

    expect_str(
        "the lines of duct history",
        keep_format(
            "%.12s N/A CMD x 0B\n"
            "<missing> N/A RUN sh -c 'a long order that goes on and on a "
            "10.8kB\n"
            "<missing> N/A ENV A=1 0B a comment\n"
            "<missing> N/A first 2.05kB\n",
            id),
        squeezed(history(duct("history", "--state", state, "t:1"))));
    expect_str(
        "the lines of duct history --no-trunc",
        keep_format(
            "sha256:%s N/A CMD x 0B\n"
            "<missing> N/A RUN sh -c 'a long order that goes on and on and on' "
            "10.8kB\n"
            "<missing> N/A ENV A=1 0B a comment\n"
            "<missing> N/A first 2.05kB\n",
            id),
        squeezed(history(duct("history", "--state", state, "--no-trunc",
                              keep_copy(id, 9)))));
}

/* It says more, or less, than there are layers. */
static void history_that_lies(void)
{
    struct recipe r = {.layers = LAYERS(TAR(F("x", "x"))),
                       .history = "[{\"created_by\":\"a\"},"
                                  "{\"created_by\":\"b\"},7,null]"};
    const char *lines =
        squeezed(history(duct("history", "--state", shared_loaded(&r), "t:1")));

    expect_contains("duct history", "<missing> N/A a 0B\n", lines);
    expect_contains("duct history", "<missing> N/A b 0B\n", lines);
    r.history = "[]";
    expect_str("duct history", "",
               history(duct("history", "--state", shared_loaded(&r), "t:1")));
    r.history = "null";
    expect_str("duct history", "",
               history(duct("history", "--state", shared_loaded(&r), "t:1")));
}

static void of_an_import(void)
{
    const char *state = tree_fresh_dir(0);
    const char *file = pack_write(TAR(F("x", "x")));

    expect_exit(duct("import", "--state", state, file, "box"), 0);
    expect_contains("duct history", keep_format("Imported from %s\n", file),
                    history(duct("history", "--state", state, "box")));
}

static void strangers_words(void)
{
    struct recipe r = {
        .layers = LAYERS(TAR(F("x", "x"))),
        .created = "\\u001b]0;x\\u0007",
        .history = "[{\"created_by\":\"a\\u001b[2Jb\\u009bc\\nd\\u007f"
                   "e\\u00e4f\",\"comment\":\"\\u001bcg\\r\",\"created\":"
                   "\"\\u001b[1m\"}]"};
    const char *state = shared_loaded(&r);
    struct program *p = duct("history", "--state", state, "t:1");

    expect_contains("duct history", "a?[2Jb??c?d?e\u00e4f", p->out);
    expect_contains("duct history", "?cg?\n", p->out);
    p = duct("images", "--state", state);
    expect_lacks("duct images", "\033", p->out);
}

static const struct trial trials[] = {
    {.name = "no_images_yet",
     .claim = "where there is nothing yet duct images shows a title",
     .usual_cause = "a store that is not there is an error",
     .reread = "#image_lists",
     .feature = true,
     .depends = "docker_archive",
     .body = nothing_yet},
    {.name = "images_are_listed",
     .claim = "duct images shows name, tag, id, age and size of its layers as "
              "they are kept, latest first",
     .usual_cause = "the size is that of one layer, or a port is taken for a "
                    "tag",
     .reread = "#image_lists",
     .feature = true,
     .depends = "docker_archive",
     .body = images_are_listed},
    {.name = "columns_of_images",
     .claim = "columns stand below their titles",
     .usual_cause = "the title has other widths",
     .reread = "#image_lists",
     .feature = true,
     .depends = "images_are_listed",
     .body = columns},
    {.name = "sizes_of_images",
     .claim = "sizes have three digits and units of 1000, as docker's",
     .usual_cause = "units of 1024",
     .reread = "#image_lists",
     .feature = true,
     .depends = "images_are_listed",
     .body = sizes},
    {.name = "ids_alone",
     .claim = "duct images -q shows the ids, short or whole",
     .usual_cause = "the title is shown nevertheless",
     .reread = "#image_lists",
     .feature = true,
     .depends = "images_are_listed",
     .body = ids_alone},
    {.name = "whole_ids",
     .claim = "an id has 12 digits, with --no-trunc sha256: and all 64",
     .usual_cause = "the precision in printf()",
     .reread = "#image_lists",
     .feature = true,
     .depends = "images_are_listed",
     .body = whole_ids},
    {.name = "long_names",
     .claim = "names are never cut",
     .usual_cause = "the precision in printf()",
     .reread = "#image_lists",
     .feature = true,
     .depends = "images_are_listed",
     .body = long_names},
    {.name = "history_is_told",
     .claim = "duct history shows what the image was made by, the last first, "
              "with the size of each layer",
     .usual_cause = "entries without a layer get the size of another",
     .reread = "#image_lists",
     .feature = true,
     .depends = "docker_archive",
     .body = history_is_told},
    {.name = "ages_of_images",
     .claim = "ages are told as docker tells them: minutes, hours to the "
              "nearest, days, weeks, months, years",
     .usual_cause = "another limit between two units",
     .reread = "#image_lists",
     .feature = true,
     .depends = "history_is_told",
     .body = ages},
    {.name = "age_in_seconds",
     .claim = "what was just made is some seconds old",
     .usual_cause = "the time is taken for local time",
     .reread = "#image_lists",
     .feature = true,
     .depends = "images_are_listed",
     .body = seconds},
    {.name = "dates_of_images",
     .claim = "dates have parts of seconds and time zones; what is none is N/A",
     .usual_cause = "strptime() without a look at its result",
     .reread = "#image_lists",
     .feature = true,
     .depends = "history_is_told",
     .body = dates},
    {.name = "history_that_lies",
     .claim = "a history that does not fit its layers is shown as far as it "
              "goes",
     .usual_cause = "an index below 0",
     .reread = "#image_lists",
     .feature = true,
     .depends = "history_is_told",
     .body = history_that_lies},
    {.name = "history_of_an_import",
     .claim = "the history of an import says where it came from",
     .usual_cause = "there is no history",
     .reread = "#import_tar",
     .feature = true,
     .depends = "history_is_told",
     .body = of_an_import},
    {.name = "strangers_words",
     .claim = "control characters of an image do not reach the terminal",
     .usual_cause = "what the image says is printed as it is",
     .reread = "#image_lists",
     .feature = true,
     .depends = "history_is_told",
     .body = strangers_words},
};

const struct chapter chapter_lists = {"Lists", TRIALS(trials)};
