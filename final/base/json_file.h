#pragma once
/*
 * json_file: a JSON text in a file that is whole or not there.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"

/**
 * json_file_read - read a JSON text
 * @dir_fd: the directory that it is in
 * @name:   its name there
 * @why:    filled in when it can't be read, or is none; errno is ENOENT when
 *          there is no such file
 *
 * Returns: an object or array, or NULL with @why.
 */
json_t *json_file_read(int dir_fd, const char *name, struct failure *why);

/**
 * json_file_write - write a JSON text in place of what was there
 * @dir_fd:    the directory that it is in
 * @name:      its name there
 * @json:      what to write
 * @is_synced: does it have to be on the disk before we go on?
 * @why:       filled in when the call fails; the file is as before then
 *
 * Whoever reads meanwhile finds the old text or the new one. Two who write at
 * once have to agree by a lock of their own on who is last.
 *
 * Returns: 0, or -1 with @why.
 * Source:  open(2), O_TMPFILE; rename(2); fsync(2).
 */
int json_file_write(int dir_fd, const char *name, const json_t *json,
                    bool is_synced, struct failure *why);
