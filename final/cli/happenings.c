/*
 * happenings: what has happened, and what happens now.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "answer.h"
#include "cleanup.h"
#include "journal.h"
#include "looking.h"
#include "moment.h"
#include "printable.h"
#include "template.h"

const struct flag events_flags[] = {
    {"filter", 'f', FLAG_LIST, "filter",
     "Filter output based on conditions provided"},
    {"format", 0, FLAG_TEXT, "string", "Format output: \"json\" or a template"},
    {"since", 0, FLAG_TEXT, "string",
     "Show all events created since timestamp"},
    {"until", 0, FLAG_TEXT, "string", "Stream events until this timestamp"},
    {0},
};

struct printer {
    struct template *template; /* or NULL: docker's usual line */
    bool is_json;
    struct failure *why;
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* "2026-01-31T12:00:00.123456789+01:00" */
static void print_time(FILE *out, json_int_t nano)
{
    time_t seconds = (time_t)(nano / 1000000000);
    struct tm parts = {0};
    char date[32], zone[8];

    localtime_r(&seconds, &parts);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
    strftime(zone, sizeof(zone), "%z", &parts);
    fprintf(out, "%s.%09lld", date, (long long)(nano % 1000000000));
    if (parts.tm_gmtoff == 0)
        fputc('Z', out);
    else
        fprintf(out, "%.3s:%s", zone, zone + 3);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int print_attributes(FILE *out, const json_t *attributes)
{
    size_t count = 0;
    cleanup_free const char **names =
        calloc(json_object_size(attributes) + 1, sizeof(*names));
    const char *name;
    const json_t *value;

    if (names == NULL)
        return ENOMEM;
    json_object_foreach((json_t *)attributes, name, value)
        names[count++] = name;
    qsort(names, count, sizeof(*names), by_name);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s=%s", i > 0 ? ", " : " (", names[i],
                text_of(attributes, names[i]));
    fputs(count > 0 ? ")" : "", out);
    return 0;
}

static int print_line(const json_t *record)
{
    const json_t *actor = json_object_get(record, "Actor");
    cleanup_free char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return ENOMEM;
    print_time(out, json_integer_value(json_object_get(record, "timeNano")));
    fprintf(out, " %s %s %s", text_of(record, "Type"),
            text_of(record, "Action"), text_of(actor, "ID"));
    int failed = print_attributes(out, json_object_get(actor, "Attributes"));
    if (fclose(out) != 0 || failed)
        return ENOMEM;
    puts(printable(text)); /* labels are anybody's */
    return 0;
}

/* Templates know these by the names that docker's program has for them. */
static json_t *with_names(const json_t *record)
{
    static const char *const names[][2] = {
        {"status", "Status"}, {"id", "ID"},     {"from", "From"},
        {"scope", "Scope"},   {"time", "Time"}, {"timeNano", "TimeNano"},
    };
    json_t *copy = json_copy((json_t *)record);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *value = json_object_get(record, names[i][0]);

        json_object_set_new(copy, names[i][1],
                            value != NULL ? json_incref(value)
                                          : json_string(""));
    }
    return copy;
}

static int print_event(void *context, const json_t *record)
{
    struct printer *p = context;
    int failed = 0;

    if (p->is_json) {
        failed =
            json_dumpf(record, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) != 0;
        putchar('\n');
    } else if (p->template == NULL)
        failed = print_line(record);
    else {
        json_auto_t *named = with_names(record);

        failed = template_run(p->template, stdout, named, p->why) < 0;
        putchar('\n');
        if (failed)
            return -1;
    }
    if (!failed && fflush(stdout) == 0)
        return 0;
    return fail(p->why, errno, "print an event");
}

static int read_moment(const struct call *call, const char *name, int64_t *nano,
                       struct failure *why)
{
    const char *text = call_text(call, name);

    return text == NULL || *text == '\0' ? 0 : moment_parse(text, nano, why);
}

static int listen_for(const struct call *call, struct printer *printer,
                      const json_t *filters, struct failure *why)
{
    struct journal_question question = {
        .filters = filters,
        .is_following = true,
        .quit_fd = -1,
        .event = print_event,
        .context = printer,
    };

    if (read_moment(call, "since", &question.since, why) < 0 ||
        read_moment(call, "until", &question.until, why) < 0)
        return -1;
    return journal_read(call->engine, &question, why);
}

int verb_events(const struct call *call, struct failure *why)
{
    const char *format = call_text(call, "format");
    json_auto_t *filters = answer_filters(call, why);
    struct printer printer = {.why = why};

    if (filters == NULL)
        return answer_failure(why);
    if (format != NULL)
        printer.is_json =
            str_eq(format, "json") || str_eq(format, "{{json .}}");
    if (format != NULL && *format != '\0' && !printer.is_json) {
        printer.template = template_parse(format, why);
        if (printer.template == NULL)
            return answer_failure(why);
    }
    int status = listen_for(call, &printer, filters, why);
    template_free(printer.template);
    return status < 0 ? answer_failure(why) : status;
}
