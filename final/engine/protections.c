/*
 * protections: what keeps a container from the host, on this machine.
 *
 * Side           host
 * Look at it     cat /sys/kernel/security/lsm     grep Seccomp /proc/1/status
 *                duct info
 */
#include "protections.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "cleanup.h"
#include "hierarchy.h"

/* The beginning of a small file, without its newline; "" when there is none. */
static void read_word(const char *path, char *word, size_t size)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, word, size - 1);

    word[length < 0 ? 0 : length] = '\0';
    word[strcspn(word, "\n")] = '\0';
}

static void add(json_t *list, const char *name, const char *state,
                const char *reason)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "Name", name,
                                          "State", state, "Reason", reason));
}

/* One that is there or is not. */
static void add_if(json_t *list, const char *name, bool is_there,
                   const char *reason, const char *otherwise)
{
    add(list, name, is_there ? "on" : "unavailable",
        is_there ? reason : otherwise);
}

static void add_namespaces(json_t *list)
{
    static const char *const names[] = {"mnt", "pid", "uts",
                                        "ipc", "net", "cgroup"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64], name[64];

        snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
        snprintf(name, sizeof(name), "%s namespace", names[i]);
        add_if(list, name, access(path, F_OK) == 0,
               "each container has its own", "not in this kernel");
    }
}

static void add_users(json_t *list, const struct engine *engine)
{
    static const char name[] = "user namespace";
    char most[32];

    read_word("/proc/sys/user/max_user_namespaces", most, sizeof(most));
    if (access("/proc/self/ns/user", F_OK) < 0)
        add(list, name, "unavailable", "not in this kernel");
    else if (str_eq(most, "0"))
        add(list, name, "unavailable",
            "/proc/sys/user/max_user_namespaces is 0");
    else if (engine->rootless)
        add(list, name, "on", "root in a container is not root on the host");
    else
        add(list, name, "off",
            "the engine runs as root: root in a container has the host's user "
            "id 0; run duct as another user");
}

static void add_filter(json_t *list)
{
    add_if(list, "seccomp",
           access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0,
           "system calls that containers don't need are refused",
           "this kernel has no seccomp filters");
    add(list, "no-new-privileges", "off",
        "only with --security-opt no-new-privileges");
}

static void add_capabilities(json_t *list)
{
    add_if(list, "capabilities", prctl(PR_CAPBSET_READ, 0, 0, 0, 0) >= 0,
           "root in a container keeps few of them", "not in this kernel");
}

static void add_modules(json_t *list)
{
    char apparmor[8];

    read_word("/sys/module/apparmor/parameters/enabled", apparmor,
              sizeof(apparmor));
    if (str_eq(apparmor, "Y"))
        add(list, "apparmor", "off",
            "the kernel has it; this engine loads no profile");
    else
        add(list, "apparmor", "unavailable", "not enabled in this kernel");
    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        add(list, "selinux", "off",
            "the kernel has it; this engine sets no labels");
    else
        add(list, "selinux", "unavailable", "not enabled in this kernel");
}

static bool is_number(const char *path, const char *wanted)
{
    char word[32];

    read_word(path, word, sizeof(word));
    return str_eq(word, wanted);
}

const char *protections_controller_trouble(const char *controller)
{
    cleanup_free char *old = hierarchy_find(getpid(), controller);
    cleanup_free char *unified = hierarchy_find(getpid(), NULL);
    cleanup_free char *listed = hierarchy_read(unified, "cgroup.controllers");
    const char *directory = old;

    if (directory == NULL && hierarchy_lists(listed, " \n", controller))
        directory = unified;
    if (directory == NULL)
        return "no hierarchy of cgroups has this controller for us";
    return access(directory, W_OK) == 0
               ? NULL
               : "no permission to make a cgroup: none was delegated to us";
}

static void add_limits(json_t *list)
{
    static const struct {
        const char *controller, *name, *reason;
    } limits[] = {
        {"memory", "memory limit", "with --memory"},
        {"cpu", "cpu limit", "with --cpus"},
        {"cpuset", "cpu set", "with --cpuset-cpus"},
        {"pids", "process limit", "with --pids-limit"},
    };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        const char *trouble =
            protections_controller_trouble(limits[i].controller);

        add_if(list, limits[i].name, trouble == NULL, limits[i].reason,
               trouble);
    }
}

static void add_devices(json_t *list, const struct engine *engine)
{
    static const char name[] = "device control";
    cleanup_free char *unified = hierarchy_find(getpid(), NULL);

    if (engine->rootless)
        add(list, name, "off",
            "in a user namespace no device can be made, so there are only "
            "those that everybody may open");
    else if (protections_controller_trouble("devices") == NULL)
        add(list, name, "on", "by the controller devices");
    else if (unified != NULL && access(unified, W_OK) == 0)
        add(list, name, "on", "by a program at each container's cgroup");
    else
        add(list, name, "unavailable",
            "no permission to make a cgroup: none was delegated to us");
}

static void add_files(json_t *list)
{
    add(list, "masked paths", "on",
        "what /proc and /sys tell of the host is hidden");
    add(list, "read-only paths", "on",
        "/sys and most of /proc/sys can't be written to");
    add_if(list, "session keyring", access("/proc/keys", F_OK) == 0,
           "each container has its own", "this kernel has no keys");
}

/* What is not ours to set, but matters. */
static void add_host(json_t *list)
{
    static const char ptrace[] = "/proc/sys/kernel/yama/ptrace_scope";
    static const char bpf[] = "/proc/sys/kernel/unprivileged_bpf_disabled";

    if (access(ptrace, F_OK) == 0 && !is_number(ptrace, "0"))
        add(list, "yama", "on", "kernel.yama.ptrace_scope");
    else if (access(ptrace, F_OK) == 0)
        add(list, "yama", "off", "kernel.yama.ptrace_scope is 0");
    else
        add(list, "yama", "unavailable", "not in this kernel");
    if (access(bpf, F_OK) < 0)
        add(list, "bpf for root only", "unavailable",
            "this kernel has no kernel.unprivileged_bpf_disabled");
    else if (is_number(bpf, "0"))
        add(list, "bpf for root only", "off",
            "kernel.unprivileged_bpf_disabled is 0");
    else
        add(list, "bpf for root only", "on",
            "kernel.unprivileged_bpf_disabled");
}

json_t *protections_list(const struct engine *engine)
{
    json_t *list = json_array();

    add_users(list, engine);
    add_namespaces(list);
    add_filter(list);
    add_capabilities(list);
    add_modules(list);
    add_limits(list);
    add_devices(list, engine);
    add_files(list);
    add_host(list);
    return list;
}
