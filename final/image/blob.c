/*
 * blob: a file whose name is the digest of what is in it.
 *
 * It can't be changed without being called wrong, so two images can share it.
 *
 * Look at it     ls -l DATA/images/blobs/sha256     zcat -f BLOB | sha256sum
 */
#include "blob.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "bounds.h"
#include "cleanup.h"
#include "json_file.h"

int blob_open(int dir_fd, const struct digest *digest, long long *size,
              struct failure *why)
{
    struct stat status;
    cleanup_close int fd = openat(
        dir_fd, digest->hex, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) < 0)
        return fail(why, errno, "open blob sha256:%s", digest->hex);
    if (!S_ISREG(status.st_mode))
        return fail(why, 0, "blob sha256:%s is no file", digest->hex);
    *size = status.st_size;
    return take_fd(&fd);
}

json_t *blob_json(int dir_fd, const struct digest *digest, struct failure *why)
{
    return json_file_read(dir_fd, digest->hex, why);
}

/* Are there at most so many brackets around any value? The text is asked, as
 * whoever reads the value would have to go as deep himself. */
static bool is_shallow(const char *text, size_t length)
{
    bool is_text = false;
    int depth = 0;

    for (size_t i = 0; i < length; i++) {
        if (is_text && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            is_text = !is_text;
        else if (!is_text && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!is_text && (text[i] == '}' || text[i] == ']'))
            depth--;
        if (depth > BOUND_DEPTH)
            return false;
    }
    return true;
}

json_t *blob_parse(const char *text, size_t length, const char *what,
                   struct failure *why)
{
    json_error_t error;
    json_t *json = NULL;

    if (length > BOUND_JSON)
        fail(why, EFBIG, "read %s", what);
    else if (!is_shallow(text, length))
        fail(why, 0, "read %s: more than %d brackets inside one another", what,
             BOUND_DEPTH);
    /* Who may say a thing twice may say two things. */
    else if ((json = json_loadb(text, length, JSON_REJECT_DUPLICATES,
                                &error)) == NULL)
        fail(why, 0, "read %s: line %d: %s", what, error.line, error.text);
    return json;
}
