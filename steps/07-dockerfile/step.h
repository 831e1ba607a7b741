#pragma once
/*
 * step: what an instruction does to the image, if it isn't done already.
 */
#include <jansson.h>
#include <stdbool.h>

#include "context.h"
#include "dockerfile.h"
#include "failure.h"
#include "network.h"
#include "stage.h"

struct build {
    const char *file; /* the Dockerfile, "-": standard input; NULL: usual */
    char *name;       /* of the image, in full, or NULL */
    struct context context;
    struct stage stage;
    enum network_mode network; /* of each RUN */
    json_t *given;             /* by --build-arg: objects of NAME: VALUE */
    json_t *unused;            /* those that no ARG has asked for yet */
    json_t *global;            /* what ARG has said before FROM */
    json_t *args;              /* what it has said where we are */
};

/**
 * step_do - do one instruction
 * @b:   the build; its stage goes on by one image
 * @i:   the instruction
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int step_do(struct build *b, const struct instruction *i, struct failure *why);
