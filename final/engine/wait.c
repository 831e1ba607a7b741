/*
 * wait: until a container has ended, or begins, or is gone.
 *
 * Nobody looks again and again. The end of a run is told by its monitor, over
 * its socket; that one begins, or goes, is seen by inotify(7): its directory
 * gets a new state.json, or is moved away.
 *
 * Kernel object  a socket; an inotify instance
 * Side           host
 * Look at it     ss -xp     cat /proc/PID/fdinfo/FD
 * Source         inotify(7), SO_PEERCRED in unix(7)
 */
#include "wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <time.h>

#include "cleanup.h"
#include "frames.h"
#include "life.h"
#include "monitor.h"

enum {
    MOMENT = 20 /* ms; where there is nothing to wait for */
};

static long long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static json_int_t number_of(const struct record *record, const char *name)
{
    return json_integer_value(json_object_get(record->state, name));
}

/* --------------------------------------------------------- the end of a run */

/* A connection to the very monitor that the record tells of, or -1. */
static int reach(const struct record *record)
{
    struct failure ignored; /* it is over */
    int fd = monitor_connect(record, &ignored);
    struct ucred peer;
    socklen_t length = sizeof(peer);

    if (fd >= 0 &&
        (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ||
         peer.pid != (pid_t)number_of(record, "MonitorPid")))
        close_fd(&fd);
    return fd;
}

/* Looks for the exit status in what the monitor has said. */
static void listen_to(struct frame_decoder *decoder, const char *bytes,
                      size_t n, int *status)
{
    struct failure ignored;
    struct frame frame;

    while (n > 0) {
        ssize_t taken = frame_decode(decoder, bytes, n, &frame, &ignored);

        if (taken <= 0)
            return;
        if (frame.type == FRAME_EXIT)
            *status = frame_number(&frame);
        bytes += taken;
        n -= (size_t)taken;
    }
}

bool wait_for_end(const struct record *record, int timeout, int *status)
{
    cleanup_close int fd = reach(record);
    struct frame_decoder decoder = {.have = 0};
    long long until = milliseconds() + timeout;

    *status = WAIT_UNKNOWN;
    while (fd >= 0) {
        int left = timeout < 0 ? -1 : (int)(until - milliseconds());
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        char bytes[4096];

        if (timeout >= 0 && left < 0)
            return false;
        if (poll(&poll_fd, 1, left) <= 0)
            continue;
        ssize_t got = read(fd, bytes, sizeof(bytes));
        if (got <= 0)
            break;
        listen_to(&decoder, bytes, (size_t)got, status);
    }
    return true;
}

/* ------------------------------------------- what happens to its files */

/* -1: there is no instance left for us, or we may not. */
static int watch_open(const struct record *record)
{
    char path[64];
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    snprintf(path, sizeof(path), "/proc/self/fd/%d", record->fd);
    if (fd >= 0 && inotify_add_watch(fd, path,
                                     IN_MOVED_TO | IN_DELETE | IN_MOVE_SELF |
                                         IN_DELETE_SELF | IN_ONLYDIR) < 0)
        close_fd(&fd);
    return fd;
}

/* Until something has happened since the last time; who has no watch, looks
 * again in a moment. */
static void watch_wait(int watch)
{
    struct pollfd poll_fd = {.fd = watch, .events = POLLIN};
    char events[4096];

    if (poll(&poll_fd, 1, watch < 0 ? MOMENT : -1) > 0)
        while (read(watch, events, sizeof(events)) > 0)
            ;
}

/* Who is being removed has been moved away from its place. */
static bool is_in_place(const struct record *record)
{
    cleanup_free char *path = NULL;

    return asprintf(&path, "containers/%s", record->id) >= 0 &&
           faccessat(record->engine->data_fd, path, F_OK,
                     AT_SYMLINK_NOFOLLOW) == 0;
}

/* Reads it again, as it is now. */
static int look_again(struct record *record, struct failure *why)
{
    if (record_lock(record, why) < 0)
        return -1;
    record_unlock(record);
    return is_in_place(record) ? 0
                               : fail_as(why, FAILURE_NOT_FOUND,
                                         "No such container: %s", record->id);
}

/* ---------------------------------------------------- what is waited for */

static int wait_not_running(struct record *record, struct failure *why)
{
    int status = WAIT_UNKNOWN;

    while (record_is_up(record)) {
        (void)wait_for_end(record, -1, &status);
        if (status != WAIT_UNKNOWN)
            return status;
        if (look_again(record, why) < 0)
            return -1;
        if (record_is_up(record)) /* it was started again */
            watch_wait(-1);
    }
    return (int)number_of(record, "ExitCode");
}

/* One that has begun and ended between two looks has another time to show. */
static int wait_next_exit(struct record *record, int watch, struct failure *why)
{
    json_auto_t *last =
        json_incref(json_object_get(record->state, "FinishedAt"));

    while (!record_is_up(record)) {
        if (!json_equal(json_object_get(record->state, "FinishedAt"), last))
            return (int)number_of(record, "ExitCode");
        watch_wait(watch);
        if (look_again(record, why) < 0)
            return -1;
    }
    return wait_not_running(record, why);
}

/* The status last heard of, or last read. */
static int wait_removed(struct record *record, int watch)
{
    int status = (int)number_of(record, "ExitCode");
    bool is_gone = false;

    while (!is_gone) {
        struct failure ignored;
        int told = WAIT_UNKNOWN;

        if (record_is_up(record))
            (void)wait_for_end(record, -1, &told);
        is_gone = look_again(record, &ignored) < 0;
        if (told != WAIT_UNKNOWN)
            status = told;
        else if (record->state != NULL && !record_is_up(record))
            status = (int)number_of(record, "ExitCode");
        if (!is_gone && !record_is_up(record))
            watch_wait(watch);
    }
    return status;
}

int container_wait(struct record *record, enum wait_for what,
                   struct failure *why)
{
    cleanup_close int watch =
        what == WAIT_NOT_RUNNING ? -1 : watch_open(record);

    /* From here on no change is missed; what was before, is read now. */
    if (what != WAIT_NOT_RUNNING && look_again(record, why) < 0)
        return -1;
    return what == WAIT_NOT_RUNNING ? wait_not_running(record, why)
           : what == WAIT_NEXT_EXIT ? wait_next_exit(record, watch, why)
                                    : wait_removed(record, watch);
}
