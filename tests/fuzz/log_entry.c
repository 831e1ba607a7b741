/*
 * log_entry: damage is told from entries; and what is written is read again.
 */
#include "log_entry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Once read, an entry is UTF-8, and stays as it is when written and read. */
static void write_and_read(const char *bytes, size_t n, int64_t time,
                           bool is_same)
{
    char *line = malloc(LOG_ENTRY_MOST), moment[LOG_TIME_SIZE];
    struct log_entry entry = {LOG_STDERR, 0, bytes, n}, again;

    log_time_format(time, moment);
    size_t length = log_entry_format(line, &entry, false, moment);
    if (length > LOG_ENTRY_MOST || line[length - 1] != '\n' ||
        memchr(line, '\n', length - 1) != NULL ||
        log_entry_parse(line, length - 1, &again) < 0 || again.time != time ||
        again.stream != LOG_STDERR)
        abort();
    if (is_same && (again.n != n || memcmp(again.bytes, bytes, n) != 0))
        abort();
    if (!is_same)
        write_and_read(again.bytes, again.n < LOG_PART ? again.n : 0, time,
                       true);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line = malloc(size + 1);
    struct log_entry entry;

    memcpy(line, data, size);
    if (log_entry_parse(line, size, &entry) == 0 &&
        (entry.time < 0 || entry.bytes < line ||
         entry.bytes + entry.n > line + size))
        abort();
    memcpy(line, data, size);
    if (size <= LOG_PART)
        write_and_read(line, size, (int64_t)size * 1234567891, false);
    if (size >= 4) {
        size_t cut = log_entry_cut(line, size);

        if (cut > size || cut + 3 < size)
            abort();
    }
    free(line);
    return 0;
}
