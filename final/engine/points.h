#pragma once
/*
 * points: which mounts a container gets, and what they show.
 *
 * A point is one of docker's "Mounts". What it does not tell is in HostConfig,
 * where it came from.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"

/**
 * points_plan - at create: check all that is to be mounted
 * @config: a create body
 * @why:    filled in, as docker says it, when it can't be
 *
 * Volumes have the name that was asked for, or "", and no source yet.
 *
 * Returns: docker's "Mounts", which the caller gives back with json_decref(),
 *          or NULL with @why.
 * Errors:  FAILURE_BAD_PARAMETER.
 */
json_t *points_plan(const json_t *config, struct failure *why);

/**
 * point_mount - the entry of HostConfig.Mounts that a point was made of
 * @host:  HostConfig
 * @point: of the container
 *
 * Returns: a borrowed reference, or NULL: it came from -v, or from the image.
 */
const json_t *point_mount(const json_t *host, const json_t *point);

/**
 * point_mode_has - is a word in the third part of a -v?
 * @mode: "ro,nocopy"
 * @word: "nocopy"
 */
bool point_mode_has(const char *mode, const char *word);
