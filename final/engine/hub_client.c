/*
 * hub_client: one who is attached to a container, from a hub.
 *
 * Kernel object  a unix stream socket
 * Side           host, the container's monitor
 * Look at it     ss -xp
 */
#include <errno.h>
#include <jansson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "hub_ends.h"

void hub_client_close(struct hub *hub, struct hub_client *client)
{
    if (client->end.fd < 0)
        return;
    hub_end_close(hub, &client->end);
    queue_drop(&client->queue);
    hub->open_clients--;
}

/* The header and what it announces, without a copy. Returns: how many bytes of
 * both were taken, or -1: it is gone. */
static ssize_t send_frame(const struct hub_client *client,
                          unsigned char header[FRAME_HEADER], const void *bytes,
                          size_t n)
{
    struct iovec parts[] = {{header, FRAME_HEADER}, {(void *)bytes, n}};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t done =
        sendmsg(client->end.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);

    return done < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : done;
}

/* What @done bytes did not get out of a frame waits. Returns: 0 or -1. */
static int keep_rest(struct hub_client *client,
                     const unsigned char header[FRAME_HEADER],
                     const void *bytes, size_t n, size_t done)
{
    size_t of_header = done < FRAME_HEADER ? done : FRAME_HEADER;
    size_t of_bytes = done - of_header;

    if (of_header < FRAME_HEADER &&
        queue_put(&client->queue, header + of_header,
                  FRAME_HEADER - of_header) < 0)
        return -1;
    if (of_bytes == n)
        return 0;
    return queue_put(&client->queue, (const char *)bytes + of_bytes,
                     n - of_bytes);
}

void hub_client_send(struct hub *hub, struct hub_client *client,
                     enum frame_type type, const void *bytes, size_t n)
{
    size_t most =
        client->flags & HUB_LOSSLESS ? HUB_LOSSLESS_MOST : HUB_CLIENT_MOST;
    unsigned char header[FRAME_HEADER];
    ssize_t done = 0;

    if (client->end.fd < 0 || client->is_over)
        return;
    frame_header(header, type, n);
    if (queue_count(&client->queue) == 0)
        done = send_frame(client, header, bytes, n);
    if (done < 0) {
        hub_client_close(hub, client);
        return;
    }
    if ((size_t)done == FRAME_HEADER + n)
        return;
    if (queue_count(&client->queue) + FRAME_HEADER + n > most ||
        keep_rest(client, header, bytes, n, (size_t)done) < 0) {
        hub->cut_off++;
        hub_client_close(hub, client);
    }
}

void hub_client_flush(struct hub *hub, struct hub_client *client)
{
    struct queue *queue = &client->queue;

    while (client->end.fd >= 0 && queue_count(queue) > 0) {
        ssize_t done = send(client->end.fd, queue->room + queue->begin,
                            queue_count(queue), MSG_DONTWAIT | MSG_NOSIGNAL);

        if (done < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (done < 0)
            hub_client_close(hub, client);
        else
            queue_take(queue, (size_t)done);
    }
}

/* {"stdin":true,...}: what it wants from now on. */
static int obey_hello(struct hub *hub, struct hub_client *client,
                      const struct frame *frame)
{
    int in = 0, out = 0, err = 0, lossless = 0;
    json_t *wishes = json_loadb((const char *)frame->bytes, frame->n,
                                JSON_REJECT_DUPLICATES, NULL);
    int is_understood =
        json_unpack(wishes, "{s?b,s?b,s?b,s?b}", "stdin", &in, "stdout", &out,
                    "stderr", &err, "lossless", &lossless) == 0;

    json_decref(wishes);
    if (!is_understood)
        return -1;
    client->flags = (in ? HUB_STDIN : 0u) | (out ? HUB_STDOUT : 0u) |
                    (err ? HUB_STDERR : 0u) | (lossless ? HUB_LOSSLESS : 0u);
    hub_client_send(hub, client, FRAME_HELLO, "", 0);
    return 0;
}

static void end_stdin(struct hub *hub, const struct hub_client *client)
{
    if ((client->flags & HUB_STDIN) && hub->options.is_stdin_once)
        hub_sink_end(hub);
}

/* Returns: 0, or -1: nobody may say that to a monitor. */
static int obey(struct hub *hub, struct hub_client *client,
                const struct frame *frame)
{
    unsigned rows, columns;

    switch (frame->type) {
    case FRAME_NONE:
        return 0;
    case FRAME_STDIN:
        if (client->flags & HUB_STDIN)
            hub_sink_put(hub, frame->bytes, frame->n);
        return 0;
    case FRAME_STDIN_END:
        end_stdin(hub, client);
        return 0;
    case FRAME_RESIZE:
        frame_size(frame, &rows, &columns);
        hub_sink_resize(hub, rows, columns);
        return 0;
    case FRAME_HELLO:
        return obey_hello(hub, client, frame);
    default:
        return -1;
    }
}

/* May it be read from? What it types waits with it while stdin is full. */
static bool is_heard(const struct hub *hub, const struct hub_client *client)
{
    bool is_full = hub->sink != NULL && queue_count(&hub->sink->queue) > 0;

    return !client->is_deaf && !((client->flags & HUB_STDIN) && is_full);
}

uint32_t hub_client_events(const struct hub *hub,
                           const struct hub_client *client)
{
    uint32_t events = queue_count(&client->queue) > 0 ? EPOLLOUT : 0;

    if (is_heard(hub, client))
        events |= EPOLLIN;
    if (client->is_deaf)
        events |= EPOLLERR; /* nothing, but tell when it is gone */
    return events;
}

/* It says no more. It may still listen: only poll(2) knows, POLLHUP. */
static void turn_deaf(struct hub *hub, struct hub_client *client)
{
    client->is_deaf = true;
    end_stdin(hub, client);
}

void hub_client_read(struct hub *hub, struct hub_client *client)
{
    char *room = hub_room(hub);
    struct failure why;
    struct frame frame;

    if (client->end.fd < 0 || room == NULL || !is_heard(hub, client))
        return;
    ssize_t got = recv(client->end.fd, room, HUB_READ, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        turn_deaf(hub, client);
        return;
    }
    for (ssize_t at = 0; at < got && client->end.fd >= 0;) {
        ssize_t taken = frame_decode(&client->decoder, room + at,
                                     (size_t)(got - at), &frame, &why);

        if (taken < 0 || obey(hub, client, &frame) < 0) {
            hub_client_close(hub, client);
            return;
        }
        at += taken;
    }
}
