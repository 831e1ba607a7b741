/*
 * writer: bytes on their way into a store, as a blob.
 *
 * A blob is complete or not there: it is hashed while it is written, and gets
 * its name last.
 *
 * Kernel object  a file without a name: O_TMPFILE
 * Look at it     ls -l DATA/images/blobs/sha256
 */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "cleanup.h"

int writer_begin(struct writer *w, int dir_fd, struct failure *why)
{
    *w = (struct writer){.dir_fd = dir_fd, .fd = -1};
    if (dir_fd >= 0 &&
        (w->fd = openat(dir_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)) <
            0)
        return fail(why, errno, "write a blob");
    hash_begin(&w->hash);
    return 0;
}

int writer_add(struct writer *w, const void *data, size_t length,
               struct failure *why)
{
    const char *rest = data;

    hash_add(&w->hash, data, length);
    w->size += (long long)length;
    while (w->fd >= 0 && length > 0) {
        ssize_t part = write(w->fd, rest, length);

        if (part < 0)
            return fail(why, errno, "write a blob");
        rest += part;
        length -= (size_t)part;
    }
    return 0;
}

void writer_drop(struct writer *w)
{
    struct digest ignored;

    if (w->hash.context != NULL)
        hash_end(&w->hash, &ignored);
    if (w->fd > 0)
        close_fd(&w->fd);
}

int writer_end(struct writer *w, struct digest *digest, struct failure *why)
{
    char link[sizeof("/proc/self/fd/2147483647")];
    cleanup_close int fd = w->fd;

    w->fd = -1;
    if (hash_end(&w->hash, digest) < 0)
        return fail(why, ENOMEM, "hash a blob");
    if (fd < 0)
        return 0;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    /* What is there already is the same. */
    if (linkat(AT_FDCWD, link, w->dir_fd, digest->hex, AT_SYMLINK_FOLLOW) < 0 &&
        errno != EEXIST)
        return fail(why, errno, "link blob sha256:%s", digest->hex);
    return 0;
}

int writer_json(int dir_fd, const json_t *json, struct digest *digest,
                long long *size, struct failure *why)
{
    cleanup_free char *text = json_dumps(json, JSON_COMPACT);
    struct writer w;

    if (text == NULL)
        return fail(why, ENOMEM, "write a JSON text");
    if (writer_begin(&w, dir_fd, why) < 0)
        return -1;
    *size = (long long)strlen(text);
    if (writer_add(&w, text, strlen(text), why) == 0)
        return writer_end(&w, digest, why);
    writer_drop(&w);
    return -1;
}
