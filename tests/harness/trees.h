/*
 * trees: what is in a directory tree, to the last bit that a program could
 * change and should not, or should change and nothing else.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/**
 * tree_record - write down everything below a directory, and itself
 *
 * One line per entry, sorted by path: mode, owner, size, time of the last
 * change of its content, device number, link target, and a sum of the
 * content. Returns: the lines (kept).
 */
char *tree_record(const char *path);

/** tree_paths - the paths alone, one a line, each with a / in front (kept) */
char *tree_paths(const char *path);

/** tree_is_whiteout - is it a character device 0,0, overlay's mark? */
bool tree_is_whiteout(const char *path);

/**
 * tree_is_opaque - has overlay marked this directory as hiding all below it?
 * @attribute: "trusted.overlay.opaque" or "user.overlay.opaque"
 */
bool tree_is_opaque(const char *path, const char *attribute);

/**
 * tree_settle_in - for a suite's `prepare`: a place for tree_fresh_dir()
 *
 * Ending an overlay makes the kernel write out all that waits for the disk
 * that its upperdir is on. Where tmpfs can carry a user's overlay (Linux 6.6)
 * it is one, and /var/lib as well: no container waits for others' files.
 */
void tree_settle_in(void);

/** tree_fresh_dir - a new directory in the scratch directory (kept) */
char *tree_fresh_dir(uid_t owner);

/** tree_make - a file in a directory, with the directories on the way */
void tree_make(const char *top, const char *path, const char *text);
