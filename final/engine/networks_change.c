/*
 * networks: how they come and go; see networks.c for how they are found.
 *
 * Side           host
 * Look at it     ls -l /var/lib/duct/networks/names
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "ids.h"
#include "json_file.h"
#include "network_events.h"
#include "networks.h"
#include "pools.h"
#include "segment.h"
#include "wiring.h"

static bool is_builtin(const char *name)
{
    return str_eq(name, "bridge") || str_eq(name, "host") ||
           str_eq(name, "none") || str_eq(name, "default");
}

static bool is_name(const char *name)
{
    if (!isalnum((unsigned char)*name) || strlen(name) > 128)
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && strchr("-_.", *name) == NULL)
            return false;
    return true;
}

/* The name of a link is a part of a path in /proc/sys. */
static int check_bridge(const json_t *body, struct failure *why)
{
    const char *bridge = wiring_text(json_object_get(body, "Options"),
                                     "com.docker.network.bridge.name");

    if (*bridge == '\0' || (is_name(bridge) && strlen(bridge) < IFNAMSIZ))
        return 0;
    return fail_as(why, FAILURE_BAD_PARAMETER, "invalid bridge name: \"%s\"",
                   bridge);
}

static int check_body(const json_t *body, struct failure *why)
{
    const char *name = wiring_text(body, "Name");
    const char *driver = wiring_text(body, "Driver");

    if (is_builtin(name))
        return fail_as(why, FAILURE_FORBIDDEN,
                       "operation is not permitted on predefined %s network",
                       name);
    if (!is_name(name))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid network name: \"%s\": only "
                       "[a-zA-Z0-9][a-zA-Z0-9_.-]* are allowed",
                       name);
    if (str_eq(driver, "host") || str_eq(driver, "null"))
        return fail_as(why, FAILURE_FORBIDDEN,
                       "only one instance of \"%s\" network is allowed",
                       driver);
    if (*driver != '\0' && !str_eq(driver, "bridge"))
        return fail_as(why, FAILURE_NOT_FOUND,
                       "could not find plugin %s in v1 plugin registry: plugin "
                       "not found",
                       driver);
    if (json_is_true(json_object_get(body, "EnableIPv6")))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "networks with IPv6 are not supported");
    return check_bridge(body, why);
}

static json_t *copy_or_empty(const json_t *object)
{
    return json_is_object(object) ? json_deep_copy(object) : json_object();
}

static json_t *describe(const json_t *body, json_t *ipam, const char *id)
{
    char now[TIME_LENGTH + 1];

    time_now(now);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:b, s:b, s:b, s:{s:s}, s:b, "
        "s:{}, s:o, s:o}",
        "Name", wiring_text(body, "Name"), "Id", id, "Created", now, "Scope",
        "local", "Driver", "bridge", "EnableIPv6", false, "IPAM", ipam,
        "Internal", json_is_true(json_object_get(body, "Internal")),
        "Attachable", json_is_true(json_object_get(body, "Attachable")),
        "Ingress", false, "ConfigFrom", "Network", "", "ConfigOnly", false,
        "Containers", "Options",
        copy_or_empty(json_object_get(body, "Options")), "Labels",
        copy_or_empty(json_object_get(body, "Labels")));
}

struct paths {
    char file[ID_LENGTH + sizeof(".json")];
    char name[sizeof("names/") + 128];
};

static struct paths paths_of(const char *id, const char *name)
{
    struct paths paths;

    snprintf(paths.file, sizeof(paths.file), "%s.json", id);
    snprintf(paths.name, sizeof(paths.name), "names/%s", name);
    return paths;
}

/* A link to what is not there, any more or yet: its maker was killed. */
static void remove_dangling(int dir_fd, const struct paths *paths)
{
    char id[ID_LENGTH + 1];
    ssize_t length = readlinkat(dir_fd, paths->name, id, ID_LENGTH);

    if (length != ID_LENGTH)
        return;
    id[length] = '\0';
    struct paths old = paths_of(id, "");
    if (faccessat(dir_fd, old.file, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
        errno == ENOENT)
        (void)unlinkat(dir_fd, paths->name, 0);
}

/* First the file, which is nothing by itself, then its name. */
static int store(int dir_fd, const json_t *network, struct failure *why)
{
    const char *id = wiring_text(network, "Id");
    const char *name = wiring_text(network, "Name");
    struct paths paths = paths_of(id, name);

    if (mkdirat(dir_fd, "names", 0700) < 0 && errno != EEXIST)
        return fail(why, errno, "make a directory for names");
    remove_dangling(dir_fd, &paths);
    if (json_file_write(dir_fd, paths.file, network, true, why) < 0)
        return -1;
    if (symlinkat(id, dir_fd, paths.name) == 0)
        return 0;
    int errnum = errno;
    (void)unlinkat(dir_fd, paths.file, 0);
    return errnum == EEXIST
               ? fail_as(why, FAILURE_CONFLICT,
                         "network with name %s already exists", name)
               : fail(why, errnum, "name network %s", name);
}

static const char *bridge_option(const json_t *network)
{
    return wiring_text(json_object_get(network, "Options"),
                       "com.docker.network.bridge.name");
}

/* Nobody has this name, nor this bridge. */
static int check_others(const json_t *body, const json_t *others,
                        struct failure *why)
{
    const json_t *other;
    size_t i;

    json_array_foreach(others, i, other) {
        if (str_eq(wiring_text(other, "Name"), wiring_text(body, "Name")))
            return fail_as(why, FAILURE_CONFLICT,
                           "network with name %s already exists",
                           wiring_text(body, "Name"));
        if (*bridge_option(body) != '\0' &&
            str_eq(bridge_option(other), bridge_option(body)))
            return fail_as(why, FAILURE_FORBIDDEN,
                           "networks have same bridge name");
    }
    return 0;
}

/* The directory is locked: two at once would find the same subnet free. */
static json_t *create_locked(const struct engine *engine, int dir_fd,
                             const json_t *body, struct failure *why)
{
    json_t *others = networks_list(engine, NULL, why);
    char id[ID_LENGTH + 1];
    json_t *ipam = NULL;
    json_t *network = NULL;

    if (others != NULL && check_others(body, others, why) == 0)
        ipam = pools_choose(json_object_get(body, "IPAM"), others, why);
    json_decref(others);
    if (ipam == NULL)
        return NULL;
    id_make(id);
    network = describe(body, ipam, id);
    if (network == NULL) {
        fail(why, ENOMEM, "make a network");
        return NULL;
    }
    int status = store(dir_fd, network, why);
    if (status == 0)
        network_tell_of(engine, "create", network, NULL);
    json_decref(network);
    return status < 0 ? NULL : json_pack("{s:s, s:s}", "Id", id, "Warning", "");
}

json_t *networks_create(const struct engine *engine, const json_t *body,
                        struct failure *why)
{
    cleanup_close int dir_fd = -1;

    if (check_body(body, why) < 0)
        return NULL;
    dir_fd = engine_part(engine, "networks", why);
    if (dir_fd < 0)
        return NULL;
    if (flock(dir_fd, LOCK_EX) < 0) {
        fail(why, errno, "lock the networks");
        return NULL;
    }
    return create_locked(engine, dir_fd, body, why);
}

/* The name first: a file without a name is nothing. */
static int remove_locked(const struct engine *engine, const json_t *network,
                         const struct addresses *all, struct failure *why)
{
    const char *id = wiring_text(network, "Id");
    const char *name = wiring_text(network, "Name");
    struct paths paths = paths_of(id, name);
    struct segment s;

    if (!addresses_are_free(all))
        return fail_as(why, FAILURE_FORBIDDEN,
                       "error while removing network: network %s id %s has "
                       "active endpoints",
                       name, id);
    cleanup_close int dir_fd = engine_part(engine, "networks", why);
    if (dir_fd < 0)
        return -1;
    if (unlinkat(dir_fd, paths.name, 0) < 0)
        return errno == ENOENT ? fail_as(why, FAILURE_NOT_FOUND,
                                         "network %s not found", name)
                               : fail(why, errno, "remove network %s", name);
    (void)unlinkat(dir_fd, paths.file, 0);
    if (segment_read(&s, network, why) == 0) {
        segment_down(engine, &s, all);
        segment_free(&s);
    }
    return 0;
}

/* Its directory in RUN goes while it is locked. */
static void remove_run(const struct engine *engine, const char *id,
                       const struct addresses *all)
{
    static const char *const files[] = {"last", "janitor"};
    struct failure ignored; /* it is of no use, and of no harm */
    cleanup_close int fd = segments_open(engine, &ignored);

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        (void)unlinkat(all->lock_fd, files[i], 0);
    (void)unlinkat(all->lock_fd, "names", AT_REMOVEDIR);
    if (fd >= 0)
        (void)unlinkat(fd, id, AT_REMOVEDIR);
}

static int remove_found(const struct engine *engine, const json_t *network,
                        struct failure *why)
{
    const char *id = wiring_text(network, "Id");
    struct addresses all;

    if (is_builtin(wiring_text(network, "Name")))
        return fail_as(why, FAILURE_FORBIDDEN,
                       "%s is a pre-defined network and cannot be removed",
                       wiring_text(network, "Name"));
    if (segment_lock(engine, id, &all, why) < 0)
        return -1;
    int status = remove_locked(engine, network, &all, why);
    if (status == 0) {
        remove_run(engine, id, &all);
        network_tell_of(engine, "destroy", network, NULL);
    }
    addresses_unlock(&all);
    return status;
}

json_t *networks_remove(const struct engine *engine, const char *name,
                        struct failure *why)
{
    json_t *network = networks_find(engine, name, why);
    json_t *gone = NULL;

    if (network != NULL && remove_found(engine, network, why) == 0)
        gone = json_pack("{s:s, s:s}", "Id", wiring_text(network, "Id"), "Name",
                         wiring_text(network, "Name"));
    json_decref(network);
    return gone;
}

static bool is_in_use(const json_t *in_use, const json_t *network)
{
    return is_builtin(wiring_text(network, "Name")) ||
           json_object_get(in_use, wiring_text(network, "Id")) != NULL ||
           json_object_get(in_use, wiring_text(network, "Name")) != NULL;
}

/* RFC 3339, in UTC: the order of texts is that of times. */
static bool is_older(const json_t *network, const char *until)
{
    return until == NULL || strcmp(wiring_text(network, "Created"), until) < 0;
}

json_t *networks_prune(const struct engine *engine, const json_t *filters,
                       const char *until, const json_t *in_use,
                       struct failure *why)
{
    json_t *all = networks_list(engine, filters, why);
    struct failure ignored; /* somebody is plugged in: it stays */
    json_t *names = json_array();
    const json_t *network;
    size_t i;

    json_array_foreach(all, i, network)
        if (!is_in_use(in_use, network) && is_older(network, until) &&
            remove_found(engine, network, &ignored) == 0)
            json_array_append_new(names,
                                  json_string(wiring_text(network, "Name")));
    if (all == NULL) {
        json_decref(names);
        return NULL;
    }
    json_decref(all);
    return json_pack("{s:o}", "NetworksDeleted", names);
}
