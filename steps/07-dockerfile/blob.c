/*
 * blob: a file whose name is the digest of what is in it.
 *
 * A blob is complete or not there: it is hashed while it is written, and gets
 * its name last. It can't be changed without being called wrong, so two
 * images can share it, and what was damaged is noticed before it is used.
 *
 * Kernel object  a file without a name: O_TMPFILE
 * Look at it     ls -l STATE/_images/blobs/sha256     zcat -f BLOB | sha256sum
 */
#include "blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "bounds.h"
#include "cleanup.h"

/* Writes all of it, unless there is nowhere to write to. */
static int write_all(int fd, const char *data, ssize_t length)
{
    for (ssize_t part; fd >= 0 && length > 0; data += part, length -= part)
        if ((part = write(fd, data, (size_t)length)) < 0)
            return -1;
    return 0;
}

/* Hashes a file from where it is, and copies it to another unless that is -1 */
static int hash(int fd, int out_fd, struct digest *digest)
{
    char block[1 << 16];
    struct digest_state state;
    ssize_t length = 0;
    int status = 0;

    digest_begin(&state);
    while (status == 0 && (length = read(fd, block, sizeof(block))) > 0) {
        digest_add(&state, block, (size_t)length);
        status = write_all(out_fd, block, length);
    }
    return digest_end(&state, digest) < 0 || length < 0 ? -1 : status;
}

int blob_put(int dir_fd, int fd, struct digest *digest, struct failure *why)
{
    char link[sizeof("/proc/self/fd/2147483647")];
    cleanup_close int out_fd =
        openat(dir_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (out_fd < 0 || hash(fd, out_fd, digest) < 0)
        return fail(why, errno, "write a blob");
    snprintf(link, sizeof(link), "/proc/self/fd/%d", out_fd);
    /* What is there already is the same. */
    if (linkat(AT_FDCWD, link, dir_fd, digest->hex, AT_SYMLINK_FOLLOW) < 0 &&
        errno != EEXIST)
        return fail(why, errno, "link blob sha256:%s", digest->hex);
    return 0;
}

int blob_from_json(const json_t *json, struct failure *why)
{
    int fd = memfd_create("json", MFD_CLOEXEC);

    if (fd >= 0 && json_dumpfd(json, fd, JSON_COMPACT) == 0 &&
        lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close_fd(&fd);
    return fail(why, errno, "write a JSON text");
}

int blob_put_json(int dir_fd, const json_t *json, struct digest *digest,
                  long long *size, struct failure *why)
{
    cleanup_close int fd = blob_from_json(json, why);

    if (fd < 0 || blob_put(dir_fd, fd, digest, why) < 0)
        return -1;
    *size = lseek(fd, 0, SEEK_CUR);
    return 0;
}

int blob_open(int dir_fd, const struct digest *digest, long long *size,
              struct failure *why)
{
    struct stat status;
    int fd = openat(dir_fd, digest->hex,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        *size = status.st_size;
        return fd;
    }
    fail(why, errno, "open blob sha256:%s", digest->hex);
    close_fd(&fd);
    return -1;
}

/* For jansson, which by itself would read a file one byte at a time. */
static size_t read_some(void *buffer, size_t size, void *fd)
{
    return (size_t)read(*(const int *)fd, buffer, size);
}

json_t *blob_json_from(int fd, const char *what, struct failure *why)
{
    struct stat status;
    json_error_t error;

    if (fstat(fd, &status) == 0 && status.st_size > BOUND_JSON) {
        fail(why, EFBIG, "read %s", what);
        return NULL;
    }
    /* Who may say a thing twice may say two things. */
    json_t *json =
        json_load_callback(read_some, &fd, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        fail(why, 0, "read %s: line %d: %s", what, error.line, error.text);
    return json;
}

int blob_check(int fd, const struct digest *digest, struct failure *why)
{
    struct digest real;

    if (hash(fd, -1, &real) < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return fail(why, errno, "read blob sha256:%s", digest->hex);
    if (!digest_eq(digest, &real))
        return fail(why, 0, "blob sha256:%s was changed: it is sha256:%s now",
                    digest->hex, real.hex);
    return 0;
}

json_t *blob_json(int dir_fd, const struct digest *digest, long long *size,
                  struct failure *why)
{
    cleanup_close int fd = blob_open(dir_fd, digest, size, why);

    if (fd < 0 || blob_check(fd, digest, why) < 0)
        return NULL;
    return blob_json_from(fd, digest->hex, why);
}
