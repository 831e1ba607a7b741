/*
 * logs: what a container has said.
 *
 * What it wrote to its standard error goes to ours.
 */
#include <errno.h>
#include <stdio.h>

#include "answer.h"
#include "cleanup.h"
#include "look.h"
#include "looking.h"
#include "moment.h"
#include "numbers.h"

const struct flag logs_flags[] = {
    {"details", 0, FLAG_SWITCH, NULL, "Show extra details provided to logs"},
    {"follow", 'f', FLAG_SWITCH, NULL, "Follow log output"},
    {"since", 0, FLAG_TEXT, "string",
     "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative "
     "(e.g. \"42m\" for 42 minutes)"},
    {"tail", 'n', FLAG_TEXT, "string",
     "Number of lines to show from the end of the logs (default \"all\")"},
    {"timestamps", 't', FLAG_SWITCH, NULL, "Show timestamps"},
    {"until", 0, FLAG_TEXT, "string",
     "Show logs before a timestamp (e.g. \"2013-01-02T13:23:37Z\") or "
     "relative (e.g. \"42m\" for 42 minutes)"},
    {0},
};

struct printer {
    bool has_times, has_details, is_following;
    bool is_inside[3]; /* of a line, by stream */
    enum log_stream last;
};

/* A line may come in parts; what stands before it comes once. */
static int print_entry(void *context, const struct log_entry *entry)
{
    struct printer *p = context;
    FILE *out = entry->stream == LOG_STDERR ? stderr : stdout;
    char time[LOG_TIME_SIZE];

    if (entry->stream != p->last)
        fflush(stdout); /* both may be one terminal */
    p->last = entry->stream;
    if (!p->is_inside[entry->stream] && p->has_times) {
        log_time_format(entry->time, time);
        fprintf(out, "%s ", time);
    }
    if (!p->is_inside[entry->stream] && p->has_details)
        fputc(' ', out);
    p->is_inside[entry->stream] =
        entry->n == 0 || entry->bytes[entry->n - 1] != '\n';
    fwrite(entry->bytes, 1, entry->n, out);
    return (p->is_following && fflush(out) != 0) || ferror(out) ? EPIPE : 0;
}

static int read_moment(const struct call *call, const char *name, int64_t *nano,
                       struct failure *why)
{
    const char *text = call_text(call, name);

    return text == NULL || *text == '\0' ? 0 : moment_parse(text, nano, why);
}

/* What is no number means all, as with docker. */
static long read_tail(const struct call *call)
{
    const char *text = call_text(call, "tail");
    long long tail;

    if (text == NULL || numbers_parse(text, 0, 1LL << 40, &tail) < 0)
        return -1;
    return (long)tail;
}

int verb_logs(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;
    struct printer printer = {
        .has_times = call_is(call, "timestamps"),
        .has_details = call_is(call, "details"),
        .is_following = call_is(call, "follow"),
    };
    struct log_reader reader = {
        .tail = read_tail(call),
        .is_following = printer.is_following,
        .quit_fd = -1,
        .entry = print_entry,
        .context = &printer,
    };

    if (read_moment(call, "since", &reader.since, why) < 0 ||
        read_moment(call, "until", &reader.until, why) < 0 ||
        record_find(&record, call->engine, call->words[0], why) < 0)
        return answer_failure(why);
    int status = container_logs(&record, &reader, why);
    if (status < 0)
        return answer_failure(why);
    if (reader.damaged > 0) {
        fflush(stdout);
        fprintf(stderr, "duct: %llu damaged lines of the log are left out\n",
                (unsigned long long)reader.damaged);
    }
    return status != 0 ? 1 : 0;
}
