/*
 * json_file: a JSON text in a file that is whole or not there.
 *
 * Side           host
 * Look at it     jq . FILE
 */
#include "json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"

enum {
    MOST_BYTES = 16 << 20
};

/* All of a file, which the caller frees. One call of read(2) where it is
 * short, and it mostly is. */
static char *read_all(int fd, size_t *length, struct failure *why,
                      const char *name)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MOST_BYTES) {
        fail(why, 0, "read %s: it is no file, or far too long", name);
        return NULL;
    }
    size_t size = (size_t)st.st_size;
    cleanup_free char *text = malloc(size + 1);

    for (*length = 0; text != NULL && *length < size;) {
        ssize_t got = read(fd, text + *length, size - *length);

        if (got < 0) {
            fail(why, errno, "read %s", name);
            return NULL;
        }
        if (got == 0)
            break;
        *length += (size_t)got;
    }
    if (text == NULL)
        fail(why, ENOMEM, "read %s", name);
    char *whole = text;
    text = NULL;
    return whole;
}

json_t *json_file_read(int dir_fd, const char *name, struct failure *why)
{
    cleanup_close int fd =
        openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    json_error_t error;
    size_t length;

    if (fd < 0) {
        fail(why, errno, "open %s", name);
        return NULL;
    }
    cleanup_free char *text = read_all(fd, &length, why, name);
    if (text == NULL)
        return NULL;
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        fail(why, 0, "%s is damaged: line %d: %s", name, error.line,
             error.text);
        errno = EINVAL;
    }
    return json;
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t done = write(fd, text, length);

        if (done < 0)
            return -1;
        text += done;
        length -= (size_t)done;
    }
    return 0;
}

/* A name that nobody else writes to: a process has one thread. */
static int write_beside(int dir_fd, const char *fresh, const char *text,
                        bool is_synced)
{
    cleanup_close int fd =
        openat(dir_fd, fresh,
               O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 || write_all(fd, text, strlen(text)) < 0)
        return -1;
    return is_synced ? fsync(fd) : 0;
}

int json_file_write(int dir_fd, const char *name, const json_t *json,
                    bool is_synced, struct failure *why)
{
    cleanup_free char *text = json_dumps(json, JSON_COMPACT);
    cleanup_free char *fresh = NULL;

    if (text == NULL || asprintf(&fresh, ".%s.%d", name, getpid()) < 0) {
        fresh = NULL;
        return fail(why, ENOMEM, "write %s", name);
    }
    if (write_beside(dir_fd, fresh, text, is_synced) < 0 ||
        renameat(dir_fd, fresh, dir_fd, name) < 0) {
        int errnum = errno;

        (void)unlinkat(dir_fd, fresh, 0);
        return fail(why, errnum, "write %s", name);
    }
    if (!is_synced)
        return 0;
    cleanup_close int directory =
        openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory < 0 || fsync(directory) < 0
               ? fail(why, errno, "write %s to the disk", name)
               : 0;
}
