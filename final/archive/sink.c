/*
 * sink: a layer that is unpacked while its bytes are still coming.
 *
 * All bytes are touched once: who hashes them hands them on to who unpacks
 * them, and both work at the same time. Only at the end is it known what the
 * layer is called, so its tree has no name until then.
 *
 * Kernel object  pipes; processes that see nothing of the host
 * Look at it     strace -f -e trace=pivot_root,pipe2 duct load -i ARCHIVE
 */
#include "sink.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#include "apart.h"
#include "cleanup.h"
#include "hash.h"
#include "stream.h"
#include "unpack.h"

enum {
    HEADER = 512,   /* bytes in a block of a tar */
    CHECKSUM = 148, /* where in it they are added up */
    BLOCK = 1 << 16,
    PIPE_SIZE = 1 << 20, /* what a user may have who is not root */
};

/* What children tell their parent, in memory that they share. */
struct found {
    struct digest diff_id;
    long long size;
};

/* Octal digits say what all bytes of a header are together, if each of them
 * was a space. */
static bool is_header(const unsigned char *block)
{
    long told = 0;
    long sum = 0;
    size_t i;

    for (i = CHECKSUM; i < CHECKSUM + 8 && block[i] == ' '; i++)
        ;
    for (; i < CHECKSUM + 8 && block[i] >= '0' && block[i] <= '7'; i++)
        told = told * 8 + (block[i] - '0');
    for (i = 0; i < HEADER; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : block[i];
    return told == sum;
}

static bool is_zero(const unsigned char *block)
{
    for (size_t i = 0; i < HEADER; i++)
        if (block[i] != 0)
            return false;
    return true;
}

const char *sink_suffix(const void *data, size_t length)
{
    if (length >= 2 && memcmp(data, "\x1f\x8b", 2) == 0)
        return "+gzip";
    if (length >= 4 && memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0)
        return "+zstd";
    return length >= HEADER && (is_header(data) || is_zero(data)) ? "" : NULL;
}

struct work {
    struct sink *sink;
    int in_fd;
    int out_fd;
};

static int write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t part = write(fd, data, length);

        if (part < 0)
            return -1;
        data += part;
        length -= (size_t)part;
    }
    return 0;
}

/* In the child: hands on what comes out of the compression, and hashes it. */
static int pass_on(const struct work *w, struct archive *file, long long *size,
                   struct hash *hash, struct failure *why)
{
    char block[BLOCK];
    ssize_t length;

    while ((length = archive_read_data(file, block, sizeof(block))) > 0) {
        *size += length;
        if (stream_check(file, *size, "a layer", why) < 0)
            return -1;
        hash_add(hash, block, (size_t)length);
        if (write_all(w->out_fd, block, (size_t)length) < 0)
            return fail(why, errno, "unpack a layer");
    }
    return length < 0 ? stream_fail(file, "a layer", why) : 0;
}

/* Runs in the child that decompresses. */
static int decompress(void *argument, struct failure *why)
{
    const struct work *w = argument;
    struct archive_entry *entry;
    struct hash hash;
    long long size = 0;

    if (child_confine(&w->sink->decompressor, NULL, w->in_fd, w->out_fd, why) <
        0)
        return -1;
    signal(SIGPIPE, SIG_IGN); /* who unpacks says better what is wrong */
    cleanup_archive struct archive *file =
        stream_open(w->in_fd, false, "a layer", why);
    if (file == NULL || stream_next(file, &entry, "a layer", why) < 0)
        return -1;
    /* One filter, and the one that does nothing. */
    if (archive_filter_count(file) > 2)
        return fail(why, 0, "a layer was compressed more than once");
    hash_begin(&hash);
    int status = pass_on(w, file, &size, &hash, why);
    if (hash_end(&hash, &w->sink->found->diff_id) < 0)
        return fail(why, ENOMEM, "hash a layer");
    return status;
}

/* Runs in the child that unpacks. */
static int unpack(void *argument, struct failure *why)
{
    const struct work *w = argument;
    bool user = w->sink->unpacker.namespaces.flags & CLONE_NEWUSER;

    unpack_prepare();
    if (child_confine(&w->sink->unpacker, w->sink->tree, w->in_fd, -1, why) < 0)
        return -1;
    return unpack_here(w->in_fd, "a layer", user, &w->sink->found->size, why);
}

static int make_pipe(int fds[2], struct failure *why)
{
    if (pipe2(fds, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for a layer");
    (void)fcntl(fds[1], F_SETPIPE_SZ, PIPE_SIZE); /* smaller is slower */
    return 0;
}

static int start(struct sink *s, struct failure *why)
{
    int tars[2] = {-1, -1};
    int bytes[2] = {-1, -1};
    bool is_plain = *s->suffix == '\0';
    int status = -1;

    if (make_pipe(tars, why) == 0 && (is_plain || make_pipe(bytes, why) == 0)) {
        struct work unpacking = {s, tars[0], -1};
        struct work decompression = {s, bytes[0], tars[1]};

        status = child_start(&s->unpacker, CLONE_NEWNS | CLONE_NEWNET, unpack,
                             &unpacking, why);
        if (status == 0 && !is_plain)
            status = child_start(&s->decompressor, CLONE_NEWNET, decompress,
                                 &decompression, why);
        s->fd = is_plain ? tars[1] : bytes[1];
    }
    close_fd(&tars[0]);
    close_fd(&bytes[0]);
    if (!is_plain)
        close_fd(&tars[1]);
    return status;
}

int sink_begin(struct sink *s, const struct store *store, const char *suffix,
               struct failure *why)
{
    *s = (struct sink){.store = store, .suffix = suffix, .fd = -1};
    s->tree = store_temporary(store, why);
    if (s->tree == NULL)
        return -1;
    s->found = mmap(NULL, sizeof(*s->found), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s->found == MAP_FAILED) {
        s->found = NULL;
        fail(why, errno, "unpack a layer");
    } else if (start(s, why) == 0) {
        return 0;
    }
    sink_drop(s);
    return -1;
}

/* Ends both, and tells what was wrong first: with the tar, if anything. */
static int wait_for_children(struct sink *s, struct failure *why)
{
    struct failure other;
    int status = 0;

    close_fd(&s->fd);
    if (s->decompressor.pid > 0)
        status = child_wait(&s->decompressor, why);
    if (s->unpacker.pid > 0 && child_wait(&s->unpacker, &other) < 0) {
        /* Who decompresses only sees that nobody reads any more. */
        if (status == 0 || strstr(why->message, "(EPIPE)") != NULL)
            *why = other;
        status = -1;
    }
    return status;
}

static void release(struct sink *s)
{
    close_fd(&s->fd);
    free(s->tree);
    if (s->found != NULL)
        munmap(s->found, sizeof(*s->found));
    s->tree = NULL;
    s->found = NULL;
}

int sink_add(struct sink *s, const void *data, size_t length,
             struct failure *why)
{
    if (write_all(s->fd, data, length) == 0)
        return 0;
    if (errno != EPIPE)
        return fail(why, errno, "unpack a layer");
    return wait_for_children(s, why) < 0
               ? -1
               : fail(why, 0, "a layer goes on behind its end");
}

int sink_end(struct sink *s, struct digest *diff_id, struct failure *why)
{
    int status = wait_for_children(s, why);

    if (status == 0 && *s->suffix != '\0')
        *diff_id = s->found->diff_id;
    if (status == 0)
        status =
            store_keep_tree(s->store, s->tree, diff_id, s->found->size, why);
    else
        (void)apart_remove(AT_FDCWD, s->tree); /* the sweep tries again */
    release(s);
    return status;
}

void sink_drop(struct sink *s)
{
    child_stop(&s->decompressor);
    child_stop(&s->unpacker);
    if (s->tree != NULL)
        (void)apart_remove(AT_FDCWD, s->tree); /* the same */
    release(s);
}
