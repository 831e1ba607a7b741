#pragma once
/*
 * answer: how verbs that look at things say what they have found, or not.
 */
#include <jansson.h>
#include <stdio.h>

#include "failure.h"
#include "verb.h"

/**
 * answer_failure - tell what went wrong, in docker's words
 * @why: what did
 *
 * Comes after what is on standard output already.
 *
 * Returns: 1, docker's exit status for that.
 */
int answer_failure(const struct failure *why);

/**
 * answer_json - print a value for people, four spaces deep
 * @out:   receives it, and a newline
 * @value: anything
 * @why:   filled in when there is no memory
 *
 * Nothing in it can give orders to a terminal.
 *
 * Returns: 0, or -1 with @why.
 */
int answer_json(FILE *out, const json_t *value, struct failure *why);

/**
 * answer_filters - what was said with --filter
 * @call: may have the flag
 * @why:  filled in when one is none
 *
 * Returns: {"name": ["value"]}, a new reference, or NULL with @why.
 */
json_t *answer_filters(const struct call *call, struct failure *why);
