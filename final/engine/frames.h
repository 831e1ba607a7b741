#pragma once
/*
 * frames: what a monitor and its clients say to each other.
 *
 * Docker's frames, and some more of our own: a type, three bytes 0, the length
 * as a number of 32 bits in network order, and as many bytes. Nothing in here
 * reads or writes a descriptor.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "failure.h"

enum frame_type {
    FRAME_NONE = -1,
    FRAME_STDIN = 0,
    FRAME_STDOUT = 1,
    FRAME_STDERR = 2,
    FRAME_RESIZE = 3,    /* rows, columns: 16 bits each, network order */
    FRAME_STDIN_END = 4, /* nothing */
    FRAME_EXIT = 5,      /* the exit status, 32 bits; the last frame */
    FRAME_ERROR = 6,     /* a text for people; the last frame */
    FRAME_HELLO = 7,     /* to the monitor: what is wanted, as JSON; from it:
                          * that it has been heard */
    FRAME_TYPES,
};

enum {
    FRAME_HEADER = 8,          /* bytes before what it carries */
    FRAME_SMALL = 12,          /* a whole frame that carries 4 bytes */
    FRAME_DATA_MOST = 1 << 20, /* bytes in a frame of data, types 0 to 2 */
    FRAME_CONTROL_MOST = 4096, /* bytes in any other */
};

struct frame {
    enum frame_type type;
    const unsigned char *bytes; /* of data perhaps a part: it may come in
                                 * several pieces; all else is whole */
    size_t n;
};

/* Zeroed is a decoder at the beginning. */
struct frame_decoder {
    unsigned char header[FRAME_HEADER];
    size_t have; /* bytes of the header */
    size_t left; /* bytes that the frame still has to bring */
    unsigned char control[FRAME_CONTROL_MOST];
    size_t gathered; /* bytes in control */
};

/**
 * frame_decode - take frames out of a stream of bytes
 * @decoder: remembers what has come so far
 * @bytes:   what came next, at least one
 * @n:       how many
 * @frame:   receives a frame or a piece of one; FRAME_NONE: more has to come.
 *           What it points to stays until the next call or as long as @bytes
 * @why:     filled in when it is no frame: give the stream up then
 *
 * Returns: how many bytes it took, more than 0 (call it again for the
 * others), or -1 with @why.
 */
ssize_t frame_decode(struct frame_decoder *decoder, const void *bytes, size_t n,
                     struct frame *frame, struct failure *why);

/**
 * frame_header - what comes before @n bytes of @type
 * frame_resize - a whole frame that tells a terminal's size
 * frame_exit   - a whole frame that tells an exit status
 */
void frame_header(unsigned char out[FRAME_HEADER], enum frame_type type,
                  size_t n);
void frame_resize(unsigned char out[FRAME_SMALL], unsigned rows,
                  unsigned columns);
void frame_exit(unsigned char out[FRAME_SMALL], int status);

/**
 * frame_number - the number in a FRAME_EXIT
 * frame_size   - the numbers in a FRAME_RESIZE
 */
int frame_number(const struct frame *frame);
void frame_size(const struct frame *frame, unsigned *rows, unsigned *columns);
