#pragma once
/*
 * copy_rules: what cp makes of the names it is given.
 */
#include <stdbool.h>

#include "failure.h"

/* One end of a copy. */
struct copy_end {
    char *path; /* with the end that it was typed with: "x", "x/", "x/." */
    char *name; /* to copy it as, when it was reached by another; or NULL */
    bool is_there;
    bool is_directory;
};

/**
 * copy_split - which of a container's paths, if any, does a word mean?
 * @word:      "CONTAINER:PATH", or a path of the host
 * @container: receives a text that the caller frees; NULL: it is the host's
 *
 * Returns: the path, which is a part of @word.
 */
const char *copy_split(const char *word, char **container);

/**
 * copy_settle - where does what is copied go, and what is it called there?
 * @from:      is there
 * @to:        need not be
 * @directory: receives where to unpack; the caller frees it
 * @name:      receives what the first thing in the tar is to be called; the
 *             same
 * @why:       docker's words, when both don't go together
 *
 * Returns: 0, or -1 with @why and nothing to free.
 * Source:  Docker, "docker container cp", "Extended description".
 */
int copy_settle(const struct copy_end *from, const struct copy_end *to,
                char **directory, char **name, struct failure *why);
