/*
 * frames: what a monitor and its clients say to each other.
 *
 *     01 00 00 00  00 00 00 03  'h' 'i' '\n'      three bytes of stdout
 *     03 00 00 00  00 00 00 04  00 18 00 50       24 rows of 80 columns
 *
 * Side           host; the container's monitor, and attach
 * Look at it     strace -e sendmsg,recvfrom -p MONITOR
 */
#include "frames.h"

#include <string.h>

static void put32(unsigned char *out, uint32_t number)
{
    out[0] = (unsigned char)(number >> 24);
    out[1] = (unsigned char)(number >> 16);
    out[2] = (unsigned char)(number >> 8);
    out[3] = (unsigned char)number;
}

static uint32_t get32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool is_data(enum frame_type type)
{
    return type == FRAME_STDIN || type == FRAME_STDOUT || type == FRAME_STDERR;
}

static bool is_length(enum frame_type type, uint32_t n)
{
    switch (type) {
    case FRAME_RESIZE:
    case FRAME_EXIT:
        return n == 4;
    case FRAME_STDIN_END:
        return n == 0;
    case FRAME_ERROR:
    case FRAME_HELLO:
        return n <= FRAME_CONTROL_MOST;
    default:
        return n <= FRAME_DATA_MOST;
    }
}

/* Returns: how many bytes of the header it took, or -1 with @why. */
static ssize_t take_header(struct frame_decoder *decoder,
                           const unsigned char *bytes, size_t n,
                           struct failure *why)
{
    unsigned char *header = decoder->header;
    size_t wanted = FRAME_HEADER - decoder->have;
    size_t taken = n < wanted ? n : wanted;

    memcpy(header + decoder->have, bytes, taken);
    decoder->have += taken;
    if (decoder->have < FRAME_HEADER)
        return (ssize_t)taken;
    if (header[0] >= FRAME_TYPES || (header[1] | header[2] | header[3]) != 0)
        return fail(why, 0, "read a frame: there is none of type %d",
                    header[0]);
    decoder->left = get32(header + 4);
    decoder->gathered = 0;
    if (!is_length(header[0], (uint32_t)decoder->left))
        return fail(why, 0, "read a frame of type %d: it can't have %zu bytes",
                    header[0], decoder->left);
    return (ssize_t)taken;
}

ssize_t frame_decode(struct frame_decoder *decoder, const void *bytes, size_t n,
                     struct frame *frame, struct failure *why)
{
    const unsigned char *at = bytes;
    ssize_t header = 0;

    *frame = (struct frame){.type = FRAME_NONE};
    if (decoder->have < FRAME_HEADER) {
        header = take_header(decoder, at, n, why);
        if (header < 0 || decoder->have < FRAME_HEADER)
            return header;
        at += header;
        n -= (size_t)header;
    }
    enum frame_type type = decoder->header[0];
    size_t taken = n < decoder->left ? n : decoder->left;
    decoder->left -= taken;
    if (decoder->left == 0)
        decoder->have = 0;
    if (is_data(type)) {
        if (taken > 0)
            *frame = (struct frame){type, at, taken};
        return header + (ssize_t)taken;
    }
    memcpy(decoder->control + decoder->gathered, at, taken);
    decoder->gathered += taken;
    if (decoder->left == 0)
        *frame = (struct frame){type, decoder->control, decoder->gathered};
    return header + (ssize_t)taken;
}

void frame_header(unsigned char out[FRAME_HEADER], enum frame_type type,
                  size_t n)
{
    out[0] = (unsigned char)type;
    out[1] = out[2] = out[3] = 0;
    put32(out + 4, (uint32_t)n);
}

void frame_resize(unsigned char out[FRAME_SMALL], unsigned rows,
                  unsigned columns)
{
    frame_header(out, FRAME_RESIZE, 4);
    put32(out + FRAME_HEADER, (rows & 0xffff) << 16 | (columns & 0xffff));
}

void frame_exit(unsigned char out[FRAME_SMALL], int status)
{
    frame_header(out, FRAME_EXIT, 4);
    put32(out + FRAME_HEADER, (uint32_t)status);
}

int frame_number(const struct frame *frame)
{
    return (int)get32(frame->bytes);
}

void frame_size(const struct frame *frame, unsigned *rows, unsigned *columns)
{
    uint32_t both = get32(frame->bytes);

    *rows = both >> 16;
    *columns = both & 0xffff;
}
