#pragma once
/*
 * ignore: what of a directory is no part of a build.
 */
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct ignore {
    struct ignore_pattern {
        regex_t regex;
        bool keep; /* does it begin with an exclamation mark? */
    } * list;
    size_t count;
    bool keeps_some; /* does any? */
};

/**
 * ignore_read - read a .dockerignore
 * @ignore: zeroes; receives it; release it with ignore_release(), also after
 *          a failure
 * @fd:     the file, which is closed
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Build context: .dockerignore files".
 */
int ignore_read(struct ignore *ignore, int fd, struct failure *why);

/**
 * ignore_release - free what was read
 * @ignore: zeroes, or from ignore_read()
 */
void ignore_release(struct ignore *ignore);

/**
 * ignore_has - is a path to be left out?
 * @ignore: what was read
 * @path:   below the directory, without a slash at its ends
 */
bool ignore_has(const struct ignore *ignore, const char *path);
