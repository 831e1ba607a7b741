/*
 * Chapter: what an instruction is, in lines, words and lists.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

/* A Dockerfile makes an image in which this prints that. */
struct text {
    const char *dockerfile;
    const char *script, *printed;
};

static void expect_texts(const struct text *text)
{
    const struct site *site = site_new();

    for (; text->dockerfile != NULL; text++) {
        trial_note("the Dockerfile: %s",
                   expect_quoted(text->dockerfile, strlen(text->dockerfile)));
        (void)built(site, text->dockerfile);
        expect_inside(site, text->script, text->printed);
    }
}

static void continued(void)
{
    expect_texts((const struct text[]){
        {DOCKERFILE("RUN echo a \\\n  b\\\nc\\\n   d >/x\n"), "cat /x",
         "a bc d\n"},
        {DOCKERFILE("RUN echo e \\  \n \\\t\nf >/x\n"), "cat /x", "e f\n"},
        {DOCKERFILE("ENV a=1 \\\n    b=2\\\n2\nRUN echo $a$b >/x"), "cat /x",
         "122\n"},
        {DOCKERFILE("R\\\nUN echo g >/x\n"), "cat /x", "g\n"},
        {DOCKERFILE("RUN echo h >/x \\"), "cat /x", "h\n"},
        {DOCKERFILE("RUN echo i >/x \\\n\\\n"), "cat /x", "i\n"},
        {0},
    });
}

/* Also of one that would go on, had the file not ended. */
static void blanks_at_the_end(void)
{
    const struct site *site = site_new();

    expect_contains("stdout", "\nStep 2/3 : RUN true\n",
                    built(site, DOCKERFILE("RUN true \t \nENV a=1\n")));
    expect_contains("stdout", "\nStep 2/2 : RUN echo\n",
                    built(site, DOCKERFILE("RUN echo \t\\\n\n# x\n")));
}

static void comments_between(void)
{
    expect_texts((const struct text[]){
        {"\n# one\n   # two\n\t#three\nFROM busybox\n#four\n\n"
         "RUN echo a \\\n# five\n  # six \\\n b >/x\n# seven\n",
         "cat /x", "a b\n"},
        {DOCKERFILE("RUN echo a # b >/x\nRUN echo c'#' d >/y\n"),
         "ls /x 2>/dev/null; cat /y", "c# d\n"},
        {0},
    });
}

static void empty_lines(void)
{
    expect_texts((const struct text[]){
        {DOCKERFILE("RUN echo a \\\n\n \t\n   b >/x\n"), "cat /x", "a b\n"},
        {DOCKERFILE("\n \n\t\nRUN echo c >/x\n\n"), "cat /x", "c\n"},
        {0},
    });
}

static void two_escapes(void)
{
    const struct site *site = site_new();

    expect_blamed(build(site, DOCKERFILE("RUN echo a \\\\\nb\n")), 125, 3, "b",
                  "unknown instruction: b");
}

static void from_other_systems(void)
{
    expect_texts((const struct text[]){
        {"FROM busybox\r\nRUN echo a \\\r\n b >/x\r\nENV v=1\r\n",
         "od -c /x | head -1; echo $v", "0000000   a       b  \\n\n1\n"},
        {"FROM busybox\r\n\r\n# c\r\nRUN echo c >/x", "cat /x", "c\n"},
        {0},
    });
}

static void any_case(void)
{
    expect_texts((const struct text[]){
        {"from busybox\n  EnV\ta=1\n\trun\techo $a >/x\nWorkDir\t /w  \n",
         "cat /x; pwd", "1\n/w\n"},
        {0},
    });
}

/* Of 70000 letters, which a shell is given in one argument. */
static void long_lines(void)
{
    const struct site *site = site_new();
    char *letters = keep_zeroed(70001);

    memset(letters, 'x', 70000);
    (void)built(site, keep_format(DOCKERFILE("RUN echo -n %s >/x\n"), letters));
    expect_inside(site, "wc -c </x", "70000\n");
    expect_failed(build(site, keep_format(DOCKERFILE("NO %s\n"), letters)),
                  "unknown instruction: NO\n",
                  keep_format("\n      NO %.150s", letters));
    expect_that(
        build(site, keep_format(DOCKERFILE("%s\n"), letters))->err_size < 2000,
        "a short message of a long word", "a long one");
}

static void no_texts(void)
{
    const struct site *site = site_new();
    static const char nul[] = "FROM busybox\nRUN a\0b\n";

    expect_failed(build(site, "FROM busybox\nRUN echo \xff\n"), "Dockerfile",
                  "UTF-8");
    file_write_bytes(site_path(site, "Dockerfile"), nul, sizeof(nul) - 1);
    expect_failed(on(site, "build", site->context), "Dockerfile", "NUL");
}

/* Of a message a terminal gets nothing that it would obey. */
static void terminals_are_safe(void)
{
    const struct site *site = site_new();
    const struct program *p = build(site, DOCKERFILE("\033[2JX \a b\n")), *told;

    expect_blamed(p, 125, 2, "?[2JX ? b", "unknown instruction: ?[2JX");
    told = build(site, DOCKERFILE("LABEL a=\"\033[2J\"\n"));
    expect_exit(told, 0);
    expect_lacks("stdout", "\033", told->out);
}

static void lists_in_json(void)
{
    const struct site *site = site_new();
    static const struct {
        const char *line, *cmd;
    } cases[] = {
        {"CMD [\"a\", \"b c\"]", "[\"a\",\"b c\"]"},
        {"CMD  [ \"a\" ]  ", "[\"a\"]"},
        {"CMD [\"\\u00e9\\n\", \"\"]", "[\"\xc3\xa9\\n\",\"\"]"},
        {"CMD []", "[]"},
        {"CMD ['a']", "[\"/bin/sh\",\"-c\",\"['a']\"]"},
        {"CMD [\"a\" \"b\"]", "[\"/bin/sh\",\"-c\",\"[\\\"a\\\" \\\"b\\\"]\"]"},
        {"CMD [\"a\"] b", "[\"/bin/sh\",\"-c\",\"[\\\"a\\\"] b\"]"},
        {"CMD [ -e /x ]", "[\"/bin/sh\",\"-c\",\"[ -e /x ]\"]"},
        {"CMD {\"a\":1}", "[\"/bin/sh\",\"-c\",\"{\\\"a\\\":1}\"]"},
        {"CMD \"a\"", "[\"/bin/sh\",\"-c\",\"\\\"a\\\"\"]"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        trial_note("the line: %s", cases[i].line);
        (void)built(site, keep_format(DOCKERFILE("%s\n"), cases[i].line));
        expect_str("Cmd", cases[i].cmd, saved_member(site, "Cmd"));
    }
    expect_blamed(build(site, DOCKERFILE("CMD [\"a\", 1]\n")), 125, 2,
                  "CMD [\"a\", 1]", "only texts");
    expect_blamed(build(site, DOCKERFILE("ENTRYPOINT [null]\n")), 125, 2,
                  "ENTRYPOINT [null]", "only texts");
}

static const struct trial trials[] = {
    {.name = "lines_are_continued",
     .claim = "a line that ends in \\ goes on in the next one, without a blank "
              "between",
     .usual_cause = "blanks behind the \\ hide it, or the line's own blanks "
                    "are lost",
     .reread = "#lines",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = continued},
    {.name = "lines_end_before_blanks",
     .claim = "blanks at the end of an instruction are none of its text",
     .usual_cause = "only a line that ends without a \\ is looked at",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = blanks_at_the_end},
    {.name = "comments_are_left_out",
     .claim = "a line that begins with # is left out, between continued lines "
              "as well; elsewhere # is text",
     .usual_cause = "lines are joined first",
     .reread = "#lines",
     .feature = true,
     .depends = "lines_are_continued",
     .body = comments_between},
    {.name = "empty_lines_do_not_count",
     .claim = "an empty line ends no instruction that goes on, and is none",
     .usual_cause = "the line that is empty has no \\",
     .reread = "#lines",
     .feature = true,
     .depends = "lines_are_continued",
     .body = empty_lines},
    {.name = "escaped_escapes_end_a_line",
     .claim = "\\\\ at the end of a line does not continue it",
     .usual_cause = "only the last letter is looked at",
     .reread = "#lines",
     .feature = true,
     .depends = "lines_are_continued",
     .body = two_escapes},
    {.name = "files_of_other_systems",
     .claim = "CR LF at the lines' ends is no part of them",
     .usual_cause = "the \\ is no longer the last letter of its line",
     .reread = "#lines",
     .feature = true,
     .depends = "lines_are_continued",
     .body = from_other_systems},
    {.name = "keywords_in_any_case",
     .claim = "keywords are the same in any case, and blanks around them do "
              "not count",
     .usual_cause = "strcmp() in place of strcasecmp()",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = any_case},
    {.name = "lines_may_be_long",
     .claim = "lines may be long; messages about them are not",
     .usual_cause = "a buffer of fixed size",
     .reread = "#lines",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = long_lines},
    {.name = "dockerfiles_are_text",
     .claim = "NUL bytes, and what is not UTF-8, are refused",
     .usual_cause = "the text ends at the NUL, and half of it is built",
     .reread = "#lines",
     .feature = true,
     .body = no_texts},
    {.name = "terminals_are_safe",
     .claim = "what duct tells of a Dockerfile has no control characters",
     .usual_cause = "the line is printed as it is",
     .reread = "#lines",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = terminals_are_safe},
    {.name = "lists_in_json",
     .claim = "what is a list of texts in JSON is one; anything else is for a "
              "shell",
     .usual_cause = "a [ at the begin is taken for JSON",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = lists_in_json},
};

const struct chapter chapter_lines = {"Lines", TRIALS(trials)};
