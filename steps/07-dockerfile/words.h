#pragma once
/*
 * words: a text of a Dockerfile, parted into words, and its variables put in.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"

/* What a variable may stand for where a word is. */
struct scope {
    const json_t *env;  /* "NAME=VALUE" texts */
    const json_t *args; /* NAME: VALUE, for what is not in env */
    bool unknown;       /* nothing is known yet: only look at the grammar */
};

/**
 * words_text - one word, of all of a text
 * @text:  such as "$HOME/a b", '$5', ${TAG:-latest}
 * @scope: what the variables stand for
 * @why:   filled in when the text makes no sense
 *
 * Returns: a text, which the caller frees, or NULL with @why.
 * Source:  Docker, "Dockerfile reference: Environment replacement".
 */
char *words_text(const char *text, const struct scope *scope,
                 struct failure *why);

/**
 * words_list - all words of a text
 * @text:  words with blanks between them
 * @scope: what the variables stand for
 * @why:   filled in when the text makes no sense
 *
 * Returns: an array of texts, or NULL with @why.
 */
json_t *words_list(const char *text, const struct scope *scope,
                   struct failure *why);

/**
 * words_pairs - the same for NAME=VALUE..., or for one NAME VALUE
 * @text:  of an ENV or a LABEL
 * @scope: what the variables stand for
 * @why:   filled in when the text makes no sense
 *
 * Returns: an array of NAME, VALUE, NAME, VALUE, ..., or NULL with @why.
 */
json_t *words_pairs(const char *text, const struct scope *scope,
                    struct failure *why);

/**
 * words_find - which text of a list sets a variable?
 * @env:  an array of "NAME=VALUE" texts
 * @name: the variable
 *
 * Returns: its place in the list, or -1.
 */
int words_find(const json_t *env, const char *name);

/**
 * words_part - part a setting
 * @text:  "NAME=VALUE" or "NAME"
 * @value: receives VALUE, or NULL
 * @why:   filled in when there is no NAME
 *
 * Returns: NAME, which the caller frees, or NULL with @why.
 */
char *words_part(const char *text, const char **value, struct failure *why);
