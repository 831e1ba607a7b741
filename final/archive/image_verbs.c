/*
 * image_verbs: verbs about images that read or write archives.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "images.h"
#include "import.h"
#include "load.h"
#include "save.h"

static int open_store(struct store *store, const struct call *call,
                      enum store_use use, struct failure *why)
{
    return store_open(store, call->engine->data, call->engine->data_fd, use,
                      why);
}

/* A file, or standard input. */
static int open_input(const char *path, struct failure *why)
{
    int fd = path == NULL ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                          : open(path, O_RDONLY | O_CLOEXEC);

    return fd >= 0 ? fd : fail(why, errno, "open %s", path ? path : "-");
}

int load_verb(const struct call *call, struct failure *why)
{
    const char *path = call_text(call, "input");
    cleanup_store struct store store = STORE_CLOSED;
    const json_t *item;
    size_t i;

    if (path == NULL && isatty(STDIN_FILENO))
        return fail(why, 0, "requested load from stdin, but stdin is empty");
    cleanup_close int fd = open_input(path, why);
    if (fd < 0 || open_store(&store, call, STORE_CHANGE, why) < 0)
        return -1;
    json_auto_t *told = load_archive(&store, fd, why);
    if (told == NULL)
        return -1;
    json_array_foreach(told, i, item)
        fputs(json_string_value(json_object_get(item, "stream")), stdout);
    return 0;
}

/* A file that nobody finds half written. */
static int save_to(const struct call *call, const struct store *store,
                   const char *path, struct failure *why)
{
    cleanup_free char *fresh = NULL;

    if (asprintf(&fresh, "%s.XXXXXX", path) < 0)
        return fail(why, ENOMEM, "write %s", path);
    cleanup_close int fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "write %s", path);
    if (save_archive(store, call->words, fd, why) == 0 &&
        (rename(fresh, path) == 0 || fail(why, errno, "write %s", path) == 0))
        return 0;
    (void)unlink(fresh); /* the next message is more important */
    return -1;
}

int save_verb(const struct call *call, struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    const char *path = call_text(call, "output");
    struct stat status;

    if (path == NULL && isatty(STDOUT_FILENO))
        return fail(why, 0,
                    "cowardly refusing to save to a terminal. Use the -o flag "
                    "or redirect");
    if (open_store(&store, call, STORE_READ, why) < 0)
        return -1;
    if (path == NULL)
        return save_archive(&store, call->words, STDOUT_FILENO, why);
    if (stat(path, &status) < 0 || S_ISREG(status.st_mode))
        return save_to(call, &store, path, why);
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC); /* a pipe, ... */
    return fd < 0 ? fail(why, errno, "write %s", path)
                  : save_archive(&store, call->words, fd, why);
}

int import_verb(const struct call *call, struct failure *why)
{
    const char *source = call->words[0];
    const char *message = call_text(call, "message");
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_free char *usual = NULL;
    struct import import = {
        .name = call->words[1],
        .changes = call_list(call, "change"),
        .platform = call_text(call, "platform"),
    };

    if (strstr(source, "://") != NULL)
        return fail(why, 0,
                    "%s: only a file or \"-\" can be imported; fetch it first",
                    source);
    cleanup_close int fd = open_input(str_eq(source, "-") ? NULL : source, why);
    if (fd < 0 || open_store(&store, call, STORE_CHANGE, why) < 0)
        return -1;
    if (asprintf(&usual, "Imported from %s", source) < 0) {
        usual = NULL;
        return fail(why, ENOMEM, "import %s", source);
    }
    import.fd = fd;
    import.message = message != NULL ? message : usual;
    if (import_tar(&store, &import, why) < 0)
        return -1;
    printf("sha256:%s\n", import.id.hex);
    return 0;
}
