/*
 * words: a text of a Dockerfile, parted into words, and its variables put in.
 *
 * Much as a shell does it, but it is no shell: a variable's value is never
 * parted, and there are no commands and no patterns. The shell of a RUN does
 * all that, in the container.
 *
 *     a "b c" d\ e    three words            $a ${a}   its value, or nothing
 *     '$a'            nothing has a meaning  ${a:-b}   b, if it has none
 *     "$a\""          variables, \" \$ \\    ${a:+b}   b, if it has one
 *     \$a             the next has none
 */
#include "words.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"

static const char blanks[] = " \t";
static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

enum {
    DEEPEST = 100 /* braces inside of one another */
};

struct reader {
    const char *at;
    const struct scope *scope;
    FILE *out; /* NULL where it does not count what is there */
    int depth;
    struct failure *why;
};

int words_find(const json_t *env, const char *name)
{
    size_t length = strlen(name);
    const json_t *setting;
    size_t i;

    json_array_foreach(env, i, setting) {
        const char *text = json_string_value(setting);

        if (text != NULL && strncmp(text, name, length) == 0 &&
            text[length] == '=')
            return (int)i;
    }
    return -1;
}

static const char *value_of(const struct scope *scope, const char *name)
{
    int place = words_find(scope->env, name);

    if (place < 0)
        return json_string_value(json_object_get(scope->args, name));
    return json_string_value(json_array_get(scope->env, (size_t)place)) +
           strlen(name) + 1;
}

static void put(const struct reader *r, char c)
{
    if (r->out != NULL)
        fputc(c, r->out);
}

static int read_until(struct reader *r, const char *ends);

/* Behind ${NAME: all up to the brace. */
static int read_braces(struct reader *r, const char *name, const char **value)
{
    bool is_set = *value != NULL && **value != '\0';
    bool instead = strncmp(r->at, ":+", 2) == 0;
    FILE *out = r->out;

    if (instead || strncmp(r->at, ":-", 2) == 0)
        r->at += 2;
    else if (*r->at != '}' && *r->at != '\0')
        return fail(r->why, 0, "${%s...}: only } :- and :+ may follow", name);
    if (++r->depth > DEEPEST)
        return fail(r->why, 0, "${ inside of ${, %d times", DEEPEST);
    if (is_set != instead)
        r->out = NULL;
    if (read_until(r, "}") < 0)
        return -1;
    r->out = out;
    r->depth--;
    if (instead)
        *value = NULL;
    return *r->at++ == '}' ? 0
                           : fail(r->why, 0, "${%s: the } is missing", name);
}

/* Behind a dollar sign. */
static int read_variable(struct reader *r)
{
    bool braces = *r->at == '{';
    size_t length = strspn(r->at + braces, name_letters);
    cleanup_free char *name = strndup(r->at + braces, length);

    if (name == NULL)
        return fail(r->why, ENOMEM, "read a variable");
    if (length == 0 && braces)
        return fail(r->why, 0, "${: a variable needs a name");
    if (length == 0)
        put(r, '$');
    r->at += braces + length;
    const char *value = value_of(r->scope, name);
    if (braces && read_braces(r, name, &value) < 0)
        return -1;
    while (value != NULL && *value != '\0')
        put(r, *value++);
    return 0;
}

/* Behind a quotation mark. */
static int read_quoted(struct reader *r, char mark)
{
    while (*r->at != mark) {
        char c = *r->at++;

        if (c == '\0')
            return fail(r->why, 0, "the second %c is missing", mark);
        if (mark == '"' && c == '\\' && strspn(r->at, "\"$\\") > 0)
            c = *r->at++;
        else if (mark == '"' && c == '$') {
            if (read_variable(r) < 0)
                return -1;
            continue;
        }
        put(r, c);
    }
    r->at++;
    return 0;
}

/* Reads up to one of @ends that has its meaning, or to the end of the text. */
static int read_until(struct reader *r, const char *ends)
{
    int status = 0;

    while (status == 0 && *r->at != '\0' && strchr(ends, *r->at) == NULL) {
        char c = *r->at++;

        if (c == '\'' || c == '"')
            status = read_quoted(r, c);
        else if (c == '$')
            status = read_variable(r);
        else if (c != '\\')
            put(r, c);
        else if (*r->at != '\0')
            put(r, *r->at++);
    }
    return status;
}

/* The same, as a text, which the caller frees. */
static char *read_word(struct reader *r, const char *ends)
{
    char *word = NULL;
    size_t length;
    FILE *out = open_memstream(&word, &length);

    if (out == NULL) {
        fail(r->why, ENOMEM, "read a word");
        return NULL;
    }
    r->out = r->scope->unknown ? NULL : out;
    int status = read_until(r, ends);
    fclose(out);
    if (status < 0)
        free_pointer(&word);
    return status < 0 ? NULL : word;
}

char *words_text(const char *text, const struct scope *scope,
                 struct failure *why)
{
    struct reader r = {.at = text, .scope = scope, .why = why};

    return read_word(&r, "");
}

json_t *words_list(const char *text, const struct scope *scope,
                   struct failure *why)
{
    struct reader r = {.at = text, .scope = scope, .why = why};
    json_auto_t *list = json_array();

    while (*(r.at += strspn(r.at, blanks)) != '\0') {
        cleanup_free char *word = read_word(&r, blanks);

        if (word == NULL)
            return NULL;
        json_array_append_new(list, json_string(word));
    }
    return json_incref(list);
}

/* "NAME=VALUE", or what there was before there was an =: "NAME" and then all
 * of the line. */
static int read_pair(struct reader *r, bool is_first, json_t *list)
{
    const char *begin = r->at;
    cleanup_free char *name = read_word(r, "= \t");
    int length = (int)(r->at - begin);
    bool equals = *r->at == '=';

    if (name == NULL)
        return -1;
    if (!equals && !is_first)
        return fail(r->why, 0, "\"%.*s\" has no =, and so no value", length,
                    begin);
    if (length == 0 || (*name == '\0' && !r->scope->unknown))
        return fail(r->why, 0, "\"%s\" has no name", r->at);
    r->at += equals ? 1 : strspn(r->at, blanks);
    if (!equals && *r->at == '\0')
        return fail(r->why, 0, "\"%.*s\" has no value", length, begin);
    cleanup_free char *value = read_word(r, equals ? blanks : "");
    json_array_append_new(list, json_string(name));
    /* No value is no text, which no array takes: -1. */
    return json_array_append_new(list, json_string(value));
}

json_t *words_pairs(const char *text, const struct scope *scope,
                    struct failure *why)
{
    struct reader r = {.at = text, .scope = scope, .why = why};
    json_auto_t *list = json_array();

    for (; *r.at != '\0'; r.at += strspn(r.at, blanks))
        if (read_pair(&r, r.at == text, list) < 0)
            return NULL;
    return json_incref(list);
}

char *words_part(const char *text, const char **value, struct failure *why)
{
    size_t length = strcspn(text, "=");
    char *name = length == 0 ? NULL : strndup(text, length);

    *value = text[length] == '=' ? text + length + 1 : NULL;
    if (name == NULL)
        fail(why, length > 0 ? ENOMEM : 0, "\"%s\": a variable needs a name",
             text);
    return name;
}
