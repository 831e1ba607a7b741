/*
 * Chapter: quotes, escapes and variables.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

struct word {
    const char *word, *value;
};

/* One after another in the same image: each is a variable of its own. */
static void expect_values(const char *before, const struct word *words)
{
    const struct site *site = site_new();
    char *text = keep_format("FROM busybox\n%s", before);
    const struct program *p;

    for (size_t i = 0; words[i].word != NULL; i++)
        text = keep_format("%sENV W%zu=%s\n", text, i, words[i].word);
    (void)built(site, text);
    p = in_image(site, "env");
    expect_exit(p, 0);
    for (size_t i = 0; words[i].word != NULL; i++)
        expect_contains(keep_format("what %s became", words[i].word),
                        keep_format("\nW%zu=%s\n", i, words[i].value),
                        keep_format("\n%s", p->out));
}

#define SETTINGS "ENV A=1 B=\"two words\" EMPTY= AB=ab _x=under\n"

static void variables(void)
{
    expect_values(SETTINGS, (const struct word[]){
                                {"$A", "1"},
                                {"x${A}x", "x1x"},
                                {"$AB", "ab"},
                                {"${A}B", "1B"},
                                {"$Ax", ""},
                                {"$A$A-$AB", "11-ab"},
                                {"$_x", "under"},
                                {"$none", ""},
                                {"$EMPTY.", "."},
                                {"$A/$AB", "1/ab"},
                                {"$B", "two words"},
                                {"${B}", "two words"},
                                {"\"$B\"", "two words"},
                                {0},
                            });
}

static void dollars(void)
{
    expect_values(SETTINGS, (const struct word[]){
                                {"$", "$"},
                                {"a$", "a$"},
                                {"$/a", "$/a"},
                                {"$.$A", "$.1"},
                                {"\"$ a\"", "$ a"},
                                {"\"a$\"", "a$"},
                                {"${1}x", "x"},
                                {"a=b=$A", "a=b=1"},
                                {0},
                            });
}

static void defaults(void)
{
    expect_values(SETTINGS, (const struct word[]){
                                {"${N:-x}", "x"},
                                {"${EMPTY:-x}", "x"},
                                {"${A:-x}", "1"},
                                {"${N:-}", ""},
                                {"${A:+x}", "x"},
                                {"${N:+x}", ""},
                                {"${EMPTY:+x}", ""},
                                {"${N:-${A}b}", "1b"},
                                {"${N:-$AB}c", "abc"},
                                {"${N:-${N:-${AB}}}", "ab"},
                                {"${N:-\"a } b\"}", "a } b"},
                                {"${N:-'$A }'}", "$A }"},
                                {"${N:-\\}}", "}"},
                                {"\"${N:-a b}\"", "a b"},
                                {"${A:+a}${N:-b}", "ab"},
                                {0},
                            });
}

static void quotes(void)
{
    expect_values(SETTINGS, (const struct word[]){
                                {"'$A'", "$A"},
                                {"'\\a\"'", "\\a\""},
                                {"\"'\"", "'"},
                                {"'\"'", "\""},
                                {"\\$A", "$A"},
                                {"\"\\$A\"", "$A"},
                                {"\"\\a\\\\\\\"\"", "\\a\\\""},
                                {"a\\bc", "abc"},
                                {"a\\ b", "a b"},
                                {"it\\'s", "it's"},
                                {"\\\\x", "\\x"},
                                {"a\" b \"c", "a b c"},
                                {"a' b 'c", "a b c"},
                                {"\"\"", ""},
                                {"''x\"\"", "x"},
                                {"a\\", "a"},
                                {0},
                            });
}

/* Neither time nor memory without end. */
static void deep_braces(void)
{
    const struct site *site = site_new();
    const char *deep =
        keep_format(DOCKERFILE("USER %sdeep%s\n"), shared_repeated("${a:-", 99),
                    shared_repeated("}", 99));

    expect_failed(build(site, keep_format(DOCKERFILE("USER %s\n"),
                                          shared_repeated("${a:-", 101))),
                  "${ inside of ${");
    (void)built(site, deep);
    expect_str("User", "\"deep\"", saved_member(site, "User"));
    (void)built(site, keep_format(DOCKERFILE("ENV a=1\nUSER %s\n"),
                                  shared_repeated("${a}", 150)));
    expect_str("User, of 150 beside one another",
               keep_format("\"%s\"", shared_repeated("1", 150)),
               saved_member(site, "User"));
}

static void words_are_parted(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV B=\"two words\"\n"
                                 "VOLUME /a  \"/b c\"\t/d\\ e '/f g'/h $B "
                                 "[/i] \\\"/j\n"));
    expect_str("Volumes",
               "{\"\\\"/j\":{},\"/a\":{},\"/b c\":{},\"/d e\":{},"
               "\"/f g/h\":{},\"[/i]\":{},\"two words\":{}}",
               saved_member(site, "Volumes"));
}

static void pairs_are_parted(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV A=1\n"
                                 "LABEL a=1 \tb=\"x y\" c=x\\ y 'd e'=$A f= "
                                 "g=h=i $A=j\n"
                                 "LABEL old  the \"rest\"  of $A  \n"
                                 "LABEL \"q r\" s\n"));
    expect_str("Labels",
               "{\"1\":\"j\",\"a\":\"1\",\"b\":\"x y\",\"c\":\"x y\","
               "\"d e\":\"1\",\"f\":\"\",\"g\":\"h=i\",\"old\":\"the rest  of "
               "1\",\"q r\":\"s\"}",
               saved_member(site, "Labels"));
}

/* All words of an instruction are read before any is set. */
static void environment_before(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV a=1\nENV a=2 b=$a c=${a:+$b}\n"
                                 "ENV a=3 b=$b$a\n"));
    expect_inside(site, "echo $a $b $c.", "3 12 .\n");
}

static void where_variables_count(void)
{
    const struct site *site = site_new();

    site_file(site, "1", "one\n");
    (void)built(site, "ARG b=busybox\n"
                      "FROM ${b}\n"
                      "ENV a=1\n"
                      "ARG c=$a\n"
                      "LABEL l$a=$c\n"
                      "WORKDIR /$a/w\n"
                      "COPY $a ${a}b\n"
                      "ADD [\"${a}\", \"$a c\"]\n"
                      "USER ${a}:$a\n"
                      "EXPOSE $a/udp\n"
                      "VOLUME [\"/v$a\"]\n"
                      "MAINTAINER $a\n"
                      "CMD echo $a '$a'\n"
                      "ENTRYPOINT [\"$a\"]\n");
    expect_str("Labels", "{\"l1\":\"1\"}", saved_member(site, "Labels"));
    expect_str("WorkingDir", "\"/1/w\"", saved_member(site, "WorkingDir"));
    expect_str("User", "\"1:1\"", saved_member(site, "User"));
    expect_str("ExposedPorts", "{\"1/udp\":{}}",
               saved_member(site, "ExposedPorts"));
    expect_str("Volumes", "{\"/v1\":{}}", saved_member(site, "Volumes"));
    expect_str("author", "\"$a\"", saved_top(site, "author"));
    expect_str("Cmd", "[\"/bin/sh\",\"-c\",\"echo $a '$a'\"]",
               saved_member(site, "Cmd"));
    expect_str("Entrypoint", "[\"$a\"]", saved_member(site, "Entrypoint"));
    (void)built(site, "FROM t\nENTRYPOINT []\n");
    expect_inside(site, "cat '/1/w/1b' '/1/w/1 c'", "one\none\n");
}

static const struct trial trials[] = {
    {.name = "variables_are_expanded",
     .claim = "$A and ${A} stand for a variable's value, or for nothing",
     .usual_cause = "the name ends too early, or too late",
     .reread = "#expand",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = variables},
    {.name = "dollars_without_names",
     .claim = "a $ without a name stays",
     .usual_cause = "a name of no letters is looked up, and is empty",
     .reread = "#expand",
     .feature = true,
     .depends = "variables_are_expanded",
     .body = dollars},
    {.name = "defaults_are_expanded",
     .claim = "${A:-x} and ${A:+x} take a word, which may have variables, "
              "quotes and braces itself",
     .usual_cause = "the first } ends it; or what is not wanted is expanded",
     .reread = "#expand",
     .feature = true,
     .depends = "variables_are_expanded",
     .body = defaults},
    {.name = "quotes_are_removed",
     .claim = "in '' nothing has a meaning, in \"\" variables have, and \\ "
              "takes a letter's meaning away",
     .usual_cause = "in \"\" the \\ is an escape before \" $ and \\ only",
     .reread = "#expand",
     .feature = true,
     .depends = "variables_are_expanded",
     .body = quotes},
    {.name = "braces_have_a_limit",
     .claim = "a hundred braces inside of one another are refused, not fewer",
     .usual_cause = "recursion without end",
     .reread = "#expand",
     .feature = true,
     .depends = "defaults_are_expanded",
     .body = deep_braces},
    {.name = "words_are_parted_first",
     .claim = "words end at blanks outside of quotes, before variables are "
              "expanded",
     .usual_cause = "it is done in a shell's order: expanded, then parted",
     .reread = "#expand",
     .feature = true,
     .depends = "variables_are_expanded",
     .body = words_are_parted},
    {.name = "pairs_are_parted",
     .claim = "NAME=VALUE may be repeated in a line; NAME VALUE takes the rest "
              "of it",
     .usual_cause = "a = in a value, or a blank in quotes, ends it",
     .reread = "#expand",
     .feature = true,
     .depends = "variables_are_expanded",
     .body = pairs_are_parted},
    {.name = "environment_from_before",
     .claim = "all values of a line see the environment from before it",
     .usual_cause = "each is set before the next is read",
     .reread = "#expand",
     .feature = true,
     .depends = "variables_are_expanded",
     .body = environment_before},
    {.name = "where_variables_count",
     .claim = "variables are expanded in all instructions but RUN, CMD, "
              "ENTRYPOINT and MAINTAINER",
     .usual_cause = "what is left for the container's shell is expanded, too",
     .reread = "#expand",
     .feature = true,
     .depends = "variables_are_expanded",
     .body = where_variables_count},
};

const struct chapter chapter_expand = {"Variables", TRIALS(trials)};
