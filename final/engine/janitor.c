/*
 * janitor: cleans up after a container's network, while nobody waits for it.
 *
 * Kernel object  a process, at most one for each network in the long run; it
 *                closes what it takes long to close
 * Side           host
 * Look at it     pgrep -a duct     lslocks
 */
#include "janitor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "explain.h"
#include "ids.h"
#include "intents.h"
#include "networks.h"
#include "segment.h"
#include "wiring.h"

enum {
    HIGH_FD = 16 /* above the standard three and our two */
};

static const char lock[] = "janitor";

/* How long a bridge stays for who comes next. */
static const struct timespec patience = {.tv_sec = 1};

/* Whatever else our parent has open, somebody may wait for it to be closed. The
 * two directories first: there are no other descriptors than these then. */
static int close_others(struct engine *engine)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int low[] = {engine->data_fd, engine->run_fd};

    for (int fd = 0; null_fd >= 0 && fd <= STDERR_FILENO; fd++)
        (void)dup2(null_fd, fd);
    for (int i = 0; i < 2; i++) {
        int copy = fcntl(low[i], F_DUPFD_CLOEXEC, HIGH_FD + i);

        if (copy < 0)
            return -1;
        low[i] = copy;
    }
    engine->data_fd = dup3(low[0], STDERR_FILENO + 1, O_CLOEXEC);
    engine->run_fd = dup3(low[1], STDERR_FILENO + 2, O_CLOEXEC);
    return close_range(STDERR_FILENO + 3, ~0U, 0);
}

/* Who is the last, and finds nobody there, removes the bridge. Who plugs out
 * while another waits need not wait as well: he gives the lock back before
 * anybody else can be plugged out. */
static void watch(const struct engine *engine, const struct segment *s)
{
    struct failure ignored; /* what is left, the next one uses */
    struct addresses all;

    if (segment_lock(engine, s->id, &all, &ignored) < 0)
        return;
    cleanup_close int turn = openat(
        all.lock_fd, lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    addresses_unlock(&all);
    if (turn < 0 || flock(turn, LOCK_EX | LOCK_NB) < 0)
        return;
    /* Another one, who has just ended, may have dropped it. */
    (void)intent_note(engine, s->id, NULL, &ignored);
    nanosleep(&patience, NULL);
    /* To lock one that was removed would make its directory again. */
    json_auto_t *network = networks_find(engine, s->id, &ignored);
    if (network == NULL || segment_lock(engine, s->id, &all, &ignored) < 0) {
        intent_drop(engine, s->id);
        return;
    }
    segment_down(engine, s, &all);
    intent_drop(engine, s->id);
    close_fd(&turn);
    addresses_unlock(&all);
}

static void watch_all(const struct engine *engine, const json_t *wiring)
{
    struct failure ignored; /* somebody has removed the network */
    const json_t *endpoint;
    size_t i;

    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint) {
        const char *id = wiring_text(endpoint, "NetworkID");
        json_t *network = networks_find(engine, id, &ignored);
        struct segment s = {0};

        if (network != NULL && segment_read(&s, network, &ignored) == 0)
            watch(engine, &s);
        else
            intent_drop(engine, id);
        segment_free(&s);
        json_decref(network);
    }
}

static void work(const struct engine *engine, const json_t *wiring)
{
    struct engine ours = *engine;

    (void)setsid();
    (void)!chdir("/");
    explain_close();
    if (close_others(&ours) == 0) /* with the socket, which takes its time */
        watch_all(&ours, wiring);
}

/* From here on somebody knows of it, should the janitor be killed. */
static void note_all(const struct engine *engine, const json_t *wiring)
{
    const json_t *endpoint;
    struct failure ignored;
    size_t i;

    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        (void)intent_note(engine, wiring_text(endpoint, "NetworkID"), NULL,
                          &ignored);
}

/* The child of a child: nobody of ours has to wait for it. */
static int fork_twice(const struct engine *engine, const json_t *wiring)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        if (fork() == 0)
            work(engine, wiring);
        _exit(0);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

void janitor_start(const struct engine *engine, const json_t *wiring,
                   int socket)
{
    note_all(engine, wiring);
    fflush(NULL); /* what is not written yet, the child shall not repeat */
    if (WIFSIGNALED(fork_twice(engine, wiring)))
        (void)fork_twice(engine, wiring);
    close_fd(&socket);
}

static json_t *wiring_of(const char *id)
{
    return json_pack("{s:[{s:s}]}", "Endpoints", "NetworkID", id);
}

bool janitor_resume_for(const struct engine *engine, const char *id)
{
    cleanup_free char *path = NULL;
    cleanup_close int turn = -1;

    if (asprintf(&path, "networks/%s/%s", id, lock) < 0) {
        path = NULL;
        return false;
    }
    turn = openat(engine->run_fd, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (turn >= 0 && flock(turn, LOCK_EX | LOCK_NB) < 0)
        return true; /* he will see to it */
    close_fd(&turn);
    *strrchr(path, '/') = '\0';
    if (faccessat(engine->run_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    json_auto_t *wiring = wiring_of(id);
    janitor_start(engine, wiring, -1);
    return true;
}

void janitor_resume(const struct engine *engine)
{
    int fd = openat(engine->run_fd, "networks",
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (entries == NULL) {
        close_fd(&fd);
        return;
    }
    while ((entry = readdir(entries)) != NULL)
        if (id_is(entry->d_name))
            (void)janitor_resume_for(engine, entry->d_name);
    closedir(entries);
}
