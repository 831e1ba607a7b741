#pragma once
/*
 * amounts: numbers with a unit, as people type them.
 *
 * All are whole in 64 bits, or refused in docker's words.
 */
#include "failure.h"

/**
 * amount_size - "512m", "1.5g", "64KiB", "1024"
 * @text:  a decimal number, maybe a space, and b, k, m, g, t or p, each of
 *         which may be followed by b or ib; 1k is 1024
 * @bytes: receives it, rounded down
 * @why:   filled in when it is none, or far too large
 *
 * Returns: 0, or -1 with @why.
 */
int amount_size(const char *text, long long *bytes, struct failure *why);

/**
 * amount_cpus - "1.5", in thousand-millionths of a CPU
 * @text: a decimal number
 * @nano: receives it
 * @why:  filled in when it is none, or has more than nine decimals
 *
 * Returns: 0, or -1 with @why.
 */
int amount_cpus(const char *text, long long *nano, struct failure *why);

/**
 * amount_duration - "1h2m3.5s", "-5ms", "0", in nanoseconds
 * @text: decimal numbers, each with its unit: ns, us, ms, s, m, h
 * @nano: receives the sum
 * @why:  filled in when it is none
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --health-interval"; Go's
 *          documentation of time.ParseDuration.
 */
int amount_duration(const char *text, long long *nano, struct failure *why);

/**
 * amount_whole - "42", "-1", "0x2a", "052"
 * @text: a whole number
 * @min:  the smallest that is allowed
 * @max:  the largest
 * @out:  receives it
 * @why:  filled in when it is none, or not in bounds
 *
 * Returns: 0, or -1 with @why.
 */
int amount_whole(const char *text, long long min, long long max, long long *out,
                 struct failure *why);
