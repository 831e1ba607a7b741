/*
 * oom_score: who goes first when memory runs out.
 *
 * Kernel object  a number in each process, handed on to its children
 * Side           either: the monitor protects itself, and its container not
 * Look at it     cat /proc/PID/oom_score_adj     choom -p PID
 */
#include "oom_score.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"
#include "explain.h"
#include "procfs.h"

int oom_score_of(pid_t pid)
{
    cleanup_free char *path = NULL;
    char line[16];
    int score = 0;

    if (asprintf(&path, "/proc/%d/oom_score_adj", pid) < 0)
        return 0;
    FILE *file = fopen(path, "re");
    if (file != NULL && fgets(line, sizeof(line), file) != NULL)
        score = (int)strtol(line, NULL, 10);
    if (file != NULL)
        fclose(file);
    return score;
}

int oom_score_get(void)
{
    return oom_score_of(getpid());
}

int oom_score_own(int score)
{
    cleanup_close int fd =
        open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    char text[16];
    int length = snprintf(text, sizeof(text), "%d", score);

    return fd < 0 || write(fd, text, (size_t)length) < 0 ? -1 : 0;
}

int oom_score_set(int score, struct failure *why)
{
    cleanup_free char *path = NULL;
    cleanup_free char *text = NULL;
    cleanup_close int proc_fd = procfs_open(why);

    if (proc_fd < 0)
        return -1;
    if (asprintf(&path, "%d/oom_score_adj", getpid()) < 0 ||
        asprintf(&text, "%d", score) < 0)
        return fail(why, ENOMEM, "set the OOM score");
    explain_look("choom -n %d", score);
    if (procfs_write(proc_fd, path, text) < 0)
        return fail(why, errno, "set the OOM score to %d", score);
    return 0;
}
