#pragma once
/*
 * age: how long ago something was.
 */

/**
 * age_of - say it as people do
 * @when: a time, as in RFC 3339; or NULL
 *
 * Returns: "3 weeks ago", or "N/A" when @when is none; the caller frees it.
 *          NULL when there is no memory.
 * Source:  RFC 3339; strptime(3); Docker, "docker image ls".
 */
char *age_of(const char *when);
