#pragma once
/*
 * run: a command of a Dockerfile, in a container that leaves a layer.
 */
#include <jansson.h>

#include "failure.h"
#include "layer.h"
#include "network.h"

struct run {
    const json_t *argv;
    const json_t *settings; /* "NAME=VALUE" texts */
    const json_t *config;   /* of the image that it runs in: who, where */
    const char *text;       /* the command, for messages */
    enum network_mode network;
};

/**
 * run_command - run it, in a layer
 * @argument:  a struct run: what, and how
 * @layer:     from layer_open()
 * @lowerdirs: the trees of the image, as in its request
 * @why:       filled in when the call fails; its exit status is the command's
 *
 * Returns: 0, or -1 with @why, also when the command has failed.
 */
int run_command(void *argument, const struct layer *layer, char **lowerdirs,
                struct failure *why);
