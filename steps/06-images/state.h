#pragma once
/*
 * state: the directory in which duct keeps what outlives it.
 */
#include "failure.h"

/**
 * state_path - where that is
 * @asked: the value of --state, NULL: the usual place
 *
 * Returns: a path, which the caller frees, or NULL.
 * Source:  XDG Base Directory Specification, "$XDG_DATA_HOME".
 */
char *state_path(const char *asked);

/**
 * state_make - make it, and the directories that it is in
 * @path: from state_path(); unchanged afterwards
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int state_make(char *path, struct failure *why);
