#pragma once
/*
 * host_path: "./here" means something else once it has left this process.
 */

/**
 * host_path - a path of the host, as whoever typed it meant it
 * @text: a path; one that begins with "." is relative to where we are, all
 *        others are taken as they are (a word without slashes is a volume)
 *
 * Returns: the path, absolute and without . and .. where it was relative; the
 *          caller frees it. Or NULL with errno.
 */
char *host_path(const char *text);
