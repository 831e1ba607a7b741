/*
 * frames: however the bytes come, the frames are the same, and within their
 * limits.
 */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a decoder made of it, as a sum that does not depend on how data frames
 * fell into pieces. Returns: was all of it understood? */
static bool decode(const uint8_t *data, size_t size, size_t step, uint64_t *sum)
{
    static struct frame_decoder decoder;
    struct failure why;
    struct frame frame;

    memset(&decoder, 0, sizeof(decoder));
    *sum = 0;
    for (size_t at = 0; at < size;) {
        size_t n = size - at < step ? size - at : step;
        ssize_t taken = frame_decode(&decoder, data + at, n, &frame, &why);

        if (taken < 0)
            return false;
        if (taken == 0 || (size_t)taken > n)
            abort();
        at += (size_t)taken;
        if (frame.type == FRAME_NONE)
            continue;
        if (frame.type >= FRAME_TYPES ||
            (frame.type > FRAME_STDERR && frame.n > FRAME_CONTROL_MOST))
            abort();
        for (size_t i = 0; i < frame.n; i++)
            *sum = *sum * 31 + frame.bytes[i] + (uint64_t)frame.type;
        if (frame.type > FRAME_STDERR)
            *sum = *sum * 37 + (uint64_t)frame.type;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t whole, pieces, bytes;
    bool is_good = decode(data, size, size + 1, &whole);

    if (decode(data, size, 1, &bytes) != is_good ||
        decode(data, size, 7, &pieces) != is_good || whole != bytes ||
        whole != pieces)
        abort();
    return 0;
}
