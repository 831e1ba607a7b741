/*
 * absent: a host that lacks a file which this one has; see absent.h.
 */
#include "absent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "expect.h"
#include "kernel.h"

/* In the program, where nothing else is open; the suite takes a copy. */
enum {
    OPENS_FD = 1000
};

static void tell_opens(void *unused)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    int fd;

    (void)unused;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        _exit(125);
    fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                      SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (fd < 0 || dup2(fd, OPENS_FD) < 0)
        _exit(125);
    (void)close(fd);
}

/* The path that a held openat(2) is about, in the program's memory. */
static bool path_ends(const struct seccomp_notif *call, const char *const *ends)
{
    int fd = kernel_open_at(O_RDONLY | O_CLOEXEC, "%u/mem", call->pid);
    char path[4096] = "";
    ssize_t size =
        fd < 0 ? -1
               : pread(fd, path, sizeof(path) - 1, (off_t)call->data.args[1]);
    size_t length;

    if (fd >= 0)
        (void)close(fd);
    length = size <= 0 ? 0 : strnlen(path, (size_t)size);
    for (; *ends != NULL; ends++)
        if (length >= strlen(*ends) &&
            strncmp(path + length - strlen(*ends), *ends, strlen(*ends)) == 0)
            return true;
    return false;
}

static void answer(int listener, const char *const *ends, int errnum)
{
    struct seccomp_notif call = {0};
    struct seccomp_notif_resp response = {0};

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
        return; /* it was killed meanwhile */
    response.id = call.id;
    if (path_ends(&call, ends))
        response.error = -errnum;
    else
        response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

struct program *absent_run(const struct spawn *spawn, const char *const *ends)
{
    return denied_run(spawn, ends, ENOENT);
}

struct program *denied_run(const struct spawn *spawn, const char *const *ends,
                           int errnum)
{
    struct spawn told = *spawn;
    struct program *p;
    int listener;

    told.prepare = tell_opens;
    p = spawn_start(&told);
    listener = (int)syscall(SYS_pidfd_getfd, p->pidfd, OPENS_FD, 0);
    expect_call(listener);
    while (!p->ended) {
        struct pollfd polled = {.fd = listener, .events = POLLIN};

        if (poll(&polled, 1, 5) > 0 && (polled.revents & POLLIN))
            answer(listener, ends, errnum);
        spawn_poll(0);
    }
    (void)close(listener);
    spawn_finish(p);
    return p;
}
