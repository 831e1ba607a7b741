#pragma once
/*
 * hub_ends: what a hub's descriptors lead to. Only hub*.c see this.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames.h"
#include "hub.h"
#include "queue.h"

enum {
    HUB_READ = 64 << 10,         /* bytes read at once: what a pipe holds */
    HUB_CLIENT_MOST = 1 << 20,   /* bytes that wait for a client */
    HUB_LOSSLESS_MOST = 4 << 20, /* the same at the end: all pipes' contents */
    HUB_CLIENTS = 128,
};

/* The first member of all that epoll(7) tells of. */
struct hub_end {
    enum {
        END_SOURCE,
        END_CLIENT,
        END_SINK,
    } kind;
    int fd;          /* -1: it has ended */
    uint32_t events; /* what epoll(7) was asked for; 0: it does not know it */
};

struct hub_source {
    struct hub_end end;
    struct hub_source *next;
    enum log_stream stream;
};

struct hub_sink {
    struct hub_end end;
    struct queue queue;
    bool is_terminal;
    bool is_ending; /* is it closed as soon as the queue is empty? */
};

struct hub_client {
    struct hub_end end;
    struct hub_client *next;
    unsigned flags;
    bool is_deaf; /* has it shut its side down? It may still listen */
    bool is_over; /* has it got its last frame? */
    struct queue queue;
    struct frame_decoder decoder;
};

/**
 * hub_sink_put - write to the container's stdin, or let it wait
 * hub_sink_flush - write what waits
 * hub_sink_end - close it, after what waits
 * hub_sink_close - close it at once
 * hub_sink_resize - set the terminal's size, now or when there is one
 */
void hub_sink_put(struct hub *hub, const void *bytes, size_t n);
void hub_sink_flush(struct hub *hub);
void hub_sink_end(struct hub *hub);
void hub_sink_close(struct hub *hub);
void hub_sink_resize(struct hub *hub, unsigned rows, unsigned columns);

/**
 * hub_client_send - send a frame, or let it wait
 * hub_client_flush - send what waits
 * hub_client_read - obey its frames
 * hub_client_close - let it go; it stays in the list until hub_step() ends
 * hub_client_events - what to ask epoll(7) for
 */
void hub_client_send(struct hub *hub, struct hub_client *client,
                     enum frame_type type, const void *bytes, size_t n);
void hub_client_flush(struct hub *hub, struct hub_client *client);
void hub_client_read(struct hub *hub, struct hub_client *client);
void hub_client_close(struct hub *hub, struct hub_client *client);
uint32_t hub_client_events(const struct hub *hub,
                           const struct hub_client *client);

/**
 * hub_end_close - close a descriptor, and have epoll(7) forget it
 *
 * Closing alone is not enough while a child between fork(2) and execve(2), or a
 * dup(2), has it open too. What it was the end of goes with hub_sweep().
 */
void hub_end_close(const struct hub *hub, struct hub_end *end);

/**
 * hub_sweep - free what has ended, when no more events can speak of it
 */
void hub_sweep(struct hub *hub);

/**
 * hub_room - HUB_READ bytes to read into, or NULL: no memory
 */
char *hub_room(struct hub *hub);

/**
 * hub_rest - give back all memory that nothing is in
 */
void hub_rest(struct hub *hub);

/**
 * hub_end_source - read no more from one
 */
void hub_end_source(struct hub *hub, struct hub_source *source);
