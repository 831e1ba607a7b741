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
 * Kernel object  the upper directory of an overlay that is mounted no more
 * Side           host; the child that packs
 * Look at it     ls -laR STATE/NAME/upper
 *                tar -tvf STATE/_images/blobs/sha256/HEX
 */
#include "changeset.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "pack.h"
#include "unpack.h"

enum {
    EMPTY_TAR = 1024 /* bytes, all of them zero */
};

/* A second name of a file becomes a link to the first. */
static int put_file(struct pack *p, const FTSENT *file, const char *name,
                    struct failure *why)
{
    struct archive_entry *entry = pack_describe(p, file, name, why);
    struct archive_entry *later;

    if (entry == NULL)
        return -1;
    if (file->fts_info != FTS_D)
        archive_entry_linkify(p->argument, &entry, &later);
    return pack_put(p, entry, file->fts_accpath, NULL, why);
}

/* An empty file whose name says what is not there. */
static int put_mark(struct pack *p, const char *name, const char *what,
                    struct failure *why)
{
    struct archive_entry *entry = archive_entry_new();
    const char *slash = strrchr(name, '/');
    int parent = slash == NULL ? 0 : (int)(slash + 1 - name);
    cleanup_free char *mark = NULL;

    if (asprintf(&mark, "%.*s.wh.%s", parent, name, what) < 0)
        return fail(why, ENOMEM, "pack %s", name);
    archive_entry_copy_pathname(entry, mark);
    archive_entry_set_mode(entry, S_IFREG | 0600);
    return pack_put(p, entry, NULL, NULL, why);
}

static int put_directory(struct pack *p, const FTSENT *file, const char *name,
                         struct failure *why)
{
    cleanup_free char *inner = NULL;
    char value = '\0';

    if (put_file(p, file, name, why) < 0)
        return -1;
    if (lgetxattr(file->fts_accpath, "trusted.overlay.opaque", &value, 1) < 0)
        lgetxattr(file->fts_accpath, "user.overlay.opaque", &value, 1);
    if (value != 'y')
        return 0;
    if (asprintf(&inner, "%s/", name) < 0)
        return fail(why, ENOMEM, "pack %s", name);
    return put_mark(p, inner, ".wh..opq", why);
}

static int put(struct pack *p, const FTSENT *file, struct failure *why)
{
    const struct stat *status = file->fts_statp;
    const char *name = file->fts_path + strlen("./");

    if (file->fts_level == FTS_ROOTLEVEL)
        return 0; /* every image has a "/" */
    if (S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0))
        return put_mark(p, name, file->fts_name, why);
    if (strncmp(file->fts_name, ".wh.", strlen(".wh.")) == 0)
        return fail(why, 0,
                    "/%s can't be in a layer, where names with .wh. say what "
                    "is not there",
                    name);
    return file->fts_info == FTS_D ? put_directory(p, file, name, why)
                                   : put_file(p, file, name, why);
}

static int put_all(struct pack *p, struct failure *why)
{
    p->argument = archive_entry_linkresolver_new();
    return pack_walk(p, ".", why);
}

int changeset_put(const struct store *store, const char *upper, time_t latest,
                  struct digest *blob, struct failure *why)
{
    struct pack pack = {
        .tree = upper,
        .work = put_all,
        .visit = put,
        .latest = latest,
    };
    struct failure ignored;
    struct digest same;
    struct stat status;
    cleanup_close int fd = pack_start(&pack, why);

    if (fd < 0)
        return -1;
    int put = blob_put(store->blobs_fd, fd, blob, why);
    close_fd(&fd); /* a child that still writes ends */
    if (child_wait(&pack.child, put < 0 ? &ignored : why) < 0 || put < 0)
        return -1;
    if (fstatat(store->blobs_fd, blob->hex, &status, 0) < 0)
        return fail(why, errno, "find blob sha256:%s", blob->hex);
    if (status.st_size == EMPTY_TAR)
        return 0;
    return unpack_layer(store, blob, blob, &same, why) < 0 ? -1 : 1;
}
