/*
 * scratch: a directory of the suite's own, and root file systems in it.
 *
 * Trials never touch ROOTFS itself: they use copies, which they may spoil.
 */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/** scratch_dir - the suite's directory; any user may search it */
const char *scratch_dir(void);

/** scratch_path - a path in the suite's directory, printf words (kept) */
char *scratch_path(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/** scratch_program - the copy of DUCT that is run; see duct_path() */
const char *scratch_program(void);

/**
 * rootfs - a copy of ROOTFS for all trials of the suite
 *
 * The static programs of tests/.../inside/ are in its directory /inside.
 * Leave it as it is; take a rootfs_fresh() for writing.
 */
const char *rootfs(void);

/** rootfs_of_nobody - the same, all of it owned by NOBODY */
const char *rootfs_of_nobody(void);

/** rootfs_fresh - one more copy, removed when the trial ends */
char *rootfs_fresh(void);

/**
 * rootfs_linked - the same, fast: its files are hard links to those of rootfs()
 *
 * Add, remove and replace entries at will, but write into no file that is
 * there, and change no mode or owner.
 */
char *rootfs_linked(void);

/** inside_program - path on the host of a static program ("escape") */
char *inside_program(const char *name);

/** file_read - the whole of a file, or NULL with errno; kept */
char *file_read(const char *path);
char *file_read_bytes(const char *path, size_t *size);

/** file_write - create or replace a file; the trial fails if it can't */
void file_write(const char *path, const char *text);
void file_write_bytes(const char *path, const void *bytes, size_t size);

/** file_remove_tree - rm -r, on this file system only; mounts stay whole */
int file_remove_tree(const char *path);

/** file_tree - the entries below a directory, one a line, sorted; kept */
char *file_tree(const char *path);

/** scratch_sweep - remove what the trial made (rootfs_fresh, ...) */
void scratch_sweep(void);

/**
 * scratch_make, scratch_fill, scratch_remove - the suite's own beginning and
 * end: the directory, the copy of ROOTFS in it (behind the fence), nothing
 */
void scratch_make(void);
void scratch_fill(void);
void scratch_remove(void);
