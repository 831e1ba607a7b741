/*
 * seccomp: which system calls there are, for a container.
 *
 * Half of the kernel's calls are hardly ever made, and have most of its holes.
 *
 * Kernel object  a program that runs before each system call, of this process
 *                and all that it starts
 * Side           container, next to the last thing that duct does there
 * Look at it     grep Seccomp /proc/PID/status     strace -f
 */
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "explain.h"
#include "seccomp/overrides.h"

#include "seccomp/default.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum {
    LONGEST_RULE = 5, /* in instructions */
    LONGEST_PROLOGUE = 3,
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    LOW_HALF = 0
#else
    LOW_HALF = 4
#endif
};

/* Appends one instruction; there is room for it. */
static void emit(struct seccomp *s, unsigned code, uint32_t k, unsigned if_true,
                 unsigned if_false)
{
    s->program[s->count++] = (struct sock_filter){
        (uint16_t)code, (uint8_t)if_true, (uint8_t)if_false, k};
}

static void emit_load(struct seccomp *s, size_t offset)
{
    emit(s, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* "If it is this call (and this argument), that is the answer." The number of
 * the call is in the machine's only register, before and after. */
static void emit_rule(struct seccomp *s, const struct seccomp_override *o)
{
    if (o->argument == OVERRIDE_WHATEVER) {
        emit(s, BPF_JMP | BPF_JEQ | BPF_K, o->number, 0, 1);
        emit(s, BPF_RET | BPF_K, o->action, 0, 0);
        return;
    }
    emit(s, BPF_JMP | BPF_JEQ | BPF_K, o->number, 0, 4);
    emit_load(s, offsetof(struct seccomp_data, args) +
                     sizeof(uint64_t) * (size_t)o->argument + LOW_HALF);
    emit(s, BPF_JMP | BPF_JEQ | BPF_K, o->value, 0, 1);
    emit(s, BPF_RET | BPF_K, o->action, 0, 0);
    emit_load(s, offsetof(struct seccomp_data, nr));
}

/* The rules of one architecture, behind a comparison with it: its numbers are
 * other calls elsewhere. Returns where the next one's begin. */
static size_t emit_architecture(struct seccomp *s, size_t i,
                                const struct caps *caps)
{
    uint32_t architecture = overrides[i].architecture;

    emit_load(s, offsetof(struct seccomp_data, arch));
    emit(s, BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
    size_t over = s->count;
    emit(s, BPF_JMP | BPF_JA, 0, 0, 0);
    emit_load(s, offsetof(struct seccomp_data, nr));
    for (; i < LENGTH(overrides) && overrides[i].architecture == architecture;
         i++)
        if (overrides[i].capability == OVERRIDE_ALWAYS ||
            caps_has(caps, overrides[i].capability))
            emit_rule(s, &overrides[i]);
    s->program[over].k = (uint32_t)(s->count - over - 1);
    return i;
}

int seccomp_filter_default(const struct caps *caps, bool compat32,
                           struct seccomp *seccomp, struct failure *why)
{
    const struct sock_filter *body = compat32 ? compat32_too : native;
    size_t length = compat32 ? LENGTH(compat32_too) : LENGTH(native);
    size_t room =
        length + LENGTH(overrides) * (LONGEST_RULE + LONGEST_PROLOGUE + 1);

    *seccomp =
        (struct seccomp){.program = malloc(room * sizeof(*seccomp->program))};
    if (seccomp->program == NULL)
        return fail(why, ENOMEM, "make the filter of system calls");
    for (size_t i = 0; i < LENGTH(overrides);)
        i = emit_architecture(seccomp, i, caps);
    memcpy(seccomp->program + seccomp->count, body, length * sizeof(*body));
    seccomp->count += length;
    return 0;
}

int seccomp_filter_read(int dir_fd, const char *name, struct seccomp *seccomp,
                        struct failure *why)
{
    cleanup_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    struct stat status;

    *seccomp = (struct seccomp){0};
    if (fd < 0 || fstat(fd, &status) < 0)
        return fail(why, errno, "open the filter of system calls, %s", name);
    if (status.st_size == 0 || status.st_size % 8 != 0 ||
        status.st_size > BPF_MAXINSNS * 8)
        return fail(why, 0, "%s is no filter of system calls", name);
    seccomp->count = (size_t)status.st_size / sizeof(*seccomp->program);
    seccomp->program = malloc((size_t)status.st_size);
    if (seccomp->program == NULL ||
        read(fd, seccomp->program, (size_t)status.st_size) != status.st_size)
        return fail(why, errno, "read the filter of system calls, %s", name);
    return 0;
}

int seccomp_filter_load(const struct sock_filter *program, size_t count,
                        struct failure *why)
{
    struct sock_fprog filter = {
        .len = (unsigned short)count,
        .filter = (struct sock_filter *)program,
    };

    if (count > BPF_MAXINSNS)
        return fail(why, 0, "the filter of system calls is too long");
    explain_look("no command filters system calls; strace shows what it does");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
        return fail(why, errno, "filter system calls with seccomp");
    return 0;
}

void seccomp_filter_free(struct seccomp *seccomp)
{
    free(seccomp->program);
    *seccomp = (struct seccomp){0};
}
