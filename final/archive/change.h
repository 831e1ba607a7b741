#pragma once
/*
 * change: one line of a Dockerfile, about an image that is there already.
 */
#include <jansson.h>

#include "failure.h"

/**
 * change_apply - do what a line says about an image
 * @config: all of its config; changed
 * @line:   CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or
 *          WORKDIR, and what belongs to it; without variables
 * @why:    filled in when it is none of these, or wrong (400)
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Dockerfile reference"; "docker image import".
 */
int change_apply(json_t *config, const char *line, struct failure *why);

/**
 * change_platform - say for which machines an image is
 * @config:   all of its config; changed
 * @platform: "linux/arm64" or "linux/arm/v7"
 * @why:      filled in when it is none, or not Linux (400)
 *
 * Returns: 0, or -1 with @why.
 */
int change_platform(json_t *config, const char *platform, struct failure *why);
