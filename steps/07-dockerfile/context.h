#pragma once
/*
 * context: the directory that a build may copy from.
 */
#include <jansson.h>
#include <stdbool.h>

#include "digest.h"
#include "failure.h"
#include "ignore.h"
#include "pack.h"

struct context {
    char *path; /* absolute */
    struct ignore ignore;
};

struct context_part {
    const struct context *context;
    const json_t *words; /* which files: paths, perhaps with * ? [ ] */
    bool many;           /* may it be more than one? */
    bool unpack;         /* if one is a tar, what is in it */
    /* Of the file or directory that is being packed: */
    const char *name; /* what it was called */
    size_t length;    /* of its path, without links */
};

/* To whom they belong in the tar, until somebody says otherwise. What was in a
 * tar before has no name there, and keeps its numbers. */
#define CONTEXT_OWNER "context"

/**
 * context_open - find a directory, and what of it is left out
 * @c:    receives it; release it with context_close(), also on failure
 * @path: the directory
 * @why:  filled in when the call fails
 *
 * Returns: a descriptor of the directory, or -1 with @why.
 */
int context_open(struct context *c, const char *path, struct failure *why);

/**
 * context_close - let go of a context
 * @c: zeroes, or from context_open()
 */
void context_close(struct context *c);

/**
 * context_pack - let a child pack a part of a context
 * @part:   which; outlives the child
 * @pack:   receives it
 * @latest: no file gets a later time
 * @why:    filled in when the call fails
 *
 * The contents of a directory, below "./", or else files by their names.
 *
 * Returns: as pack_start().
 * Source:  Docker, "Dockerfile reference: COPY", "ADD"; glob(3).
 */
int context_pack(struct context_part *part, struct pack *pack, time_t latest,
                 struct failure *why);

/**
 * context_hash - what is in a part of a context, as far as a copy shows it
 * @part:   which
 * @digest: receives the hash; times do not count, nor owners
 * @why:    filled in when the call fails, also when there is no such file
 *
 * Returns: 0, or -1 with @why.
 */
int context_hash(struct context_part *part, struct digest *digest,
                 struct failure *why);
