/*
 * copy: files of a container, on their way in or out as a tar.
 *
 *     out   a child in the container's root packs --> a pipe --> us
 *     in    us --> a pipe --> a child in the container's root unpacks
 *
 * Only those children resolve paths of the container, and to them there is
 * nothing else: wherever links lead, they lead somewhere in the container.
 *
 * Kernel object  a root directory; pipes
 * Side           host, and children in the container's root
 * Look at it     duct cp CONTAINER:/etc/passwd - | tar -tv
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>

#include "cleanup.h"
#include "life.h"
#include "pack.h"
#include "path_stat.h"
#include "paths.h"

enum {
    PIECE = 1 << 18,
    ANSWER = 1 << 16, /* most bytes that tell of one file */
};

int copy_relay(int from, int to, long long *bytes, struct failure *why)
{
    cleanup_free char *block = malloc(PIECE);
    ssize_t length = 0;

    *bytes = 0;
    if (block == NULL)
        return fail(why, ENOMEM, "copy");
    while ((length = read(from, block, PIECE)) > 0) {
        *bytes += length;
        for (ssize_t at = 0, part; at < length; at += part) {
            part = write(to, block + at, (size_t)(length - at));
            if (part < 0)
                return fail(why, errno, "write a tar");
        }
    }
    return length < 0 ? fail(why, errno, "read a tar") : 0;
}

/* ------------------------------------------------------------------- stat */

struct asked {
    struct sight sight;
    const char *path;
    const char *container;
    struct child child;
    int answer[2];
};

/* Runs in the child. */
static int look(void *argument, struct failure *why)
{
    struct asked *asked = argument;

    if (sight_enter(&asked->sight, why) < 0)
        return -1;
    cleanup_close int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    json_auto_t *told = path_stat(root_fd, asked->path, asked->container, why);
    if (told == NULL)
        return -1;
    return json_dumpfd(told, asked->answer[1], JSON_COMPACT) < 0
               ? fail(why, errno, "tell of %s", asked->path)
               : 0;
}

static json_t *wait_for_answer(struct asked *asked, struct failure *why)
{
    cleanup_free char *text = calloc(1, ANSWER);
    size_t length = 0;
    ssize_t part = 0;

    close_fd(&asked->answer[1]);
    while (text != NULL && length < ANSWER &&
           (part = read(asked->answer[0], text + length, ANSWER - length)) > 0)
        length += (size_t)part;
    if (child_wait(&asked->child, why) < 0)
        return NULL;
    json_t *told = text == NULL ? NULL : json_loadb(text, length, 0, NULL);
    if (told == NULL)
        fail(why, ENOMEM, "look at %s", asked->path);
    return told;
}

json_t *copy_stat(struct record *record, const char *path, struct failure *why)
{
    struct asked asked = {
        .path = path, .container = record_name(record), .sight = SIGHT_CLOSED};
    json_t *told = NULL;

    if (sight_open(&asked.sight, record, SIGHT_READ, why) < 0)
        return NULL;
    asked.container = record_name(record); /* which was read again */
    if (pipe2(asked.answer, O_CLOEXEC) < 0)
        fail(why, errno, "make a pipe for an answer");
    else {
        if (child_start(&asked.child, sight_flags(&asked.sight), look, &asked,
                        why) == 0)
            told = wait_for_answer(&asked, why);
        close_fd(&asked.answer[0]);
        close_fd(&asked.answer[1]);
    }
    sight_close(&asked.sight);
    return told;
}

/* -------------------------------------------------------------------- out */

/* What is packed, and what it is called. */
struct packing {
    struct sight sight;
    int dir_fd; /* of the host, instead of a sight */
    const char *path;
    const char *name;
    const char *container;
    size_t length; /* of the path, up to what the names below begin with */
};

static int enter_container(struct pack *p, struct failure *why)
{
    struct packing *packing = p->argument;

    return sight_enter(&packing->sight, why);
}

static int put(struct pack *p, const FTSENT *file, struct failure *why)
{
    const struct packing *packing = p->argument;
    const char *below = file->fts_level == FTS_ROOTLEVEL
                            ? ""
                            : file->fts_path + packing->length;
    cleanup_free char *name = NULL;

    if (asprintf(&name, "%s%s", packing->name, below) < 0) {
        name = NULL;
        return fail(why, ENOMEM, "pack %s", file->fts_path);
    }
    return pack_file(p, file, name, why);
}

static int pack_path(struct pack *p, struct failure *why)
{
    struct packing *packing = p->argument;
    const char *path = packing->path;

    packing->length = strlen(path);
    while (packing->length > 0 && path[packing->length - 1] == '/')
        packing->length--;
    int status = pack_walk(p, path, why);
    if (status < 0 && why->kind == FAILURE_NOT_FOUND &&
        packing->container != NULL)
        return fail_as(why, FAILURE_NOT_FOUND,
                       "Could not find the file %s in container %s", path,
                       packing->container);
    return status;
}

/* "/" and what is in a directory begin with "./". */
static char *usual_name(const char *path)
{
    char *directory;
    char *base;

    if (paths_split(path, &directory, &base) < 0)
        return NULL;
    free(directory);
    if (!str_eq(base, "/"))
        return base;
    free(base);
    return strdup(".");
}

/* Hands the tar on, and tells first what went wrong first. */
static int hand_on(struct pack *p, int from, int to, long long *bytes,
                   struct failure *why)
{
    struct failure other;
    int status = copy_relay(from, to, bytes, why);

    close_fd(&from); /* a child that still writes ends */
    if (child_wait(&p->child, status < 0 ? &other : why) < 0)
        return -1;
    return status;
}

static int pack_to(struct pack *p, int to, long long *bytes,
                   struct failure *why)
{
    int from = pack_start(p, why);

    return from < 0 ? -1 : hand_on(p, from, to, bytes, why);
}

int copy_out(struct record *record, struct copy_out *out, struct failure *why)
{
    cleanup_free char *clean = paths_join("/", out->path);
    cleanup_free char *whole =
        clean == NULL ? NULL : paths_keep_end(clean, out->path);
    cleanup_free char *usual = whole == NULL ? NULL : usual_name(whole);
    struct packing packing = {
        .sight = SIGHT_CLOSED,
        .path = whole,
        .name = out->name != NULL ? out->name : usual,
    };
    struct pack pack = {
        .enter = enter_container,
        .work = pack_path,
        .visit = put,
        .argument = &packing,
        .is_sparse = out->is_sparse,
    };

    if (usual == NULL)
        return fail(why, ENOMEM, "copy %s", out->path);
    if (sight_open(&packing.sight, record, SIGHT_READ, why) < 0)
        return -1;
    packing.container = record_name(record); /* which was read again */
    pack.namespaces = sight_flags(&packing.sight);
    int status = pack_to(&pack, out->fd, &out->bytes, why);
    sight_close(&packing.sight);
    if (status == 0)
        container_tell(record, "archive-path", NULL);
    return status;
}

int copy_export(struct record *record, int fd, struct failure *why)
{
    struct packing packing = {.sight = SIGHT_CLOSED, .path = "/", .name = "."};
    struct pack pack = {
        .enter = enter_container,
        .work = pack_path,
        .visit = put,
        .argument = &packing,
    };
    long long bytes;

    if (sight_open(&packing.sight, record, SIGHT_BARE, why) < 0)
        return -1;
    pack.namespaces = sight_flags(&packing.sight);
    int status = pack_to(&pack, fd, &bytes, why);
    sight_close(&packing.sight);
    if (status == 0)
        container_tell(record, "export", NULL);
    return status;
}

static int enter_host(struct pack *p, struct failure *why)
{
    const struct packing *packing = p->argument;

    return fchdir(packing->dir_fd) < 0
               ? fail(why, errno, "go to what is to be copied")
               : 0;
}

int copy_host_start(struct pack *p, int dir_fd, const char *base,
                    const char *name, struct failure *why)
{
    static struct packing packing; /* the child has a copy of it */

    packing = (struct packing){.dir_fd = dir_fd, .path = base, .name = name};
    p->enter = enter_host;
    p->work = pack_path;
    p->visit = put;
    p->argument = &packing;
    return pack_start(p, why);
}

/* --------------------------------------------------------------------- in */

static int enter_to_place(struct place *p, struct failure *why)
{
    return sight_enter(p->argument, why);
}

int copy_in_begin(struct copy_in *in, struct record *record,
                  struct failure *why)
{
    cleanup_free char *clean = paths_join("/", in->path);

    in->record = record;
    if (clean == NULL)
        return fail(why, ENOMEM, "copy to %s", in->path);
    if (sight_open(&in->sight, record, SIGHT_WRITE, why) < 0)
        return -1;
    in->place = (struct place){
        .enter = enter_to_place,
        .argument = &in->sight,
        .namespaces = CLONE_NEWNET | sight_flags(&in->sight),
        .directory = clean,
        .where = "",
        .owner = in->owner,
        .keeps_kind = in->keeps_kind,
        .in_fd = in->fd,
    };
    if (place_start(&in->place, why) == 0)
        return 0;
    sight_close(&in->sight);
    return -1;
}

int copy_in_end(struct copy_in *in, struct failure *why)
{
    int status = child_wait(&in->place.child, why);

    sight_close(&in->sight);
    if (status < 0 && why->kind == FAILURE_NOT_FOUND)
        return fail_as(why, FAILURE_NOT_FOUND,
                       "Could not find the file %s in container %s", in->path,
                       record_name(in->record));
    if (status == 0)
        container_tell(in->record, "extract-to-dir", NULL);
    return status;
}
