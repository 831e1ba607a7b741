/*
 * deny: a kernel that says no; see seccomp(2).
 */
#include "deny.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void install(struct sock_filter *filter, unsigned short size)
{
    struct sock_fprog program = {.len = size, .filter = filter};

    /* Without no_new_privs only root may: it would show in the container. */
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        _exit(125);
}

void deny_call(void *arg)
{
    const struct deny *deny = arg;
    unsigned number = (unsigned)deny->number;
    unsigned refusal = SECCOMP_RET_ERRNO | (unsigned)deny->errnum;
    unsigned argument = (unsigned)(offsetof(struct seccomp_data, args) +
                                   8 * (size_t)deny->argument);
    struct sock_filter always[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, refusal),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_filter with_value[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, deny->value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, refusal),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };

    if (deny->only_with)
        install(with_value, sizeof(with_value) / sizeof(with_value[0]));
    else
        install(always, sizeof(always) / sizeof(always[0]));
}
