#pragma once
/*
 * extract: the files of a tar, in a tree that is the root directory already.
 */
#include <archive.h>
#include <stdbool.h>

#include "failure.h"

/**
 * extract_prepare - look who exists, while /proc is there
 *
 * To be called in the child, before it is shut in.
 */
void extract_prepare(void);

/**
 * extract_tar - make all files of a tar, and what overlay needs to hide others
 * @tar:  from stream_open()
 * @what: how to call it in messages
 * @user: are we in a user namespace? No devices can be made there, nor some
 *        attributes: they are left out. Where nobody but root exists, all files
 *        are root's
 * @size: receives how many bytes are in its files
 * @why:  filled in when the call fails
 *
 * Call it in a root directory in which there is nothing else.
 *
 * Returns: 0, or -1 with @why.
 * Source:  archive_write_disk(3); OCI Image Specification, "Image Layer
 *          Filesystem Changeset"; overlayfs.rst, "whiteouts and opaque
 *          directories".
 */
int extract_tar(struct archive *tar, const char *what, bool user,
                long long *size, struct failure *why);

/**
 * extract_is_welcome - may an image set this attribute of a file?
 * @name: as in xattr(7)
 *
 * Not what says something to overlay, or to the host.
 */
bool extract_is_welcome(const char *name);
