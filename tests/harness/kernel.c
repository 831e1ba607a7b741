/*
 * kernel: what the kernel says about a process, through a procfs of our own.
 *
 * See proc(5). The directory is opened once; openat(2) below it is not
 * affected by what anybody mounts over /proc later.
 */
#include "kernel.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "spawn.h"

/* Set once, before the first trial. */
static int proc_dirfd = -1;

void kernel_open(void)
{
    proc_dirfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc_dirfd < 0) {
        perror("suite: /proc");
        exit(2);
    }
}

/* Words to a path; "0/..." means ourselves. */
static char *path_below(const char *format, va_list words)
{
    char *path = keep_vformat(format, words);

    if (strncmp(path, "0/", 2) == 0)
        path = keep_format("self/%s", path + 2);
    return path;
}

static char *read_all(int fd, size_t *size)
{
    char part[4096], *bytes = NULL;
    size_t have = 0;
    ssize_t got;
    FILE *to = open_memstream(&bytes, &have);

    expect_that(to != NULL, "memory for what is read", "none");
    while ((got = read(fd, part, sizeof(part))) > 0 ||
           (got < 0 && errno == EINTR))
        if (got > 0)
            fwrite(part, (size_t)got, 1, to);
    int errnum = errno;
    fclose(to);
    keep(bytes);
    errno = errnum;
    if (size != NULL)
        *size = have;
    return got < 0 ? NULL : bytes; /* ESRCH: the process went meanwhile */
}

char *kernel_read_fd(int fd, size_t *size)
{
    return lseek(fd, 0, SEEK_SET) < 0 ? NULL : read_all(fd, size);
}

static char *read_path(const char *path, size_t *size)
{
    int fd = openat(proc_dirfd, path, O_RDONLY | O_CLOEXEC);
    char *bytes;
    int errnum;

    if (fd < 0)
        return NULL;
    bytes = read_all(fd, size);
    errnum = errno;
    close(fd);
    errno = errnum;
    return bytes;
}

char *kernel_read(const char *path, ...)
{
    va_list words;
    char *text;

    va_start(words, path);
    text = read_path(path_below(path, words), NULL);
    va_end(words);
    return text;
}

char *kernel_read_bytes(size_t *size, const char *path, ...)
{
    va_list words;
    char *bytes;

    va_start(words, path);
    bytes = read_path(path_below(path, words), size);
    va_end(words);
    return bytes;
}

char *kernel_link(const char *path, ...)
{
    char target[4096]; /* a link in /proc is never longer than PATH_MAX */
    va_list words;
    ssize_t size;

    va_start(words, path);
    size =
        readlinkat(proc_dirfd, path_below(path, words), target, sizeof(target));
    va_end(words);
    return size < 0 ? NULL : keep_copy(target, (size_t)size);
}

int kernel_stat(struct stat *st, const char *path, ...)
{
    va_list words;
    int result;

    va_start(words, path);
    result = fstatat(proc_dirfd, path_below(path, words), st, 0);
    va_end(words);
    return result;
}

int kernel_open_at(int flags, const char *path, ...)
{
    va_list words;
    int fd;

    va_start(words, path);
    fd = openat(proc_dirfd, path_below(path, words), flags | O_CLOEXEC);
    va_end(words);
    return fd;
}

uint64_t kernel_namespace(pid_t pid, const char *name)
{
    struct stat st;

    return kernel_stat(&st, "%d/ns/%s", pid, name) < 0 ? 0 : st.st_ino;
}

/* "12 34 56 " -> {12, 34, 56, 0} */
static pid_t *pids_of(const char *text)
{
    pid_t *pids = keep_zeroed((strlen(text) / 2 + 2) * sizeof(*pids));
    size_t count = 0;
    char *end;

    for (;;) {
        long pid = strtol(text, &end, 10);

        if (end == text)
            return pids;
        pids[count++] = (pid_t)pid;
        text = end;
    }
}

pid_t *kernel_children(pid_t pid)
{
    pid_t whom = pid == 0 ? getpid() : pid;
    char *text = kernel_read("%d/task/%d/children", whom, whom);

    return pids_of(text == NULL ? "" : text);
}

pid_t *kernel_all_pids(void)
{
    int fd = openat(proc_dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    size_t size = 0;
    char *names = NULL;
    FILE *list = open_memstream(&names, &size);

    while (directory != NULL && list != NULL &&
           (entry = readdir(directory)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            fprintf(list, "%s ", entry->d_name);
    if (list != NULL)
        fclose(list);
    if (directory != NULL)
        closedir(directory);
    return pids_of(keep(names));
}

char *kernel_status(pid_t pid, const char *field)
{
    char *text = kernel_read("%d/status", pid);
    size_t size = strlen(field);

    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchrnul(line, '\n');

        if (strncmp(line, field, size) == 0 && line[size] == ':') {
            line += size + 1;
            line += strspn(line, " \t");
            return keep_copy(line, (size_t)(end - line));
        }
        line = *end == '\0' ? end : end + 1;
    }
    return NULL;
}

uint64_t kernel_status_hex(pid_t pid, const char *field)
{
    char *value = kernel_status(pid, field);

    expect_that(value != NULL,
                keep_format("%s in the status of process %d", field, pid),
                "nothing: the process is gone");
    return strtoull(value, NULL, 16);
}

bool kernel_alive(pid_t pid)
{
    char *state = kernel_status(pid, "State");

    return state != NULL && state[0] != 'Z' && state[0] != 'X';
}

pid_t kernel_pid_inside(pid_t pid)
{
    char *numbers = kernel_status(pid, "NSpid");
    char *last;

    if (numbers == NULL)
        return 0;
    last = strrchr(numbers, '\t');
    return (pid_t)strtol(last == NULL ? numbers : last + 1, NULL, 10);
}

char *kernel_command(pid_t pid)
{
    size_t size = 0;
    char *command = kernel_read_bytes(&size, "%d/cmdline", pid);

    if (command == NULL)
        return NULL;
    while (size > 0 && command[size - 1] == '\0')
        size--;
    for (size_t i = 0; i < size; i++)
        if (command[i] == '\0')
            command[i] = ' ';
    return command;
}

static pid_t find_below(pid_t top, const char *command)
{
    char *its = kernel_command(top);

    if (its != NULL && strcmp(its, command) == 0)
        return top;
    for (pid_t *child = kernel_children(top); *child != 0; child++) {
        pid_t found = find_below(*child, command);

        if (found != 0)
            return found;
    }
    return 0;
}

struct wanted {
    pid_t below;
    const char *command;
    pid_t found;
};

static bool is_found(void *arg)
{
    struct wanted *wanted = arg;

    wanted->found = find_below(wanted->below, wanted->command);
    return wanted->found != 0 || !kernel_alive(wanted->below);
}

pid_t kernel_find(pid_t below, const char *command)
{
    struct wanted wanted = {.below = below == 0 ? getpid() : below,
                            .command = command};

    (void)spawn_wait_until(is_found, &wanted, SPAWN_SOON_MS);
    expect_that(wanted.found != 0, keep_format("a process `%s`", command),
                kernel_alive(wanted.below) ? "none"
                                           : "none, and duct has ended");
    return wanted.found;
}

int kernel_count(const char *command)
{
    int count = 0;

    for (pid_t *pid = kernel_all_pids(); *pid != 0; pid++) {
        char *its = kernel_command(*pid);

        if (its != NULL && strcmp(its, command) == 0)
            count++;
    }
    return count;
}
