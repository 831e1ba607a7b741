/*
 * inspect: all that there is to say of a container.
 *
 * What was written down at its creation, how it is, and what docker shows for
 * everything that nobody spoke of.
 *
 * Side           host
 * Look at it     jq . /var/lib/duct/containers/ID/config.json
 */
#include "inspect.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "endpoints.h"
#include "exec.h"
#include "image.h"
#include "security.h"
#include "size.h"
#include "store.h"

/* A member, and the JSON text of what it is when nobody spoke of it. */
struct usual {
    const char *name, *value;
};

static const struct usual usual_config[] = {
    {"Hostname", "\"\""},      {"Domainname", "\"\""},
    {"User", "\"\""},          {"AttachStdin", "false"},
    {"AttachStdout", "false"}, {"AttachStderr", "false"},
    {"Tty", "false"},          {"OpenStdin", "false"},
    {"StdinOnce", "false"},    {"Env", "[]"},
    {"Cmd", "null"},           {"Image", "\"\""},
    {"Volumes", "null"},       {"WorkingDir", "\"\""},
    {"Entrypoint", "null"},    {"OnBuild", "null"},
    {"Labels", "{}"},          {NULL, NULL},
};

static const struct usual usual_host[] = {
    {"Binds", "null"},
    {"ContainerIDFile", "\"\""},
    {"LogConfig", "{\"Type\": \"json-file\", \"Config\": {}}"},
    {"NetworkMode", "\"default\""},
    {"PortBindings", "{}"},
    {"RestartPolicy", "{\"Name\": \"no\", \"MaximumRetryCount\": 0}"},
    {"AutoRemove", "false"},
    {"VolumeDriver", "\"\""},
    {"VolumesFrom", "null"},
    {"CapAdd", "null"},
    {"CapDrop", "null"},
    {"CgroupnsMode", "\"private\""},
    {"Dns", "[]"},
    {"DnsOptions", "[]"},
    {"DnsSearch", "[]"},
    {"ExtraHosts", "null"},
    {"GroupAdd", "null"},
    {"IpcMode", "\"private\""},
    {"Cgroup", "\"\""},
    {"Links", "null"},
    {"OomScoreAdj", "0"},
    {"PidMode", "\"\""},
    {"Privileged", "false"},
    {"PublishAllPorts", "false"},
    {"ReadonlyRootfs", "false"},
    {"SecurityOpt", "null"},
    {"UTSMode", "\"\""},
    {"UsernsMode", "\"\""},
    {"ShmSize", "67108864"},
    {"Runtime", "\"duct\""},
    {"ConsoleSize", "[0, 0]"},
    {"Isolation", "\"\""},
    {"CpuShares", "0"},
    {"Memory", "0"},
    {"NanoCpus", "0"},
    {"CgroupParent", "\"\""},
    {"BlkioWeight", "0"},
    {"BlkioWeightDevice", "[]"},
    {"BlkioDeviceReadBps", "null"},
    {"BlkioDeviceWriteBps", "null"},
    {"BlkioDeviceReadIOps", "null"},
    {"BlkioDeviceWriteIOps", "null"},
    {"CpuPeriod", "0"},
    {"CpuQuota", "0"},
    {"CpuRealtimePeriod", "0"},
    {"CpuRealtimeRuntime", "0"},
    {"CpusetCpus", "\"\""},
    {"CpusetMems", "\"\""},
    {"Devices", "[]"},
    {"DeviceCgroupRules", "null"},
    {"DeviceRequests", "null"},
    {"KernelMemory", "0"},
    {"KernelMemoryTCP", "0"},
    {"MemoryReservation", "0"},
    {"MemorySwap", "0"},
    {"MemorySwappiness", "null"},
    {"OomKillDisable", "false"},
    {"PidsLimit", "null"},
    {"Ulimits", "null"},
    {"CpuCount", "0"},
    {"CpuPercent", "0"},
    {"IOMaximumIOps", "0"},
    {"IOMaximumBandwidth", "0"},
    {NULL, NULL},
};

/* What docker tells; what else is in state.json is our own business. */
static const struct usual usual_state[] = {
    {"Status", "\"dead\""},
    {"Running", "false"},
    {"Paused", "false"},
    {"Restarting", "false"},
    {"OOMKilled", "false"},
    {"Dead", "false"},
    {"Pid", "0"},
    {"ExitCode", "0"},
    {"Error", "\"\""},
    {"StartedAt", "\"" TIME_NEVER "\""},
    {"FinishedAt", "\"" TIME_NEVER "\""},
    {NULL, NULL},
};

/* An object with all usual members, in docker's order, and those of another
 * in their place. A null there is as good as none. */
static json_t *complete(const struct usual *usual, const json_t *own)
{
    json_t *whole = json_object();

    for (; usual->name != NULL; usual++) {
        json_t *value = json_object_get(own, usual->name);

        if (value != NULL && !json_is_null(value))
            json_object_set(whole, usual->name, value);
        else
            json_object_set_new(
                whole, usual->name,
                json_loads(usual->value, JSON_DECODE_ANY, NULL));
    }
    return whole;
}

static json_t *state_of(const struct record *record)
{
    json_t *state = complete(usual_state, record->state);
    json_t *health = json_object_get(record->state, "Health");

    if (json_is_object(health))
        json_object_set(state, "Health", health);
    return state;
}

/* What else somebody asked for stands behind the rest. */
static json_t *complete_all(const struct usual *usual, const json_t *own)
{
    json_t *whole = complete(usual, own);

    if (json_is_object(own))
        json_object_update_missing(whole, (json_t *)own);
    return whole;
}

static json_t *host_of(const struct record *record)
{
    json_t *host =
        complete_all(usual_host, json_object_get(record->config, "HostConfig"));

    security_paths(host);
    return host;
}

/* A file in its directory. */
static json_t *path_in(const struct record *record, const char *name)
{
    return json_sprintf("%s/containers/%s/%s", record->engine->data, record->id,
                        name);
}

static json_t *log_path(const struct record *record)
{
    const json_t *host = json_object_get(record->config, "HostConfig");
    const char *type = json_string_value(
        json_object_get(json_object_get(host, "LogConfig"), "Type"));

    if (type != NULL && str_eq(type, "none"))
        return json_string("");
    return json_sprintf("%s/containers/%s/%s-json.log", record->engine->data,
                        record->id, record->id);
}

/* The image's trees, top first, as overlay has them; "" when they are gone. */
static json_t *lower_of(const struct record *record)
{
    const struct engine *engine = record->engine;
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_image struct image image = {.config = NULL};
    char *trees[BOUND_LAYERS + 1] = {NULL};
    cleanup_free char *text = NULL;
    size_t length = 0;
    struct failure ignored;
    const char *id =
        json_string_value(json_object_get(record->config, "Image"));

    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return json_string("");
    if (id != NULL &&
        store_open(&store, engine->data, engine->data_fd, STORE_READ,
                   &ignored) == 0 &&
        image_find_id(&image, &store, id, &ignored) == 0)
        (void)image_lowerdirs(&image, &store, trees, &ignored);
    for (size_t i = 0; trees[i] != NULL; i++) {
        fprintf(out, "%s%s", i > 0 ? ":" : "", trees[i]);
        free(trees[i]);
    }
    return fclose(out) == 0 ? json_stringn(text, length) : json_string("");
}

static json_t *graph_driver(const struct record *record)
{
    return json_pack(
        "{s:s, s:{s:o, s:o, s:o, s:o}}", "Name", "overlay2", "Data", "LowerDir",
        lower_of(record), "MergedDir", path_in(record, "merged"), "UpperDir",
        path_in(record, "upper"), "WorkDir", path_in(record, "work"));
}

static json_t *execs_of(const struct record *record)
{
    json_t *ids = record_is_up(record) ? exec_list(record) : NULL;

    if (json_array_size(ids) > 0)
        return ids;
    json_decref(ids);
    return json_null();
}

/* The record's own member, or what is there without it. */
static json_t *own(const struct record *record, const char *name,
                   json_t *otherwise)
{
    json_t *value = json_object_get(record->config, name);

    if (value == NULL || json_is_null(value))
        return otherwise;
    json_decref(otherwise);
    return json_incref(value);
}

static void add_paths(const struct record *record, json_t *all)
{
    json_object_update_new(
        all, json_pack("{s:o, s:o, s:o, s:o}", "ResolvConfPath",
                       path_in(record, "resolv.conf"), "HostnamePath",
                       path_in(record, "hostname"), "HostsPath",
                       path_in(record, "hosts"), "LogPath", log_path(record)));
}

static json_t *describe(const struct record *record)
{
    json_t *all =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "Id", record->id, "Created",
                  own(record, "Created", json_string(TIME_NEVER)), "Path",
                  own(record, "Path", json_string("")), "Args",
                  own(record, "Args", json_array()), "State", state_of(record),
                  "Image", own(record, "Image", json_string("")));

    add_paths(record, all);
    json_object_update_new(
        all,
        json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "Name",
                  own(record, "Name", json_string("")), "RestartCount",
                  own(record, "RestartCount", json_integer(0)), "Driver",
                  "overlay2", "Platform", "linux", "MountLabel", "",
                  "ProcessLabel", "", "AppArmorProfile",
                  own(record, "AppArmorProfile", json_string("")), "ExecIDs",
                  execs_of(record), "HostConfig", host_of(record),
                  "GraphDriver", graph_driver(record)));
    return all;
}

json_t *container_inspect(struct record *record, bool with_size,
                          struct failure *why)
{
    const json_t *config = record->config;
    json_t *all = describe(record);
    json_int_t pid = json_integer_value(json_object_get(record->state, "Pid"));

    if (with_size)
        size_add(record->engine, config, all);
    int failed = json_object_update_new(
        all,
        json_pack("{s:o, s:o, s:o}", "Mounts",
                  own(record, "Mounts", json_array()), "Config",
                  complete_all(usual_config, json_object_get(config, "Config")),
                  "NetworkSettings",
                  endpoints_settings(record->engine, record->id, config,
                                     (pid_t)pid)));
    if (failed == 0)
        return all;
    json_decref(all);
    fail(why, ENOMEM, "describe container %s", record->id);
    return NULL;
}
