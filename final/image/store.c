/*
 * store: a directory of images, each byte of which is kept once.
 *
 * Kernel object  directories, renames, and a lock on the store: shared by who
 *                relies on what is in it, exclusive for who takes away
 * Side           host
 * Look at it     find DATA/images DATA/layers -maxdepth 3
 *                skopeo inspect oci:DATA/images:docker.io/library/NAME:TAG
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "apart.h"
#include "cleanup.h"
#include "index.h"
#include "numbers.h"
#include "sweep.h"

static int open_directory(int parent_fd, const char *path)
{
    return openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Whoever finds a store alone tidies up, after himself and after those that
 * have failed or were killed. */
static void tidy(const struct store *store)
{
    struct failure ignored;

    if (store->use == STORE_CHANGE && flock(store->fd, LOCK_EX | LOCK_NB) == 0)
        (void)sweep_store(store, NULL, &ignored);
}

void store_close(struct store *store)
{
    if (store->trees_fd >= 0)
        tidy(store);
    free(store->data);
    close_fd(&store->fd);
    close_fd(&store->blobs_fd);
    close_fd(&store->trees_fd);
    *store = (struct store)STORE_CLOSED;
}

/* Opens what is there. */
static int open_parts(struct store *store)
{
    if ((store->fd = open_directory(store->data_fd, "images")) < 0 ||
        (store->blobs_fd = open_directory(store->fd, "blobs/sha256")) < 0 ||
        (store->trees_fd = open_directory(store->data_fd, "layers")) < 0 ||
        faccessat(store->fd, "oci-layout", F_OK, 0) < 0)
        return -1;
    return 0;
}

static int make(int parent_fd, const char *path)
{
    return mkdirat(parent_fd, path, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

static int make_parts(struct store *store, struct failure *why)
{
    close_fd(&store->fd);
    close_fd(&store->blobs_fd);
    close_fd(&store->trees_fd);
    if (make(store->data_fd, "images") < 0 ||
        make(store->data_fd, "images/blobs") < 0 ||
        make(store->data_fd, "images/blobs/sha256") < 0 ||
        make(store->data_fd, "images/sizes") < 0 ||
        make(store->data_fd, "images/users") < 0 ||
        make(store->data_fd, "layers") < 0 ||
        (open_parts(store) < 0 && errno != ENOENT))
        return fail(why, errno, "make the store of images in %s", store->data);
    return index_make(store, why);
}

int store_open(struct store *store, const char *data, int data_fd,
               enum store_use use, struct failure *why)
{
    *store = (struct store)STORE_CLOSED;
    store->data = strdup(data);
    store->data_fd = data_fd;
    store->use = use;
    if (store->data == NULL)
        return fail(why, ENOMEM, "open the store of images");
    if (open_parts(store) == 0 || make_parts(store, why) == 0) {
        tidy(store);
        if (flock(store->fd, LOCK_SH) == 0)
            return 0;
        fail(why, errno, "lock the store of images in %s", data);
    }
    store->use = STORE_READ; /* there is nothing to tidy up */
    store_close(store);
    return -1;
}

/* First what is harmless if nobody speaks of it, last the one rename that
 * makes it real; each on the disk before the next. */
int store_commit(const struct store *store, const json_t *images,
                 struct failure *why)
{
    return syncfs(store->fd) < 0
               ? fail(why, errno, "sync %s/images", store->data)
               : index_add(store, images, why);
}

char *store_temporary(const struct store *store, struct failure *why)
{
    char *path = NULL;

    if (asprintf(&path, "%s/layers/.new-XXXXXX", store->data) >= 0 &&
        mkdtemp(path) != NULL)
        return path;
    fail(why, errno, "mkdir in %s/layers", store->data);
    free(path);
    return NULL;
}

/* As a file that is there as a whole or not at all: who finds an older one
 * finds the same number. */
static int write_size(const struct store *store, const struct digest *diff_id,
                      long long size)
{
    char name[sizeof("sizes/") + sizeof(diff_id->hex)];
    char link[sizeof("/proc/self/fd/2147483647")];
    cleanup_close int fd =
        openat(store->fd, "sizes", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    snprintf(name, sizeof(name), "sizes/%s", diff_id->hex);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (fd < 0 || dprintf(fd, "%lld\n", size) < 0)
        return -1;
    return linkat(AT_FDCWD, link, store->fd, name, AT_SYMLINK_FOLLOW) < 0 &&
                   errno != EEXIST
               ? -1
               : 0;
}

int store_keep_tree(const struct store *store, const char *path,
                    const struct digest *diff_id, long long size,
                    struct failure *why)
{
    int status = 0;

    if (write_size(store, diff_id, size) < 0)
        status =
            fail(why, errno, "write the size of layer sha256:%s", diff_id->hex);
    else if (renameat(AT_FDCWD, path, store->trees_fd, diff_id->hex) == 0)
        return 0;
    else if (!store_has_tree(store, diff_id)) /* two at once */
        status = fail(why, errno, "rename %s", path);
    (void)apart_remove(AT_FDCWD, path); /* what stays has no name */
    return status;
}

char *store_tree(const struct store *store, const struct digest *diff_id)
{
    char *path = NULL;

    return asprintf(&path, "%s/layers/%s", store->data, diff_id->hex) < 0
               ? NULL
               : path;
}

bool store_has_tree(const struct store *store, const struct digest *diff_id)
{
    return faccessat(store->trees_fd, diff_id->hex, F_OK, 0) == 0;
}

long long store_tree_size(const struct store *store,
                          const struct digest *diff_id)
{
    char name[sizeof("sizes/") + sizeof(diff_id->hex)];
    char text[32];
    long long size = 0;

    snprintf(name, sizeof(name), "sizes/%s", diff_id->hex);
    cleanup_close int fd =
        openat(store->fd, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return numbers_parse(text, 0, 1LL << 62, &size) < 0 ? 0 : size;
}
