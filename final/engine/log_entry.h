#pragma once
/*
 * log_entry: one record of a container's log, docker's json-file form.
 *
 *     {"log":"text\n","stream":"stdout","time":"2026-01-31T12:00:00.5Z"}
 *
 * An entry whose text has no "\n" at its end is a part of a longer line.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_stream {
    LOG_STDOUT = 1, /* as the descriptors are, and the frames */
    LOG_STDERR = 2,
};

enum {
    LOG_PART = 16 << 10,                 /* bytes of text in one entry */
    LOG_ENTRY_MOST = 6 * LOG_PART + 128, /* bytes of an entry in the file */
    LOG_TIME_SIZE = sizeof("2026-01-31T12:00:00.000000000Z"),
};

struct log_entry {
    enum log_stream stream;
    int64_t time;      /* nanoseconds since 1970 */
    const char *bytes; /* may have any value in it; no '\0' at its end */
    size_t n;
};

/**
 * log_time_format - write a moment as RFC 3339 in UTC, to the nanosecond
 * @time: nanoseconds since 1970
 * @out:  receives it, always 30 characters and a '\0'
 */
void log_time_format(int64_t time, char out[LOG_TIME_SIZE]);

/**
 * log_time_parse - read a moment as log_time_format() writes it
 * @text: "2026-01-31T12:00:00Z", with up to 9 digits of a fraction or none,
 *        and "Z" or an offset such as "+01:00"
 * @n:    how long it is
 * @time: receives nanoseconds since 1970
 *
 * Returns: 0, or -1 when it is none.
 */
int log_time_parse(const char *text, size_t n, int64_t *time);

/**
 * log_entry_format - write an entry as a line of the file
 * @out:        room for LOG_ENTRY_MOST bytes
 * @entry:      at most LOG_PART bytes, without its "\n"; its time is not read
 * @is_whole:   does the line end here? Then it gets its "\n"
 * @time:       the moment, from log_time_format(): once for many entries
 *
 * What is no UTF-8 becomes U+FFFD, as JSON can't have it; so does docker.
 *
 * Returns: how many bytes it wrote, the last a newline.
 */
size_t log_entry_format(char *out, const struct log_entry *entry, bool is_whole,
                        const char *time);

/**
 * log_entry_cut - where to cut a line that is too long for one entry
 * @bytes: its beginning
 * @n:     how much fits, at least 4
 *
 * Returns: @n, or up to 3 less, so that no character is in two entries.
 */
size_t log_entry_cut(const char *bytes, size_t n);

/**
 * log_entry_parse - read a line of the file
 * @line:  without its newline; the text is decoded in place
 * @n:     how long it is
 * @entry: receives what it says; its bytes point into @line
 *
 * Keys of others are passed over if their values are texts or an object of
 * texts.
 *
 * Returns: 0, or -1 when it is damaged.  Source: RFC 8259.
 */
int log_entry_parse(char *line, size_t n, struct log_entry *entry);
