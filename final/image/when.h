#pragma once
/*
 * when: points in time, as images and people write them.
 */
#include <stdbool.h>
#include <time.h>

/**
 * when_read - read a point in time
 * @text:    as in RFC 3339, or NULL; parts of a second are left out
 * @seconds: receives it, since 1970
 *
 * Returns: was it one?  Source: RFC 3339; strptime(3).
 */
bool when_read(const char *text, time_t *seconds);

/**
 * when_read_until - read what people give for a limit
 * @text:    as above, or "2026-03-01", or seconds since 1970, or how long ago:
 *           "1h30m"
 * @seconds: receives the point in time
 *
 * Returns: was it one?
 */
bool when_read_until(const char *text, time_t *seconds);
