#pragma once
/*
 * env_file: variables or labels, one in each line of a file.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

/**
 * env_file_read - read a file of them
 * @array:  receives its lines, "NAME=VALUE"
 * @path:   the file
 * @is_env: does a line with a NAME alone mean our own variable? Without, and
 *          where we have none, such a line is left out
 * @why:    filled in when the file can't be read, or is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --env-file".
 */
int env_file_read(json_t *array, const char *path, bool is_env,
                  struct failure *why);

/**
 * env_file_parse - the same from memory
 * @text: @length bytes of anything, with a 0 behind them; changed
 */
int env_file_parse(json_t *array, char *text, size_t length, bool is_env,
                   struct failure *why);
