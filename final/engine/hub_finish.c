/*
 * hub_finish: the end of a container, for all who are attached to it.
 *
 * In this order: what is left in the pipes, the log, the exit status, and then
 * only the descriptors. Whoever sees the exit frame has seen all that was said.
 *
 * Side           host, the container's monitor
 * Look at it     duct run IMAGE sh -c 'seq 100000; exit 3' | tail -n 1
 */
#include <sys/epoll.h>
#include <time.h>

#include "cleanup.h"
#include "hub_ends.h"

enum {
    SILENT_MS = 50,  /* after which a source is given up */
    DRAIN_MS = 1000, /* for one that is not silent */
    ERROR_MS = 1000, /* how long a client may take to read an error */
};

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

void hub_drain(struct hub *hub, int deadline_ms)
{
    int64_t deadline = now_ms() + deadline_ms;
    int64_t silent = now_ms() + SILENT_MS;
    struct failure why;

    hub->is_draining = true;
    while (hub->open_sources > 0) {
        int64_t left = (silent < deadline ? silent : deadline) - now_ms();
        uint64_t before = hub->taken;

        if (left <= 0 || hub_step(hub, (int)left, &why) < 0)
            break;
        if (hub->taken != before)
            silent = now_ms() + SILENT_MS;
    }
    for (struct hub_source *s = hub->sources; s != NULL; s = s->next)
        hub_end_source(hub, s);
    hub_sink_close(hub);
    hub_sweep(hub);
    if (hub->options.log != NULL)
        log_flush(hub->options.log);
}

/* Lets those go for whom nothing waits. Returns: is anybody left? */
static bool has_unserved(struct hub *hub)
{
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next) {
        if (queue_count(&c->queue) == 0)
            hub_client_close(hub, c);
    }
    hub_sweep(hub);
    return hub->clients != NULL;
}

/* Everybody gets a last frame, and time to take what waits before it. */
static void send_last(struct hub *hub, enum frame_type type, const void *bytes,
                      size_t n, int deadline_ms)
{
    int64_t deadline = now_ms() + deadline_ms;
    struct failure why;

    for (struct hub_client *c = hub->clients; c != NULL; c = c->next) {
        hub_client_send(hub, c, type, bytes, n);
        c->is_over = true;
    }
    while (has_unserved(hub)) {
        int64_t left = deadline_ms < 0 ? -1 : deadline - now_ms();

        if ((deadline_ms >= 0 && left <= 0) ||
            hub_step(hub, (int)left, &why) < 0)
            break;
    }
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next)
        hub_client_close(hub, c);
    hub_sweep(hub);
}

void hub_finish(struct hub *hub, int exit_status, int deadline_ms)
{
    unsigned char frame[FRAME_SMALL];

    if (!hub->is_draining)
        hub_drain(hub, deadline_ms < 0 ? DRAIN_MS : deadline_ms);
    frame_exit(frame, exit_status);
    send_last(hub, FRAME_EXIT, frame + FRAME_HEADER, FRAME_SMALL - FRAME_HEADER,
              deadline_ms);
    hub->is_draining = hub->had_source = false;
    hub->rows = hub->columns = 0;
    hub_rest(hub);
}

void hub_error(struct hub *hub, const char *text)
{
    size_t n = strlen(text);

    send_last(hub, FRAME_ERROR, text,
              n < FRAME_CONTROL_MOST ? n : FRAME_CONTROL_MOST, ERROR_MS);
}

void hub_close(struct hub *hub)
{
    for (struct hub_source *s = hub->sources; s != NULL; s = s->next)
        hub_end_source(hub, s);
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next)
        hub_client_close(hub, c);
    hub_sink_close(hub);
    hub_sweep(hub);
    hub_rest(hub);
    close_fd(&hub->epoll_fd);
    close_fd(&hub->timer_fd);
}
