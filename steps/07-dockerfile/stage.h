#pragma once
/*
 * stage: an image that grows, step by step.
 */
#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "failure.h"
#include "image.h"
#include "layer.h"
#include "store.h"

struct stage {
    const struct store *store;
    const char *state; /* the state directory, NULL: the usual one */
    time_t now;        /* what the clock says, or SOURCE_DATE_EPOCH */
    time_t latest;     /* no file gets a later time */
    bool no_cache;
    struct image image; /* what the steps so far have made */
    bool is_grown;      /* is it another one than at FROM? */
    json_t *cache;      /* records of earlier builds */
    json_t *made;       /* new ones */
};

struct stage_step {
    json_t *config;   /* of the image that it makes, but for its history */
    const char *told; /* for its history */
    json_t *inputs;   /* all else that its result depends on, or NULL */
    /* What it does to the files of the image; NULL: nothing. */
    int (*work)(void *argument, const struct layer *layer, char **lowerdirs,
                struct failure *why);
    /* Has it read what its inputs say? NULL: nothing else could be. */
    bool (*is_sure)(const struct stage_step *step);
    void *argument;
};

/**
 * stage_from - begin with an image
 * @s:    has none so far
 * @name: what a user calls it, or "scratch"
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int stage_from(struct stage *s, const char *name, struct failure *why);

/**
 * stage_step - do a step, unless the cache knows what comes of it
 * @s:    gets the image that the step makes
 * @step: the step
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int stage_step(struct stage *s, const struct stage_step *step,
               struct failure *why);

/**
 * stage_keep - put the image into the store
 * @s:    the stage
 * @name: in full, or NULL
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int stage_keep(struct stage *s, const char *name, struct failure *why);

/**
 * stage_release - free what a stage holds
 * @s: zeroes, or in use
 */
void stage_release(struct stage *s);
