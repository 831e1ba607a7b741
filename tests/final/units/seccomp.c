/*
 * Seccomp: what the default filter answers, asked of the kernel and of every
 * number that a system call might have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#define give_up(...)                                                           \
    (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomp.h"

enum {
    CRASHED = 1000
};

/* Makes a call behind the filter. Returns its error, or 0. */
static int ask(const struct caps *caps, long number, unsigned long a,
               unsigned long b, unsigned long c)
{
    int answer[2];
    int errnum = CRASHED;

    assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        struct seccomp seccomp;
        struct failure why;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            seccomp_filter_default(caps, false, &seccomp, &why) < 0 ||
            seccomp_filter_load(seccomp.program, seccomp.count, &why) < 0)
            _exit(1);
        errno = 0;
        errnum = syscall(number, a, b, c, 0, 0, 0) < 0 ? errno : 0;
        (void)!write(answer[1], &errnum, sizeof(errnum));
        _exit(0);
    }
    close(answer[1]);
    (void)!read(answer[0], &errnum, sizeof(errnum));
    close(answer[0]);
    waitpid(child, NULL, 0);
    return errnum;
}

static const struct question {
    long number;
    unsigned long a, b;
    int answer;
} usual[] = {
    {SYS_getppid, 0, 0, 0},
    {SYS_close, -1UL, 0, EBADF},
    {SYS_unshare, CLONE_NEWUSER, 0, EPERM},
    {SYS_unshare, 0, 0, EPERM},
    {SYS_setns, -1UL, 0, EPERM},
    {SYS_clone, CLONE_NEWUSER, 0, EPERM},
    {SYS_clone, CLONE_NEWNS | CLONE_NEWPID, 0, EPERM},
    {SYS_clone3, 0, 0, ENOSYS},
    {SYS_mount, 0, 0, EPERM},
    {SYS_umount2, 0, 0, EPERM},
    {SYS_fsopen, 0, 0, EPERM},
    {SYS_bpf, 0, 0, EPERM},
    {SYS_perf_event_open, 0, 0, EPERM},
    {SYS_keyctl, 0, 0, EPERM},
    {SYS_open_by_handle_at, -1UL, 0, EPERM},
    {SYS_io_uring_setup, 0, 0, ENOSYS},
    {SYS_ioctl, -1UL, 0x5412, EPERM},
    {SYS_ioctl, -1UL, 0x100005412, EPERM},
    {SYS_ioctl, -1UL, 0x541C, EPERM},
    {SYS_ioctl, -1UL, 0x5413, EBADF},
    {SYS_socket, AF_UNIX, SOCK_DGRAM, 0},
    {SYS_socket, AF_INET, SOCK_DGRAM, 0},
    {SYS_socket, AF_PACKET, SOCK_DGRAM, EAFNOSUPPORT},
    {SYS_socket, AF_ALG, SOCK_SEQPACKET, EAFNOSUPPORT},
    {SYS_socket, AF_VSOCK, SOCK_STREAM, EAFNOSUPPORT},
    {SYS_socket, 0x100000002, SOCK_DGRAM, EAFNOSUPPORT},
    {SYS_socketpair, AF_UNIX, -1UL, EINVAL},
    {SYS_personality, 0xffffffff, 0, 0},
    {SYS_personality, 0x0040000, 0, ENOSYS},
    {600, 0, 0, ENOSYS},
#ifdef __x86_64__
    {SYS_getppid | 0x40000000, 0, 0, ENOSYS},
#endif
};

static void a_container_usually_has_few_calls(void **state)
{
    struct caps caps;
    (void)state;

    caps_default(&caps);
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        const struct question *q = &usual[i];

        if (ask(&caps, q->number, q->a, q->b, 0) != q->answer)
            give_up("call %ld (%#lx, %#lx): %d and not %d", q->number, q->a,
                    q->b, ask(&caps, q->number, q->a, q->b, 0), q->answer);
    }
}

static void a_capability_opens_its_calls(void **state)
{
    struct caps caps;
    struct failure why;
    (void)state;

    caps_default(&caps);
    assert_int_equal(caps_add(&caps, "SYS_ADMIN", &why), 0);
    assert_int_equal(ask(&caps, SYS_unshare, 0, 0, 0), 0);
    assert_int_equal(ask(&caps, SYS_mount, 1, 1, 0), EFAULT);
    assert_int_equal(ask(&caps, SYS_clone3, 0, 0, 0), EINVAL);
    assert_int_equal(ask(&caps, SYS_ioctl, -1UL, 0x5412, 0), EPERM);
    assert_int_equal(ask(&caps, SYS_keyctl, 0, 0, 0), EPERM);
    assert_int_equal(ask(&caps, SYS_socket, AF_PACKET, SOCK_DGRAM, 0),
                     EAFNOSUPPORT);
    assert_int_equal(caps_add(&caps, "NET_RAW", &why), 0);
    assert_int_not_equal(ask(&caps, SYS_socket, AF_PACKET, SOCK_DGRAM, 0),
                         EAFNOSUPPORT);
    assert_int_equal(ask(&caps, SYS_socket, AF_ALG, SOCK_SEQPACKET, 0),
                     EAFNOSUPPORT);
    caps_all(&caps);
    assert_int_equal(ask(&caps, SYS_open_by_handle_at, -1UL, 0, 0), EPERM);
}

/* The kernel's machine, as far as filters use it. */
static uint32_t run(const struct seccomp *s, const struct seccomp_data *data)
{
    uint32_t a = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct sock_filter *f = &s->program[i];
        bool is_so;

        switch (f->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            memcpy(&a, (const char *)data + f->k, sizeof(a));
            continue;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= f->k;
            continue;
        case BPF_JMP | BPF_JA:
            i += f->k;
            continue;
        case BPF_JMP | BPF_JEQ | BPF_K:
            is_so = a == f->k;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            is_so = a > f->k;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            is_so = a >= f->k;
            break;
        case BPF_RET | BPF_K:
            return f->k;
        default:
            give_up("instruction %#x", f->code);
            return 0;
        }
        i += is_so ? f->jt : f->jf;
    }
    give_up("a program without an end");
    return 0;
}

#ifdef __x86_64__
static unsigned count_open(const struct seccomp *s, uint32_t architecture)
{
    unsigned open = 0;

    for (int number = 0; number < 1024; number++) {
        struct seccomp_data data = {.nr = number, .arch = architecture};
        uint32_t action = run(s, &data);

        if (action == SECCOMP_RET_ALLOW)
            open++;
        else if (action != (SECCOMP_RET_ERRNO | ENOSYS) &&
                 action != (SECCOMP_RET_ERRNO | EPERM) &&
                 action != (SECCOMP_RET_ERRNO | EAFNOSUPPORT))
            give_up("call %d has the answer %#x", number, action);
    }
    return open;
}

static void of_all_calls_at_most_300_are_open(void **state)
{
    struct seccomp s;
    struct caps caps;
    struct failure why;
    (void)state;

    caps_default(&caps);
    assert_int_equal(seccomp_filter_default(&caps, false, &s, &why), 0);
    assert_in_range(count_open(&s, AUDIT_ARCH_X86_64), 250, 300);
    seccomp_filter_free(&s);
}

static void programs_of_32_bits_run_only_when_asked_for(void **state)
{
    struct seccomp_data socketcall = {.nr = 102, .arch = AUDIT_ARCH_I386};
    struct seccomp_data tiocsti = {
        .nr = 54, .arch = AUDIT_ARCH_I386, .args = {0, 0x5412}};
    struct seccomp s;
    struct caps caps;
    struct failure why;
    (void)state;

    caps_default(&caps);
    assert_int_equal(seccomp_filter_default(&caps, false, &s, &why), 0);
    assert_int_equal(count_open(&s, AUDIT_ARCH_I386), 0);
    seccomp_filter_free(&s);
    assert_int_equal(seccomp_filter_default(&caps, true, &s, &why), 0);
    assert_in_range(count_open(&s, AUDIT_ARCH_I386), 250, 370);
    assert_in_range(count_open(&s, AUDIT_ARCH_X86_64), 250, 300);
    assert_int_equal(run(&s, &socketcall), SECCOMP_RET_ERRNO | ENOSYS);
    assert_int_equal(run(&s, &tiocsti), SECCOMP_RET_ERRNO | EPERM);
    seccomp_filter_free(&s);
}
#endif

static void half_a_filter_is_none(void **state)
{
    char name[] = "/tmp/duct-seccomp-XXXXXX";
    int fd = mkstemp(name);
    struct seccomp s;
    struct failure why;
    (void)state;

    assert_true(fd >= 0);
    assert_int_equal(seccomp_filter_read(AT_FDCWD, name, &s, &why), -1);
    assert_int_equal(write(fd, "1234567", 7), 7);
    assert_int_equal(seccomp_filter_read(AT_FDCWD, name, &s, &why), -1);
    assert_int_equal(write(fd, "8", 1), 1);
    assert_int_equal(seccomp_filter_read(AT_FDCWD, name, &s, &why), 0);
    assert_int_equal(s.count, 1);
    seccomp_filter_free(&s);
    unlink(name);
    assert_int_equal(seccomp_filter_read(AT_FDCWD, name, &s, &why), -1);
    close(fd);
}

extern const struct CMUnitTest seccomp_tests[];
extern const size_t seccomp_count;

const struct CMUnitTest seccomp_tests[] = {
    cmocka_unit_test(a_container_usually_has_few_calls),
    cmocka_unit_test(a_capability_opens_its_calls),
#ifdef __x86_64__
    cmocka_unit_test(of_all_calls_at_most_300_are_open),
    cmocka_unit_test(programs_of_32_bits_run_only_when_asked_for),
#endif
    cmocka_unit_test(half_a_filter_is_none),
};
const size_t seccomp_count = sizeof(seccomp_tests) / sizeof(seccomp_tests[0]);
