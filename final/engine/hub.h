#pragma once
/*
 * hub: between a container's stdio, its log and whoever is attached.
 *
 *     stdout, stderr or a pty  ->  log, and every client that wants it
 *     a client's stdin frames  ->  stdin or the pty
 *
 * One thread, which never blocks: not on the container, not on a client. All
 * its memory is bounded, and given back when nothing happens.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "frames.h"
#include "log.h"

/* What a client gets and may do. */
enum hub_client_flags {
    HUB_STDIN = 1, /* its stdin frames reach the container */
    HUB_STDOUT = 2,
    HUB_STDERR = 4,
    HUB_LOSSLESS = 8, /* it loses nothing: the container waits for it. For
                       * `run` in the foreground. Others are cut off when
                       * 1 MiB waits for them */
};

struct hub_options {
    struct log *log;    /* open; NULL: nobody keeps what is said */
    bool is_stdin_once; /* close the container's stdin with the end of the
                           * first client's? (not that of a terminal) */
};

struct hub {
    int epoll_fd, timer_fd;
    struct hub_options options;
    struct hub_source *sources; /* lists; private */
    struct hub_client *clients;
    struct hub_sink *sink;
    unsigned open_sources; /* that have not ended */
    unsigned open_clients;
    bool had_source;
    bool is_draining;       /* does nobody hold up the sources any more? */
    bool is_timed, is_busy; /* is the timer set; did anything happen? */
    unsigned rows, columns; /* last asked for; 0: never */
    char *room;             /* what is read goes here; NULL at rest */
    uint64_t taken;         /* bytes that sources brought */
    uint64_t cut_off;       /* clients that were too slow */
};

/**
 * hub_init - make a hub
 * @hub:     receives it; release it with hub_close()
 * @options: what it works with
 * @why:     filled in when the call fails
 *
 * The caller must ignore SIGPIPE: a container may close its stdin.
 *
 * Returns: 0, or -1 with @why.
 */
int hub_init(struct hub *hub, const struct hub_options *options,
             struct failure *why);

/**
 * hub_add_source - read what the container writes
 * @hub:    a hub
 * @fd:     a pipe's end for reading; the hub closes it, also on failure
 * @stream: which of the two it is
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int hub_add_source(struct hub *hub, int fd, enum log_stream stream,
                   struct failure *why);

/**
 * hub_set_sink - write what clients type
 * @hub: a hub without a sink
 * @fd:  a pipe's end for writing; the hub closes it, also on failure
 * @why: filled in when the call fails
 *
 * Without a sink, stdin frames are thrown away.
 *
 * Returns: 0, or -1 with @why.
 */
int hub_set_sink(struct hub *hub, int fd, struct failure *why);

/**
 * hub_add_terminal - both at once, for a container with a terminal
 * @hub: a hub without a sink
 * @fd:  the pty's master, while somebody has the slave open: before, and after
 *       the last has closed it, reading from it is an error, taken for the
 *       end. The hub closes it, also on failure
 * @why: filled in when the call fails
 *
 * What it says is stdout. Clients' resize frames set its size; the last one
 * that came before is applied here.
 *
 * Returns: 0, or -1 with @why.
 */
int hub_add_terminal(struct hub *hub, int fd, struct failure *why);

/**
 * hub_add_client - attach somebody
 * @hub:   a hub, perhaps still without sources
 * @fd:    a unix stream socket, already judged by SO_PEERCRED; the hub closes
 *         it, also on failure
 * @flags: of enum hub_client_flags. 0: nothing before it says what it wants,
 *         with a FRAME_HELLO {"stdin":true,"stdout":true,"stderr":true,
 *         "lossless":false}; absent means false. It is answered by an empty
 *         FRAME_HELLO before any data
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int hub_add_client(struct hub *hub, int fd, unsigned flags,
                   struct failure *why);

/**
 * hub_fd - what to poll(2) for POLLIN in order to call hub_step(hub, 0)
 */
int hub_fd(const struct hub *hub);

/**
 * hub_step - do what can be done
 * @hub:        a hub
 * @timeout_ms: how long to wait when there is nothing; 0: not; -1: for ever
 * @why:        filled in when the call fails
 *
 * Returns: 1, 0 when every source has ended (and there was one), or -1 with
 * @why, which only epoll(7) itself can cause.
 */
int hub_step(struct hub *hub, int timeout_ms, struct failure *why);

/**
 * hub_drain - the container has ended: take what is left in its pipes
 * @hub:         a hub
 * @deadline_ms: for sources that something else still holds open, and writes
 *               to; those that are silent are given up after 50 ms
 *
 * Afterwards the log is complete. Record the exit after this, and before
 * hub_finish(), which may take as long as a client does.
 */
void hub_drain(struct hub *hub, int deadline_ms);

/**
 * hub_finish - tell all clients how the container ended, and let them go
 * @hub:         a hub; drained here if hub_drain() was not called
 * @exit_status: for the exit frame
 * @deadline_ms: for clients that do not read; -1: as long as they live
 *
 * Afterwards it has neither sources nor clients, and can take new ones: for a
 * container that is started again.
 */
void hub_finish(struct hub *hub, int exit_status, int deadline_ms);

/**
 * hub_error - tell all clients why there is no container, and let them go
 * @hub:  a hub
 * @text: for people
 */
void hub_error(struct hub *hub, const char *text);

/**
 * hub_close - let go of everything, whether finished or not
 * @hub: may be half made; the log stays the caller's
 *
 * Not in a child after fork(2), which shares the epoll descriptor: close what
 * it has inherited with close_range(2) instead.
 */
void hub_close(struct hub *hub);
