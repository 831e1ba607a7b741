/*
 * compile: makes default.h of default.json, while duct is being built.
 *
 *     compile <default.json >default.h
 *
 * A filter that is ready costs a container nothing but the system call that
 * loads it. What can't be known now is which capabilities it will have: rules
 * that depend on those become a table, and the rest two programs, with and
 * without 32-bit programs.
 */
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/capability.h>

#include "cleanup.h"
#include "overrides.h"
#include "seccomp_profile.h"

static int complain(const char *text)
{
    fprintf(stderr, "compile: %s\n", text);
    return -1;
}

static bool is_first(const json_t *rule)
{
    return json_is_true(json_object_get(rule, "first")) ||
           json_object_get(rule, "includes") != NULL;
}

/* The kernel's numbers for architectures are libseccomp's as well. */
static void print_override(const char *call, uint32_t architecture,
                           struct seccomp_override o)
{
    int number = seccomp_syscall_resolve_name_arch(architecture, call);

    if (number < 0)
        return; /* not there */
    printf("    {0x%x, %d, %d, %d, 0x%x, 0x%x}, /* %s */\n", architecture,
           number, o.capability, o.argument, o.value, o.action, call);
}

static int read_override(const json_t *rule, struct seccomp_override *o)
{
    const json_t *caps =
        json_object_get(json_object_get(rule, "includes"), "caps");
    const char *name = json_string_value(json_array_get(caps, 0));
    const char *action = json_string_value(json_object_get(rule, "action"));
    json_int_t errnum = json_integer_value(json_object_get(rule, "errnoRet"));

    o->capability = OVERRIDE_ALWAYS;
    if (name != NULL) {
        cap_value_t cap;
        cleanup_free char *small = strdup(name);

        for (char *at = small; *at != '\0'; at++)
            *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
        if (cap_from_name(small, &cap) < 0)
            return complain(name);
        o->capability = cap;
    }
    o->action = str_eq(action, "SCMP_ACT_ALLOW")
                    ? SECCOMP_RET_ALLOW
                    : SECCOMP_RET_ERRNO | (uint32_t)errnum;
    return 0;
}

static int print_rule(const json_t *rule, uint32_t architecture)
{
    struct seccomp_override o;
    const json_t *arguments = json_object_get(rule, "args");
    const json_t *name;
    const json_t *argument;
    size_t i;
    size_t j;

    if (read_override(rule, &o) < 0)
        return -1;
    json_array_foreach(json_object_get(rule, "names"), i, name) {
        o.argument = OVERRIDE_WHATEVER;
        o.value = 0;
        if (json_array_size(arguments) == 0)
            print_override(json_string_value(name), architecture, o);
        json_array_foreach(arguments, j, argument) {
            o.argument =
                (int)json_integer_value(json_object_get(argument, "index"));
            o.value = (uint32_t)json_integer_value(
                json_object_get(argument, "value"));
            print_override(json_string_value(name), architecture, o);
        }
    }
    return 0;
}

static int print_overrides(const json_t *rules, const uint32_t architectures[])
{
    const json_t *rule;
    size_t i;

    printf("static const struct seccomp_override overrides[] = {\n");
    for (; *architectures != 0; architectures++)
        json_array_foreach(rules, i, rule)
            if (is_first(rule) && print_rule(rule, *architectures) < 0)
                return -1;
    printf("};\n");
    return 0;
}

static int print_program(const char *name, const json_t *profile)
{
    struct caps none = {0};
    struct failure why;
    struct seccomp seccomp;

    if (seccomp_profile_compile(profile, &none, &seccomp, &why) < 0)
        return complain(why.message);
    printf("\nstatic const struct sock_filter %s[] = {\n", name);
    for (size_t i = 0; i < seccomp.count; i++)
        printf("    {0x%x, %d, %d, 0x%x},\n", seccomp.program[i].code,
               seccomp.program[i].jt, seccomp.program[i].jf,
               seccomp.program[i].k);
    printf("};\n");
    free(seccomp.program);
    return 0;
}

int main(void)
{
    uint32_t architectures[] = {seccomp_arch_native(), 0, 0};
    json_error_t error;
    json_t *profile = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
    json_t *rules = json_object_get(profile, "syscalls");

    if (rules == NULL)
        return complain(error.text) < 0;
    /* The only pair that we know: no other machine runs i386 programs. */
    if (seccomp_arch_native() == SCMP_ARCH_X86_64)
        architectures[1] = SCMP_ARCH_X86;
    printf("/* Made of default.json when duct was built. */\n");
    if (print_overrides(rules, architectures) < 0)
        return 1;
    for (size_t i = json_array_size(rules); i-- > 0;)
        if (is_first(json_array_get(rules, i)))
            json_array_remove(rules, i);
    if (print_program("native", profile) < 0)
        return 1;
    if (architectures[1] != 0)
        json_object_set_new(profile, "architectures",
                            json_pack("[s]", "SCMP_ARCH_X86"));
    return print_program("compat32_too", profile) < 0 || fflush(stdout) != 0;
}
