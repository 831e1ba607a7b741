/*
 * create_request: what was typed after run or create, as docker's API has it.
 *
 * Here are the flags that depend on another one, or become more than one
 * member; create_rules.c has the rest.
 */
#include "create_request.h"

#include <errno.h>
#include <strings.h>

#include "cleanup.h"
#include "create_networks.h"
#include "create_rules.h"
#include "env_file.h"
#include "port_spec.h"
#include "put.h"
#include "security_opt.h"
#include "volume_spec.h"

/* Image, and Cmd unless the image's own is meant. */
static int put_words(json_t *body, const struct call *call, struct failure *why)
{
    if (put_text(body, "Image", call->words[0], why) < 0)
        return -1;
    for (int i = 1; i < call->count; i++)
        if (put_item(body, "Cmd", call->words[i], why) < 0)
            return -1;
    return 0;
}

/* Variables of files come first, for those of flags to replace them. */
static int put_env_files(json_t *body, const struct call *call,
                         struct failure *why)
{
    const json_t *files = call_list(call, "env-file");
    const json_t *file;
    size_t i;

    json_array_foreach((json_t *)files, i, file) {
        json_t *env = put_array(body, "Env", why);

        if (env == NULL ||
            env_file_read(env, json_string_value(file), true, why) < 0)
            return -1;
    }
    return 0;
}

static int put_label_files(json_t *body, const struct call *call,
                           struct failure *why)
{
    json_auto_t *lines = json_array();
    const json_t *files = call_list(call, "label-file");
    const json_t *item;
    size_t i;

    json_array_foreach((json_t *)files, i, item)
        if (env_file_read(lines, json_string_value(item), false, why) < 0)
            return -1;
    json_array_foreach(lines, i, item)
        if (put_pair(body, "Labels", json_string_value(item), why) < 0)
            return -1;
    return 0;
}

static int put_volumes(json_t *body, const struct call *call,
                       struct failure *why)
{
    const json_t *volume;
    size_t i;

    json_array_foreach((json_t *)call_list(call, "volume"), i, volume)
        if (volume_spec_bind(body, json_string_value(volume), why) < 0)
            return -1;
    return 0;
}

static int put_ports(json_t *body, json_t *host, const struct call *call,
                     struct failure *why)
{
    const json_t *published = call_list(call, "publish");
    const json_t *exposed = call_list(call, "expose");
    const json_t *item;
    size_t i;

    if (published == NULL && exposed == NULL)
        return 0;
    json_t *ports = put_object(body, "ExposedPorts", why);
    json_t *bindings = put_object(host, "PortBindings", why);
    if (ports == NULL || bindings == NULL)
        return -1;
    json_array_foreach((json_t *)published, i, item)
        if (port_spec(bindings, ports, json_string_value(item), why) < 0)
            return -1;
    json_array_foreach((json_t *)exposed, i, item)
        if (port_spec_expose(ports, json_string_value(item), why) < 0)
            return -1;
    return 0;
}

static int attach_one(json_t *body, const char *stream, struct failure *why)
{
    static const char *const members[] = {"AttachStdin", "AttachStdout",
                                          "AttachStderr"};

    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
        if (strcasecmp(stream, members[i] + strlen("Attach")) == 0)
            return put_new(body, members[i], json_true(), why);
    fail_as(why, FAILURE_BAD_PARAMETER,
            "valid streams are STDIN, STDOUT and STDERR");
    return create_rules_blame("attach", stream, why);
}

/* Which streams whoever called is connected to. */
static int put_streams(json_t *body, const struct call *call,
                       struct failure *why)
{
    const json_t *streams = call_list(call, "attach");
    bool detach = call_is(call, "detach");
    bool both = streams == NULL && !detach;
    bool input = call_is(call, "interactive") && !detach;
    const json_t *stream;
    size_t i;

    if (streams != NULL && detach)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "conflicting options: cannot specify both --attach and "
                       "--detach");
    if (put_new(body, "AttachStdin", json_boolean(input), why) < 0 ||
        put_new(body, "AttachStdout", json_boolean(both), why) < 0 ||
        put_new(body, "AttachStderr", json_boolean(both), why) < 0)
        return -1;
    json_array_foreach((json_t *)streams, i, stream)
        if (attach_one(body, json_string_value(stream), why) < 0)
            return -1;
    return put_new(body, "StdinOnce", json_boolean(input), why);
}

/* --init=false is said, too: it may be the default to have one. */
static int put_init(json_t *host, const struct call *call, struct failure *why)
{
    if (json_object_get(call->flags, "init") == NULL)
        return 0;
    return put_new(host, "Init", json_boolean(call_is(call, "init")), why);
}

static int put_log(json_t *host, const struct call *call, struct failure *why)
{
    const char *driver = call_text(call, "log-driver");
    const json_t *options = call_list(call, "log-opt");
    json_t *log = put_object(host, "LogConfig", why);
    const json_t *option;
    size_t i;

    if (log == NULL || put_object(log, "Config", why) == NULL)
        return -1;
    if (driver != NULL && str_eq(driver, "none") && options != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid logging opts for driver none");
    json_array_foreach((json_t *)options, i, option)
        if (put_pair(log, "Config", json_string_value(option), why) < 0)
            return -1;
    return put_text(log, "Type", driver == NULL ? "" : driver, why);
}

static int put_security(json_t *host, const struct call *call,
                        struct failure *why)
{
    const json_t *option;
    size_t i;

    json_array_foreach((json_t *)call_list(call, "security-opt"), i, option)
        if (security_opt(host, json_string_value(option), why) < 0)
            return -1;
    return 0;
}

/* Whose namespace: which words there are for each. */
static const struct mode {
    const char *flag, *key, *name;
    const char *words[2];
} modes[] = {
    {"pid", "PidMode", "PID", {"host"}},
    {"uts", "UTSMode", "UTS", {"host"}},
    {"userns", "UsernsMode", "USER", {"host"}},
    {"cgroupns", "CgroupnsMode", "CGROUP", {"host", "private"}},
};

static bool is_mode(const struct mode *mode, const char *word)
{
    static const char container[] = "container:";
    size_t length = strlen(container);

    if (*word == '\0')
        return true;
    for (int i = 0; i < 2 && mode->words[i] != NULL; i++)
        if (str_eq(mode->words[i], word))
            return true;
    return str_eq(mode->flag, "pid") && strncmp(word, container, length) == 0 &&
           word[length] != '\0';
}

static int put_modes(json_t *host, const struct call *call, struct failure *why)
{
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        const char *word = call_text(call, modes[i].flag);

        if (word == NULL)
            continue;
        if (!is_mode(&modes[i], word))
            return fail_as(why, FAILURE_BAD_PARAMETER, "--%s: invalid %s mode",
                           modes[i].flag, modes[i].name);
        if (put_text(host, modes[i].key, word, why) < 0)
            return -1;
    }
    return 0;
}

static const char *const health_times[] = {
    "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries",
};
static const char *const health_flags[] = {
    "interval", "timeout", "start-period", "start-interval", "retries",
};

static int check_health(const json_t *health, struct failure *why)
{
    for (size_t i = 0; i < sizeof(health_times) / sizeof(*health_times); i++)
        if (json_integer_value(json_object_get(health, health_times[i])) < 0)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "--health-%s cannot be negative", health_flags[i]);
    return 0;
}

/* The rules have put the times in, if there are any. */
static int put_health(json_t *body, const struct call *call,
                      struct failure *why)
{
    const char *command = call_text(call, "health-cmd");
    json_t *health = json_object_get(body, "Healthcheck");
    bool has_command = command != NULL && *command != '\0';

    if (call_is(call, "no-healthcheck")) {
        if (has_command || health != NULL)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "--no-healthcheck conflicts with --health-* "
                           "options");
        return put_new(body, "Healthcheck",
                       json_pack("{s:[s]}", "Test", "NONE"), why);
    }
    if (check_health(health, why) < 0)
        return -1;
    if (!has_command)
        return 0;
    health = put_object(body, "Healthcheck", why);
    if (health == NULL || put_item(health, "Test", "CMD-SHELL", why) < 0)
        return -1;
    return put_item(health, "Test", command, why);
}

/* What docker says as well when nobody has asked for anything. */
static int put_restart(json_t *host, struct failure *why)
{
    if (json_object_get(host, "RestartPolicy") != NULL)
        return 0;
    return put_new(
        host, "RestartPolicy",
        json_pack("{s:s, s:i}", "Name", "no", "MaximumRetryCount", 0), why);
}

static int check_host(const json_t *host, struct failure *why)
{
    const json_t *policy = json_object_get(host, "RestartPolicy");
    const char *name = json_string_value(json_object_get(policy, "Name"));
    const json_t *swappiness = json_object_get(host, "MemorySwappiness");
    json_int_t percent = json_integer_value(swappiness);

    if (json_is_true(json_object_get(host, "AutoRemove")) && name != NULL &&
        *name != '\0' && !str_eq(name, "no"))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "conflicting options: cannot specify both --restart and "
                       "--rm");
    if (percent < -1 || percent > 100)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid value: %lld. Valid memory swappiness range is "
                       "0-100",
                       (long long)percent);
    return 0;
}

static int fill(json_t *body, const struct call *call, struct failure *why)
{
    json_t *host = put_object(body, "HostConfig", why);

    if (host == NULL || put_words(body, call, why) < 0 ||
        put_env_files(body, call, why) < 0 ||
        put_label_files(body, call, why) < 0 ||
        create_rules_apply(body, call, why) < 0 ||
        put_streams(body, call, why) < 0 || put_health(body, call, why) < 0 ||
        put_volumes(body, call, why) < 0 ||
        put_ports(body, host, call, why) < 0 ||
        put_modes(host, call, why) < 0 || put_init(host, call, why) < 0 ||
        put_log(host, call, why) < 0 || put_security(host, call, why) < 0 ||
        put_restart(host, why) < 0 || check_host(host, why) < 0)
        return -1;
    return create_networks(body, host, call, why);
}

json_t *create_request(const struct call *call, struct failure *why)
{
    json_t *body = json_object();

    if (body == NULL) {
        fail(why, ENOMEM, "note a request");
        return NULL;
    }
    if (fill(body, call, why) == 0)
        return body;
    json_decref(body);
    return NULL;
}
