/*
 * mounts: /proc/PID/mountinfo, parsed (proc(5), "mountinfo").
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=...
 *   id parent dev root point flags [optional...] - type source options
 */
#include "mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"
#include "kernel.h"

/* The kernel writes blanks and backslashes as \040, in octal. */
static char *unescape(char *word)
{
    char *to = word;

    for (const char *from = word; *from != '\0';) {
        if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
            *to++ = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 +
                           (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return word;
}

static char *next_word(char **line)
{
    char *word = strsep(line, " ");

    return unescape(word == NULL ? keep_copy("", 0) : word);
}

static char *optional_words(char **line)
{
    char *all = keep_copy("", 0);

    for (;;) {
        char *word = next_word(line);

        if (strcmp(word, "-") == 0 || word[0] == '\0')
            return all;
        all = keep_format("%s%s%s", all, all[0] != '\0' ? " " : "", word);
    }
}

static struct mount_entry parse(char *line)
{
    struct mount_entry entry = {0};
    char *device;

    entry.id = (int)strtol(next_word(&line), NULL, 10);
    entry.parent = (int)strtol(next_word(&line), NULL, 10);
    device = next_word(&line);
    entry.major = (unsigned)strtoul(device, &device, 10);
    if (*device == ':')
        entry.minor = (unsigned)strtoul(device + 1, NULL, 10);
    entry.root = next_word(&line);
    entry.point = next_word(&line);
    entry.flags = next_word(&line);
    entry.shared = optional_words(&line);
    entry.type = next_word(&line);
    entry.source = next_word(&line);
    entry.options = next_word(&line);
    return entry;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

static struct mounts *parse_all(pid_t pid, char *text)
{
    struct mounts *m = keep_zeroed(sizeof(*m));

    expect_that(text != NULL, keep_format("a mount table of process %d", pid),
                "none: the process is gone");
    m->entries = keep_zeroed((count_lines(text) + 1) * sizeof(*m->entries));
    for (char *line; (line = strsep(&text, "\n")) != NULL;)
        if (line[0] != '\0')
            m->entries[m->count++] = parse(line);
    return m;
}

struct mounts *mounts_of(pid_t pid)
{
    return parse_all(pid, kernel_read("%d/mountinfo", pid));
}

/* setns(2) takes a process to the namespace's root as well. */
static void copy_table(int namespace_fd, int to)
{
    char bytes[4096];
    ssize_t got;
    int from;

    if (setns(namespace_fd, CLONE_NEWNS) < 0)
        _exit(1);
    from = kernel_open_at(O_RDONLY, "self/mountinfo");
    while ((got = read(from, bytes, sizeof(bytes))) > 0)
        if (write(to, bytes, (size_t)got) != got)
            _exit(1);
    _exit(0);
}

struct mounts *mounts_of_namespace(pid_t pid)
{
    int namespace_fd = kernel_open_at(O_RDONLY, "%d/ns/mnt", pid);
    int file = memfd_create("mountinfo", MFD_CLOEXEC);
    char *text = NULL;
    int status = -1;
    pid_t child;

    expect_call(namespace_fd);
    expect_call(file);
    child = fork();
    expect_call(child);
    if (child == 0)
        copy_table(namespace_fd, file);
    expect_call(waitpid(child, &status, 0));
    if (status == 0)
        text = kernel_read_fd(file, NULL);
    close(file);
    close(namespace_fd);
    return parse_all(pid, text);
}

const struct mount_entry *mounts_at(const struct mounts *m, const char *point)
{
    for (size_t i = m->count; i-- > 0;)
        if (strcmp(m->entries[i].point, point) == 0)
            return &m->entries[i];
    return NULL;
}

const struct mount_entry *mounts_by_id(const struct mounts *m, int id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->entries[i].id == id)
            return &m->entries[i];
    return NULL;
}

bool mounts_flag(const char *list, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = list; *at != '\0';) {
        size_t here = strcspn(at, ",");

        if (here == size && strncmp(at, word, size) == 0)
            return true;
        at += here;
        at += *at == ',';
    }
    return false;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *mounts_told(const struct mounts *m)
{
    char **lines = keep_zeroed((m->count + 1) * sizeof(*lines));
    char *text = keep_copy("", 0);

    for (size_t i = 0; i < m->count; i++)
        lines[i] =
            keep_format("%s %s %s %s", m->entries[i].point, m->entries[i].type,
                        m->entries[i].root, m->entries[i].flags);
    qsort(lines, m->count, sizeof(*lines), compare_entries);
    for (size_t i = 0; i < m->count; i++)
        text = keep_format("%s%s\n", text, lines[i]);
    return text;
}
