/*
 * intents: what somebody is about to do, for who comes after him if he is
 * killed.
 *
 * Side           host
 * Look at it     ls /var/lib/duct/intents
 */
#include "intents.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "ids.h"
#include "json_file.h"

static const char intents[] = "intents";

struct path {
    char text[sizeof(intents) + 1 + ID_LENGTH];
};

static const char *path_of(struct path *path, const char *id)
{
    snprintf(path->text, sizeof(path->text), "%s/%s", intents, id);
    return path->text;
}

static int open_fresh(const struct engine *engine, const char *id)
{
    const int flags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW;
    struct path path;
    int fd =
        openat(engine->data_fd, path_of(&path, id), flags | O_CLOEXEC, 0600);

    if (fd >= 0 || errno != ENOENT)
        return fd;
    (void)mkdirat(engine->data_fd, intents, 0700); /* the next says why */
    return openat(engine->data_fd, path.text, flags | O_CLOEXEC, 0600);
}

/* Whoever dies before this line has done nothing yet. */
static int put(int fd, const char *id, json_t *intent, struct failure *why)
{
    json_auto_t *object = intent != NULL ? intent : json_object();
    cleanup_free char *text = json_dumps(object, JSON_COMPACT);

    if (text == NULL)
        return fail(why, ENOMEM, "note what is done to %s", id);
    errno = ENOSPC;
    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text)
               ? 0
               : fail(why, errno, "note what is done to %s", id);
}

int intent_note(const struct engine *engine, const char *id, json_t *intent,
                struct failure *why)
{
    cleanup_close int fd = open_fresh(engine, id);

    if (fd < 0) {
        fail(why, errno, "note what is done to %s", id);
        json_decref(intent);
        return -1;
    }
    if (put(fd, id, intent, why) == 0)
        return 0;
    intent_drop(engine, id);
    return -1;
}

static bool is_in_place(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

int intent_hold(const struct engine *engine, const char *id, json_t *intent,
                struct failure *why)
{
    for (;;) {
        int fd = open_fresh(engine, id);

        if (fd < 0 || flock(fd, LOCK_EX) < 0) {
            fail(why, errno, "note what is done to %s", id);
            json_decref(intent);
            close_fd(&fd);
            return -1;
        }
        if (is_in_place(fd)) { /* and not swept before it was locked */
            if (put(fd, id, intent, why) == 0)
                return fd;
            intent_drop(engine, id);
            close_fd(&fd);
            return -1;
        }
        close_fd(&fd);
    }
}

json_t *intent_read(const struct engine *engine, const char *id)
{
    struct failure ignored;
    struct path path;
    json_t *intent;

    if (faccessat(engine->data_fd, path_of(&path, id), F_OK,
                  AT_SYMLINK_NOFOLLOW) < 0)
        return NULL;
    intent = json_file_read(engine->data_fd, path.text, &ignored);
    return intent != NULL ? intent : json_object();
}

int intent_take(const struct engine *engine, const char *id, json_t **intent)
{
    struct path path;
    int fd = openat(engine->data_fd, path_of(&path, id),
                    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_in_place(fd) &&
        (*intent = intent_read(engine, id)) != NULL)
        return fd;
    close_fd(&fd);
    return -1;
}

void intent_drop(const struct engine *engine, const char *id)
{
    struct path path;

    (void)unlinkat(engine->data_fd, path_of(&path, id), 0);
}

void intents_each(const struct engine *engine,
                  void (*visit)(const struct engine *engine, const char *id))
{
    int fd = openat(engine->data_fd, intents,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (entries == NULL) {
        close_fd(&fd);
        return;
    }
    while ((entry = readdir(entries)) != NULL)
        if (id_is(entry->d_name))
            visit(engine, entry->d_name);
    closedir(entries);
}
