/*
 * unpack: from a tar to a tree, by somebody who can't reach anything else.
 *
 * Kernel object  a root directory, as in step 01
 * Side           host; unpack: a child, which sees nothing but the new tree
 * Look at it     strace -f -e trace=chroot,openat duct load -i ARCHIVE
 */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>

#include "child.h"
#include "cleanup.h"
#include "explain.h"
#include "extract.h"
#include "stream.h"
#include "tree.h"

struct work {
    int fd;
    const char *what;
    const char *tree;
    bool user;
};

/* Runs in the child. */
static int unpack(void *argument, struct failure *why)
{
    const struct work *w = argument;
    char rest[4096];

    umask(022);
    setlocale(LC_CTYPE, "C.UTF-8"); /* as names in a tar are */
    explain(CONTAINER, "cd %s; chmod 755 .", w->tree);
    explain(CONTAINER, "tar -xp --xattrs --numeric-owner --exclude='.wh.*'");
    if (chdir(w->tree) < 0 || chroot(".") < 0 || chmod(".", 0755) < 0)
        return fail(why, errno, "chroot to %s", w->tree);
    cleanup_archive struct archive *tar =
        stream_open(w->fd, true, w->what, why);
    int status = tar == NULL ? -1 : extract_tar(tar, w->what, w->user, why);
    /* A tar ends before its file does, and somebody may write to the end. */
    while (status == 0 && read(w->fd, rest, sizeof(rest)) > 0)
        ;
    return status;
}

int unpack_tar(int fd, const char *what, const char *tree, struct failure *why)
{
    struct work work = {fd, what, tree, geteuid() != 0};
    struct child child;

    if (child_start(&child, 0, unpack, &work, why) < 0)
        return -1;
    return child_wait(&child, why);
}

static int unpack_new(const struct store *store, int fd,
                      const struct digest *diff_id, struct failure *why)
{
    cleanup_free char *tree = store_tree(store, diff_id);
    cleanup_free char *fresh = store_temporary(store, why);

    if (tree == NULL || fresh == NULL)
        return fresh == NULL ? -1 : fail(why, ENOMEM, "unpack a layer");
    int status = unpack_tar(fd, "a layer", fresh, why);
    if (status == 0) {
        explain(HOST, "mv %s %s", fresh, tree);
        if (rename(fresh, tree) == 0)
            return 0;
        int errnum = errno;
        if (!store_has_tree(store, diff_id)) /* two at once */
            status = fail(why, errnum, "rename %s", fresh);
    }
    tree_remove(AT_FDCWD, fresh);
    return status;
}

int unpack_layer(const struct store *store, const struct digest *blob,
                 const struct digest *expected, struct digest *diff_id,
                 struct failure *why)
{
    long long size;
    cleanup_close int fd = blob_open(store->blobs_fd, blob, &size, why);

    if (fd < 0)
        return -1;
    explain(HOST, "zstd -dcf %s/blobs/sha256/%s | sha256sum", store->path,
            blob->hex);
    if (stream_hash(fd, "a layer", diff_id, why) < 0)
        return -1;
    if (expected != NULL && !digest_eq(expected, diff_id))
        return fail(why, 0,
                    "layer sha256:%s: its config says that it unpacks to "
                    "sha256:%s, but that is sha256:%s",
                    blob->hex, expected->hex, diff_id->hex);
    if (store_has_tree(store, diff_id))
        return 0;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return fail(why, errno, "read layer sha256:%s again", blob->hex);
    return unpack_new(store, fd, diff_id, why);
}
