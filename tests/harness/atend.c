/*
 * atend: what a program still holds when all its work is done; see atend.h.
 *
 * For glibc's malloc(), see mallopt(3), M_PERTURB: freed memory is filled
 * with a byte. What it keeps apart for each thread is not, so that is off.
 */
#include "atend.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deny.h"
#include "duct.h"
#include "expect.h"
#include "keep.h"
#include "kernel.h"
#include "scratch.h"

enum {
    SHORTEST = 6
}; /* texts that are shorter may be there by chance */

static void hold_at_end(void *arg)
{
    const struct spawn *spawn = arg;

    if (spawn->prepare != NULL)
        spawn->prepare(spawn->prepare_arg);
    if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        _exit(125);
    hold_call(&(struct deny){.number = SYS_exit_group, .name = "exit_group"});
}

struct program *at_end_start(const struct spawn *spawn)
{
    struct spawn held = *spawn;
    const char *home = spawn->uid == 0 ? "home" : "home-of-nobody";

    needs_no_sanitizer();
    held.env = ARGV("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                    keep_format("HOME=%s", scratch_path("%s", home)),
                    "MALLOC_PERTURB_=165",
                    "GLIBC_TUNABLES=glibc.malloc.tcache_count=0");
    held.prepare = hold_at_end;
    held.prepare_arg = (void *)(uintptr_t)spawn;
    return spawn_start(&held);
}

char *at_end_descriptors(pid_t pid)
{
    int fd = kernel_open_at(O_RDONLY | O_DIRECTORY | O_CLOEXEC, "%d/fd", pid);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    char *text = keep_format("%s", "");

    expect_that(entries != NULL, keep_format("process %d to live", pid),
                "it is gone");
    while ((entry = readdir(entries)) != NULL) {
        const char *path = kernel_link("%d/fd/%s", pid, entry->d_name);

        if (path != NULL)
            text = keep_format("%s%s\n", text, path);
    }
    (void)closedir(entries);
    return text;
}

/* Runs of printable characters that a NUL ends, or @end, one a line. */
static char *texts_in(const char *bytes, size_t size, char end)
{
    char *lines = keep_zeroed(size + 1), *to = lines;
    size_t begin = 0;

    for (size_t i = 0; i < size; i++) {
        if (isprint((unsigned char)bytes[i]))
            continue;
        if ((bytes[i] == '\0' || bytes[i] == end) && i - begin >= SHORTEST) {
            to = (char *)mempcpy(to, bytes + begin, i - begin);
            *to++ = '\n';
        }
        begin = i + 1;
    }
    return lines;
}

/* The line of /proc/PID/maps that ends in [heap]. */
static char *heap_texts(pid_t pid, char end)
{
    char *maps = kernel_read("%d/maps", pid), *line, *bytes;
    int fd = kernel_open_at(O_RDONLY | O_CLOEXEC, "%d/mem", pid);
    uintmax_t from, to;
    ssize_t size;

    expect_call(fd);
    while (maps != NULL && (line = strsep(&maps, "\n")) != NULL)
        if (strstr(line, "[heap]") != NULL)
            break;
    expect_that(maps != NULL && line != NULL, "a heap of the program", "none");
    from = strtoumax(line, &line, 16);
    to = strtoumax(line + 1, NULL, 16);
    bytes = keep_zeroed(to - from + 1);
    size = pread(fd, bytes, to - from, (off_t)from);
    (void)close(fd);
    expect_that(size > 0, "a heap of the program that can be read", "none");
    return texts_in(bytes, (size_t)size, end);
}

struct at_end at_end_look(struct program *p)
{
    struct at_end end = {.program = p};
    struct held held;

    expect_that(hold_wait(p, false, &held), "the program to end", "it runs");
    while (held.pid != p->pid) { /* a child of its own */
        hold_answer(&held, 0);
        expect_that(hold_wait(p, false, &held), "the program to end",
                    "it runs");
    }
    end.descriptors = at_end_descriptors(p->pid);
    end.memory = heap_texts(p->pid, '\0');
    end.lines = heap_texts(p->pid, '\n');
    hold_answer(&held, 0);
    spawn_finish(p);
    return end;
}

static char *lines_with(const char *lines, const char *part)
{
    char *copy = keep_format("%s", lines), *line;
    char *text = keep_format("%s", "");

    while ((line = strsep(&copy, "\n")) != NULL)
        if (strstr(line, part) != NULL)
            text = keep_format("%s%s\n", text, line);
    return text;
}

char *at_end_texts(const struct at_end *end, const char *part)
{
    return lines_with(end->memory, part);
}

char *at_end_lines(const struct at_end *end, const char *part)
{
    return lines_with(end->lines, part);
}
