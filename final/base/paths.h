#pragma once
/*
 * paths: what the text of a path says, whatever is on the disk.
 */
#include <stdbool.h>

/**
 * paths_clean - the shortest text that says the same path
 * @path: absolute or not; "/a//b/../c/." is "/a/c", and "" is "."
 *
 * Asks nobody whether there are links.
 *
 * Returns: a text that the caller frees, or NULL without memory.
 */
char *paths_clean(const char *path);

/**
 * paths_join - a path that begins in a directory, clean
 * @directory: where
 * @path:      from there on; an absolute one begins there as well
 *
 * Returns: a text that the caller frees, or NULL without memory.
 */
char *paths_join(const char *directory, const char *path);

/**
 * paths_is_content - does a path end in "/."? Then what is in it is meant
 * paths_is_directory - does it end in that, or in "/"?
 * @path: any text
 */
bool paths_is_content(const char *path);
bool paths_is_directory(const char *path);

/**
 * paths_keep_end - give a clean path the end that it had
 * @clean: from paths_clean()
 * @path:  what that was made of, perhaps with "/" or "/." at its end
 *
 * Returns: a text that the caller frees, or NULL without memory.
 */
char *paths_keep_end(const char *clean, const char *path);

/**
 * paths_split - the directory a path is in, and its name there
 * @path:      "/a/b" and "/a/b/" are "/a" and "b", "/a/b/." is "/a/b" and ".",
 *             "/" is "/" and "/", "a" is "." and "a"
 * @directory: receives a text that the caller frees
 * @base:      the same
 *
 * Returns: 0, or -1 without memory; both are NULL then.
 */
int paths_split(const char *path, char **directory, char **base);
