/*
 * deny: a kernel that says no, or takes its time; see deny.h.
 */
#include "deny.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "expect.h"
#include "spawn.h"

/* Where the held program keeps it for us: the suite has none that high. */
enum {
    LISTENER_FD = 1000
};

/* Without no_new_privs only root may: it would show in the container. */
static int install(struct sock_filter *filter, unsigned short size,
                   unsigned flags)
{
    struct sock_fprog program = {.len = size, .filter = filter};
    long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

    if (fd < 0)
        _exit(125);
    return (int)fd;
}

/* Such calls come to @action, all others are made. */
static int filter_call(const struct deny *deny, unsigned action, unsigned flags)
{
    unsigned number = (unsigned)deny->number;
    unsigned argument = (unsigned)(offsetof(struct seccomp_data, args) +
                                   8 * (size_t)deny->argument);
    struct sock_filter always[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_filter with_value[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, deny->value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };

    if (deny->only_with)
        return install(with_value, sizeof(with_value) / sizeof(with_value[0]),
                       flags);
    return install(always, sizeof(always) / sizeof(always[0]), flags);
}

void deny_call(void *arg)
{
    const struct deny *deny = arg;

    (void)filter_call(deny, SECCOMP_RET_ERRNO | (unsigned)deny->errnum, 0);
}

void hold_call(void *arg)
{
    int fd = filter_call(arg, SECCOMP_RET_USER_NOTIF,
                         SECCOMP_FILTER_FLAG_NEW_LISTENER);

    if (dup2(fd, LISTENER_FD) < 0)
        _exit(125);
    (void)close(fd);
}

void hold_answer(struct held *held, int errnum)
{
    struct seccomp_notif_resp answer = {
        .id = held->id,
        .error = -errnum,
        .flags = errnum == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0,
    };

    /* ENOENT: it was killed meanwhile. */
    (void)ioctl(held->listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    (void)close(held->listener_fd);
    held->listener_fd = -1;
}

static int look(int listener_fd)
{
    struct pollfd polled = {.fd = listener_fd, .events = POLLIN};

    return poll(&polled, 1, 0) > 0 ? polled.revents : 0;
}

static bool is_called(void *arg)
{
    return look(*(int *)arg) != 0; /* or nobody is left who could call */
}

static bool wait_for_call(struct program *p, struct held *held)
{
    struct seccomp_notif call = {0};

    held->listener_fd = (int)syscall(SYS_pidfd_getfd, p->pidfd, LISTENER_FD, 0);
    if (held->listener_fd < 0) /* it has ended */
        return false;
    /* Linux 6.1 would wait for ever for one of those who are gone. */
    if (spawn_wait_until(is_called, &held->listener_fd, SPAWN_SOON_MS) &&
        (look(held->listener_fd) & POLLIN) != 0 &&
        ioctl(held->listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0) {
        held->id = call.id;
        held->pid = (pid_t)call.pid;
        return true;
    }
    (void)close(held->listener_fd);
    held->listener_fd = -1;
    return false;
}

bool hold_wait(struct program *p, bool child, struct held *held)
{
    while (wait_for_call(p, held)) {
        if (!child || held->pid != p->pid)
            return true;
        hold_answer(held, 0);
    }
    return false;
}

/* As long as there is somebody who could call. */
static void *answer_all(void *listener)
{
    struct pollfd polled = {.fd = (int)(intptr_t)listener, .events = POLLIN};

    while (poll(&polled, 1, -1) > 0 && (polled.revents & POLLIN) != 0) {
        struct seccomp_notif call = {0};

        if (ioctl(polled.fd, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0)
            (void)ioctl(polled.fd, SECCOMP_IOCTL_NOTIF_SEND,
                        &(struct seccomp_notif_resp){
                            .id = call.id,
                            .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
                        });
    }
    (void)close(polled.fd);
    return NULL;
}

void hold_no_more(struct held *held)
{
    hold_fail_once(held, 0);
}

void hold_fail_once(struct held *held, int errnum)
{
    int listener_fd = fcntl(held->listener_fd, F_DUPFD_CLOEXEC, 3);
    pthread_t thread;

    expect_call(listener_fd);
    hold_answer(held, errnum);
    expect_int("pthread_create", 0,
               pthread_create(&thread, NULL, answer_all,
                              (void *)(intptr_t)listener_fd));
    expect_int("pthread_detach", 0, pthread_detach(thread));
}
