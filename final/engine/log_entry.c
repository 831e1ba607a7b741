/*
 * log_entry: one record of a container's log, docker's json-file form.
 *
 * Everything a container says goes through here, at the speed it says it, so
 * JSON is written and read by hand: a library makes a tree of each line first,
 * which costs ten times as much as the line.
 *
 * Side           host, the container's monitor; whoever reads a log
 * Look at it     tail -n 1 ID-json.log | jq .
 */
#include "log_entry.h"

#include <string.h>
#include <time.h>

enum {
    BILLION = 1000000000
};

static char *put_digits(char *out, unsigned number, int digits)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
    return out + digits;
}

void log_time_format(int64_t time, char out[LOG_TIME_SIZE])
{
    time_t seconds = (time_t)(time / BILLION);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    out = put_digits(out, (unsigned)tm.tm_year + 1900, 4);
    *out++ = '-';
    out = put_digits(out, (unsigned)tm.tm_mon + 1, 2);
    *out++ = '-';
    out = put_digits(out, (unsigned)tm.tm_mday, 2);
    *out++ = 'T';
    out = put_digits(out, (unsigned)tm.tm_hour, 2);
    *out++ = ':';
    out = put_digits(out, (unsigned)tm.tm_min, 2);
    *out++ = ':';
    out = put_digits(out, (unsigned)tm.tm_sec, 2);
    *out++ = '.';
    out = put_digits(out, (unsigned)(time % BILLION), 9);
    *out++ = 'Z';
    *out = '\0';
}

/* Reads "2026-01-31T12:00:00": '0' stands for a digit. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; shape++, text++) {
        if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    }
    return true;
}

static int number_at(const char *text, int digits)
{
    int number = 0;

    while (digits-- > 0)
        number = number * 10 + (*text++ - '0');
    return number;
}

/* "Z", "+01:00": seconds to take away. */
static int parse_zone(const char *text, size_t n, int *seconds)
{
    *seconds = 0;
    if (n == 1 && (*text == 'Z' || *text == 'z'))
        return 0;
    if (n != 6 || (*text != '+' && *text != '-') ||
        !has_shape(text + 1, "00:00"))
        return -1;
    *seconds = number_at(text + 1, 2) * 3600 + number_at(text + 4, 2) * 60;
    if (*text == '-')
        *seconds = -*seconds;
    return 0;
}

int log_time_parse(const char *text, size_t n, int64_t *time)
{
    static const char shape[] = "0000-00-00T00:00:00";
    const size_t whole = sizeof(shape) - 1;
    int zone, fraction = 0, digits = 0;

    if (n <= whole || !has_shape(text, shape))
        return -1;
    struct tm tm = {
        .tm_year = number_at(text, 4) - 1900,
        .tm_mon = number_at(text + 5, 2) - 1,
        .tm_mday = number_at(text + 8, 2),
        .tm_hour = number_at(text + 11, 2),
        .tm_min = number_at(text + 14, 2),
        .tm_sec = number_at(text + 17, 2),
    };
    size_t at = whole;
    if (text[at] == '.') {
        for (at++; at < n && text[at] >= '0' && text[at] <= '9'; at++) {
            if (digits++ < 9)
                fraction = fraction * 10 + (text[at] - '0');
        }
        if (digits == 0)
            return -1;
        for (; digits < 9; digits++)
            fraction *= 10;
    }
    /* 64 bits of nanoseconds end in 2262. */
    if (tm.tm_year < 70 || tm.tm_year > 361 || tm.tm_mon > 11 ||
        tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
        tm.tm_sec > 60 || parse_zone(text + at, n - at, &zone) < 0)
        return -1;
    *time = ((int64_t)timegm(&tm) - zone) * BILLION + fraction;
    return 0;
}

/* How long the character is that begins here: 2 to 4 bytes, or 0: there is
 * none. RFC 3629, section 4: the second byte keeps out what is overlong, what
 * is half of a pair and what is too large. */
static size_t character(const unsigned char *s, size_t n)
{
    unsigned char first = s[0];
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

    if (first < 0xc2 || first > 0xf4 || length > n || s[1] < least ||
        s[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

size_t log_entry_cut(const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;

    for (size_t back = 1; back <= 3; back++) {
        unsigned char c = s[n - back];

        if (c >= 0xc0) {
            size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

            return length > back ? n - back : n;
        }
        if (c < 0x80)
            break;
    }
    return n;
}

static char *put(char *out, const char *text)
{
    return stpcpy(out, text);
}

/* What can't stand in a JSON text as it is. */
static char *put_escaped(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    if (c >= 0x80)
        return put(out, "\\ufffd");
    *out++ = '\\';
    if (c == '"' || c == '\\') {
        *out++ = (char)c;
        return out;
    }
    if (c == '\n' || c == '\r' || c == '\t') {
        *out++ = c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
        return out;
    }
    out = put(out, "u00");
    *out++ = hex[c >> 4];
    *out++ = hex[c & 15];
    return out;
}

static char *put_text(char *out, const unsigned char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t start = i;

        while (i < n && s[i] >= 0x20 && s[i] < 0x80 && s[i] != '"' &&
               s[i] != '\\')
            i++;
        out = mempcpy(out, s + start, i - start);
        if (i == n)
            break;
        size_t length = s[i] >= 0x80 ? character(s + i, n - i) : 0;
        if (length == 0)
            out = put_escaped(out, s[i++]);
        for (; length > 0; length--)
            *out++ = (char)s[i++];
    }
    return out;
}

size_t log_entry_format(char *out, const struct log_entry *entry, bool is_whole,
                        const char *time)
{
    char *at = put(out, "{\"log\":\"");

    at = put_text(at, (const unsigned char *)entry->bytes, entry->n);
    at = put(at, is_whole ? "\\n\",\"stream\":\"" : "\",\"stream\":\"");
    at = put(at, entry->stream == LOG_STDERR ? "stderr" : "stdout");
    at = put(at, "\",\"time\":\"");
    at = put(at, time);
    at = put(at, "\"}\n");
    return (size_t)(at - out);
}

/* --- reading -------------------------------------------------------------- */

struct cursor {
    char *at, *end;
};

struct text {
    char *bytes;
    size_t n;
};

static bool take(struct cursor *c, char wanted)
{
    while (c->at < c->end && *c->at == ' ')
        c->at++;
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* The four digits of \uXXXX, or -1. */
static int take_hex(struct cursor *c)
{
    int number = 0;

    if (c->end - c->at < 4)
        return -1;
    for (int i = 0; i < 4; i++, c->at++) {
        int digit = *c->at >= '0' && *c->at <= '9'   ? *c->at - '0'
                    : *c->at >= 'a' && *c->at <= 'f' ? *c->at - 'a' + 10
                    : *c->at >= 'A' && *c->at <= 'F' ? *c->at - 'A' + 10
                                                     : -1;
        if (digit < 0)
            return -1;
        number = number * 16 + digit;
    }
    return number;
}

static char *put_character(char *out, int number)
{
    if (number < 0x80) {
        *out++ = (char)number;
        return out;
    }
    if (number < 0x800) {
        *out++ = (char)(0xc0 | number >> 6);
    } else if (number < 0x10000) {
        *out++ = (char)(0xe0 | number >> 12);
        *out++ = (char)(0x80 | (number >> 6 & 0x3f));
    } else {
        *out++ = (char)(0xf0 | number >> 18);
        *out++ = (char)(0x80 | (number >> 12 & 0x3f));
        *out++ = (char)(0x80 | (number >> 6 & 0x3f));
    }
    *out++ = (char)(0x80 | (number & 0x3f));
    return out;
}

/* After the \u: one number, or the two of a pair. */
static int take_character(struct cursor *c)
{
    int high = take_hex(c);

    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high > 0xdbff || c->end - c->at < 2 || c->at[0] != '\\' ||
        c->at[1] != 'u')
        return -1;
    c->at += 2;
    int low = take_hex(c);
    return low < 0xdc00 || low > 0xdfff
               ? -1
               : 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* After the backslash. Never writes more than it has read. */
static char *take_escape(struct cursor *c, char *out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";

    if (c->at == c->end)
        return NULL;
    char name = *c->at++;
    if (name == 'u') {
        int number = take_character(c);

        return number < 0 ? NULL : put_character(out, number);
    }
    const char *known = memchr(names, name, sizeof(names) - 1);
    if (known == NULL)
        return NULL;
    *out++ = values[known - names];
    return out;
}

/* A text becomes what it means, in place: no escape is shorter than that. */
static bool take_text(struct cursor *c, struct text *text)
{
    if (!take(c, '"'))
        return false;
    char *out = text->bytes = c->at;
    while (c->at < c->end && *c->at != '"') {
        if ((unsigned char)*c->at < 0x20)
            return false;
        if (*c->at != '\\') {
            *out++ = *c->at++;
            continue;
        }
        c->at++;
        out = take_escape(c, out);
        if (out == NULL)
            return false;
    }
    text->n = (size_t)(out - text->bytes);
    return take(c, '"');
}

static bool is_text(const struct text *text, const char *wanted)
{
    return text->n == strlen(wanted) &&
           memcmp(text->bytes, wanted, text->n) == 0;
}

/* After the brace: {"a":"b",...}, as docker's "attrs" are. */
static bool pass_object(struct cursor *c)
{
    struct text key, value;

    if (take(c, '}'))
        return true;
    do {
        if (!take_text(c, &key) || !take(c, ':') || !take_text(c, &value))
            return false;
    } while (take(c, ','));
    return take(c, '}');
}

static int take_member(struct cursor *c, const struct text *key,
                       struct log_entry *entry)
{
    struct text value;

    if (take(c, '{'))
        return pass_object(c) ? 0 : -1;
    if (!take_text(c, &value))
        return -1;
    if (is_text(key, "log")) {
        entry->bytes = value.bytes;
        entry->n = value.n;
    } else if (is_text(key, "time")) {
        return log_time_parse(value.bytes, value.n, &entry->time);
    } else if (is_text(key, "stream")) {
        if (!is_text(&value, "stdout") && !is_text(&value, "stderr"))
            return -1;
        entry->stream = is_text(&value, "stderr") ? LOG_STDERR : LOG_STDOUT;
    }
    return 0;
}

int log_entry_parse(char *line, size_t n, struct log_entry *entry)
{
    struct cursor c;
    struct text key;

    c.at = line;
    c.end = line + n;
    *entry = (struct log_entry){.time = -1};
    if (!take(&c, '{'))
        return -1;
    do {
        if (!take_text(&c, &key) || !take(&c, ':') ||
            take_member(&c, &key, entry) < 0)
            return -1;
    } while (take(&c, ','));
    if (!take(&c, '}') || c.at != c.end || entry->bytes == NULL ||
        entry->stream == 0 || entry->time < 0)
        return -1;
    return 0;
}
