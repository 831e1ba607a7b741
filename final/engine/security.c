/*
 * security: what a container may do, from what was asked for.
 *
 * The keys are those of docker's HostConfig, and so are the messages: clients
 * show them, and people search for them.
 */
#include "security.h"

#include <errno.h>
#include <unistd.h>

#include "cleanup.h"
#include "masks.h"

const char security_filter_file[] = "seccomp.bpf";

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static int wrong_type(struct failure *why, const char *key)
{
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid HostConfig: %s has another type", key);
}

/* Docker takes null for a list that is empty. */
static int get_list(const json_t *object, const char *key, const json_t **list,
                    struct failure *why)
{
    *list = json_object_get(object, key);
    if (json_is_null(*list))
        *list = NULL;
    return *list == NULL || json_is_array(*list) ? 0 : wrong_type(why, key);
}

static int get_number(const json_t *object, const char *key, long long *number,
                      struct failure *why)
{
    const json_t *value = json_object_get(object, key);

    *number = 0;
    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_integer(value))
        return wrong_type(why, key);
    *number = json_integer_value(value);
    return 0;
}

/* Texts of a list, in a vector that ends with NULL; they stay the list's. */
static int get_texts(const json_t *list, const char *key, const char ***texts,
                     struct failure *why)
{
    const json_t *item;
    size_t i;

    *texts = calloc(json_array_size(list) + 1, sizeof(**texts));
    if (*texts == NULL)
        return fail(why, ENOMEM, "read %s", key);
    json_array_foreach(list, i, item) {
        if (!json_is_string(item))
            return wrong_type(why, key);
        (*texts)[i] = json_string_value(item);
    }
    return 0;
}

/* --------------------------------------------------------- capabilities */

static bool has_all(const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcasecmp(*names, "ALL") == 0)
            return true;
    return false;
}

/* Docker's messages say which of both lists it was. */
static int change_each(struct caps *caps, const char *const *names,
                       int (*change)(struct caps *, const char *,
                                     struct failure *),
                       const char *list, struct failure *why)
{
    for (; *names != NULL; names++) {
        struct failure inner;

        if (change(caps, *names, &inner) < 0)
            return fail_as(why, FAILURE_BAD_PARAMETER, "invalid %s: %s", list,
                           inner.message);
    }
    return 0;
}

/* What is added wins over what is dropped, but "all but these" means that. */
static int choose(const char *const *added, const char *const *dropped,
                  struct caps *caps, struct failure *why)
{
    caps_default(caps);
    if (has_all(added))
        return change_each(caps, added, caps_add, "CapAdd", why) < 0
                   ? -1
                   : change_each(caps, dropped, caps_drop_name, "CapDrop", why);
    return change_each(caps, dropped, caps_drop_name, "CapDrop", why) < 0
               ? -1
               : change_each(caps, added, caps_add, "CapAdd", why);
}

static int read_caps(const json_t *host_config, struct security *s,
                     struct failure *why)
{
    cleanup_free const char **added = NULL;
    cleanup_free const char **dropped = NULL;
    const json_t *list;

    if (get_list(host_config, "CapAdd", &list, why) < 0 ||
        get_texts(list, "CapAdd", &added, why) < 0 ||
        get_list(host_config, "CapDrop", &list, why) < 0 ||
        get_texts(list, "CapDrop", &dropped, why) < 0 ||
        choose(added, dropped, &s->caps, why) < 0)
        return -1;
    if (s->is_privileged)
        caps_all(&s->caps);
    return 0;
}

/* ---------------------------------------------------------- SecurityOpt */

static int read_flag(const char *option, const char *value, bool *flag,
                     struct failure *why)
{
    if (str_eq(value, "true") || str_eq(value, "1"))
        *flag = true;
    else if (str_eq(value, "false") || str_eq(value, "0"))
        *flag = false;
    else
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid --security-opt 2: \"%s\"", option);
    return 0;
}

static int read_filter(const char *value, struct security *s,
                       struct failure *why)
{
    if (str_eq(value, "unconfined")) {
        s->filter = SECURITY_UNCONFINED;
        return 0;
    }
    if (str_eq(value, "builtin") || str_eq(value, "default")) {
        s->filter = SECURITY_DEFAULT_FILTER;
        return 0;
    }
    json_error_t error;
    json_t *profile = json_loads(value, JSON_REJECT_DUPLICATES, &error);
    bool is_object = json_is_object(profile);
    json_decref(profile);
    if (!is_object)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Decoding seccomp profile failed: %s", error.text);
    s->filter = SECURITY_OWN_FILTER;
    s->profile = value;
    return 0;
}

/* "NAME", "NAME=VALUE", and the old "NAME:VALUE". */
static int read_option(const char *option, struct security *s,
                       struct failure *why)
{
    size_t length = strcspn(option, "=:");
    const char *value = option[length] != '\0' ? option + length + 1 : NULL;
    cleanup_free char *name = strndup(option, length);

    if (name == NULL)
        return fail(why, ENOMEM, "read SecurityOpt");
    if (str_eq(name, "no-new-privileges"))
        return read_flag(option, value != NULL ? value : "true",
                         &s->no_new_privs, why);
    if (str_eq(name, "compat32"))
        return read_flag(option, value != NULL ? value : "true", &s->compat32,
                         why);
    if (value == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid --security-opt 1: \"%s\"", option);
    if (str_eq(name, "seccomp"))
        return read_filter(value, s, why);
    /* Without such a module there is nothing to switch off. */
    if ((str_eq(name, "apparmor") && str_eq(value, "unconfined")) ||
        (str_eq(name, "label") && str_eq(value, "disable")))
        return 0;
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid --security-opt 2: \"%s\"", option);
}

static int read_options(const json_t *host_config, struct security *s,
                        struct failure *why)
{
    cleanup_free const char **options = NULL;
    const json_t *list;

    if (s->is_privileged)
        s->filter = SECURITY_UNCONFINED;
    if (get_list(host_config, "SecurityOpt", &list, why) < 0 ||
        get_texts(list, "SecurityOpt", &options, why) < 0)
        return -1;
    for (size_t i = 0; options[i] != NULL; i++)
        if (read_option(options[i], s, why) < 0)
            return -1;
    return 0;
}

/* ----------------------------------------------------- sysctls, ulimits */

static int read_sysctls(const json_t *host_config, struct security *s,
                        struct failure *why)
{
    json_t *sysctls = json_object_get(host_config, "Sysctls");
    const char *key;
    json_t *value;

    if (sysctls != NULL && !json_is_null(sysctls) && !json_is_object(sysctls))
        return wrong_type(why, "Sysctls");
    json_object_foreach(sysctls, key, value) {
        if (!json_is_string(value))
            return wrong_type(why, "Sysctls");
        if (sysctls_add(&s->sysctls, key, json_string_value(value), why) < 0)
            return -1;
    }
    return 0;
}

static int read_ulimits(const json_t *host_config, struct security *s,
                        struct failure *why)
{
    const json_t *list;
    const json_t *item;
    size_t i;

    ulimits_default(&s->ulimits);
    if (get_list(host_config, "Ulimits", &list, why) < 0)
        return -1;
    json_array_foreach(list, i, item) {
        const char *name = json_string_value(json_object_get(item, "Name"));
        long long soft;
        long long hard;

        if (name == NULL)
            return wrong_type(why, "Ulimits");
        if (get_number(item, "Soft", &soft, why) < 0 ||
            get_number(item, "Hard", &hard, why) < 0 ||
            ulimits_set(&s->ulimits, name, soft, hard, why) < 0)
            return -1;
    }
    return 0;
}

/* ------------------------------------------------------------ devices */

struct device_request {
    const char *source;
    const char *target;
    const char *access;
};

/* One of Devices; only its first part has to be there. */
static int read_device(const json_t *item, struct device_request *request,
                       struct failure *why)
{
    const char *source = json_string_value(json_object_get(item, "PathOnHost"));
    const char *target =
        json_string_value(json_object_get(item, "PathInContainer"));
    const char *access =
        json_string_value(json_object_get(item, "CgroupPermissions"));

    if (source == NULL)
        return wrong_type(why, "Devices");
    request->source = source;
    request->target = target != NULL && *target != '\0' ? target : source;
    request->access = access != NULL && *access != '\0' ? access : "rwm";
    return nodes_check(request->source, request->target, request->access, why);
}

static int read_rules(const json_t *host_config, struct devices *devices,
                      struct failure *why)
{
    cleanup_free const char **rules = NULL;
    const json_t *list;

    if (get_list(host_config, "DeviceCgroupRules", &list, why) < 0 ||
        get_texts(list, "DeviceCgroupRules", &rules, why) < 0)
        return -1;
    for (size_t i = 0; rules[i] != NULL; i++)
        if (devices_parse(devices, rules[i], why) < 0)
            return -1;
    return 0;
}

static int check_devices(const json_t *host_config, struct failure *why)
{
    struct devices unused = {0};
    struct device_request request = {0};
    const json_t *list;
    const json_t *item;
    size_t i;

    if (get_list(host_config, "Devices", &list, why) < 0)
        return -1;
    json_array_foreach(list, i, item)
        if (read_device(item, &request, why) < 0)
            return -1;
    int status = read_rules(host_config, &unused, why);
    devices_release(&unused);
    return status;
}

static int find_nodes(const json_t *host_config, struct security *s,
                      struct failure *why)
{
    struct device_request request = {0};
    const json_t *list;
    const json_t *item;
    size_t i;

    if (get_list(host_config, "Devices", &list, why) < 0)
        return -1;
    json_array_foreach(list, i, item)
        if (read_device(item, &request, why) < 0 ||
            nodes_add(&s->nodes, request.source, request.target, request.access,
                      why) < 0)
            return -1;
    /* Without root they would be there, and hardly one could be opened. */
    return s->is_privileged && geteuid() == 0 ? nodes_add_all(&s->nodes, why)
                                              : 0;
}

/* Who isn't root may not forbid anything, nor can open the host's devices. */
int security_devices(struct security *s, const struct cgroup *cgroup,
                     struct failure *why)
{
    if (find_nodes(s->host_config, s, why) < 0)
        return -1;
    if (s->is_privileged || geteuid() != 0)
        return 0;
    if (devices_default(&s->devices, why) < 0 ||
        devices_add_nodes(&s->devices, &s->nodes, why) < 0 ||
        read_rules(s->host_config, &s->devices, why) < 0)
        return -1;
    return devices_restrict(&s->devices, cgroup->directories[CGROUP_DEVICES],
                            cgroup->directories[CGROUP_UNIFIED], why);
}

/* -------------------------------------------------------------- paths */

/* An empty list is another thing than none: it hides nothing. */
static int read_paths(const json_t *host_config, const char *key,
                      const char ***paths, struct failure *why)
{
    const json_t *list;

    if (get_list(host_config, key, &list, why) < 0)
        return -1;
    if (list == NULL)
        return 0;
    if (get_texts(list, key, paths, why) < 0)
        return -1;
    for (size_t i = 0; *paths != NULL && (*paths)[i] != NULL; i++)
        if (masks_check((*paths)[i], why) < 0)
            return -1;
    return 0;
}

static void set_paths(json_t *host_config, const char *key,
                      const char *const *paths)
{
    const json_t *present = json_object_get(host_config, key);
    json_t *list;

    if (present != NULL && !json_is_null(present))
        return;
    list = json_array();
    for (; !is_true(host_config, "Privileged") && *paths != NULL; paths++)
        json_array_append_new(list, json_string(*paths));
    json_object_set_new(host_config, key,
                        is_true(host_config, "Privileged") ? json_null()
                                                           : json_incref(list));
    json_decref(list);
}

void security_paths(json_t *host_config)
{
    set_paths(host_config, "MaskedPaths", masks_hidden);
    set_paths(host_config, "ReadonlyPaths", masks_read_only);
}

/* ------------------------------------------------------------ the rest */

static int read_numbers(const json_t *host_config, struct security *s,
                        struct failure *why)
{
    long long score;

    if (get_number(host_config, "OomScoreAdj", &score, why) < 0 ||
        get_number(host_config, "ShmSize", &s->shm_size, why) < 0)
        return -1;
    if (score < -1000 || score > 1000)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid value %lld, range for oom score adj is [-1000, "
                       "1000]",
                       score);
    if (s->shm_size < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "SHM size can not be less than 0");
    s->has_oom_score = score != 0;
    s->oom_score = (int)score;
    return 0;
}

static int read_groups(const json_t *host_config, struct security *s,
                       struct failure *why)
{
    const char **texts = NULL;
    const json_t *list;
    int status = get_list(host_config, "GroupAdd", &list, why);

    if (status == 0)
        status = get_texts(list, "GroupAdd", &texts, why);
    s->groups = (char **)texts;
    return status;
}

static int read_all(const json_t *host_config, struct security *s,
                    struct failure *why)
{
    if (read_caps(host_config, s, why) < 0 ||
        read_options(host_config, s, why) < 0 ||
        read_sysctls(host_config, s, why) < 0 ||
        read_ulimits(host_config, s, why) < 0 ||
        read_numbers(host_config, s, why) < 0 ||
        read_groups(host_config, s, why) < 0 ||
        read_paths(host_config, "MaskedPaths", &s->hidden, why) < 0 ||
        read_paths(host_config, "ReadonlyPaths", &s->read_only, why) < 0 ||
        check_devices(host_config, why) < 0)
        return -1;
    return s->filter == SECURITY_DEFAULT_FILTER
               ? seccomp_filter_default(&s->caps, s->compat32, &s->seccomp, why)
               : 0;
}

int security_from(const json_t *config, struct security *s, struct failure *why)
{
    const json_t *host_config = json_object_get(config, "HostConfig");

    *s = (struct security){
        .host_config = host_config,
        .is_privileged = is_true(host_config, "Privileged"),
        .read_only_root = is_true(host_config, "ReadonlyRootfs"),
        .init = is_true(host_config, "Init"),
    };
    if (read_all(host_config, s, why) == 0)
        return 0;
    security_release(s);
    return -1;
}

int security_open_filter(struct security *s, int dir_fd, struct failure *why)
{
    if (s->filter != SECURITY_OWN_FILTER)
        return 0;
    return seccomp_filter_read(dir_fd, security_filter_file, &s->seccomp, why);
}

/* A filter that was not opened has no instructions, which the kernel refuses:
 * better no container than one without its filter. */
void security_command(const struct security *s, struct command *command)
{
    command->caps = &s->caps;
    command->seccomp = s->filter == SECURITY_UNCONFINED ? NULL : &s->seccomp;
    command->no_new_privs = s->no_new_privs;
    command->ulimits = &s->ulimits;
    command->groups = s->groups;
}

const int *security_oom_score(const struct security *s)
{
    return s->has_oom_score ? &s->oom_score : NULL;
}

void security_container(const struct security *s, struct container *c)
{
    c->rootfs.namespaces = c->namespaces.flags;
    c->rootfs.shm_fd = -1;
    c->rootfs.is_privileged = s->is_privileged;
    c->rootfs.shm_size = s->shm_size;
    c->rootfs.devices = &s->nodes;
    c->rootfs.hidden = s->hidden;
    c->rootfs.read_only = s->read_only;
    c->mounts.read_only_root = s->read_only_root;
    c->sysctls = s->sysctls;
    c->oom_score_adj = security_oom_score(s);
    c->command.init = s->init;
}

void security_release(struct security *s)
{
    seccomp_filter_free(&s->seccomp);
    sysctls_release(&s->sysctls);
    nodes_release(&s->nodes);
    devices_release(&s->devices);
    free(s->groups);
    free(s->hidden);
    free(s->read_only);
    *s = (struct security){0};
}
