/*
 * copy_verb: between a container and the host.
 *
 * The host's paths are its user's: links are followed as they always are. What
 * a container sends is unpacked by a child to which the directory that it goes
 * to is the root: nothing that it is called can get out of there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "answer.h"
#include "cleanup.h"
#include "copy.h"
#include "copy_rules.h"
#include "files.h"
#include "human.h"
#include "path_stat.h"
#include "paths.h"
#include "printable.h"

static void release_end(struct copy_end *end)
{
    free(end->path);
    free(end->name);
    *end = (struct copy_end){0};
}

#define cleanup_end __attribute__((cleanup(release_end)))

/* What the user said is wrong, and not the engine. */
static int local(struct failure *why)
{
    why->exit_status = 1;
    return -1;
}

static int no_memory(struct failure *why)
{
    return fail(why, ENOMEM, "copy");
}

/* Docker's words for what a system call said of a path of the host. */
static int fail_path(struct failure *why, const char *call, const char *path)
{
    fail(why, errno, "%s %s", call, path);
    return local(why);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* ----------------------------------------------------------- host's paths */

/* Absolute and clean, with the end that it had. */
static char *absolute(const char *path)
{
    cleanup_free char *here = getcwd(NULL, 0);
    cleanup_free char *clean = *path == '/'   ? paths_clean(path)
                               : here != NULL ? paths_join(here, path)
                                              : NULL;

    return clean == NULL ? NULL : paths_keep_end(clean, path);
}

/* A link at the end stays one: it is copied itself. */
static char *resolve_parent(const char *path)
{
    cleanup_free char *directory = NULL;
    cleanup_free char *base = NULL;
    char *whole = NULL;

    if (paths_is_directory(path)) {
        cleanup_free char *real = realpath(path, NULL);

        return real == NULL ? NULL : paths_keep_end(real, path);
    }
    if (paths_split(path, &directory, &base) < 0)
        return NULL;
    cleanup_free char *real = realpath(directory, NULL);
    if (real != NULL)
        whole = paths_join(real, base);
    return whole;
}

/* When links have led to another name, it keeps the one that was typed. */
static int keep_name(struct copy_end *end, const char *typed)
{
    cleanup_free char *parent = NULL;
    cleanup_free char *wanted = NULL;
    cleanup_free char *other = NULL;
    cleanup_free char *found = NULL;

    if (paths_split(typed, &parent, &wanted) < 0 ||
        paths_split(end->path, &other, &found) < 0)
        return -1;
    if (str_eq(wanted, found))
        return 0;
    end->name = strdup(wanted);
    return end->name == NULL ? -1 : 0;
}

/* What of the host is to be copied. */
static int host_source(struct copy_end *end, const char *typed, bool follows,
                       struct failure *why)
{
    cleanup_free char *path = absolute(typed);
    struct stat st;

    if (path == NULL)
        return no_memory(why);
    cleanup_free char *real = follows ? realpath(path, NULL) : NULL;
    end->path = !follows       ? resolve_parent(path)
                : real != NULL ? paths_keep_end(real, path)
                               : NULL;
    if (end->path == NULL || lstat(end->path, &st) < 0)
        return fail_path(why, "lstat", path);
    if (keep_name(end, path) < 0)
        return no_memory(why);
    end->is_there = true;
    end->is_directory = S_ISDIR(st.st_mode);
    return 0;
}

/* "x -> y" in "/a": "/a/y". */
static char *next_link(const char *path)
{
    char target[PATH_MAX];
    cleanup_free char *parent = NULL;
    cleanup_free char *base = NULL;
    ssize_t length = readlink(path, target, sizeof(target) - 1);

    if (length < 0 || paths_split(path, &parent, &base) < 0)
        return NULL;
    target[length] = '\0';
    return *target == '/' ? strdup(target) : paths_join(parent, target);
}

static int check_parent(const char *path, struct failure *why)
{
    cleanup_free char *clean = paths_clean(path);
    cleanup_free char *parent = NULL;
    cleanup_free char *base = NULL;
    struct stat st;

    if (clean == NULL || paths_split(clean, &parent, &base) < 0)
        return no_memory(why);
    if (stat(parent, &st) < 0 && errno == ENOENT) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "invalid output path: directory \"%s\" does not exist", parent);
        return local(why);
    }
    if (stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "invalid output path: \"%s\" must be a directory or a regular "
                "file: got a device",
                path);
        return local(why);
    }
    return 0;
}

/* Where on the host it shall go. A link there means what it leads to. */
static int host_destination(struct copy_end *end, const char *typed,
                            struct failure *why)
{
    struct stat st;

    end->path = absolute(typed);
    if (end->path == NULL)
        return no_memory(why);
    if (check_parent(end->path, why) < 0)
        return -1;
    for (int links = 0; lstat(end->path, &st) == 0; links++) {
        end->is_directory = S_ISDIR(st.st_mode);
        end->is_there = !S_ISLNK(st.st_mode);
        if (end->is_there)
            return 0;
        char *next = links < 10 ? next_link(end->path) : NULL;
        if (next == NULL) {
            fail_as(why, FAILURE_BAD_PARAMETER, "too many symlinks in %s",
                    typed);
            return local(why);
        }
        free(end->path);
        end->path = next;
    }
    return errno == ENOENT ? 0 : fail_path(why, "lstat", end->path);
}

/* ------------------------------------------------------ container's paths */

/* Returns what there is; NULL with @why. */
static json_t *look(struct copy_end *end, struct record *record,
                    struct failure *why)
{
    json_t *found = copy_stat(record, end->path, why);
    json_int_t mode = json_integer_value(json_object_get(found, "mode"));

    end->is_there = found != NULL;
    end->is_directory = (mode & PATH_DIRECTORY) != 0;
    return found;
}

/* If it is a link, what it leads to. */
static int follow(struct copy_end *end, const json_t *found)
{
    json_int_t mode = json_integer_value(json_object_get(found, "mode"));

    if ((mode & PATH_LINK) == 0)
        return 0;
    free(end->path);
    end->path = strdup(text_of(found, "linkTarget"));
    return end->path == NULL ? -1 : 1;
}

static int inner_source(struct copy_end *end, const char *typed, bool follows,
                        struct record *record, struct failure *why)
{
    end->path = strdup(typed);
    if (end->path == NULL)
        return no_memory(why);
    json_auto_t *found = look(end, record, why);
    if (found == NULL)
        return -1;
    int led = follows ? follow(end, found) : 0;
    if (led < 0 || (led > 0 && keep_name(end, typed) < 0))
        return no_memory(why);
    json_auto_t *target = led > 0 ? look(end, record, why) : NULL;
    return led > 0 && target == NULL ? -1 : 0;
}

/* It need not be there: then its parent has to, as will be seen. */
static int inner_destination(struct copy_end *end, const char *typed,
                             const char *container, struct record *record,
                             struct failure *why)
{
    struct failure missing;

    end->path = strdup(typed);
    if (end->path == NULL)
        return no_memory(why);
    json_auto_t *found = look(end, record, &missing);
    if (found == NULL && missing.kind != FAILURE_NOT_FOUND) {
        *why = missing;
        return -1;
    }
    int led = found != NULL ? follow(end, found) : 0;
    if (led < 0)
        return no_memory(why);
    json_auto_t *target = led > 0 ? look(end, record, &missing) : NULL;
    json_int_t mode =
        json_integer_value(json_object_get(led > 0 ? target : found, "mode"));
    if (mode & PATH_DEVICE) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "destination \"%s:%s\" must be a directory or a regular file: "
                "got a device",
                container, typed);
        return local(why);
    }
    return 0;
}

/* ------------------------------------------------------------------- both */

static void tell(const struct call *call, long long bytes, const char *where)
{
    cleanup_free char *size = human_size((unsigned long long)bytes, 3);
    cleanup_free char *copy = strdup(where);

    if (!call_is(call, "quiet") && size != NULL && copy != NULL)
        fprintf(stderr, "Successfully copied %s to %s\n", size,
                printable(copy));
}

/* Runs in the child: the directory is all there is. */
static int enter_directory(struct place *p, struct failure *why)
{
    const int *fd = p->argument;

    return fchdir(*fd) < 0 || chroot(".") < 0
               ? fail(why, errno, "chroot to where it is copied")
               : 0;
}

static int out_to_directory(const struct call *call, struct record *record,
                            struct copy_out *out, const char *directory,
                            struct failure *why)
{
    int fds[2];
    cleanup_close int dir_fd =
        open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct failure other;

    if (dir_fd < 0)
        return fail_path(why, "open", directory);
    if (pipe2(fds, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for a tar");
    struct place place = {
        .enter = enter_directory,
        .argument = &dir_fd,
        .namespaces = CLONE_NEWNET,
        .directory = "/",
        .where = str_eq(directory, "/") ? "" : directory,
        .owner = call_is(call, "archive") ? PLACE_THEIRS : PLACE_OURS,
        .keeps_kind = true,
        .in_fd = fds[0],
    };
    int status = place_start(&place, why);
    close_fd(&fds[0]);
    out->fd = fds[1];
    if (status == 0) {
        status = copy_out(record, out, why);
        close_fd(&fds[1]);
        /* Who unpacks knows better why we can't go on writing. */
        bool is_ours = status < 0 && strstr(why->message, "(EPIPE)") == NULL;
        if (child_wait(&place.child, is_ours ? &other : why) < 0)
            status = -1;
    }
    close_fd(&fds[1]);
    return status;
}

static int to_host(const struct call *call, struct record *record,
                   const char *typed, const char *where, struct failure *why)
{
    cleanup_end struct copy_end from = {0};
    cleanup_end struct copy_end to = {0};
    cleanup_free char *directory = NULL;
    cleanup_free char *name = NULL;
    struct copy_out out = {.is_sparse = true};

    cleanup_free char *shown = absolute(where);
    if (shown == NULL)
        return no_memory(why);
    if (check_parent(shown, why) < 0 ||
        inner_source(&from, typed, call_is(call, "follow-link"), record, why) <
            0 ||
        host_destination(&to, where, why) < 0)
        return -1;
    if (copy_settle(&from, &to, &directory, &name, why) < 0)
        return local(why);
    out.path = from.path;
    out.name = name;
    if (out_to_directory(call, record, &out, directory, why) < 0)
        return -1;
    tell(call, out.bytes, shown);
    return 0;
}

static int to_stdout(const struct call *call, struct record *record,
                     const char *typed, struct failure *why)
{
    cleanup_end struct copy_end from = {0};

    if (inner_source(&from, typed, call_is(call, "follow-link"), record, why) <
        0)
        return -1;
    return copy_out(record,
                    &(struct copy_out){.path = from.path, .fd = STDOUT_FILENO},
                    why);
}

/* Packs a file of the host for a container that waits for it. */
static int feed(const struct call *call, const struct copy_end *from,
                const char *name, int to, long long *bytes, struct failure *why)
{
    cleanup_free char *directory = NULL;
    cleanup_free char *base = NULL;
    struct pack pack = {.is_roots = !call_is(call, "archive"),
                        .is_sparse = true};
    struct failure other;

    if (paths_split(from->path, &directory, &base) < 0)
        return no_memory(why);
    cleanup_close int dir_fd =
        open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return fail_path(why, "open", directory);
    cleanup_close int tar = copy_host_start(&pack, dir_fd, base, name, why);
    if (tar < 0)
        return -1;
    int status = copy_relay(tar, to, bytes, why);
    close_fd(&tar);
    return child_wait(&pack.child, status < 0 ? &other : why) < 0 ? -1 : status;
}

/* Returns: how many bytes, or -1 with @why. */
static long long into_container(const struct call *call, struct record *record,
                                const struct copy_end *from,
                                const char *directory, const char *name,
                                struct failure *why)
{
    long long bytes = 0;
    struct failure other;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for a tar");
    struct copy_in in = {.path = directory, .fd = fds[0], .keeps_kind = true};
    int status = copy_in_begin(&in, record, why);
    close_fd(&fds[0]);
    if (status == 0) {
        status = feed(call, from, name, fds[1], &bytes, why);
        close_fd(&fds[1]);
        bool is_ours = status < 0 && strstr(why->message, "(EPIPE)") == NULL;
        if (copy_in_end(&in, is_ours ? &other : why) < 0)
            status = -1;
    }
    close_fd(&fds[1]);
    return status < 0 ? -1 : bytes;
}

static int to_container(const struct call *call, struct record *record,
                        const char *typed, const char *container,
                        const char *where, struct failure *why)
{
    cleanup_end struct copy_end from = {0};
    cleanup_end struct copy_end to = {0};
    cleanup_free char *directory = NULL;
    cleanup_free char *name = NULL;
    cleanup_free char *shown = NULL;

    if (inner_destination(&to, where, container, record, why) < 0 ||
        host_source(&from, typed, call_is(call, "follow-link"), why) < 0)
        return -1;
    if (copy_settle(&from, &to, &directory, &name, why) < 0)
        return local(why);
    long long bytes = into_container(call, record, &from, directory, name, why);
    if (bytes < 0)
        return -1;
    if (asprintf(&shown, "%s:%s", container, to.path) < 0) {
        shown = NULL;
        return no_memory(why);
    }
    tell(call, bytes, shown);
    return 0;
}

static int from_stdin(struct record *record, const char *container,
                      const char *where, struct failure *why)
{
    cleanup_end struct copy_end to = {0};
    cleanup_close int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

    if (inner_destination(&to, where, container, record, why) < 0)
        return -1;
    if (!to.is_directory) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "destination \"%s:%s\" must be a directory", container, where);
        return local(why);
    }
    struct copy_in in = {.path = to.path, .fd = fd, .keeps_kind = true};
    return copy_in_begin(&in, record, why) < 0 ? -1 : copy_in_end(&in, why);
}

static int check_words(const struct call *call, const char *from,
                       const char *to, struct failure *why)
{
    const char *wrong =
        *call->words[0] == '\0'      ? "source can not be empty"
        : *call->words[1] == '\0'    ? "destination can not be empty"
        : from != NULL && to != NULL ? "copying between containers is not "
                                       "supported"
        : from == NULL && to == NULL ? "must specify at least one container "
                                       "source"
                                     : NULL;

    if (wrong == NULL)
        return 0;
    fail_as(why, FAILURE_BAD_PARAMETER, "%s", wrong);
    return local(why);
}

int copy_verb(const struct call *call, struct failure *why)
{
    cleanup_free char *from = NULL;
    cleanup_free char *to = NULL;
    const char *source = copy_split(call->words[0], &from);
    const char *target = copy_split(call->words[1], &to);
    cleanup_record struct record record = RECORD_CLOSED;
    int status = check_words(call, from, to, why);

    if (status < 0)
        return -1;
    why->exit_status = 0;
    if (record_find(&record, call->engine, from != NULL ? from : to, why) < 0)
        status = -1;
    else if (from != NULL)
        status = str_eq(target, "-")
                     ? to_stdout(call, &record, source, why)
                     : to_host(call, &record, source, target, why);
    else
        status = str_eq(source, "-")
                     ? from_stdin(&record, to, target, why)
                     : to_container(call, &record, source, to, target, why);
    return status == 0 ? 0 : why->exit_status == 1 ? -1 : answer_failure(why);
}
