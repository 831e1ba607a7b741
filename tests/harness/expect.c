/*
 * expect: the texts of expectations; see expect.h.
 */
#include "expect.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    QUOTED_MOST = 600
}; /* a verdict is to be read, not scrolled */

static void quote_byte(FILE *to, unsigned char byte)
{
    switch (byte) {
    case '\n':
        fputs("\\n", to);
        break;
    case '\t':
        fputs("\\t", to);
        break;
    case '\r':
        fputs("\\r", to);
        break;
    case '"':
    case '\\':
        fprintf(to, "\\%c", byte);
        break;
    default:
        if (isprint(byte))
            fputc(byte, to);
        else
            fprintf(to, "\\x%02x", byte);
    }
}

char *expect_quoted(const void *text, size_t size)
{
    const unsigned char *bytes = text;
    char *quoted = NULL;
    size_t quoted_size = 0;
    FILE *to;

    if (text == NULL)
        return keep_format("nothing");
    to = open_memstream(&quoted, &quoted_size);
    if (to == NULL)
        return keep_format("(%zu bytes)", size);
    fputc('"', to);
    for (size_t i = 0; i < size && i < QUOTED_MOST; i++)
        quote_byte(to, bytes[i]);
    fputc('"', to);
    if (size > QUOTED_MOST)
        fprintf(to, "... (%zu bytes in all)", size);
    fclose(to);
    return keep(quoted);
}

static char *quoted_text(const char *text)
{
    return expect_quoted(text, text == NULL ? 0 : strlen(text));
}

void expect_int_(const char *file, int line, const char *what,
                 long long expected, long long found)
{
    if (expected != found)
        trial_failed(file, line, keep_format("%s: %lld", what, expected),
                     keep_format("%lld", found));
}

void expect_hex_(const char *file, int line, const char *what,
                 uint64_t expected, uint64_t found)
{
    if (expected != found)
        trial_failed(file, line, keep_format("%s: 0x%" PRIx64, what, expected),
                     keep_format("0x%" PRIx64 " (missing 0x%" PRIx64
                                 ", too much 0x%" PRIx64 ")",
                                 found, expected & ~found, found & ~expected));
}

void expect_between_(const char *file, int line, const char *what, double least,
                     double most, double found)
{
    if (found < least || found > most)
        trial_failed(file, line,
                     keep_format("%s: between %g and %g", what, least, most),
                     keep_format("%g", found));
}

void expect_str_(const char *file, int line, const char *what,
                 const char *expected, const char *found)
{
    if (found == NULL || strcmp(expected, found) != 0)
        trial_failed(file, line,
                     keep_format("%s: %s", what, quoted_text(expected)),
                     quoted_text(found));
}

/* "7 bytes, from byte 3 on ...": where it begins to differ. */
static char *told_from(struct bytes text, size_t from)
{
    size_t rest = text.size - from;

    return keep_format(
        "%zu bytes, from byte %zu on %s", text.size, from,
        expect_quoted((const char *)text.at + from, rest < 30 ? rest : 30));
}

void expect_bytes_(const char *file, int line, const char *what,
                   struct bytes expected, struct bytes found)
{
    const char *a = expected.at, *b = found.at;
    size_t same = 0;

    if (expected.size == found.size && memcmp(a, b, found.size) == 0)
        return;
    while (same < expected.size && same < found.size && a[same] == b[same])
        same++;
    trial_failed(file, line,
                 keep_format("%s: %s", what, told_from(expected, same)),
                 told_from(found, same));
}

void expect_contains_(const char *file, int line, const char *what,
                      const char *part, const char *whole)
{
    if (whole == NULL || strstr(whole, part) == NULL)
        trial_failed(file, line,
                     keep_format("%s: has %s in it", what, quoted_text(part)),
                     quoted_text(whole));
}

void expect_lacks_(const char *file, int line, const char *what,
                   const char *part, const char *whole)
{
    if (whole == NULL || strstr(whole, part) != NULL)
        trial_failed(
            file, line,
            keep_format("%s: has no %s in it", what, quoted_text(part)),
            quoted_text(whole));
}

void expect_same_(const char *file, int line, const char *what, bool same,
                  uint64_t expected, uint64_t found)
{
    if (found != 0 && (expected == found) == same)
        return;
    trial_failed(file, line,
                 keep_format("%s: %s %" PRIu64, what,
                             same ? "the very same as" : "another than",
                             expected),
                 found == 0 ? "none: the process is gone"
                            : keep_format("%" PRIu64, found));
}
