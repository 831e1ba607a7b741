/*
 * store: a directory of images, each byte of which is kept once.
 *
 * Kernel object  directories, renames, and a lock on the store: shared by who
 *                relies on what is in it, exclusive for who takes away
 * Side           host
 * Look at it     find STATE/_images -maxdepth 3
 *                skopeo inspect oci:STATE/_images:docker.io/library/NAME:TAG
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "index.h"
#include "state.h"
#include "sweep.h"

static void forget(struct store *store)
{
    *store = (struct store)STORE_CLOSED;
}

static int open_directory(int parent_fd, const char *path)
{
    return openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Whoever finds a store alone tidies up after those that have failed or were
 * killed. */
static void tidy(const struct store *store)
{
    struct failure ignored;

    if (store->use == STORE_ADD && flock(store->fd, LOCK_EX | LOCK_NB) == 0)
        (void)sweep_store(store, &ignored);
}

void store_close(struct store *store)
{
    if (store->trees_fd >= 0)
        tidy(store);
    free(store->path);
    close_fd(&store->fd);
    close_fd(&store->blobs_fd);
    close_fd(&store->trees_fd);
    forget(store);
}

/* Opens a directory of a store, made if it is not there. */
static int make_part(int fd, const char *part)
{
    return mkdirat(fd, part, 0700) < 0 && errno != EEXIST
               ? -1
               : open_directory(fd, part);
}

/* Makes what is missing, and opens it. */
static int open_store(struct store *store, char *state, struct failure *why)
{
    cleanup_free char *path = NULL;

    if (state_make(state, why) < 0)
        return -1;
    if (asprintf(&path, "%s/_images", state) < 0 ||
        (store->fd = make_part(AT_FDCWD, path)) < 0 ||
        (store->path = realpath(path, NULL)) == NULL)
        return fail(why, errno, "make the store of images in %s", state);
    cleanup_close int fd = make_part(store->fd, "blobs");
    if (fd < 0 || (store->blobs_fd = make_part(fd, "sha256")) < 0 ||
        (store->trees_fd = make_part(store->fd, "layers")) < 0)
        return fail(why, errno, "open the store %s", store->path);
    if (index_make(store, why) < 0)
        return -1;
    tidy(store);
    if (flock(store->fd, store->use == STORE_REMOVE ? LOCK_EX : LOCK_SH) < 0)
        return fail(why, errno, "lock the store %s", store->path);
    return 0;
}

int store_open(struct store *store, const char *state, enum store_use use,
               struct failure *why)
{
    cleanup_free char *base = state_path(state);

    forget(store);
    store->use = use;
    if (open_store(store, base, why) == 0)
        return 0;
    store_close(store);
    return -1;
}

void store_leave(const struct store *store)
{
    flock(store->fd, LOCK_UN);
}

/* First what is harmless if nobody speaks of it, last the one rename that
 * makes it real; each on the disk before the next. */
int store_commit(const struct store *store, const json_t *images,
                 struct failure *why)
{
    return syncfs(store->fd) < 0 ? fail(why, errno, "sync %s", store->path)
                                 : index_add(store, images, why);
}

char *store_temporary(const struct store *store, struct failure *why)
{
    char *path = NULL;

    if (asprintf(&path, "%s/layers/.XXXXXX", store->path) >= 0 &&
        mkdtemp(path) != NULL)
        return path;
    fail(why, errno, "mkdir in %s/layers", store->path);
    free(path);
    return NULL;
}

char *store_tree(const struct store *store, const struct digest *diff_id)
{
    char *path = NULL;

    return asprintf(&path, "%s/layers/%s", store->path, diff_id->hex) < 0
               ? NULL
               : path;
}

bool store_has_tree(const struct store *store, const struct digest *diff_id)
{
    return faccessat(store->trees_fd, diff_id->hex, F_OK, 0) == 0;
}
