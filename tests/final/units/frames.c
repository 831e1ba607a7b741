/*
 * frames: however the bytes come, the frames are the same.
 */
#include "frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const struct CMUnitTest frames_tests[];
extern const size_t frames_count;

static const unsigned char stream[] =
    "\x01\0\0\0\0\0\0\x03hi\n"         /* stdout */
    "\x02\0\0\0\0\0\0\0"               /* nothing on stderr */
    "\x03\0\0\0\0\0\0\x04\0\x18\0\x50" /* 24 x 80 */
    "\x04\0\0\0\0\0\0\0"               /* no more stdin */
    "\x07\0\0\0\0\0\0\x02{}"           /* hello */
    "\0\0\0\0\0\0\0\x02\0x"            /* stdin */
    "\x06\0\0\0\0\0\0\x02no"           /* an error */
    "\x05\0\0\0\0\0\0\x04\0\0\0\x89";  /* 137 */

/* Tells what was decoded as text, pieces of data joined. */
static void tell(char *out, size_t step)
{
    struct frame_decoder decoder = {0};
    struct failure why;
    struct frame frame;
    enum frame_type last = FRAME_NONE;

    for (size_t at = 0; at < sizeof(stream) - 1;) {
        size_t left = sizeof(stream) - 1 - at;
        ssize_t taken = frame_decode(&decoder, stream + at,
                                     left < step ? left : step, &frame, &why);

        assert_true(taken > 0);
        at += (size_t)taken;
        if (frame.type == FRAME_NONE)
            continue;
        if (frame.type != last || frame.type > FRAME_STDERR)
            *out++ = (char)('0' + frame.type);
        for (size_t i = 0; i < frame.n; i++)
            *out++ = (char)(frame.bytes[i] < 32 ? '.' : frame.bytes[i]);
        last = frame.type;
    }
    *out = '\0';
}

static void frames_do_not_depend_on_how_they_come(void **state)
{
    char text[100];

    (void)state;
    for (size_t step = 1; step < sizeof(stream); step++) {
        tell(text, step);
        assert_string_equal(text, "1hi.3...P47{}0.x6no5...\x89");
    }
}

static void what_is_no_frame_is_refused(void **state)
{
    static const char *const bad[] = {
        "\x08\0\0\0\0\0\0\0",   "\xff\0\0\0\0\0\0\0",
        "\x01\x01\0\0\0\0\0\0", "\x01\0\0\x01\0\0\0\0",
        "\x03\0\0\0\0\0\0\x05", "\x05\0\0\0\0\0\0\x03",
        "\x04\0\0\0\0\0\0\x01", "\x07\0\0\0\0\0\x10\x01",
        "\0\0\0\0\0\x10\0\x01", "\x01\0\0\0\xff\xff\xff\xff",
    };
    struct failure why;
    struct frame frame;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct frame_decoder decoder = {0};

        assert_int_equal(frame_decode(&decoder, bad[i], 8, &frame, &why), -1);
    }
}

static void what_is_encoded_is_decoded(void **state)
{
    unsigned char bytes[FRAME_SMALL];
    struct frame_decoder decoder = {0};
    struct failure why;
    struct frame frame;
    unsigned rows, columns;

    (void)state;
    frame_resize(bytes, 65535, 258);
    assert_int_equal(frame_decode(&decoder, bytes, sizeof(bytes), &frame, &why),
                     12);
    assert_int_equal(frame.type, FRAME_RESIZE);
    frame_size(&frame, &rows, &columns);
    assert_int_equal(rows, 65535);
    assert_int_equal(columns, 258);
    frame_exit(bytes, 255);
    assert_int_equal(frame_decode(&decoder, bytes, sizeof(bytes), &frame, &why),
                     12);
    assert_int_equal(frame.type, FRAME_EXIT);
    assert_int_equal(frame_number(&frame), 255);
    frame_header(bytes, FRAME_STDERR, 0x12345);
    assert_memory_equal(bytes, "\x02\0\0\0\0\x01\x23\x45", 8);
}

const struct CMUnitTest frames_tests[] = {
    cmocka_unit_test(frames_do_not_depend_on_how_they_come),
    cmocka_unit_test(what_is_no_frame_is_refused),
    cmocka_unit_test(what_is_encoded_is_decoded),
};
const size_t frames_count = sizeof(frames_tests) / sizeof(frames_tests[0]);
