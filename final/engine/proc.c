/*
 * proc: what the kernel tells of one process.
 *
 * Kernel object  /proc/PID: while we have it open, it is that process's or
 *                nobody's
 * Look at it     cat /proc/PID/stat     tr '\0' ' ' </proc/PID/cmdline
 */
#include "proc.h"

#include <fcntl.h>
#include <stdio.h>

#include "cleanup.h"
#include "printable.h"

enum {
    TEXT_MAX = 65536 /* bytes of arguments that we care for */
};

int proc_parse_stat(struct proc *proc, const char *text)
{
    const char *name = strchr(text, '(');
    const char *rest = strrchr(text, ')');

    *proc = (struct proc){0};
    if (name == NULL || rest == NULL || rest < name)
        return -1;
    snprintf(proc->comm, sizeof(proc->comm), "%.*s", (int)(rest - name - 1),
             name + 1);
    /* What is skipped: flags, page faults, what its children used, ... The
     * numbers are the kernel's, so they are in range: NOLINTBEGIN(cert-err34-c)
     */
    if (sscanf(text, "%d", &proc->pid) != 1 ||
        sscanf(rest,
               ") %c %d %d %d %d %d %*s %*s %*s %*s %*s %lld %lld %*s %*s %ld "
               "%ld %ld %*s %lld %lld %lld %*s %*s %*s %*s %*s %*s %*s %*s "
               "%*s %*s %*s %*s %*s %*s %ld",
               &proc->state, &proc->ppid, &proc->pgrp, &proc->session,
               &proc->tty, &proc->foreground, &proc->user_ticks,
               &proc->system_ticks, &proc->priority, &proc->nice,
               &proc->threads, &proc->start_ticks, &proc->size, &proc->resident,
               &proc->processor) != 15)
        return -1;
    return 0; /* NOLINTEND(cert-err34-c) */
}

/* Reads a file of which the kernel doesn't say how long it is. Returns its
 * text, which the caller frees, and its length; or NULL. */
static char *read_file(int dir_fd, const char *name, size_t *length)
{
    char *text = malloc(TEXT_MAX + 1);
    cleanup_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    ssize_t count = 0;

    *length = 0;
    while (text != NULL && fd >= 0 && *length < TEXT_MAX &&
           (count = read(fd, text + *length, TEXT_MAX - *length)) > 0)
        *length += (size_t)count;
    if (text == NULL || fd < 0 || count < 0) {
        free(text);
        return NULL;
    }
    text[*length] = '\0';
    return text;
}

/* Arguments end with a NUL each; what is behind the last is not ours. */
static char *join_args(char *text, size_t length)
{
    while (length > 0 && text[length - 1] == '\0')
        length--;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    return text;
}

static int read_ids(struct proc *proc, const char *status)
{
    const char *uids = strstr(status, "\nUid:");
    const char *gids = strstr(status, "\nGid:");

    /* As above: NOLINTBEGIN(cert-err34-c) */
    return uids != NULL && gids != NULL &&
                   sscanf(uids, "\nUid: %u %u", &proc->uid, &proc->euid) == 2 &&
                   sscanf(gids, "\nGid: %u %u", &proc->gid, &proc->egid) == 2
               ? 0
               : -1; /* NOLINTEND(cert-err34-c) */
}

int proc_read(struct proc *proc, pid_t pid)
{
    cleanup_free char *path = NULL;
    size_t length;

    if (asprintf(&path, "/proc/%d", pid) < 0)
        return -1;
    cleanup_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    cleanup_free char *stat = read_file(fd, "stat", &length);
    cleanup_free char *status = read_file(fd, "status", &length);
    char *args = read_file(fd, "cmdline", &length);
    if (stat == NULL || status == NULL || args == NULL ||
        proc_parse_stat(proc, stat) < 0 || read_ids(proc, status) < 0) {
        free(args);
        return -1;
    }
    printable(proc->comm);
    proc->args = join_args(args, length);
    /* Threads of the kernel have none, nor do zombies. */
    if (*args == '\0') {
        free(args);
        if (asprintf(&proc->args, "[%s]", proc->comm) < 0)
            return -1;
    }
    printable(proc->args);
    return 0;
}
