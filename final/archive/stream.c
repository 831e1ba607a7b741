/*
 * stream: bytes that come out of an archive, perhaps compressed.
 *
 * Only what libarchive does itself, for tar, gzip and zstd: some of its
 * formats name files of the host's, some of its filters run programs.
 *
 * Look at it     zcat -f LAYER | tee >(sha256sum) | tar -tv
 */
#include "stream.h"

#include <errno.h>

#include "bounds.h"

enum {
    BLOCK = 1 << 16
};

void stream_close(struct archive **archive)
{
    archive_free(*archive);
}

int stream_fail(struct archive *archive, const char *what, struct failure *why)
{
    const char *text = archive_error_string(archive);
    int errnum = archive_errno(archive);

    /* Some are libarchive's own; these say that a format is bad. */
    if (errnum < 0 || errnum == EILSEQ || errnum == EINVAL)
        errnum = 0;
    return fail(why, errnum, "read %s: %s", what,
                text != NULL ? text : "it is damaged, or ends too soon");
}

struct archive *stream_tar(int fd, const char *what, struct failure *why)
{
    struct archive *archive = archive_read_new();

    if (archive == NULL) {
        fail(why, ENOMEM, "read %s", what);
        return NULL;
    }
    if (archive_read_support_format_tar(archive) == ARCHIVE_OK &&
        archive_read_open_fd(archive, fd, BLOCK) == ARCHIVE_OK)
        return archive;
    stream_fail(archive, what, why);
    stream_close(&archive);
    return NULL;
}

struct archive *stream_open(int fd, bool tar, const char *what,
                            struct failure *why)
{
    struct archive *archive = archive_read_new();

    if (archive == NULL) {
        fail(why, ENOMEM, "read %s", what);
        return NULL;
    }
    if (archive_read_support_filter_gzip(archive) == ARCHIVE_OK &&
        archive_read_support_filter_zstd(archive) == ARCHIVE_OK &&
        (tar ? archive_read_support_format_tar(archive)
             : archive_read_support_format_raw(archive)) == ARCHIVE_OK &&
        archive_read_open_fd(archive, fd, BLOCK) == ARCHIVE_OK)
        return archive;
    stream_fail(archive, what, why);
    stream_close(&archive);
    return NULL;
}

int stream_next(struct archive *archive, struct archive_entry **entry,
                const char *what, struct failure *why)
{
    switch (archive_read_next_header(archive, entry)) {
    case ARCHIVE_OK:
    case ARCHIVE_WARN: /* something in it is unknown */
        return 1;
    case ARCHIVE_EOF:
        return 0;
    default: /* also ARCHIVE_RETRY: after damage it would look for more */
        return stream_fail(archive, what, why);
    }
}

int stream_check(struct archive *archive, long long size, const char *what,
                 struct failure *why)
{
    long long came = archive_filter_bytes(archive, -1);

    if (size > BOUND_TAR)
        return fail(why, EFBIG, "unpack %s", what);
    if (size > BOUND_RATIO_FROM && size / BOUND_RATIO > came)
        return fail(why, EFBIG, "unpack %s: %lld bytes out of %lld", what, size,
                    came);
    return 0;
}
