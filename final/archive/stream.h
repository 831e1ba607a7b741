#pragma once
/*
 * stream: bytes that come out of an archive, perhaps compressed.
 */
#include <archive.h>
#include <stdbool.h>

#include "failure.h"

/* Ends a libarchive handle when it goes out of scope. */
#define cleanup_archive __attribute__((cleanup(stream_close)))

/**
 * stream_open - read a file with libarchive
 * @fd:   the file, read from where it is
 * @tar:  a tar, or nothing but bytes?
 * @what: how to call it in messages
 * @why:  filled in when the call fails
 *
 * Undoes gzip and zstd.
 *
 * Returns: a handle for stream_close(), or NULL with @why.
 * Source:  archive_read_open(3), archive_read_filter(3).
 */
struct archive *stream_open(int fd, bool tar, const char *what,
                            struct failure *why);

/**
 * stream_tar - read a tar that is not compressed
 * @fd:   the file, read from where it is
 * @what: how to call it in messages
 * @why:  filled in when the call fails
 *
 * Returns: a handle for stream_close(), or NULL with @why.
 */
struct archive *stream_tar(int fd, const char *what, struct failure *why);

/**
 * stream_close - end reading or writing
 * @archive: address of a libarchive handle, or of NULL
 */
void stream_close(struct archive **archive);

/**
 * stream_fail - tell what libarchive says
 * @archive: the handle of a call that failed
 * @what:    how to call the archive
 * @why:     receives the message
 *
 * Returns: -1.
 */
int stream_fail(struct archive *archive, const char *what, struct failure *why);

/**
 * stream_next - go to the next entry
 * @archive: from stream_open()
 * @entry:   receives it
 * @what:    how to call the archive
 * @why:     filled in when the call fails
 *
 * Returns: 1, 0 after the last, or -1 with @why.
 */
int stream_next(struct archive *archive, struct archive_entry **entry,
                const char *what, struct failure *why);

/**
 * stream_check - is what has come out of a file still bearable?
 * @archive: from stream_open()
 * @size:    how many bytes have come out of it
 * @what:    how to call it in messages
 * @why:     filled in when they are too many, or too many for what went in
 *
 * Returns: 0, or -1 with @why.
 */
int stream_check(struct archive *archive, long long size, const char *what,
                 struct failure *why);
