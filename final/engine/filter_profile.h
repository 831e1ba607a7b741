#pragma once
/*
 * filter_profile: somebody's own profile of system calls, made a program.
 */
#include "engine.h"
#include "failure.h"

/**
 * filter_profile_compile - have duct-archive compile a container's profile
 * @engine: whose container it is
 * @id:     the container, whose config.json is in its directory already
 * @why:    filled in when the profile is nonsense
 *
 * The program is in the container's directory afterwards, for
 * security_open_filter().
 *
 * Returns: 0, or -1 with @why.
 */
int filter_profile_compile(const struct engine *engine, const char *id,
                           struct failure *why);
