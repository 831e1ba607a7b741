#pragma once
/*
 * moment: points in time, as people type them.
 */
#include <stdint.h>

#include "failure.h"

/**
 * moment_parse - "10m" ago, "2026-01-31", "2026-01-31T12:00Z", "1769857200.5"
 * @text: how long ago, with units as amount_duration() knows them; a date, or
 *        a date and a time, in our own time zone unless it says another; or
 *        seconds since 1970
 * @nano: receives it, in nanoseconds since 1970
 * @why:  filled in when it is none
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container logs: --since".
 */
int moment_parse(const char *text, int64_t *nano, struct failure *why);
