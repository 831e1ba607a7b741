#pragma once
/*
 * config: what an image says of itself, and how a Dockerfile changes that.
 */
#include <jansson.h>
#include <stdbool.h>

#include "dockerfile.h"
#include "failure.h"

/**
 * config_apply - do what an instruction says about the image
 * @config: changed; what is about containers is in its "config"
 * @i:      ENV, LABEL, MAINTAINER, CMD, ENTRYPOINT, EXPOSE, VOLUME, USER or
 *          WORKDIR; others change nothing
 * @words:  of it, with variables put in
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Configuration"; Docker, "Dockerfile
 *          reference".
 */
int config_apply(json_t *config, const struct instruction *i,
                 const json_t *words, struct failure *why);

/**
 * config_member - a list or an object in the part about containers
 * @config: all of it
 * @name:   such as "Env"
 * @none:   what it becomes if it is not there, or is something else; is ours
 *
 * Returns: it, which belongs to the config.
 */
json_t *config_member(json_t *config, const char *name, json_t *none);

/**
 * config_text - a text in the part about containers
 * @config: all of it
 * @name:   such as "WorkingDir"
 *
 * Returns: it, or "" if it is not there, or is something else.
 */
const char *config_text(const json_t *config, const char *name);

/**
 * config_path - where a path leads that need not begin with a slash
 * @config: all of it, whose WorkingDir it is below then
 * @path:   with "." and ".." and "//" in it, which are taken out
 *
 * Returns: an absolute path, which the caller frees, or NULL.
 */
char *config_path(const json_t *config, const char *path);

/**
 * config_argv - what a RUN, a CMD or an ENTRYPOINT runs
 * @config: all of it, which may have a shell of its own
 * @i:      the instruction
 *
 * Returns: an array of texts.
 */
json_t *config_argv(const json_t *config, const struct instruction *i);
