/*
 * hub: between a container's stdio, its log and whoever is attached.
 *
 * Whoever is slow is not waited for. Bytes wait in a queue for him, up to a
 * limit; who has more of them than that is cut off. There is one exception:
 * for a client in the foreground the container itself is made to wait, by not
 * reading its pipe, as a terminal would.
 *
 * Kernel object  an epoll descriptor, with all others below it
 * Side           host, the container's monitor
 * Look at it     cat /proc/PID/fdinfo/EPOLL     strace -p PID
 */
#include "hub.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>

#include "cleanup.h"
#include "hub_ends.h"

enum {
    REST_SECONDS = 1 /* after which an idle hub gives its memory back */
};

/* Asks epoll(7) for @events of @end. Not even for its end when they are 0: it
 * would be told of that again and again. */
static int want(const struct hub *hub, struct hub_end *end, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = end};
    int what = end->events == 0 ? EPOLL_CTL_ADD
               : events == 0    ? EPOLL_CTL_DEL
                                : EPOLL_CTL_MOD;

    if (end->events == events)
        return 0;
    if (epoll_ctl(hub->epoll_fd, what, end->fd, &event) < 0)
        return -1;
    end->events = events;
    return 0;
}

void hub_end_close(const struct hub *hub, struct hub_end *end)
{
    if (end->fd >= 0)
        (void)want(hub, end, 0);
    close_fd(&end->fd);
}

char *hub_room(struct hub *hub)
{
    if (hub->room != NULL)
        return hub->room;
    void *room = mmap(NULL, HUB_READ, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    hub->room = room == MAP_FAILED ? NULL : room;
    return hub->room;
}

void hub_rest(struct hub *hub)
{
    if (hub->room != NULL)
        munmap(hub->room, HUB_READ);
    hub->room = NULL;
    if (hub->options.log != NULL)
        log_rest(hub->options.log);
    if (hub->sink != NULL)
        queue_rest(&hub->sink->queue);
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next)
        queue_rest(&c->queue);
}

/* One timer, set only after something happened: an idle hub sleeps. */
static void set_timer(struct hub *hub)
{
    const struct itimerspec when = {.it_value.tv_sec = REST_SECONDS};

    if (!hub->is_timed && timerfd_settime(hub->timer_fd, 0, &when, NULL) == 0)
        hub->is_timed = true;
}

static void take_timer(struct hub *hub)
{
    uint64_t times;

    if (read(hub->timer_fd, &times, sizeof(times)) < 0)
        return;
    hub->is_timed = false;
    if (!hub->is_busy)
        hub_rest(hub);
    else
        set_timer(hub);
    hub->is_busy = false;
}

int hub_init(struct hub *hub, const struct hub_options *options,
             struct failure *why)
{
    struct epoll_event timer = {.events = EPOLLIN, .data.ptr = NULL};

    *hub = (struct hub){
        .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
        .timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
        .options = *options,
    };
    if (hub->epoll_fd >= 0 && hub->timer_fd >= 0 &&
        epoll_ctl(hub->epoll_fd, EPOLL_CTL_ADD, hub->timer_fd, &timer) == 0)
        return 0;
    fail(why, errno, "watch a container's output");
    hub_close(hub);
    return -1;
}

static int set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int hub_add_source(struct hub *hub, int fd, enum log_stream stream,
                   struct failure *why)
{
    struct hub_source *source = calloc(1, sizeof(*source));
    cleanup_close int owned = fd;

    if (source == NULL || set_nonblocking(fd) < 0) {
        free(source);
        return fail(why, errno, "read a container's output");
    }
    source->end = (struct hub_end){.kind = END_SOURCE, .fd = fd};
    source->stream = stream;
    if (want(hub, &source->end, EPOLLIN) < 0) {
        free(source);
        return fail(why, errno, "watch a container's output");
    }
    (void)take_fd(&owned);
    source->next = hub->sources;
    hub->sources = source;
    hub->open_sources++;
    hub->had_source = true;
    return 0;
}

int hub_set_sink(struct hub *hub, int fd, struct failure *why)
{
    struct hub_sink *sink = calloc(1, sizeof(*sink));
    cleanup_close int owned = fd;

    if (sink == NULL || hub->sink != NULL || set_nonblocking(fd) < 0) {
        free(sink);
        return fail(why, errno, "write to a container's input");
    }
    sink->end = (struct hub_end){.kind = END_SINK, .fd = fd};
    (void)take_fd(&owned);
    hub->sink = sink;
    return 0;
}

int hub_add_terminal(struct hub *hub, int fd, struct failure *why)
{
    int other = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (hub_add_source(hub, fd, LOG_STDOUT, why) < 0) {
        close_fd(&other);
        return -1;
    }
    if (other < 0)
        return fail(why, errno, "write to a container's terminal");
    if (hub_set_sink(hub, other, why) < 0)
        return -1;
    hub->sink->is_terminal = true;
    if (hub->rows > 0)
        hub_sink_resize(hub, hub->rows, hub->columns);
    return 0;
}

int hub_add_client(struct hub *hub, int fd, unsigned flags, struct failure *why)
{
    struct hub_client *client =
        hub->open_clients < HUB_CLIENTS ? calloc(1, sizeof(*client)) : NULL;
    cleanup_close int owned = fd;

    if (client == NULL)
        return fail(why, 0, "attach: %u are attached already",
                    hub->open_clients);
    client->end = (struct hub_end){.kind = END_CLIENT, .fd = fd};
    client->flags = flags;
    if (want(hub, &client->end, EPOLLIN) < 0) {
        free(client);
        return fail(why, errno, "attach");
    }
    (void)take_fd(&owned);
    client->next = hub->clients;
    hub->clients = client;
    hub->open_clients++;
    return 0;
}

int hub_fd(const struct hub *hub)
{
    return hub->epoll_fd;
}

void hub_end_source(struct hub *hub, struct hub_source *source)
{
    if (source->end.fd < 0)
        return;
    hub_end_close(hub, &source->end);
    hub->open_sources--;
}

/* To the log first: it is what stays. */
static void read_source(struct hub *hub, struct hub_source *source)
{
    char *room = hub_room(hub);

    if (source->end.fd < 0 || room == NULL)
        return;
    ssize_t got = read(source->end.fd, room, HUB_READ);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) { /* EIO from a pty: nobody has its slave open any more */
        hub_end_source(hub, source);
        return;
    }
    hub->taken += (uint64_t)got;
    if (hub->options.log != NULL)
        log_write(hub->options.log, source->stream, room, (size_t)got);
    enum frame_type type =
        source->stream == LOG_STDERR ? FRAME_STDERR : FRAME_STDOUT;
    unsigned flag = type == FRAME_STDERR ? HUB_STDERR : HUB_STDOUT;
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next) {
        if (c->flags & flag)
            hub_client_send(hub, c, type, room, (size_t)got);
    }
}

static void serve_client(struct hub *hub, struct hub_client *client,
                         uint32_t events)
{
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        hub_client_flush(hub, client);
    if (client->is_deaf && (events & (EPOLLHUP | EPOLLERR)))
        hub_client_close(hub, client);
    hub_client_read(hub, client);
}

static void serve(struct hub *hub, const struct epoll_event *event)
{
    struct hub_end *end = event->data.ptr;

    if (end == NULL) {
        take_timer(hub);
        return;
    }
    switch (end->kind) {
    case END_SOURCE:
        read_source(hub, (struct hub_source *)end);
        break;
    case END_CLIENT:
        serve_client(hub, (struct hub_client *)end, event->events);
        break;
    case END_SINK:
        hub_sink_flush(hub);
        break;
    }
    hub->is_busy = true;
    set_timer(hub);
}

void hub_sweep(struct hub *hub)
{
    for (struct hub_client **at = &hub->clients; *at != NULL;) {
        struct hub_client *client = *at;

        if (client->end.fd < 0) {
            *at = client->next;
            free(client);
        } else {
            at = &client->next;
        }
    }
    for (struct hub_source **at = &hub->sources; *at != NULL;) {
        struct hub_source *source = *at;

        if (source->end.fd < 0) {
            *at = source->next;
            free(source);
        } else {
            at = &source->next;
        }
    }
    if (hub->sink != NULL && hub->sink->end.fd < 0) {
        free(hub->sink);
        hub->sink = NULL;
    }
}

/* Must the container wait for somebody? */
static bool is_held_up(const struct hub *hub)
{
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next) {
        if ((c->flags & HUB_LOSSLESS) && queue_count(&c->queue) > 0)
            return !hub->is_draining;
    }
    return false;
}

/* What failed here is tried again at the next step. */
static void ask(struct hub *hub)
{
    uint32_t read_it = is_held_up(hub) ? 0 : EPOLLIN;

    for (struct hub_source *s = hub->sources; s != NULL; s = s->next)
        (void)want(hub, &s->end, read_it);
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next)
        (void)want(hub, &c->end, hub_client_events(hub, c));
    if (hub->sink != NULL)
        (void)want(hub, &hub->sink->end,
                   queue_count(&hub->sink->queue) > 0 ? EPOLLOUT : 0);
}

int hub_step(struct hub *hub, int timeout_ms, struct failure *why)
{
    struct epoll_event events[16];

    hub_sweep(hub);
    ask(hub);
    int n = epoll_wait(hub->epoll_fd, events, 16, timeout_ms);
    if (n < 0 && errno != EINTR)
        return fail(why, errno, "wait for a container's output");
    for (int i = 0; i < n; i++)
        serve(hub, &events[i]);
    hub_sweep(hub);
    ask(hub);
    return !hub->had_source || hub->open_sources > 0;
}
