#pragma once
/*
 * copy_up: a new volume begins as what the image had in its place.
 */
#include "failure.h"

/**
 * copy_up_tree - fill an empty directory with another one's content
 * @from_fd: the image's directory; nobody changes it meanwhile
 * @to_fd:   the volume's, in a mount that can be written to
 * @mark_fd: a directory, opened for reading, that is locked meanwhile, and
 *           notes that a copy has begun
 * @why:     filled in when the call fails
 *
 * Does nothing when the volume has content. Copies modes, owners, extended
 * attributes, hard links, holes and times, of the directory itself too.
 *
 * A copy that was killed is continued by the next call with the same mark:
 * whatever is there is whole, so only what is not there is copied.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ENOSPC, EDQUOT (the volume is full), EPERM (an owner that this user
 *          namespace does not have), ELOOP (directories too deep).
 * Source:  open(2), O_TMPFILE; copy_file_range(2); lseek(2), SEEK_DATA;
 *          Docker, "Volumes: populate a volume using a container".
 */
int copy_up_tree(int from_fd, int to_fd, int mark_fd, struct failure *why);
