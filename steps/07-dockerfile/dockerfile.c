/*
 * dockerfile: a text, read into the instructions it has.
 *
 * All of it is read before anything is done: a mistake in the last line costs
 * a second, and not the ten minutes that the lines before it take.
 *
 *     COPY --chown=1:1 a $B /c/      keyword, flags, words
 *     ENV A=1 B="$A 2"               keyword, pairs
 *     RUN ["/bin/apt-get", "update"] keyword, words for execve(2), in JSON
 *     RUN apt-get \                  keyword, text for a shell, over two
 *         # comments are left out    lines: one that ends with a backslash
 *         update                     goes on in the next
 */
#include "dockerfile.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "cleanup.h"
#include "printable.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum {
    LONGEST_SHOWN = 200 /* of a line, in a message */
};

enum form {
    TEXT,  /* as it is, or in JSON */
    WORD,  /* one word, with quotes and variables */
    WORDS, /* several */
    LIST,  /* the same, or in JSON */
    PAIRS, /* NAME=VALUE */
};

static const struct rule {
    const char *name;
    enum form form;
    unsigned least; /* words, of a list */
} rules[] = {
    [KEYWORD_ADD] = {"ADD", LIST, 2},
    [KEYWORD_ARG] = {"ARG", WORDS, 1},
    [KEYWORD_CMD] = {"CMD", TEXT, 0},
    [KEYWORD_COPY] = {"COPY", LIST, 2},
    [KEYWORD_ENTRYPOINT] = {"ENTRYPOINT", TEXT, 0},
    [KEYWORD_ENV] = {"ENV", PAIRS, 1},
    [KEYWORD_EXPOSE] = {"EXPOSE", WORDS, 1},
    [KEYWORD_FROM] = {"FROM", WORDS, 1},
    [KEYWORD_LABEL] = {"LABEL", PAIRS, 1},
    [KEYWORD_MAINTAINER] = {"MAINTAINER", TEXT, 1},
    [KEYWORD_RUN] = {"RUN", TEXT, 1},
    [KEYWORD_USER] = {"USER", WORD, 1},
    [KEYWORD_VOLUME] = {"VOLUME", LIST, 1},
    [KEYWORD_WORKDIR] = {"WORKDIR", WORD, 1},
};

static const char blanks[] = " \t";

/* A file that is read line by line. */
struct reader {
    struct dockerfile *d;
    FILE *file;
    char *line;
    size_t size;
    int number; /* of the line */
    struct failure *why;
};

void dockerfile_release(struct dockerfile *d)
{
    for (size_t n = 0; n < d->count; n++) {
        free(d->list[n].source);
        free(d->list[n].whole);
        json_decref(d->list[n].json);
        free(d->list[n].chown);
    }
    free(d->list);
}

int dockerfile_blame(const struct dockerfile *d, const struct instruction *i,
                     struct failure *why)
{
    struct failure told = *why;
    char *hints = strchr(told.message, '\n');
    char line[LONGEST_SHOWN + 1];

    if (hints != NULL)
        *hints++ = '\0';
    snprintf(line, sizeof(line), "%s", i->source);
    for (char *tab = line; (tab = strchr(tab, '\t')) != NULL;)
        *tab = ' ';
    fail(why, 0, "%s:%d: %s", d->name, i->line, told.message);
    hint(why, printable(line));
    why->exit_status = told.exit_status;
    return hint(why, hints == NULL ? NULL : hints + strspn(hints, blanks));
}

/* Returns 1 with the next line, without what ends it, or 0 after the last. */
static int next_line(struct reader *r)
{
    ssize_t length = getline(&r->line, &r->size, r->file);
    json_auto_t *text = length < 0 ? NULL : json_stringn(r->line, length);

    r->number++;
    if (length < 0)
        return ferror(r->file) ? fail(r->why, errno, "read %s", r->d->name) : 0;
    /* What others make of it has to be UTF-8 as well. */
    if (text == NULL || strlen(r->line) != (size_t)length)
        return fail(r->why, 0, "%s:%d: has NUL bytes, or is not in UTF-8",
                    r->d->name, r->number);
    r->line[strcspn(r->line, "\r\n")] = '\0';
    return 1;
}

static void cut_blanks(char *text)
{
    for (size_t end = strlen(text); end > 0 && strchr(blanks, text[end - 1]);)
        text[--end] = '\0';
}

/* Does a line go on in the next one? Then cuts its backslash off. */
static bool is_continued(char *line)
{
    cut_blanks(line);
    size_t end = strlen(line);
    bool goes_on =
        end > 0 && line[end - 1] == '\\' && (end == 1 || line[end - 2] != '\\');
    if (goes_on)
        line[end - 1] = '\0';
    return goes_on;
}

/* All of an instruction that begins with this line, as one. */
static int join_lines(struct reader *r, char **whole)
{
    size_t length;
    FILE *out = open_memstream(whole, &length);
    bool goes_on = out != NULL && is_continued(r->line);
    int status = 1;

    if (out == NULL)
        return fail(r->why, ENOMEM, "read %s", r->d->name);
    fputs(r->line, out);
    while (goes_on && (status = next_line(r)) > 0) {
        char first = r->line[strspn(r->line, blanks)];

        if (first == '\0' || first == '#')
            continue;
        goes_on = is_continued(r->line);
        fputs(r->line, out);
    }
    if (fclose(out) != 0 || *whole == NULL)
        return fail(r->why, ENOMEM, "read %s", r->d->name);
    cut_blanks(*whole);
    return status < 0 ? -1 : 0;
}

static const char *skip(const char *text, size_t length)
{
    return text + length + strspn(text + length, blanks);
}

static int read_keyword(struct instruction *i, struct failure *why)
{
    const char *word = skip(i->whole, 0);
    size_t length = strcspn(word, blanks);

    for (size_t k = 0; k < LENGTH(rules); k++)
        if (strlen(rules[k].name) == length &&
            strncasecmp(word, rules[k].name, length) == 0) {
            i->keyword = (enum keyword)k;
            i->name = rules[k].name;
            i->text = skip(word, length);
            return 0;
        }
    fail(why, 0, "unknown instruction: %.*s", length < 100 ? (int)length : 100,
         word);
    return hint(why, "HEALTHCHECK, ONBUILD, SHELL, STOPSIGNAL and << are for "
                     "docker;\n      or does the line before lack its \\?");
}

/* Behind the keyword: "--NAME=VALUE"... */
static int read_flags(struct instruction *i, struct failure *why)
{
    bool may = i->keyword == KEYWORD_COPY || i->keyword == KEYWORD_ADD;

    static const char chown[] = "--chown=";

    while (strncmp(i->text, "--", 2) == 0) {
        size_t length = strcspn(i->text, blanks);

        if (!may || i->chown != NULL || length <= strlen(chown) ||
            strncmp(i->text, chown, strlen(chown)) != 0)
            return fail(why, 0, "unknown flag: %.*s", (int)length, i->text);
        i->chown = strndup(i->text + strlen(chown), length - strlen(chown));
        if (i->chown == NULL)
            return fail(why, ENOMEM, "read %s", i->name);
        i->text = skip(i->text, length);
    }
    return 0;
}

/* The text as a list of words, if it is one in JSON; else a shell reads it,
 * and may say what it thinks of ['a']. */
static int read_json(struct instruction *i, struct failure *why)
{
    enum form form = rules[i->keyword].form;
    json_auto_t *json = json_loads(i->text, 0, NULL);
    const json_t *word;
    size_t n;

    if (!json_is_array(json) || (form != TEXT && form != LIST))
        return 0;
    json_array_foreach(json, n, word)
        if (!json_is_string(word))
            return fail(why, 0, "only texts may stand between the [ and the ]");
    i->json = json_incref(json);
    return 0;
}

json_t *dockerfile_words(const struct instruction *i, const struct scope *scope,
                         struct failure *why)
{
    enum form form = rules[i->keyword].form;
    json_auto_t *list = json_array();
    const json_t *json;
    size_t n;

    if (form == TEXT)
        return json_pack("[s]", i->text);
    if (form == PAIRS)
        return words_pairs(i->text, scope, why);
    if (i->json == NULL && form != WORD)
        return words_list(i->text, scope, why);
    json_auto_t *texts =
        form == WORD ? json_pack("[s]", i->text) : json_incref(i->json);
    json_array_foreach(texts, n, json) {
        cleanup_free char *word =
            words_text(json_string_value(json), scope, why);

        if (word == NULL)
            return NULL;
        json_array_append_new(list, json_string(word));
    }
    return json_incref(list);
}

/* With variables that may stand for anything: are its words words? */
static int check_words(const struct instruction *i, struct failure *why)
{
    const struct scope grammar = {.unknown = true};
    unsigned least = rules[i->keyword].least;
    json_auto_t *list = dockerfile_words(i, &grammar, why);
    size_t count = json_array_size(i->json != NULL ? i->json : list);

    if (list == NULL)
        return -1;
    if (i->keyword == KEYWORD_FROM && count != 1 && count != 3)
        return fail(why, 0, "FROM needs an IMAGE, or an IMAGE AS NAME");
    return count >= least
               ? 0
               : fail(why, 0, "%s needs %s", i->name,
                      least > 1 ? "a source and a destination" : "an argument");
}

/* Only ARG may stand before FROM, and there is one image to build. */
static int check_order(const struct dockerfile *d, const struct instruction *i,
                       struct failure *why)
{
    bool is_from = i->keyword == KEYWORD_FROM;
    bool was_from = false;

    for (const struct instruction *before = d->list; before < i; before++)
        was_from |= before->keyword == KEYWORD_FROM;
    if (!was_from && !is_from && i->keyword != KEYWORD_ARG) {
        fail(why, 0, "no build stage in current context");
        return hint(why, "FROM says what the image begins with, and comes "
                         "first");
    }
    if (was_from && is_from) {
        fail(why, 0, "a second FROM");
        return hint(why, "docker can build in several stages, this step in "
                         "one");
    }
    return 0;
}

static int check(const struct dockerfile *d, struct instruction *i,
                 struct failure *why)
{
    if (read_keyword(i, why) < 0 || read_flags(i, why) < 0 ||
        read_json(i, why) < 0)
        return -1;
    if (*i->text == '\0')
        return fail(why, 0, "%s needs an argument", i->name);
    return check_words(i, why) < 0 ? -1 : check_order(d, i, why);
}

static int read_instruction(struct reader *r)
{
    struct dockerfile *d = r->d;
    struct instruction *longer =
        reallocarray(d->list, d->count + 1, sizeof(*d->list));

    if (longer == NULL)
        return fail(r->why, ENOMEM, "read %s", d->name);
    d->list = longer;
    struct instruction *i = &longer[d->count++];
    *i = (struct instruction){
        .line = r->number,
        .source = strdup(skip(r->line, 0)),
        .has_cmd =
            i > longer && (i[-1].has_cmd || i[-1].keyword == KEYWORD_CMD),
    };
    if (i->source == NULL)
        return fail(r->why, ENOMEM, "read %s", d->name);
    if (join_lines(r, &i->whole) < 0 || i->whole == NULL)
        return -1;
    return check(d, i, r->why) < 0 ? dockerfile_blame(d, i, r->why) : 0;
}

int dockerfile_read(struct dockerfile *d, const char *name, int fd,
                    struct failure *why)
{
    struct reader r = {.d = d, .file = fdopen(fd, "re"), .why = why};
    int status = 1;

    d->name = name;
    if (r.file == NULL)
        return fail(why, errno, "read %s", name);
    while (status > 0 && (status = next_line(&r)) > 0) {
        char first = r.line[strspn(r.line, blanks)];

        if (first != '\0' && first != '#' && read_instruction(&r) < 0)
            status = -1;
    }
    fclose(r.file);
    free(r.line);
    for (size_t n = 0; status == 0 && n < d->count; n++)
        if (d->list[n].keyword == KEYWORD_FROM)
            return 0;
    return status < 0
               ? -1
               : fail(why, 0, "%s has no FROM, so nothing to build", name);
}
