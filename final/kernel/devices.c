/*
 * devices: which devices a container may open, whatever files it has.
 *
 * A node is two numbers, and root in a container can make one: what counts is
 * what the cgroup says when it is opened.
 *
 * Kernel object  version 2: a program attached to the cgroup
 *                version 1: the files devices.allow and devices.deny
 * Side           host, before the container's first process is in the cgroup
 * Look at it     bpftool cgroup show DIRECTORY     cat DIRECTORY/devices.list
 */
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "explain.h"
#include "hierarchy.h"
#include "numbers.h"

/* What /dev has is made by duct, in the container's cgroup: so that much, and
 * no more, one with CAP_MKNOD may make as well. */
static const struct device_rule usual[] = {
    {'c', 1, 3, "rwm"},           /* null */
    {'c', 1, 5, "rwm"},           /* zero */
    {'c', 1, 7, "rwm"},           /* full */
    {'c', 1, 8, "rwm"},           /* random */
    {'c', 1, 9, "rwm"},           /* urandom */
    {'c', 5, 0, "rwm"},           /* tty */
    {'c', 5, 2, "rw"},            /* ptmx */
    {'c', 136, DEVICE_ANY, "rw"}, /* pts/0, pts/1, ... */
};

enum {
    MOST_RULES = 300,
    PER_RULE = 7, /* instructions, at most */
    AROUND = 8    /* before and behind them */
};

/* ------------------------------------------------------------ the list */

static int add(struct devices *d, const struct device_rule *rule,
               struct failure *why)
{
    struct device_rule *longer =
        d->count == MOST_RULES
            ? NULL
            : realloc(d->allowed, (d->count + 1) * sizeof(*longer));

    if (longer == NULL)
        return fail(why, ENOMEM, "note a device");
    d->allowed = longer;
    d->allowed[d->count++] = *rule;
    return 0;
}

int devices_default(struct devices *d, struct failure *why)
{
    *d = (struct devices){0};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (add(d, &usual[i], why) < 0)
            return -1;
    return 0;
}

static int read_number(const char *text, long *number)
{
    long long value;

    if (text != NULL && str_eq(text, "*")) {
        *number = DEVICE_ANY;
        return 0;
    }
    if (text == NULL || numbers_parse(text, 0, INT_MAX, &value) < 0)
        return -1;
    *number = (long)value;
    return 0;
}

int devices_parse(struct devices *d, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy;
    const char *type = strsep(&rest, " ");
    const char *first = strsep(&rest, ":");
    const char *second = strsep(&rest, " ");
    struct device_rule rule = {0};

    if (type == NULL || strlen(type) != 1 || strchr("acb", *type) == NULL ||
        read_number(first, &rule.major) < 0 ||
        read_number(second, &rule.minor) < 0 || rest == NULL || *rest == '\0' ||
        strlen(rest) > 3 || rest[strspn(rest, "rwm")] != '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid device cgroup rule format: '%s'", text);
    rule.type = *type;
    memcpy(rule.access, rest, strlen(rest) + 1);
    return add(d, &rule, why);
}

int devices_add_nodes(struct devices *d, const struct nodes *nodes,
                      struct failure *why)
{
    for (size_t i = 0; i < nodes->count; i++) {
        const struct node *node = &nodes->list[i];
        struct device_rule rule = {
            .type = S_ISBLK(node->mode) ? 'b' : 'c',
            .major = (long)major(node->device),
            .minor = (long)minor(node->device),
        };

        memcpy(rule.access, node->access, sizeof(rule.access));
        if (add(d, &rule, why) < 0)
            return -1;
    }
    return 0;
}

void devices_release(struct devices *d)
{
    free(d->allowed);
    *d = (struct devices){0};
}

/* ------------------------------------------------- version 2: a program */

struct program {
    struct bpf_insn code[MOST_RULES * PER_RULE + AROUND];
    size_t count;
};

/* What the kernel's machine has in its registers: */
enum {
    RESULT = BPF_REG_0,
    CONTEXT = BPF_REG_1, /* struct bpf_cgroup_dev_ctx */
    TYPE = BPF_REG_2,
    ACCESS = BPF_REG_3,
    MAJOR = BPF_REG_4,
    MINOR = BPF_REG_5,
    SCRATCH = BPF_REG_6,
};

static struct bpf_insn *emit(struct program *p, unsigned code, unsigned dst,
                             unsigned src, int offset, int immediate)
{
    p->code[p->count] = (struct bpf_insn){
        .code = (__u8)code,
        .dst_reg = dst & 0xf,
        .src_reg = src & 0xf,
        .off = (__s16)offset,
        .imm = immediate,
    };
    return &p->code[p->count++];
}

static void emit_load(struct program *p, unsigned reg, size_t offset)
{
    emit(p, BPF_LDX | BPF_MEM | BPF_W, reg, CONTEXT, (int)offset, 0);
}

static void emit_begin(struct program *p)
{
    size_t access_type = offsetof(struct bpf_cgroup_dev_ctx, access_type);

    emit_load(p, TYPE, access_type); /* the low half */
    emit(p, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
    emit_load(p, ACCESS, access_type); /* the high half */
    emit(p, BPF_ALU | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
    emit_load(p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
    emit_load(p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

static void emit_return(struct program *p, int is_allowed)
{
    emit(p, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, is_allowed);
    emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int access_bits(const char *access)
{
    return (strchr(access, 'r') != NULL ? BPF_DEVCG_ACC_READ : 0) |
           (strchr(access, 'w') != NULL ? BPF_DEVCG_ACC_WRITE : 0) |
           (strchr(access, 'm') != NULL ? BPF_DEVCG_ACC_MKNOD : 0);
}

/* Compares one thing after the other; the first that differs jumps over the
 * rest to the next rule. */
static void emit_rule(struct program *p, const struct device_rule *rule)
{
    size_t begin = p->count;

    if (rule->type != 'a')
        emit(p, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, 0,
             rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    emit(p, BPF_ALU64 | BPF_MOV | BPF_X, SCRATCH, ACCESS, 0, 0);
    size_t mask = p->count;
    emit(p, BPF_ALU | BPF_AND | BPF_K, SCRATCH, 0, 0,
         ~access_bits(rule->access));
    emit(p, BPF_JMP | BPF_JNE | BPF_K, SCRATCH, 0, 0, 0);
    if (rule->major != DEVICE_ANY)
        emit(p, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, 0, (int)rule->major);
    if (rule->minor != DEVICE_ANY)
        emit(p, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, 0, (int)rule->minor);
    emit_return(p, 1);
    for (size_t i = begin; i < p->count; i++)
        if (i != mask && p->code[i].code == (BPF_JMP | BPF_JNE | BPF_K))
            p->code[i].off = (__s16)(p->count - i - 1);
}

static int load(struct program *p)
{
    static const char license[] = "MIT";
    union bpf_attr attributes = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insns = (uintptr_t)p->code,
        .insn_cnt = (__u32)p->count,
        .license = (uintptr_t)license,
        .prog_name = "duct_devices",
    };

    return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes,
                        sizeof(attributes));
}

static int attach(const char *directory, int program_fd)
{
    cleanup_close int cgroup_fd =
        open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    union bpf_attr attributes = {
        .target_fd = (__u32)cgroup_fd,
        .attach_bpf_fd = (__u32)program_fd,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };

    if (cgroup_fd < 0)
        return -1;
    return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes,
                        sizeof(attributes));
}

static int restrict_v2(const struct devices *d, const char *directory)
{
    cleanup_free struct program *p = calloc(1, sizeof(*p));

    if (p == NULL)
        return -1;
    emit_begin(p);
    for (size_t i = 0; i < d->count; i++)
        emit_rule(p, &d->allowed[i]);
    emit_return(p, 0);
    explain_look("no command attaches such a program; bpftool cgroup show %s "
                 "shows it",
                 directory);
    cleanup_close int program_fd = load(p);
    return program_fd < 0 ? -1 : attach(directory, program_fd);
}

/* -------------------------------------------------- version 1: two files */

static int write_one(const char *directory, char type,
                     const struct device_rule *rule)
{
    cleanup_free char *major_text = NULL;
    cleanup_free char *minor_text = NULL;
    cleanup_free char *text = NULL;

    if (asprintf(&major_text, "%ld", rule->major) < 0 ||
        asprintf(&minor_text, "%ld", rule->minor) < 0 ||
        asprintf(&text, "%c %s:%s %s", type,
                 rule->major == DEVICE_ANY ? "*" : major_text,
                 rule->minor == DEVICE_ANY ? "*" : minor_text,
                 rule->access) < 0)
        return -1;
    return hierarchy_write(directory, "devices.allow", text);
}

/* An "a" of the kernel's own is every device, whatever numbers follow. */
static int write_rule(const char *directory, const struct device_rule *rule)
{
    if (rule->type != 'a')
        return write_one(directory, rule->type, rule);
    return write_one(directory, 'b', rule) < 0
               ? -1
               : write_one(directory, 'c', rule);
}

static int restrict_v1(const struct devices *d, const char *directory)
{
    if (hierarchy_write(directory, "devices.deny", "a") < 0)
        return -1;
    for (size_t i = 0; i < d->count; i++)
        if (write_rule(directory, &d->allowed[i]) < 0)
            return -1;
    return 0;
}

int devices_restrict(const struct devices *d, const char *v1,
                     const char *unified, struct failure *why)
{
    errno = ENOTSUP;
    if (unified != NULL && restrict_v2(d, unified) == 0)
        return 0;
    if (v1 != NULL && restrict_v1(d, v1) == 0)
        return 0;
    return fail(why, errno, "restrict the container's devices");
}
