/*
 * figures: what containers use of the machine, once or again and again.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "answer.h"
#include "cells.h"
#include "cleanup.h"
#include "human.h"
#include "list.h"
#include "listing.h"
#include "looking.h"
#include "stats.h"
#include "usage.h"

const struct flag stats_flags[] = {
    {"all", 'a', FLAG_SWITCH, NULL,
     "Show all containers (default shows just running)"},
    {"format", 0, FLAG_TEXT, "string",
     "Format output: \"table\", \"table TEMPLATE\", \"json\" or a template"},
    {"no-stream", 0, FLAG_SWITCH, NULL,
     "Disable streaming stats and only pull the first result"},
    {"no-trunc", 0, FLAG_SWITCH, NULL, "Do not truncate output"},
    {0},
};

static const struct column columns[] = {
    {"Container", "CONTAINER"},
    {"ID", "CONTAINER ID"},
    {"Name", "NAME"},
    {"CPUPerc", "CPU %"},
    {"MemUsage", "MEM USAGE / LIMIT"},
    {"MemPerc", "MEM %"},
    {"NetIO", "NET I/O"},
    {"BlockIO", "BLOCK I/O"},
    {"PIDs", "PIDS"},
    {NULL, NULL},
};

static const struct listing listing = {
    columns,
    "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t"
    "{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
    "{{.ID}}",
};

static const struct timespec second = {.tv_sec = 1};

/* ------------------------------------------------------------------ rows */

/* Two amounts with a slash between; they are freed. */
static char *pair(char *first, char *other)
{
    char *text = NULL;

    if (first == NULL || other == NULL ||
        asprintf(&text, "%s / %s", first, other) < 0)
        text = NULL;
    free(first);
    free(other);
    return text;
}

static char *percent(double number)
{
    char *text = NULL;

    return asprintf(&text, "%.2f%%", number) < 0 ? NULL : text;
}

static char *size_pair(double first, double other)
{
    return pair(human_size((unsigned long long)first, 3),
                human_size((unsigned long long)other, 3));
}

static void set(json_t *row, const char *name, char *text)
{
    json_object_set_new(row, name, json_string(text != NULL ? text : ""));
    free(text);
}

static json_t *row_of(const json_t *sample, const char *word, bool is_whole)
{
    struct stats_display d = stats_display(sample);
    json_t *row = json_object();
    char *pids = NULL;

    set(row, "ID", cell_id(d.id, is_whole));
    set(row, "Container",
        word != NULL ? strdup(word) : cell_id(d.id, is_whole));
    set(row, "Name", strdup(d.name + (*d.name == '/')));
    set(row, "CPUPerc", percent(d.cpu_percent));
    set(row, "MemPerc", percent(d.memory_percent));
    set(row, "MemUsage",
        pair(human_bytes((unsigned long long)d.memory),
             human_bytes((unsigned long long)d.memory_limit)));
    set(row, "NetIO", size_pair(d.received, d.sent));
    set(row, "BlockIO", size_pair(d.read, d.written));
    if (asprintf(&pids, "%lld", d.pids) < 0)
        pids = NULL;
    set(row, "PIDs", pids);
    return row;
}

/* --------------------------------------------------------------- samples */

/* Of whom? [{"Id", "Word"}]: Word is what they were called, if they were. */
static json_t *subjects_named(const struct call *call, struct failure *why)
{
    json_t *subjects = json_array();

    for (int i = 0; i < call->count; i++) {
        cleanup_record struct record record = RECORD_CLOSED;

        if (record_find(&record, call->engine, call->words[i], why) < 0) {
            json_decref(subjects);
            return NULL;
        }
        json_array_append_new(subjects, json_pack("{s:s, s:s}", "Id", record.id,
                                                  "Word", call->words[i]));
    }
    return subjects;
}

static json_t *find_subjects(const struct call *call, struct failure *why)
{
    return call->count > 0 ? subjects_named(call, why)
                           : container_ids(call->engine, call_is(call, "all"),
                                           0, NULL, why);
}

/* A sample of each, by id. Those that are removed meanwhile have none. */
static json_t *sample_all(const struct call *call, const json_t *subjects,
                          const json_t *before)
{
    json_t *samples = json_object();
    const json_t *subject;
    size_t i;

    json_array_foreach(subjects, i, subject) {
        const char *id = json_string_value(json_object_get(subject, "Id"));
        cleanup_record struct record record = RECORD_CLOSED;
        struct failure ignored;

        if (record_open(&record, call->engine, id, &ignored) == 0)
            json_object_set_new(samples, id,
                                container_stats(&record,
                                                json_object_get(before, id),
                                                &ignored));
    }
    return samples;
}

static json_t *rows_of(const struct call *call, const json_t *subjects,
                       const json_t *samples)
{
    json_t *rows = json_array();
    const json_t *subject;
    size_t i;

    json_array_foreach(subjects, i, subject) {
        const json_t *sample = json_object_get(
            samples, json_string_value(json_object_get(subject, "Id")));

        if (sample != NULL)
            json_array_append_new(
                rows,
                row_of(sample,
                       json_string_value(json_object_get(subject, "Word")),
                       call_is(call, "no-trunc")));
    }
    return rows;
}

/* ------------------------------------------------------------- the screen */

/* Over what is there already, line by line, so that nothing flickers. */
static void redraw(const char *text)
{
    fputs("\033[H", stdout);
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fputs("\033[K", stdout);
        putchar(*text);
    }
    fputs("\033[J", stdout);
}

static int show(const struct call *call, const json_t *subjects,
                const json_t *samples, bool is_live, struct failure *why)
{
    json_auto_t *rows = rows_of(call, subjects, samples);
    cleanup_free char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return fail(why, ENOMEM, "print figures");
    int status = listing_print(out, &listing, rows, call_text(call, "format"),
                               false, why);
    if (fclose(out) != 0 || status < 0)
        return status < 0 ? -1 : fail(why, ENOMEM, "print figures");
    if (is_live)
        redraw(text);
    else
        fputs(text, stdout);
    return fflush(stdout) == 0 ? 0 : fail(why, errno, "print figures");
}

/* CPU time counts only between two samples. */
static int show_once(const struct call *call, const json_t *subjects,
                     struct failure *why)
{
    json_auto_t *first = sample_all(call, subjects, NULL);
    if (json_array_size(subjects) > 0)
        (void)nanosleep(&second, NULL);
    json_auto_t *samples = sample_all(call, subjects, first);

    return show(call, subjects, samples, false, why);
}

int verb_stats(const struct call *call, struct failure *why)
{
    bool is_live = isatty(STDOUT_FILENO);
    json_auto_t *samples = NULL;
    json_auto_t *subjects = find_subjects(call, why);

    if (subjects == NULL)
        return answer_failure(why);
    if (call_is(call, "no-stream"))
        return show_once(call, subjects, why) < 0 ? answer_failure(why) : 0;
    if (is_live)
        fputs("\033[2J", stdout);
    for (;;) {
        json_t *next = sample_all(call, subjects, samples);

        json_decref(samples);
        samples = next;
        if (show(call, subjects, samples, is_live, why) < 0)
            return answer_failure(why);
        (void)nanosleep(&second, NULL);
        if (call->count > 0)
            continue;
        /* Others may have come. */
        json_decref(subjects);
        subjects = find_subjects(call, why);
        if (subjects == NULL)
            return answer_failure(why);
    }
}
