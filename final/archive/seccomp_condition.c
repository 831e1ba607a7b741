/*
 * seccomp_condition: who is meant by a rule of a seccomp profile?
 *
 * Side           host
 * Look at it     jq '.syscalls[].includes' kernel/seccomp/default.json
 */
#include "seccomp_condition.h"

#include <seccomp.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "cleanup.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* Go's words for architectures, which docker's format uses here. */
static bool is_native(const char *name)
{
    static const struct {
        const char *name;
        uint32_t token;
    } words[] = {
        {"amd64", SCMP_ARCH_X86_64},    {"x86_64", SCMP_ARCH_X86_64},
        {"x32", SCMP_ARCH_X32},         {"x86", SCMP_ARCH_X86},
        {"arm64", SCMP_ARCH_AARCH64},   {"arm", SCMP_ARCH_ARM},
        {"riscv64", SCMP_ARCH_RISCV64}, {"s390x", SCMP_ARCH_S390X},
        {"ppc64le", SCMP_ARCH_PPC64LE},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_eq(words[i].name, name))
            return words[i].token == seccomp_arch_native();
    return false;
}

static bool has_architecture(const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        const char *name = json_string_value(item);
        if (name != NULL && is_native(name))
            return true;
    }
    return false;
}

static bool has_capability(const json_t *item, const struct caps *caps)
{
    const char *name = json_string_value(item);
    struct caps one = {0};
    struct failure unused;

    return name != NULL && caps_add(&one, name, &unused) == 0 &&
           (caps->held & one.held) != 0;
}

/* The first two numbers of "5.10.0-8-amd64". */
static void read_version(const char *text, unsigned long version[2])
{
    char *end;

    version[0] = strtoul(text, &end, 10);
    version[1] = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
}

static bool is_kernel(const char *version)
{
    struct utsname ours;
    unsigned long wanted[2];
    unsigned long have[2];

    uname(&ours);
    read_version(version, wanted);
    read_version(ours.release, have);
    return have[0] > wanted[0] ||
           (have[0] == wanted[0] && have[1] >= wanted[1]);
}

bool seccomp_is_meant(const json_t *rule, const struct caps *caps)
{
    const json_t *in = json_object_get(rule, "includes");
    const json_t *out = json_object_get(rule, "excludes");
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(in, "caps"), i, item)
        if (!has_capability(item, caps))
            return false;
    json_array_foreach(json_object_get(out, "caps"), i, item)
        if (has_capability(item, caps))
            return false;
    if (json_array_size(json_object_get(in, "arches")) > 0 &&
        !has_architecture(json_object_get(in, "arches")))
        return false;
    if (has_architecture(json_object_get(out, "arches")))
        return false;
    if (*text_of(in, "minKernel") != '\0' &&
        !is_kernel(text_of(in, "minKernel")))
        return false;
    return *text_of(out, "minKernel") == '\0' ||
           !is_kernel(text_of(out, "minKernel"));
}
