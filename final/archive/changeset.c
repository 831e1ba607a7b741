/*
 * changeset: from a container's changes to a layer.
 *
 * The other way round from extract: overlay has put all that changed into one
 * directory, and nothing else has to be looked at. What hides something there
 * is told in the tar by a name:
 *
 *     NAME, a character device 0,0          .wh.NAME
 *     an attribute of the directory         .wh..wh..opq in it
 *
 * Kernel object  the upper directory of an overlay
 * Side           host; the child that packs
 * Look at it     ls -laR DATA/containers/ID/upper
 *                tar -tvf DATA/images/blobs/sha256/HEX
 */
#include "changeset.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "pack.h"

enum {
    EMPTY_TAR = 1024 /* bytes, all of them zero */
};

/* Overlay marks things in one namespace of attributes for root, in another
 * for a user. */
static char mark_of(const FTSENT *file, const char *name)
{
    static const char *const spaces[] = {"trusted", "user"};
    char value = '\0';

    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        cleanup_free char *whole = NULL;

        if (asprintf(&whole, "%s.overlay.%s", spaces[i], name) < 0) {
            whole = NULL;
            return '\0';
        }
        ssize_t length = lgetxattr(file->fts_accpath, whole, &value, 1);
        if (length >= 0 || errno == ERANGE)
            return length == 1 ? value : '?';
    }
    return '\0';
}

/* An empty file whose name says what is not there. */
static int put_mark(struct pack *p, const char *name, const char *what,
                    struct failure *why)
{
    const char *slash = strrchr(name, '/');
    int parent = slash == NULL ? 0 : (int)(slash + 1 - name);
    cleanup_free char *mark = NULL;

    if (asprintf(&mark, "%.*s.wh.%s", parent, name, what) < 0) {
        mark = NULL;
        return fail(why, ENOMEM, "pack %s", name);
    }
    return pack_mark(p, mark, why);
}

static int put_directory(struct pack *p, const FTSENT *file, const char *name,
                         struct failure *why)
{
    cleanup_free char *inner = NULL;

    if (pack_file(p, file, name, why) < 0)
        return -1;
    if (mark_of(file, "opaque") != 'y')
        return 0;
    if (asprintf(&inner, "%s/", name) < 0) {
        inner = NULL;
        return fail(why, ENOMEM, "pack %s", name);
    }
    return put_mark(p, inner, ".wh..opq", why);
}

/* Some kernels save work by saying that what is meant is elsewhere. */
static int check(const FTSENT *file, const char *name, struct failure *why)
{
    const mode_t type = file->fts_statp->st_mode & S_IFMT;

    if (strncmp(file->fts_name, ".wh.", strlen(".wh.")) == 0)
        return fail(why, 0,
                    "/%s can't be in a layer, where names with .wh. say what "
                    "is not there",
                    name);
    if ((type == S_IFREG && mark_of(file, "metacopy") != '\0') ||
        (type == S_IFDIR && mark_of(file, "redirect") != '\0'))
        return fail(why, 0,
                    "/%s is not all in the container's own layer: this "
                    "kernel's overlay has redirect_dir or metacopy on",
                    name);
    return 0;
}

static int put(struct pack *p, const FTSENT *file, struct failure *why)
{
    const struct stat *status = file->fts_statp;
    const char *name = file->fts_path + strlen("./");

    if (file->fts_level == FTS_ROOTLEVEL)
        return 0; /* every image has a "/" */
    if (S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0))
        return put_mark(p, name, file->fts_name, why);
    if (check(file, name, why) < 0)
        return -1;
    return file->fts_info == FTS_D ? put_directory(p, file, name, why)
                                   : pack_file(p, file, name, why);
}

static int put_all(struct pack *p, struct failure *why)
{
    return pack_walk(p, ".", why);
}

static int take_all(struct intake *in, int fd, struct failure *why)
{
    cleanup_free char *block = malloc(1 << 18);
    ssize_t length = 0;

    if (block == NULL)
        return fail(why, ENOMEM, "read a layer");
    while ((length = read(fd, block, 1 << 18)) > 0)
        if (intake_add(in, block, (size_t)length, why) < 0)
            return -1;
    return length < 0 ? fail(why, errno, "read a layer") : 0;
}

/* What can't be packed is worse than that the rest is no layer. */
static int end_both(struct pack *p, struct intake *in, int status,
                    struct failure *why)
{
    struct failure other;

    if (child_wait(&p->child, status < 0 ? &other : why) < 0)
        status = -1;
    if (status < 0) {
        intake_drop(in);
        return -1;
    }
    if (intake_end(in, why) < 0)
        return -1;
    if (in->writer.size == EMPTY_TAR)
        return 0;
    if (in->is_bad)
        *why = in->why_bad;
    return in->is_bad ? -1 : 1;
}

int changeset_take(struct intake *in, const struct store *store,
                   const char *upper, struct failure *why)
{
    struct pack pack = {.tree = upper, .work = put_all, .visit = put};

    if (intake_begin(in, store, true, why) < 0)
        return -1;
    int fd = pack_start(&pack, why);
    if (fd < 0) {
        intake_drop(in);
        return -1;
    }
    int status = take_all(in, fd, why);
    close_fd(&fd); /* a child that still writes ends */
    return end_both(&pack, in, status, why);
}
