/*
 * hub_sink: a container's stdin, from a hub.
 *
 * Kernel object  a pipe's end for writing, or a pty's master
 * Side           host, the container's monitor
 * Look at it     ls -l /proc/PID/fd/0
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "cleanup.h"
#include "hub_ends.h"

void hub_sink_close(struct hub *hub)
{
    if (hub->sink == NULL)
        return;
    hub_end_close(hub, &hub->sink->end);
    queue_drop(&hub->sink->queue);
}

static bool is_open(const struct hub *hub)
{
    return hub->sink != NULL && hub->sink->end.fd >= 0;
}

/* Returns: how many bytes it took, or -1: nobody reads it any more. */
static ssize_t sink_write(const struct hub_sink *sink, const void *bytes,
                          size_t n)
{
    ssize_t done = write(sink->end.fd, bytes, n);

    if (done < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return done;
}

void hub_sink_put(struct hub *hub, const void *bytes, size_t n)
{
    struct hub_sink *sink = hub->sink;
    ssize_t done = 0;

    if (!is_open(hub) || sink->is_ending)
        return;
    if (queue_count(&sink->queue) == 0)
        done = sink_write(sink, bytes, n);
    if (done < 0 ||
        ((size_t)done < n && queue_put(&sink->queue, (const char *)bytes + done,
                                       n - (size_t)done) < 0))
        hub_sink_close(hub);
}

void hub_sink_flush(struct hub *hub)
{
    struct hub_sink *sink = hub->sink;

    while (is_open(hub) && queue_count(&sink->queue) > 0) {
        ssize_t done = sink_write(sink, sink->queue.room + sink->queue.begin,
                                  queue_count(&sink->queue));

        if (done < 0) {
            hub_sink_close(hub);
            return;
        }
        if (done == 0)
            return;
        queue_take(&sink->queue, (size_t)done);
    }
    if (sink != NULL && sink->is_ending)
        hub_sink_close(hub);
}

void hub_sink_end(struct hub *hub)
{
    if (!is_open(hub) || hub->sink->is_terminal)
        return;
    hub->sink->is_ending = true;
    hub_sink_flush(hub);
}

void hub_sink_resize(struct hub *hub, unsigned rows, unsigned columns)
{
    const struct winsize size = {
        .ws_row = (unsigned short)rows,
        .ws_col = (unsigned short)columns,
    };

    hub->rows = rows;
    hub->columns = columns;
    if (is_open(hub) && hub->sink->is_terminal)
        (void)ioctl(hub->sink->end.fd, TIOCSWINSZ, &size);
}
