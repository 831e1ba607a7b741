/*
 * Chapter: mistakes are found before anything is done, and shown.
 */
#include <string.h>

#include "suite.h"

/* In the third line, behind one that would leave a trace. */
#define BEFORE DOCKERFILE("RUN echo was done\n")

struct mistake {
    const char *line;
    const char *word;  /* of the message */
    const char *shown; /* NULL: as it is */
};

#define M(text, part)                                                          \
    {                                                                          \
        .line = (text), .word = (part)                                         \
    }

static void expect_mistakes(const struct mistake *mistakes)
{
    const struct site *site = site_new();

    site_file(site, "a", "a\n");
    for (const struct mistake *m = mistakes; m->line != NULL; m++) {
        const struct program *p =
            build(site, keep_format(BEFORE "%s\nENV b=1\n", m->line));

        trial_note("the line: %s", m->line);
        expect_blamed(p, 125, 3, m->shown == NULL ? m->line : m->shown,
                      m->word);
        expect_str("stdout: nothing is done before all is read", "", p->out);
    }
    expect_nothing_left(site);
}

static void unknown_words(void)
{
    expect_mistakes((const struct mistake[]){
        M("FORM busybox", "unknown instruction: FORM"),
        {.line = "  RUNS true",
         .word = "unknown instruction: RUNS",
         .shown = "RUNS true"},
        {.line = "FORM\tbusy\tbox",
         .word = "unknown instruction: FORM",
         .shown = "FORM busy box"},
        M("RU true", "unknown instruction: RU"),
        M("a=1", "unknown instruction: a=1"),
        {0},
    });
}

static void missing_words(void)
{
    expect_mistakes((const struct mistake[]){
        M("RUN", "RUN needs an argument"),
        M("ENV", "ENV needs an argument"),
        M("CMD   ", "CMD needs an argument"),
        M("ENTRYPOINT", "ENTRYPOINT needs an argument"),
        M("LABEL", "LABEL needs an argument"),
        M("USER", "USER needs an argument"),
        M("WORKDIR", "WORKDIR needs an argument"),
        M("EXPOSE", "EXPOSE needs an argument"),
        M("VOLUME", "VOLUME needs an argument"),
        M("MAINTAINER", "MAINTAINER needs an argument"),
        M("ARG", "ARG needs an argument"),
        M("COPY", "COPY needs an argument"),
        M("COPY a", "COPY needs a source and a destination"),
        M("ADD a", "ADD needs a source and a destination"),
        M("COPY [\"a\"]", "COPY needs a source and a destination"),
        M("RUN []", "RUN needs an argument"),
        M("VOLUME []", "VOLUME needs an argument"),
        M("run", "RUN needs an argument"),
        {0},
    });
}

static void wrong_pairs(void)
{
    expect_mistakes((const struct mistake[]){
        M("ENV A", "\"A\" has no value"),
        M("ENV A=1 B", "\"B\" has no ="),
        M("ENV =1", "\"=1\" has no name"),
        M("ENV A=1 =2", "\"=2\" has no name"),
        M("LABEL A", "\"A\" has no value"),
        {0},
    });
}

static void wrong_quotes(void)
{
    expect_mistakes((const struct mistake[]){
        M("ENV a=\"b", "the second \" is missing"),
        M("LABEL a='b", "the second ' is missing"),
        M("WORKDIR \"a", "\" is missing"),
        M("USER ${a", "${a: the } is missing"),
        M("USER ${a:-b", "the } is missing"),
        M("EXPOSE ${}", "a variable needs a name"),
        M("VOLUME ${a%b}", "may follow"),
        M("VOLUME ${a:b}", "may follow"),
        M("VOLUME ${a-b}", "may follow"),
        M("VOLUME ${a?b}", "may follow"),
        M("COPY a \"b", "\" is missing"),
        M("COPY [\"a\", \"${b\"]", "the } is missing"),
        M("ENV a=${b:-\"}", "\" is missing"),
        M("ENV a${b-c}=1", "may follow"),
        M("LABEL a${b-c} d", "may follow"),
        {0},
    });
}

static void wrong_flags(void)
{
    expect_mistakes((const struct mistake[]){
        M("COPY --chown=1 --chown=2 a /", "unknown flag: --chown"),
        M("COPY --chown a /", "unknown flag: --chown"),
        M("ADD --chown= a /", "unknown flag: --chown"),
        M("COPY --other=1 a /", "unknown flag: --other"),
        M("COPY --chow=1 a /", "unknown flag: --chow"),
        M("COPY --chowns=1 a /", "unknown flag: --chowns"),
        M("RUN --chown=1 true", "unknown flag: --chown"),
        M("ENV --a=1", "unknown flag: --a"),
        {0},
    });
}

static void known_elsewhere(void)
{
    expect_mistakes((const struct mistake[]){
        M("SHELL [\"/bin/sh\"]", "unknown instruction: SHELL"),
        M("healthcheck NONE", "unknown instruction: healthcheck"),
        M("STOPSIGNAL 9", "unknown instruction: STOPSIGNAL"),
        M("ONBUILD RUN true", "unknown instruction: ONBUILD"),
        M("COPY --from=a b /", "unknown flag: --from"),
        M("COPY --chmod=1 a /", "unknown flag: --chmod"),
        M("RUN --mount=a b", "unknown flag: --mount"),
        M("FROM busybox", "a second FROM"),
        {0},
    });
}

static void hints_help(void)
{
    const struct site *site = site_new();

    expect_contains("the hint to a word that docker knows", "for docker",
                    build(site, DOCKERFILE("SHELL [\"a\"]\n"))->err);
    expect_contains("the hint to another word", "lack its \\",
                    build(site, DOCKERFILE("SHELLS a\n"))->err);
    expect_contains("the hint to an instruction before FROM",
                    "\n      FROM says what the image begins with",
                    build(site, "ENV a=1\n")->err);
    expect_contains("the hint to a base that is not there", "`duct images`",
                    build(site, "FROM none\n")->err);
    expect_contains("the hint to a second FROM", "several stages",
                    build(site, DOCKERFILE("FROM busybox\n"))->err);
}

static void from_comes_first(void)
{
    const struct site *site = site_new();

    expect_blamed(build(site, "ENV a=1\nFROM busybox\n"), 125, 1, "ENV a=1",
                  "no build stage");
    expect_blamed(build(site, "ARG a=1\n# b\nRUN true\n"), 125, 3, "RUN true",
                  "no build stage");
    expect_blamed(build(site, "FROM\n"), 125, 1, "FROM", "FROM needs");
    expect_blamed(build(site, "FROM a b\n"), 125, 1, "FROM a b",
                  "FROM needs an IMAGE");
    expect_blamed(build(site, "FROM a AS b c\n"), 125, 1, "FROM a AS b c",
                  "FROM needs an IMAGE");
    expect_failed(build(site, ""), "Dockerfile has no FROM");
    expect_failed(build(site, "# nothing\n\n"), "Dockerfile has no FROM");
    expect_failed(build(site, "ARG a=1\n"), "Dockerfile has no FROM");
}

/* Of one over several lines, the first. */
static void first_line_is_shown(void)
{
    const struct site *site = site_new();

    expect_blamed(build(site, DOCKERFILE("\n# a\n  RUN true && \\\n  exit 7\n"
                                         "ENV a=1\n")),
                  7, 4, "RUN true && \\", "returned a non-zero code: 7");
    expect_blamed(build(site, DOCKERFILE("ENV a=1 \\\n\n b=2 \\\n c\n")), 125,
                  2, "ENV a=1 \\", "\"c\" has no =");
}

static void found_when_done(void)
{
    const struct site *site = site_new();

    expect_blamed(build(site, DOCKERFILE("ARG p=x\nEXPOSE $p\n")), 125, 3,
                  "EXPOSE $p", "\"x\" is no port");
    expect_blamed(build(site, DOCKERFILE("USER ${b}\n")), 125, 2, "USER ${b}",
                  "USER needs an argument");
    expect_blamed(build(site, DOCKERFILE("WORKDIR \"\"\n")), 125, 2,
                  "WORKDIR \"\"", "WORKDIR needs an argument");
    expect_blamed(build(site, DOCKERFILE("VOLUME $b \"\"\n")), 125, 2,
                  "VOLUME $b \"\"", "VOLUME needs");
    expect_blamed(build(site, DOCKERFILE("ENV $b=1\n")), 125, 2, "ENV $b=1",
                  "has no name");
    expect_blamed(build(site, DOCKERFILE("ARG $b=1\n")), 125, 2, "ARG $b=1",
                  "needs a name");
    expect_nothing_left(site);
}

static const struct trial trials[] = {
    {.name = "unknown_words_are_refused",
     .claim = "what is no instruction is refused, with its file, its line and "
              "the line itself, before anything is done",
     .usual_cause = "lines are done as they are read",
     .reread = "#instructions",
     .feature = true,
     .body = unknown_words},
    {.name = "missing_words_are_refused",
     .claim = "an instruction that lacks its argument is refused in the same "
              "way",
     .usual_cause = "words are counted when the step is done",
     .reread = "#instructions",
     .feature = true,
     .body = missing_words},
    {.name = "wrong_pairs_are_refused",
     .claim = "so are settings without a name or a value",
     .usual_cause = "a missing = is taken for an empty value",
     .reread = "#expand",
     .feature = true,
     .body = wrong_pairs},
    {.name = "wrong_quotes_are_refused",
     .claim = "so are quotes and braces without their second half",
     .usual_cause = "the end of the text is taken for the end of the word",
     .reread = "#expand",
     .feature = true,
     .body = wrong_quotes},
    {.name = "wrong_flags_are_refused",
     .claim = "so are flags that are unknown, empty or there twice",
     .usual_cause = "a flag that is not known is taken for a file",
     .reread = "#instructions",
     .feature = true,
     .body = wrong_flags},
    {.name = "what_docker_knows",
     .claim = "what docker knows and this step does not is refused, not passed "
              "over",
     .usual_cause = "an unknown instruction is skipped",
     .reread = "#instructions",
     .feature = true,
     .only_here = true,
     .body = known_elsewhere},
    {.name = "refusals_have_hints",
     .claim = "below the line there is a hint where one is likely to help",
     .usual_cause = "the hint is lost when the line is added",
     .reread = "#instructions",
     .feature = true,
     .only_here = true,
     .body = hints_help},
    {.name = "from_comes_first",
     .claim = "without FROM, or before it, there is nothing to build; only ARG "
              "may come earlier",
     .usual_cause = "the order is not looked at",
     .reread = "#instructions",
     .feature = true,
     .body = from_comes_first},
    {.name = "first_line_is_shown",
     .claim = "of an instruction over several lines the first is shown, with "
              "its number",
     .usual_cause = "the number is that of the line read last",
     .reread = "#lines",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = first_line_is_shown},
    {.name = "values_are_checked",
     .claim = "what only shows when variables have their values is refused "
              "then, with the line as it stands",
     .usual_cause = "values are checked before they are known, or never",
     .reread = "#expand",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = found_when_done},
};

const struct chapter chapter_refused = {"Mistakes", TRIALS(trials)};
