/*
 * users: which containers an image is needed for.
 *
 * A file without contents for each, in a directory of the image. It is made
 * before the container and removed after it; so one without a container is of
 * somebody who was killed in between, or of somebody who has the store open.
 *
 * Look at it     find DATA/images/users -type f
 */
#include "users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "image.h"

static const char directory[] = "users";

/* Opens the directory of an image, "" for that of all. */
static int open_users(const struct store *store, const char *hex)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "%s/%s", directory, hex) < 0)
        return -1;
    return openat(store->fd, path,
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_users(const struct store *store, const char *hex)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "%s/%s", directory, hex) < 0)
        return -1;
    if (mkdirat(store->fd, path, 0700) < 0 && errno == ENOENT)
        (void)!mkdirat(store->fd, directory, 0700); /* the next says why */
    (void)!mkdirat(store->fd, path, 0700);
    return open_users(store, hex);
}

int image_pin(const struct store *store, const struct digest *id,
              const char *container, struct failure *why)
{
    cleanup_close int users = make_users(store, id->hex);
    cleanup_close int fd =
        users < 0 ? -1
                  : openat(users, container,
                           O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    return fd >= 0 ? 0
                   : fail(why, errno, "note that %s needs image sha256:%s",
                          container, id->hex);
}

int image_unpin(const struct store *store, const struct digest *id,
                const char *container, struct failure *why)
{
    cleanup_close int users = open_users(store, id->hex);

    if ((users < 0 || unlinkat(users, container, 0) < 0) && errno != ENOENT)
        return fail(why, errno, "note that %s needs image sha256:%s no more",
                    container, id->hex);
    return 0;
}

static bool is_container(const struct store *store, const char *container)
{
    cleanup_free char *path = NULL;

    return asprintf(&path, "containers/%s", container) >= 0 &&
           faccessat(store->data_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

json_t *users_of(const struct store *store, const struct digest *id)
{
    int fd = open_users(store, id->hex);
    DIR *users = fd < 0 ? NULL : fdopendir(fd);
    json_t *list = json_array();
    const struct dirent *entry;

    while (users != NULL && (entry = readdir(users)) != NULL)
        if (*entry->d_name != '.' && is_container(store, entry->d_name))
            json_array_append_new(list, json_string(entry->d_name));
    if (users != NULL)
        closedir(users);
    return list;
}

/* Returns whether anybody is left. */
static bool sweep_one(const struct store *store, const char *hex)
{
    int fd = open_users(store, hex);
    DIR *users = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    bool is_used = false;

    while (users != NULL && (entry = readdir(users)) != NULL) {
        if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
            continue;
        if (is_container(store, entry->d_name))
            is_used = true;
        else
            (void)unlinkat(fd, entry->d_name, 0); /* it is harmless */
    }
    if (users != NULL)
        closedir(users);
    return is_used;
}

json_t *users_sweep(const struct store *store)
{
    int fd = open_users(store, "");
    DIR *images = fd < 0 ? NULL : fdopendir(fd);
    json_t *used = json_object();
    const struct dirent *entry;

    while (images != NULL && (entry = readdir(images)) != NULL) {
        if (*entry->d_name == '.')
            continue;
        if (sweep_one(store, entry->d_name))
            json_object_set_new(used, entry->d_name, json_true());
        else
            (void)unlinkat(fd, entry->d_name, AT_REMOVEDIR);
    }
    if (images != NULL)
        closedir(images);
    return used;
}
