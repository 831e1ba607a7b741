/*
 * seccomp_profile: from a text about system calls to the kernel's program.
 *
 * Docker's format is a list of rules; libseccomp turns them into a tree of
 * comparisons that the kernel runs before each system call.
 *
 * Side           host: when duct is built, and when somebody brings a profile
 * Look at it     the default one: kernel/seccomp/default.json
 */
#include "seccomp_profile.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "seccomp_condition.h"

#define cleanup_filter __attribute__((cleanup(release_filter)))
#define cleanup_json   __attribute__((cleanup(release_json)))

enum {
    MOST_ARGUMENTS = 6,
    MOST_COMPARISONS = 32, /* in one rule */
    LONGEST_PROFILE = 1 << 20,
};

/* What a rule says of its system calls. */
struct rule {
    uint32_t action;
    unsigned count;
    struct scmp_arg_cmp comparisons[MOST_COMPARISONS];
};

struct compiler {
    scmp_filter_ctx filter;
    uint32_t architectures[8]; /* what the filter is for; 0: no more */
    uint32_t default_action;
    const struct caps *caps;
};

static void release_filter(scmp_filter_ctx *filter)
{
    if (*filter != NULL)
        seccomp_release(*filter);
}

static void release_json(json_t **json)
{
    json_decref(*json);
}

static int bad(struct failure *why, const char *what, const char *text)
{
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "Decoding seccomp profile failed: %s%s%s", what,
                   text != NULL ? ": " : "", text != NULL ? text : "");
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* ------------------------------------------------- words into numbers */

static int read_action(const char *name, const json_t *errnum, uint32_t *action,
                       struct failure *why)
{
    static const struct {
        const char *name;
        uint32_t action;
    } actions[] = {
        {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
        {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
        {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
        {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
        {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
        {"SCMP_ACT_LOG", SCMP_ACT_LOG},
    };
    json_int_t number =
        json_is_integer(errnum) ? json_integer_value(errnum) : EPERM;

    if (number < 0 || number > 4095)
        return bad(why, "errnoRet is no error", NULL);
    if (str_eq(name, "SCMP_ACT_ERRNO")) {
        *action = SCMP_ACT_ERRNO((uint32_t)number);
        return 0;
    }
    if (str_eq(name, "SCMP_ACT_TRACE")) {
        *action = SCMP_ACT_TRACE((uint32_t)number);
        return 0;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (str_eq(actions[i].name, name)) {
            *action = actions[i].action;
            return 0;
        }
    return bad(why, "unknown action", name);
}

static int read_operator(const char *name, enum scmp_compare *op,
                         struct failure *why)
{
    static const struct {
        const char *name;
        enum scmp_compare op;
    } operators[] = {
        {"SCMP_CMP_NE", SCMP_CMP_NE},
        {"SCMP_CMP_LT", SCMP_CMP_LT},
        {"SCMP_CMP_LE", SCMP_CMP_LE},
        {"SCMP_CMP_EQ", SCMP_CMP_EQ},
        {"SCMP_CMP_GE", SCMP_CMP_GE},
        {"SCMP_CMP_GT", SCMP_CMP_GT},
        {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
    };

    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (str_eq(operators[i].name, name)) {
            *op = operators[i].op;
            return 0;
        }
    return bad(why, "unknown comparison", name);
}

/* "SCMP_ARCH_X86_64" is "x86_64" for libseccomp, which says 0 if it knows
 * none of that name. */
static uint32_t read_architecture(const char *name)
{
    static const char prefix[] = "SCMP_ARCH_";
    cleanup_free char *small = NULL;

    if (strncmp(name, prefix, strlen(prefix)) != 0)
        return 0;
    small = strdup(name + strlen(prefix));
    for (char *at = small; at != NULL && *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return small == NULL ? 0 : seccomp_arch_resolve_name(small);
}

/* ---------------------------------------------------- architectures */

static int add_architecture(struct compiler *c, uint32_t token,
                            struct failure *why)
{
    size_t i = 0;

    if (token == 0)
        return 0; /* one of another time */
    while (c->architectures[i] != 0 && c->architectures[i] != token)
        i++;
    if (i == sizeof(c->architectures) / sizeof(c->architectures[0]) - 1)
        return bad(why, "too many architectures", NULL);
    c->architectures[i] = token;
    int result = seccomp_arch_add(c->filter, token);
    return result < 0 && result != -EEXIST
               ? fail(why, -result, "add an architecture to the filter")
               : 0;
}

static int add_architectures(struct compiler *c, const json_t *profile,
                             struct failure *why)
{
    const json_t *list = json_object_get(profile, "architectures");
    const json_t *map = json_object_get(profile, "archMap");
    const json_t *item;
    size_t i;

    c->architectures[0] = seccomp_arch_native();
    if (json_array_size(list) > 0 && json_array_size(map) > 0)
        return bad(why,
                   "'architectures' and 'archMap' were specified in the "
                   "seccomp profile, use either 'architectures' or 'archMap'",
                   NULL);
    json_array_foreach(list, i, item) {
        const char *name = json_string_value(item);
        if (add_architecture(c, read_architecture(name ? name : ""), why) < 0)
            return -1;
    }
    json_array_foreach(map, i, item) {
        const json_t *more = json_object_get(item, "subArchitectures");
        const json_t *other;
        size_t j;

        if (read_architecture(text_of(item, "architecture")) !=
            seccomp_arch_native())
            continue;
        json_array_foreach(more, j, other) {
            const char *name = json_string_value(other);
            if (add_architecture(c, read_architecture(name ? name : ""), why) <
                0)
                return -1;
        }
    }
    return 0;
}

/* -------------------------------------------------------------- rules */

static int read_argument(const json_t *json, struct scmp_arg_cmp *argument,
                         struct failure *why)
{
    json_int_t index = json_integer_value(json_object_get(json, "index"));

    if (!json_is_object(json) || index < 0 || index >= MOST_ARGUMENTS)
        return bad(why, "no such argument", NULL);
    argument->arg = (unsigned)index;
    argument->datum_a =
        (scmp_datum_t)json_integer_value(json_object_get(json, "value"));
    argument->datum_b =
        (scmp_datum_t)json_integer_value(json_object_get(json, "valueTwo"));
    return read_operator(text_of(json, "op"), &argument->op, why);
}

/* For one call, those comparisons of a rule which have to hold together. */
static int add_rule(struct compiler *c, const struct rule *rule, unsigned first,
                    unsigned count, const char *name, struct failure *why)
{
    int result = seccomp_rule_add_array(c->filter, rule->action,
                                        seccomp_syscall_resolve_name(name),
                                        count, rule->comparisons + first);

    /* The same rule twice, or one that another says already. */
    if (result == 0 || result == -EEXIST || result == -EDOM)
        return 0;
    return fail(why, -result, "seccomp profile: add the rule for %s", name);
}

/* Comparisons of one argument with several values mean "or", as docker's. */
static int add_call(struct compiler *c, const struct rule *rule,
                    const char *name, struct failure *why)
{
    bool is_known = false;
    unsigned seen = 0;
    bool is_or = false;

    for (size_t i = 0; c->architectures[i] != 0; i++)
        is_known |=
            seccomp_syscall_resolve_name_arch(c->architectures[i], name) >= 0;
    if (!is_known || seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR)
        return 0;
    for (unsigned i = 0; i < rule->count; i++) {
        unsigned bit = 1U << rule->comparisons[i].arg;

        is_or |= (seen & bit) != 0;
        seen |= bit;
    }
    if (!is_or)
        return add_rule(c, rule, 0, rule->count, name, why);
    for (unsigned i = 0; i < rule->count; i++)
        if (add_rule(c, rule, i, 1, name, why) < 0)
            return -1;
    return 0;
}

/* Its action, and what it compares. */
static int read_rule(const json_t *json, struct rule *rule, struct failure *why)
{
    const json_t *list = json_object_get(json, "args");
    const json_t *item;
    size_t i;

    if (read_action(text_of(json, "action"), json_object_get(json, "errnoRet"),
                    &rule->action, why) < 0)
        return -1;
    if (json_array_size(list) > MOST_COMPARISONS)
        return bad(why, "too many arguments", NULL);
    json_array_foreach(list, i, item)
        if (read_argument(item, &rule->comparisons[rule->count++], why) < 0)
            return -1;
    return 0;
}

static int add_calls(struct compiler *c, const json_t *json,
                     struct failure *why)
{
    const json_t *names = json_object_get(json, "names");
    const char *name = text_of(json, "name");
    struct rule rule = {0};
    const json_t *item;
    size_t i;

    if (read_rule(json, &rule, why) < 0)
        return -1;
    if (*name != '\0' && json_array_size(names) > 0)
        return bad(why,
                   "'name' and 'names' were specified in the seccomp profile, "
                   "use either 'name' or 'names'",
                   NULL);
    if (rule.action == c->default_action)
        return 0; /* libseccomp takes that for a mistake */
    if (*name != '\0')
        return add_call(c, &rule, name, why);
    json_array_foreach(names, i, item) {
        if (!json_is_string(item))
            return bad(why, "'names' holds something else", NULL);
        if (add_call(c, &rule, json_string_value(item), why) < 0)
            return -1;
    }
    return 0;
}

static int add_rules(struct compiler *c, const json_t *profile,
                     struct failure *why)
{
    const json_t *rules = json_object_get(profile, "syscalls");
    const json_t *rule;
    size_t i;

    if (rules != NULL && !json_is_array(rules) && !json_is_null(rules))
        return bad(why, "'syscalls' is no list", NULL);
    json_array_foreach(rules, i, rule) {
        if (!json_is_object(rule))
            return bad(why, "'syscalls' holds something else", NULL);
        if (seccomp_is_meant(rule, c->caps) && add_calls(c, rule, why) < 0)
            return -1;
    }
    return 0;
}

/* ------------------------------------------------------- the program */

/* libseccomp writes to descriptors only. */
static int export(scmp_filter_ctx filter, struct seccomp *seccomp,
                  struct failure *why)
{
    cleanup_close int fd = memfd_create("seccomp", MFD_CLOEXEC);
    struct stat status;
    int result = fd < 0 ? -errno : seccomp_export_bpf(filter, fd);

    if (result < 0 || fstat(fd, &status) < 0)
        return fail(why, result < 0 ? -result : errno,
                    "make a program of the seccomp profile");
    size_t size = (size_t)status.st_size;
    seccomp->program = malloc(size);
    seccomp->count = size / sizeof(*seccomp->program);
    if (seccomp->program == NULL ||
        pread(fd, seccomp->program, size, 0) != (ssize_t)size)
        return fail(why, errno, "read the program of the seccomp profile");
    return 0;
}

int seccomp_profile_compile(const json_t *profile, const struct caps *caps,
                            struct seccomp *seccomp, struct failure *why)
{
    struct compiler c = {.caps = caps};

    *seccomp = (struct seccomp){0};
    if (!json_is_object(profile))
        return bad(why, "it is no object", NULL);
    if (read_action(text_of(profile, "defaultAction"),
                    json_object_get(profile, "defaultErrnoRet"),
                    &c.default_action, why) < 0)
        return -1;
    cleanup_filter scmp_filter_ctx filter = seccomp_init(c.default_action);
    if (filter == NULL)
        return fail(why, ENOMEM, "begin a seccomp filter");
    c.filter = filter;
    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (add_architectures(&c, profile, why) < 0 ||
        add_rules(&c, profile, why) < 0)
        return -1;
    return export(filter, seccomp, why);
}

int seccomp_profile_save(const char *profile, const struct caps *caps,
                         int dir_fd, const char *name, struct failure *why)
{
    json_error_t error = {.text = "it is too long"};
    cleanup_json json_t *json =
        strlen(profile) > LONGEST_PROFILE
            ? NULL
            : json_loads(profile, JSON_REJECT_DUPLICATES, &error);
    struct seccomp seccomp;

    if (json == NULL)
        return bad(why, "it is no JSON", error.text);
    if (seccomp_profile_compile(json, caps, &seccomp, why) < 0)
        return -1;
    cleanup_free struct sock_filter *program = seccomp.program;
    ssize_t size = (ssize_t)(seccomp.count * sizeof(*program));
    cleanup_close int fd =
        openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, program, (size_t)size) != size)
        return fail(why, errno, "write %s", name);
    return 0;
}
