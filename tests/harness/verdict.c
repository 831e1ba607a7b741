/*
 * verdict: what a person reads about a trial.
 *
 * A student gets what was expected of the kernel, what was found, what was
 * tried, the usual cause, and what to read again; others get the line of the
 * suite as well.
 */
#include "verdict.h"

#include <string.h>

#include "keep.h"

enum {
    WIDTH = 78,
    INDENT = 17,
    LINES_MOST = 8
};

/* One line of a text, its words below each other at the indentation. */
static void print_wrapped(FILE *to, const char *text, int length)
{
    int column = INDENT;

    for (int at = 0; at < length;) {
        int size = (int)strcspn(text + at, " \n");

        if (at > 0 && column + 1 + size > WIDTH) {
            fprintf(to, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (at > 0) {
            fputc(' ', to);
            column++;
        }
        fprintf(to, "%.*s", size, text + at);
        column += size;
        at += size + 1;
    }
    fputc('\n', to);
}

static void print_part(FILE *to, const char *title, const char *text)
{
    if (text == NULL)
        return;
    fprintf(to, "    %-13s", title);
    if (text[0] == '\0')
        text = "(nothing)";
    for (int line = 0; text[0] != '\0'; line++) {
        int length = (int)strcspn(text, "\n");

        if (line > 0)
            fprintf(to, "%*s", INDENT, "");
        if (line == LINES_MOST) {
            fprintf(to, "... and more\n");
            return;
        }
        print_wrapped(to, text, length);
        text += length;
        text += *text == '\n';
    }
}

void verdict_lines(FILE *to, const char *title, const char *text)
{
    char *copy = keep_format("%s", text), *line;

    while ((line = strsep(&copy, "\n")) != NULL)
        if (line[0] != '\0') {
            fprintf(to, "    %-13s%s\n", title, line);
            title = "";
        }
}

/* Of many programs, the last are those that matter. */
static const char *last_lines(const char *text)
{
    const char *from;

    if (text == NULL)
        return "";
    from = text + strlen(text);
    for (int lines = 0; from > text; from--)
        if (from[-1] == '\n' && lines++ == LINES_MOST)
            return keep_format("...\n%s", from);
    return from;
}

static void print_reread(FILE *to, const struct verdict *verdict)
{
    const struct trial *trial = verdict->trial;

    if (trial->reread == NULL)
        return;
    if (trial->reread[0] == '#')
        print_part(
            to, "reread:",
            keep_format("lessons/%s.md%s", verdict->step, trial->reread));
    else
        print_part(to, "reread:", trial->reread);
}

static void print_failure(FILE *to, const struct verdict *verdict)
{
    const struct trial *trial = verdict->trial;

    fprintf(to, "FAILED  %s\n", trial->name);
    print_part(to, "claim:", trial->claim);
    print_part(to, "expected:", verdict->expected);
    print_part(to, "found:", verdict->found);
    verdict_lines(to, "tried:", last_lines(verdict->notes));
    print_part(to, "usual cause:", trial->usual_cause);
    print_reread(to, verdict);
    if (!verdict->student)
        print_part(
            to, "source:", keep_format("%s:%d", verdict->file, verdict->line));
}

void verdict_print(FILE *to, const struct verdict *verdict)
{
    const char *name = verdict->trial->name;

    switch (verdict->outcome) {
    case PASSED:
        if (verdict->student)
            fprintf(to, "ok      %s: %s\n", name, verdict->trial->claim);
        break;
    case SKIPPED:
        fprintf(to, "skipped %s: %s\n", name, verdict->reason);
        break;
    case NOT_JUDGED:
        fprintf(to, "        %s: %s\n", name, verdict->reason);
        break;
    default:
        print_failure(to, verdict);
    }
    fflush(to);
}
