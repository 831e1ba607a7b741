#pragma once
/*
 * commit: an image of what a container has made of its own.
 */
#include <jansson.h>
#include <stdbool.h>

#include "digest.h"
#include "failure.h"
#include "record.h"
#include "store.h"

struct commit {
    const char *name;      /* what to call it, NULL: nothing */
    const char *author;    /* or NULL */
    const char *message;   /* or NULL */
    const json_t *changes; /* texts such as "CMD top", or NULL */
    bool is_paused;        /* is the container paused meanwhile? */
    struct digest id;      /* receives the image's id */
};

/**
 * commit_container - make an image of a container
 * @store:  opened to change; gets it
 * @record: from record_find(); running or not
 * @commit: what it is to be
 * @why:    filled in when the call fails; there is no image then
 *
 * What the container has changed becomes one more layer, without its volumes.
 * Notes the container's event commit. SIGPIPE has to be ignored.
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker Engine API, "ImageCommit"; OCI Image Specification, "Image
 *          Configuration".
 */
int commit_container(const struct store *store, struct record *record,
                     struct commit *commit, struct failure *why);

/**
 * commit_settings - what an image says of how to run it, from a container
 * @container: the container's Config
 * @changes:   texts such as "CMD top", or NULL
 * @why:       filled in when one is no change
 *
 * An Entrypoint among the changes has no Cmd but one that is there as well.
 *
 * Returns: a new reference, or NULL with @why.
 */
json_t *commit_settings(const json_t *container, const json_t *changes,
                        struct failure *why);
