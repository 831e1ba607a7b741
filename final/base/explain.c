/*
 * explain: the comment that runs.
 *
 * Parent and child both write to one open file. Each line goes out in a single
 * write(2) to a file opened with O_APPEND, so lines never mix.
 */
#include "explain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include "cleanup.h"

enum {
    TAG_COLUMN = 60
};

/* The program's only variables of this kind: where to explain, or -1. */
static int explain_fd = -1;

/* While a child is being made, two of us tell at a time. What each of them
 * tells waits in memory, for its place in the script. */
static int script_fd = -1; /* where all goes in the end */
static int child_fd = -1;  /* how the child begins, and what it does */
static const char *apart;  /* its parent tells elsewhere; a fifo's path */

static const char safe_characters[] = "abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_-+=:,./@%";

/* Writes @word so that a shell reads it back as one word. */
static void put_quoted(FILE *line, const char *word)
{
    if (*word != '\0' && word[strspn(word, safe_characters)] == '\0') {
        fputs(word, line);
        return;
    }
    fputc('\'', line);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", line);
        else if (*word == '\n') /* no line of it may say just CONTAINER */
            fputs("\n''", line);
        else
            fputc(*word, line);
    fputc('\'', line);
}

/* printf for a shell's eyes: %s is quoted, %d is a number. */
static void put_format(FILE *line, const char *format, va_list arguments)
{
    for (; *format != '\0'; format++) {
        if (format[0] == '%' && format[1] == 's')
            put_quoted(line, va_arg(arguments, const char *));
        else if (format[0] == '%' && format[1] == 'd')
            fprintf(line, "%d", va_arg(arguments, int));
        else {
            fputc(*format, line);
            continue;
        }
        format++;
    }
}

/* Where to write the next line, or NULL when nobody asked for it. */
static FILE *open_line(char **text, size_t *length)
{
    return explain_fd < 0 ? NULL : open_memstream(text, length);
}

/* An explanation that can't be written must not stop a container, and SIGPIPE
 * would: `duct run --explain ... 2>&1 | head`. */
static void tell(const char *text, size_t length)
{
    sighandler_t usual = signal(SIGPIPE, SIG_IGN);

    (void)!write(explain_fd, text, length);
    signal(SIGPIPE, usual);
}

static void close_line(FILE *line, char **text, const size_t *length)
{
    fputc('\n', line);
    fclose(line);
    tell(*text, *length);
    free(*text);
}

static void put_tag(FILE *line, enum side side)
{
    long column = ftell(line);

    for (; column < TAG_COLUMN; column++)
        fputc(' ', line);
    fprintf(line, " # %s", side == HOST ? "host" : "container");
}

int explain_open(const char *file, struct failure *why)
{
    if (file == NULL)
        explain_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    else
        explain_fd = open(
            file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (explain_fd < 0)
        return fail(why, errno, "--explain: open %s",
                    file == NULL ? "standard error" : file);
    explain_look("Told by duct. `sh FILE` makes the same container.");
    explain(HOST, "set -e");
    return 0;
}

void explain(enum side side, const char *format, ...)
{
    char *text;
    size_t length;
    va_list arguments;
    FILE *line = open_line(&text, &length);

    if (line == NULL)
        return;
    va_start(arguments, format);
    put_format(line, format, arguments);
    va_end(arguments);
    put_tag(line, side);
    close_line(line, &text, &length);
}

void explain_look(const char *format, ...)
{
    char *text;
    size_t length;
    va_list arguments;
    FILE *line = open_line(&text, &length);

    if (line == NULL)
        return;
    fputs("# ", line);
    va_start(arguments, format);
    put_format(line, format, arguments);
    va_end(arguments);
    close_line(line, &text, &length);
}

/* What is written there by two processes is put one after the other. */
static int open_notes(void)
{
    int fd = memfd_create("explain", MFD_CLOEXEC);

    if (fd >= 0)
        (void)fcntl(fd, F_SETFL, O_APPEND);
    return fd;
}

void explain_fork(void)
{
    int notes = explain_fd < 0 ? -1 : open_notes();

    if (notes >= 0) {
        script_fd = explain_fd;
        explain_fd = child_fd = notes;
    }
    /* In a subshell: a command that fails must not end the script. */
    explain(HOST, "set +e; ( set -e");
}

void explain_beside(const char *path)
{
    int notes = child_fd < 0 ? -1 : open_notes();

    if (notes < 0)
        return;
    explain_fd = notes;
    apart = path;
}

void explain_await(void)
{
    explain(CONTAINER, "[ -z \"$fifo\" ] || {");
    explain(CONTAINER, "read -r child rest </proc/self/stat");
    explain(CONTAINER, "echo $child >\"$fifo\"; read -r done <\"$fifo\"; "
                       "rm \"$fifo\"; }");
}

/* Copies what has waited to where explain() writes now. */
static void tell_notes(int notes)
{
    char bytes[4096];
    ssize_t got;

    for (off_t at = 0; (got = pread(notes, bytes, sizeof(bytes), at)) > 0;
         at += got)
        tell(bytes, (size_t)got);
}

/* In the script a helper does what the parent did, as soon as the child is
 * there; the child waits for it. */
static void tell_beside(int notes, const char *path)
{
    if (lseek(notes, 0, SEEK_END) == 0)
        return;
    explain(HOST, "export fifo=%s.fifo; mkfifo \"$fifo\"", path);
    explain(HOST, "{ set +e; read -r child <\"$fifo\"");
    tell_notes(notes);
    explain(HOST, "echo >\"$fifo\"; } &");
}

static void join_notes(void)
{
    cleanup_close int child = child_fd;
    cleanup_close int beside = apart != NULL ? explain_fd : -1;

    if (child < 0)
        return;
    explain_fd = script_fd;
    script_fd = child_fd = -1;
    if (beside >= 0)
        tell_beside(beside, apart);
    apart = NULL;
    tell_notes(child);
}

void explain_exec(char *const env[], char *const argv[])
{
    char *text;
    size_t length;
    FILE *line = open_line(&text, &length);

    if (line == NULL)
        return;
    fputs("exec env -i", line);
    for (; *env != NULL; env++) {
        fputc(' ', line);
        put_quoted(line, *env);
    }
    for (; *argv != NULL; argv++) {
        fputc(' ', line);
        put_quoted(line, *argv);
    }
    put_tag(line, CONTAINER);
    close_line(line, &text, &length);
}

void explain_started(void)
{
    static const char end_of_container[] = "CONTAINER\n";

    if (explain_fd < 0)
        return;
    join_notes();
    tell(end_of_container, strlen(end_of_container));
    explain(HOST, ")\"");
    explain(HOST, "); status=$?; set -e");
}

void explain_end(void)
{
    explain(HOST, "exit $status");
    explain_close();
}

int explain_number(void)
{
    return explain_fd;
}

void explain_close(void)
{
    join_notes();
    close_fd(&explain_fd);
}
