/*
 * file_verbs: commit and export.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "answer.h"
#include "cleanup.h"
#include "commit.h"
#include "copy.h"
#include "files.h"

int commit_verb(const struct call *call, struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_record struct record record = RECORD_CLOSED;
    struct commit commit = {
        .name = call->words[1],
        .author = call_text(call, "author"),
        .message = call_text(call, "message"),
        .changes = call_list(call, "change"),
        .is_paused = !json_is_false(json_object_get(call->flags, "pause")),
    };

    if (record_find(&record, call->engine, call->words[0], why) < 0 ||
        store_open(&store, call->engine->data, call->engine->data_fd,
                   STORE_CHANGE, why) < 0 ||
        commit_container(&store, &record, &commit, why) < 0)
        return answer_failure(why);
    printf("sha256:%s\n", commit.id.hex);
    return 0;
}

/* A file that nobody finds half written. */
static int export_to(struct record *record, const char *path,
                     struct failure *why)
{
    cleanup_free char *fresh = NULL;

    if (asprintf(&fresh, "%s.XXXXXX", path) < 0) {
        fresh = NULL;
        return fail(why, ENOMEM, "write %s", path);
    }
    cleanup_close int fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "write %s", path);
    if (copy_export(record, fd, why) == 0 &&
        (rename(fresh, path) == 0 || fail(why, errno, "write %s", path) == 0))
        return 0;
    (void)unlink(fresh); /* the next message is more important */
    return -1;
}

static int export_anywhere(struct record *record, const char *path,
                           struct failure *why)
{
    struct stat status;

    if (path == NULL)
        return copy_export(record, STDOUT_FILENO, why);
    if (stat(path, &status) < 0 || S_ISREG(status.st_mode))
        return export_to(record, path, why);
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC); /* a pipe, ... */
    return fd < 0 ? fail(why, errno, "write %s", path)
                  : copy_export(record, fd, why);
}

int export_verb(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;
    const char *path = call_text(call, "output");

    if (path == NULL && isatty(STDOUT_FILENO)) {
        fail(why, 0,
             "cowardly refusing to save to a terminal. Use the -o flag or "
             "redirect");
        why->exit_status = 1;
        return -1;
    }
    if (record_find(&record, call->engine, call->words[0], why) < 0 ||
        export_anywhere(&record, path, why) < 0)
        return answer_failure(why);
    return 0;
}
