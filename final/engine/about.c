/*
 * about: what this engine is, has, and can do here.
 *
 * Side           host
 * Look at it     uname -a     cat /etc/os-release
 */
#include "about.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "cleanup.h"
#include "hierarchy.h"
#include "id_map.h"
#include "ids.h"
#include "image_list.h"
#include "protections.h"
#include "record.h"
#include "slirp.h"
#include "store.h"
#include "version.h"

/* Of docker's API: the newest and the oldest that are spoken. */
#define API_VERSION     "1.41"
#define API_VERSION_MIN "1.24"

/* What Go, and so the images, call a machine. */
static const char *architecture(const char *machine)
{
    static const char *const names[][2] = {
        {"x86_64", "amd64"},    {"aarch64", "arm64"}, {"armv7l", "arm"},
        {"armv6l", "arm"},      {"i686", "386"},      {"i386", "386"},
        {"ppc64le", "ppc64le"}, {"s390x", "s390x"},   {"riscv64", "riscv64"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_eq(machine, names[i][0]))
            return names[i][1];
    return machine;
}

json_t *engine_version(void)
{
    struct utsname host;

    uname(&host);
    const char *arch = architecture(host.machine);
    return json_pack(
        "{s:{s:s}, s:[{s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s}}], s:s, s:s, s:s, "
        "s:s, s:s, s:s, s:s, s:s, s:s}",
        "Platform", "Name", "duct", "Components", "Name", "Engine", "Version",
        VERSION, "Details", "ApiVersion", API_VERSION, "MinAPIVersion",
        API_VERSION_MIN, "Os", "linux", "Arch", arch, "KernelVersion",
        host.release, "Version", VERSION, "ApiVersion", API_VERSION,
        "MinAPIVersion", API_VERSION_MIN, "GitCommit", "", "GoVersion", "",
        "Os", "linux", "Arch", arch, "KernelVersion", host.release, "BuildTime",
        "");
}

/* ----------------------------------------------------------- what it has */

struct counts {
    int all, running, paused;
};

static int count(struct record *record, void *argument, struct failure *why)
{
    struct counts *counts = argument;

    (void)why;
    counts->all++;
    counts->paused += str_eq(record_status(record), "paused");
    counts->running += record_is_up(record);
    return 0;
}

static int add_objects(const struct engine *engine, json_t *info,
                       struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    struct image_query all = {.filters = NULL};
    struct counts counts = {.all = 0};

    if (record_each(engine, count, &counts, why) < 0 ||
        store_open(&store, engine->data, engine->data_fd, STORE_READ, why) < 0)
        return -1;
    json_auto_t *images = image_list(&store, &all, why);
    if (images == NULL)
        return -1;
    json_object_update_new(
        info, json_pack("{s:i, s:i, s:i, s:i, s:I}", "Containers", counts.all,
                        "ContainersRunning", counts.running - counts.paused,
                        "ContainersPaused", counts.paused, "ContainersStopped",
                        counts.all - counts.running, "Images",
                        (json_int_t)json_array_size(images)));
    return 0;
}

/* ---------------------------------------------------------- the machine */

/* PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" */
static json_t *operating_system(void)
{
    static const char key[] = "PRETTY_NAME=";
    FILE *file = fopen("/etc/os-release", "re");
    cleanup_free char *line = NULL;
    json_t *name = NULL;
    size_t size = 0;

    while (file != NULL && name == NULL && getline(&line, &size, file) > 0)
        if (strncmp(line, key, strlen(key)) == 0) {
            const char *value = line + strlen(key);
            value += strspn(value, "\"");
            name = json_stringn(value, strcspn(value, "\"\n"));
        }
    if (file != NULL)
        fclose(file);
    return name != NULL ? name : json_string("Linux");
}

static long long total_memory(void)
{
    return (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
}

static bool is_one(const char *path)
{
    cleanup_free char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    bool is = file != NULL && getline(&text, &size, file) > 0 && *text == '1';

    if (file != NULL)
        fclose(file);
    return is;
}

static json_t *machine(void)
{
    struct utsname host;
    char now[TIME_LENGTH + 1];

    uname(&host);
    time_now(now);
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:i, s:I, s:s}", "ID",
                     host.nodename, "Name", host.nodename, "KernelVersion",
                     host.release, "OperatingSystem", operating_system(),
                     "OSType", "linux", "Architecture", host.machine, "NCPU",
                     (int)sysconf(_SC_NPROCESSORS_ONLN), "MemTotal",
                     (json_int_t)total_memory(), "SystemTime", now);
}

/* ------------------------------------------------------------- its limits */

/* Where a controller's cgroups of ours are; NULL: nowhere. */
static char *controller_directory(const char *controller)
{
    char *directory = hierarchy_find(getpid(), controller);

    if (directory != NULL)
        return directory;
    directory = hierarchy_find(getpid(), NULL);
    cleanup_free char *listed = hierarchy_read(directory, "cgroup.controllers");
    if (!hierarchy_lists(listed, " \n", controller))
        free_pointer(&directory);
    return directory;
}

static bool has_controller(const char *controller)
{
    cleanup_free char *directory = controller_directory(controller);

    return directory != NULL && access(directory, W_OK) == 0;
}

static bool has_swap_limit(void)
{
    cleanup_free char *directory = controller_directory("memory");
    cleanup_free char *old = NULL;

    if (directory == NULL ||
        asprintf(&old, "%s/memory.memsw.limit_in_bytes", directory) < 0) {
        old = NULL;
        return false;
    }
    /* On version 2 it belongs to memory. */
    cleanup_free char *version1 = hierarchy_mount(getpid(), "memory");
    return version1 == NULL || access(old, F_OK) == 0;
}

static json_t *limits(void)
{
    cleanup_free char *version1 = hierarchy_mount(getpid(), "memory");
    bool has_cpu = has_controller("cpu");
    bool has_memory = has_controller("memory");

    return json_pack(
        "{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:s, s:s}",
        "MemoryLimit", has_memory, "SwapLimit", has_memory && has_swap_limit(),
        "KernelMemory", 0, "CpuCfsPeriod", has_cpu, "CpuCfsQuota", has_cpu,
        "CPUShares", has_cpu, "CPUSet", has_controller("cpuset"), "PidsLimit",
        has_controller("pids"), "OomKillDisable", version1 != NULL,
        "IPv4Forwarding", is_one("/proc/sys/net/ipv4/ip_forward"),
        "BridgeNfIptables",
        is_one("/proc/sys/net/bridge/bridge-nf-call-iptables"), "CgroupDriver",
        "cgroupfs", "CgroupVersion", version1 != NULL ? "1" : "2");
}

/* ------------------------------------------------------- docker's own words */

/* As docker's clients know them. */
static json_t *security_options(const struct engine *engine,
                                const json_t *protections)
{
    json_t *options = json_array();
    const json_t *protection;
    size_t i;

    json_array_foreach(protections, i, protection)
        if (str_eq(json_string_value(json_object_get(protection, "Name")),
                   "seccomp") &&
            str_eq(json_string_value(json_object_get(protection, "State")),
                   "on"))
            json_array_append_new(options,
                                  json_string("name=seccomp,profile=default"));
    if (engine->rootless)
        json_array_append_new(options, json_string("name=rootless"));
    json_array_append_new(options, json_string("name=cgroupns"));
    return options;
}

static json_t *constants(const struct engine *engine)
{
    return json_pack(
        "{s:s, s:s, s:[], s:s, s:{s:[s], s:[sss], s:n, s:[ss]}, s:s, "
        "s:{s:{s:s}}, s:s, s:{s:s, s:b}, s:s, s:b, s:b, s:b, s:[], s:s, "
        "s:{s:[], s:{}, s:[]}}",
        "ServerVersion", VERSION, "Driver", "overlay2", "DriverStatus",
        "LoggingDriver", "json-file", "Plugins", "Volume", "local", "Network",
        "bridge", "host", "null", "Authorization", "Log", "json-file", "none",
        "DockerRootDir", engine->data, "Runtimes", "duct", "path", "duct",
        "DefaultRuntime", "duct", "Swarm", "LocalNodeState", "inactive",
        "ControlAvailable", 0, "InitBinary", "duct-init", "LiveRestoreEnabled",
        1, "Debug", 0, "ExperimentalBuild", 0, "Labels", "IndexServerAddress",
        "https://index.docker.io/v1/", "RegistryConfig",
        "InsecureRegistryCIDRs", "IndexConfigs", "Mirrors");
}

/* ---------------------------------------------------- what is not to be had */

static void warn(json_t *list, const char *what, const char *reason)
{
    json_array_append_new(list, json_sprintf("WARNING: %s: %s", what, reason));
}

static void warn_of_limits(json_t *list)
{
    static const struct {
        const char *controller, *what;
    } all[] = {
        {"memory", "No memory limit support"},
        {"cpu", "No cpu limit support"},
        {"cpuset", "No cpuset support"},
        {"pids", "No pids limit support"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const char *trouble = protections_controller_trouble(all[i].controller);

        if (trouble != NULL)
            warn(list, all[i].what, trouble);
    }
}

/* What root would have, and we have not. */
static void warn_of_rights(json_t *list)
{
    cleanup_free char *users = NULL;
    cleanup_free char *network = NULL;

    (void)id_map_trouble(&users);
    (void)slirp_trouble(&network);
    if (users != NULL)
        warn(list, "Containers have one user only", users);
    if (network != NULL)
        warn(list, "Containers have no network but their loopback", network);
    warn(list, "No networks but bridge, host and none",
         "only root can make bridges");
}

static json_t *warnings(const struct engine *engine)
{
    json_t *list = json_array();

    warn_of_limits(list);
    if (engine->rootless)
        warn_of_rights(list);
    return list;
}

json_t *engine_info(const struct engine *engine, struct failure *why)
{
    json_t *info = machine();
    json_auto_t *protections = protections_list(engine);
    bool is_found = add_objects(engine, info, why) == 0;

    if (is_found && json_object_update_new(info, limits()) == 0 &&
        json_object_update_new(info, constants(engine)) == 0 &&
        json_object_update_new(info,
                               json_pack("{s:s, s:o, s:O, s:o}", "RunRoot",
                                         engine->run, "SecurityOptions",
                                         security_options(engine, protections),
                                         "Protections", protections, "Warnings",
                                         warnings(engine))) == 0)
        return info;
    if (is_found)
        fail(why, ENOMEM, "describe the engine");
    json_decref(info);
    return NULL;
}
