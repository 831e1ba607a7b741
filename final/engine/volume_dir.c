/*
 * volume_dir: the files of one volume.
 *
 * Side           host
 * Look at it     find /var/lib/duct/volumes -maxdepth 3
 */
#include "volume_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "apart.h"
#include "cleanup.h"
#include "ids.h"
#include "json_file.h"

#define NEW  ".new-"
#define GONE ".gone-"

/* A name that nobody else has, and that is no volume's. Caller frees. */
static char *hidden_name(const char *prefix)
{
    char id[ID_LENGTH + 1];
    char *name = NULL;

    id_make(id);
    return asprintf(&name, "%s%.32s", prefix, id) < 0 ? NULL : name;
}

/* Others may look into the data of a container, if nothing above stops them:
 * a container's users who are not root. */
static int fill_directory(int fd, const json_t *record, const char *user,
                          bool is_synced, struct failure *why)
{
    if (mkdirat(fd, "_data", 0700) < 0 || fchmodat(fd, "_data", 0755, 0) < 0 ||
        mkdirat(fd, "users", 0700) < 0 ||
        (user != NULL && volume_dir_join(fd, user, true) < 0))
        return fail(why, errno, "make a volume's directories");
    return json_file_write(fd, "volume.json", record, is_synced, why);
}

static int make_hidden(int volumes_fd, const char *name, const json_t *record,
                       const char *user, bool is_synced, struct failure *why)
{
    cleanup_free char *hidden = hidden_name(NEW);

    if (hidden == NULL)
        return fail(why, ENOMEM, "make volume %s", name);
    if (mkdirat(volumes_fd, hidden, 0700) < 0)
        return fail(why, errno, "make a directory for volume %s", name);
    cleanup_close int fd =
        openat(volumes_fd, hidden, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) < 0)
        return fail(why, errno, "lock the directory of volume %s", name);
    if (fill_directory(fd, record, user, is_synced, why) < 0)
        return -1;
    if (renameat2(volumes_fd, hidden, volumes_fd, name, RENAME_NOREPLACE) == 0)
        return is_synced && fsync(volumes_fd) < 0
                   ? fail(why, errno, "write volume %s to the disk", name)
                   : 0;
    int errnum = errno;
    (void)apart_remove(volumes_fd, hidden);
    return errnum == EEXIST ? 0 : fail(why, errnum, "make volume %s", name);
}

int volume_dir_make(const struct engine *engine, const char *name,
                    const json_t *record, const char *user, bool is_synced,
                    struct failure *why)
{
    cleanup_close int volumes_fd = engine_part(engine, "volumes", why);

    return volumes_fd < 0
               ? -1
               : make_hidden(volumes_fd, name, record, user, is_synced, why);
}

/* "volumes/NAME": the caller frees it. NULL with errno: it is no name. */
static char *path_of(const char *name)
{
    char *path = NULL;

    errno = ENOENT;
    return name_is_valid(name) && asprintf(&path, "volumes/%s", name) >= 0
               ? path
               : NULL;
}

int volume_dir_open(const struct engine *engine, const char *name)
{
    cleanup_free char *path = path_of(name);

    return path == NULL
               ? -1
               : openat(engine->data_fd, path,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* It may have been removed, and made again, while we waited. */
static bool is_in_place(const struct engine *engine, const char *name, int fd)
{
    cleanup_free char *path = path_of(name);
    struct stat ours;
    struct stat there;

    return path != NULL && fstat(fd, &ours) == 0 &&
           fstatat(engine->data_fd, path, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

int volume_dir_lock(const struct engine *engine, const char *name)
{
    for (;;) {
        int fd = volume_dir_open(engine, name);

        if (fd < 0 ||
            (flock(fd, LOCK_EX) == 0 && is_in_place(engine, name, fd)))
            return fd;
        close_fd(&fd);
    }
}

int volume_dir_join(int fd, const char *id, bool is_anonymous)
{
    cleanup_close int users_fd =
        openat(fd, "users", O_PATH | O_DIRECTORY | O_CLOEXEC);

    return users_fd < 0 || (symlinkat(is_anonymous ? "anonymous" : "named",
                                      users_fd, id) < 0 &&
                            errno != EEXIST)
               ? -1
               : 0;
}

static bool is_there(const struct engine *engine, const char *id)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "containers/%s", id) < 0) {
        path = NULL;
        return true;
    }
    return faccessat(engine->data_fd, path, F_OK, 0) == 0 || errno != ENOENT;
}

json_t *volume_dir_users(const struct engine *engine, int fd)
{
    json_t *users = json_array();
    int users_fd =
        openat(fd, "users", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = users_fd < 0 ? NULL : fdopendir(users_fd);
    const struct dirent *entry;

    if (entries == NULL) {
        close_fd(&users_fd);
        return users;
    }
    while ((entry = readdir(entries)) != NULL)
        if (id_is(entry->d_name) && is_there(engine, entry->d_name))
            json_array_append_new(users, json_string(entry->d_name));
    closedir(entries);
    return users;
}

/* Does nobody but this container use it? */
static bool is_alone(const struct engine *engine, int fd, const char *id)
{
    json_auto_t *users = volume_dir_users(engine, fd);
    const json_t *user;
    size_t i;

    json_array_foreach(users, i, user)
        if (!str_eq(json_string_value(user), id))
            return false;
    return users != NULL;
}

void volume_dir_leave(const struct engine *engine, const char *name,
                      const char *id, bool remove)
{
    cleanup_close int fd = volume_dir_lock(engine, name);
    cleanup_close int users_fd =
        fd < 0 ? -1 : openat(fd, "users", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char kind[sizeof("anonymous")] = "";
    struct failure ignored;

    if (users_fd < 0 || readlinkat(users_fd, id, kind, sizeof(kind) - 1) < 0)
        return;
    if (remove && str_eq(kind, "anonymous") && is_alone(engine, fd, id))
        (void)volume_dir_remove(engine, name, &ignored);
    else
        (void)unlinkat(users_fd, id, 0);
}

int volume_dir_remove(const struct engine *engine, const char *name,
                      struct failure *why)
{
    cleanup_close int volumes_fd = engine_part(engine, "volumes", why);
    cleanup_free char *hidden = hidden_name(GONE);

    if (volumes_fd < 0)
        return -1;
    if (hidden == NULL || renameat(volumes_fd, name, volumes_fd, hidden) < 0)
        return fail(why, errno, "remove volume %s", name);
    (void)apart_remove(volumes_fd, hidden); /* what stays, sweep takes away */
    return 0;
}

/* Who makes one holds its lock, and a lock ends with who holds it. */
static bool is_abandoned(int volumes_fd, const char *name)
{
    cleanup_close int fd = openat(
        volumes_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return strncmp(name, GONE, strlen(GONE)) == 0 ||
           (strncmp(name, NEW, strlen(NEW)) == 0 && fd >= 0 &&
            flock(fd, LOCK_EX | LOCK_NB) == 0);
}

void volume_dir_sweep(const struct engine *engine, const char *id)
{
    int fd = openat(engine->data_fd, "volumes",
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (entries == NULL) {
        close_fd(&fd);
        return;
    }
    while ((entry = readdir(entries)) != NULL)
        if (*entry->d_name == '.' && is_abandoned(fd, entry->d_name))
            (void)apart_remove(fd, entry->d_name);
        else if (id != NULL && name_is_valid(entry->d_name))
            volume_dir_leave(engine, entry->d_name, id, true);
    closedir(entries);
}
