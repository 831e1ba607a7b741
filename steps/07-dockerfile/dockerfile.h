#pragma once
/*
 * dockerfile: a text, read into the instructions it has.
 */
#include <stddef.h>

#include "failure.h"
#include "words.h"

enum keyword {
    KEYWORD_ADD,
    KEYWORD_ARG,
    KEYWORD_CMD,
    KEYWORD_COPY,
    KEYWORD_ENTRYPOINT,
    KEYWORD_ENV,
    KEYWORD_EXPOSE,
    KEYWORD_FROM,
    KEYWORD_LABEL,
    KEYWORD_MAINTAINER,
    KEYWORD_RUN,
    KEYWORD_USER,
    KEYWORD_VOLUME,
    KEYWORD_WORKDIR,
};

struct instruction {
    enum keyword keyword;
    const char *name; /* of the keyword, in upper case */
    int line;         /* its first, counted from 1 */
    char *source;     /* that line, as it is there */
    char *whole;      /* all of it, in one line */
    const char *text; /* the part of it behind the keyword and the flags */
    json_t *json;     /* the same as a list of words, if it is one in JSON */
    char *chown;      /* --chown=, of COPY and ADD */
    bool has_cmd;     /* was there a CMD before? */
};

struct dockerfile {
    const char *name; /* for messages */
    struct instruction *list;
    size_t count;
};

/* Lets go of a Dockerfile when it goes out of scope. */
#define cleanup_dockerfile __attribute__((cleanup(dockerfile_release)))

/**
 * dockerfile_read - read a Dockerfile, and check all of it
 * @d:    zeroes; receives it; release it with dockerfile_release(), also
 *        after a failure
 * @name: for messages
 * @fd:   what to read; is closed
 * @why:  names the line that is at fault, and shows it
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Dockerfile reference".
 */
int dockerfile_read(struct dockerfile *d, const char *name, int fd,
                    struct failure *why);

/**
 * dockerfile_release - free what a Dockerfile holds
 * @d: zeroes, or from dockerfile_read()
 */
void dockerfile_release(struct dockerfile *d);

/**
 * dockerfile_words - an instruction's words, whichever form it has
 * @i:     the instruction
 * @scope: what variables stand for
 * @why:   filled in when a word makes no sense
 *
 * Returns: an array of texts, or NULL with @why. Pairs are NAME, VALUE, ...;
 *          what is for a shell is one, as it is.
 */
json_t *dockerfile_words(const struct instruction *i, const struct scope *scope,
                         struct failure *why);

/**
 * dockerfile_blame - say which line has failed, and show it
 * @d:   the Dockerfile
 * @i:   the instruction
 * @why: says what has failed; keeps its exit status
 *
 * Returns: -1.
 */
int dockerfile_blame(const struct dockerfile *d, const struct instruction *i,
                     struct failure *why);
