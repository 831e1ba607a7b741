/*
 * endpoints: where a container is plugged in, while it runs.
 *
 * Side           host
 * Look at it     duct inspect -f '{{json .NetworkSettings}}' NAME
 *                jq . /run/duct/ID/network.json
 */
#include "endpoints.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "bindings.h"
#include "cleanup.h"
#include "janitor.h"
#include "network.h"
#include "network_events.h"
#include "networks.h"
#include "plug.h"
#include "slirp.h"
#include "wants.h"
#include "wiring.h"

enum endpoints_kind endpoints_kind(const json_t *config)
{
    const char *mode = wants_mode(config);

    if (str_eq(mode, "host"))
        return ENDPOINTS_HOST;
    return strncmp(mode, "container:", strlen("container:")) == 0
               ? ENDPOINTS_OF
               : ENDPOINTS_OWN;
}

/* Without root there is one network, the usual one, and it is no bridge. Who
 * has not asked for it goes without where it can't be had. */
static int add_outlet(const struct plug_request *r, bool is_asked_for,
                      json_t *wiring, struct failure *why)
{
    const char *name = wiring_text(r->network, "Name");
    cleanup_free char *trouble = NULL;

    if (!str_eq(name, "bridge"))
        return fail_as(why, FAILURE_FORBIDDEN,
                       "network %s is not available without root, who could "
                       "make a bridge: there are \"bridge\" (by "
                       "slirp4netns), \"none\", \"host\" and "
                       "\"container:NAME\"",
                       name);
    if (slirp_trouble(&trouble) < 0)
        return fail(why, ENOMEM, "plug in");
    if (trouble != NULL)
        return is_asked_for
                   ? fail(why, 0, "no network without root: %s", trouble)
                   : 0;
    return json_array_append_new(
               json_object_get(wiring, "Endpoints"),
               slirp_endpoint(r->network, r->mac, r->inside)) < 0
               ? fail(why, ENOMEM, "plug in")
               : 0;
}

/* One network more, as eth0, eth1, ... */
static int add_endpoint(const struct endpoints *e, const json_t *config,
                        const char *name, json_t *wiring, struct failure *why)
{
    json_t *network = networks_find(e->engine, name, why);
    size_t count = json_array_size(json_object_get(wiring, "Endpoints"));
    char inside[16];

    if (network == NULL)
        return -1;
    snprintf(inside, sizeof(inside), "eth%zu", count);
    struct plug_request r = {
        .container = e->id,
        .name = wiring_text(wiring, "Name"),
        .network = network,
        .config = wants_endpoint(config, name),
        .mac = wants_mac(config, name, count == 0),
        .inside = inside,
    };
    bool is_bridge = str_eq(wiring_text(network, "Driver"), "bridge");
    int status = 0;

    if (!is_bridge) /* nothing to plug into, but it is told */
        json_object_set(wiring, "Without", network);
    else if (e->engine->rootless)
        status = add_outlet(
            &r, !str_eq(wants_mode(config), "default") || e->ports.count > 0,
            wiring, why);
    else if (plug_create(e->engine, &r, wiring, why) == NULL)
        status = -1;
    json_decref(network);
    return status;
}

/* The first network that leads anywhere is the one for ports. */
static void choose_for_ports(json_t *wiring)
{
    const json_t *endpoint;
    size_t i;

    json_object_del(wiring, "PortsNetwork");
    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        if (!json_is_true(json_object_get(endpoint, "Internal"))) {
            json_object_set(wiring, "PortsNetwork",
                            json_object_get(endpoint, "NetworkID"));
            return;
        }
}

static const char *name_of(const json_t *config)
{
    const char *name = wiring_text(config, "Name");

    return *name == '/' ? name + 1 : name;
}

static void tell_all(const struct engine *engine, const char *action,
                     const char *id, const json_t *wiring)
{
    const json_t *without = json_object_get(wiring, "Without");
    const json_t *endpoint;
    size_t i;

    if (without != NULL)
        network_tell_of(engine, action, without, id);
    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        network_tell(engine, action, wiring_text(endpoint, "NetworkID"),
                     wiring_text(endpoint, "Network"), "bridge", id);
}

/* The host's network has no wiring. */
static void tell_host(const struct endpoints *e, const char *action)
{
    struct failure ignored; /* it is always there */
    json_t *network = e->kind == ENDPOINTS_HOST
                          ? networks_find(e->engine, "host", &ignored)
                          : NULL;

    if (network != NULL)
        network_tell_of(e->engine, action, network, e->id);
    json_decref(network);
}

/* slirp4netns will take them: now we only look which there are. */
static void let_go(const struct engine *engine, struct ports *ports)
{
    for (size_t i = 0; engine->rootless && i < ports->count; i++)
        close_fd(&ports->list[i].socket_fd);
}

/* Ports first: the kernel takes them back from the dead. */
static int create_own(struct endpoints *e, const json_t *config, json_t *wiring,
                      struct failure *why)
{
    json_t *names = wants_networks(e->engine, config);
    json_t *dns = json_object_get(json_object_get(config, "HostConfig"), "Dns");
    const json_t *name;
    int status = 0;
    size_t i;

    if (json_array_size(names) > 0)
        status = bindings_read(&e->ports, config, why);
    if (status == 0)
        status = ports_hold(&e->ports, why);
    let_go(e->engine, &e->ports);
    if (status == 0 && wiring_note_ports(wiring, &e->ports) < 0)
        status = fail(why, ENOMEM, "note the ports");
    json_array_foreach(names, i, name) {
        if (status < 0)
            break;
        status = add_endpoint(e, config, json_string_value(name), wiring, why);
    }
    json_decref(names);
    choose_for_ports(wiring);
    if (dns != NULL) /* the resolver asks these */
        json_object_set(wiring, "Dns", dns);
    json_object_set_new(wiring, "Told", json_true());
    if (status < 0 || wiring_write(e->engine, e->id, wiring, why) < 0)
        return -1;
    tell_all(e->engine, "connect", e->id, wiring);
    return e->engine->rootless ? 0 : wiring_publish(wiring, &e->ports, why);
}

/* Docker says first who could not be plugged in. */
static void name_endpoint(struct failure *why, const char *name)
{
    const struct failure inner = *why;

    if (inner.kind == FAILURE_ENGINE &&
        strncmp(inner.message, "Bind for", strlen("Bind for")) == 0)
        snprintf(why->message, sizeof(why->message),
                 "driver failed programming external connectivity on endpoint "
                 "%.128s: %.3700s",
                 name, inner.message);
}

int endpoints_create(const struct engine *engine, const char *id,
                     const json_t *config, struct endpoints *e,
                     struct failure *why)
{
    const char *name = name_of(config);

    *e = (struct endpoints){
        .kind = endpoints_kind(config),
        .engine = engine,
        .id = strdup(id),
        .slirp = SLIRP_NOT,
    };
    if (e->kind == ENDPOINTS_OF)
        e->container = strdup(strchr(wants_mode(config), ':') + 1);
    if (e->id == NULL || (e->kind == ENDPOINTS_OF && e->container == NULL))
        return fail(why, ENOMEM, "plug in");
    endpoints_sweep(engine, id);
    if (e->kind != ENDPOINTS_OWN)
        return tell_host(e, "connect"), 0;
    json_t *wiring = json_pack("{s:s, s:[]}", "Name", name, "Endpoints");
    int status = wiring == NULL ? fail(why, ENOMEM, "plug in")
                                : create_own(e, config, wiring, why);
    json_decref(wiring);
    if (status < 0) {
        name_endpoint(why, name);
        endpoints_destroy(e);
    }
    return status;
}

static int open_netns(pid_t pid, struct failure *why)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "/proc/%d/ns/net", pid) < 0)
        return fail(why, ENOMEM, "open a net namespace");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 ? fd : fail(why, errno, "open %s", path);
}

static int attach_all(const json_t *wiring, int netns_fd, struct failure *why)
{
    const char *leads_out = wiring_text(wiring, "PortsNetwork");
    const json_t *endpoint;
    size_t i;

    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint) {
        bool is_default = str_eq(wiring_text(endpoint, "NetworkID"), leads_out);

        if (plug_attach(endpoint, netns_fd, is_default, why) < 0)
            return -1;
    }
    return 0;
}

static int attach_slirp(struct endpoints *e, const json_t *wiring, pid_t child,
                        int netns_fd, struct failure *why)
{
    const json_t *endpoint =
        json_array_get(json_object_get(wiring, "Endpoints"), 0);

    if (network_settle_apart(child, netns_fd, why) < 0)
        return -1;
    if (endpoint == NULL)
        return 0;
    return slirp_start(&e->slirp, e->engine, e->id, endpoint, child, why) < 0
               ? -1
               : slirp_publish(e->engine, e->id, &e->ports, why);
}

int endpoints_attach(struct endpoints *e, pid_t child, struct failure *why)
{
    if (e->kind != ENDPOINTS_OWN)
        return 0;
    cleanup_close int netns_fd = open_netns(child, why);
    if (netns_fd < 0 ||
        (!e->engine->rootless && network_settle(netns_fd, why) < 0))
        return -1;
    json_t *wiring = wiring_read(e->engine, e->id);
    int status = e->engine->rootless
                     ? attach_slirp(e, wiring, child, netns_fd, why)
                     : attach_all(wiring, netns_fd, why);
    json_decref(wiring);
    return status;
}

static void unplug_all(const struct engine *engine, const char *id,
                       struct ports *ports)
{
    json_t *wiring = wiring_read(engine, id);
    const json_t *endpoint;
    int socket = -1;
    size_t i;

    if (!engine->rootless)
        wiring_withdraw(wiring, ports, &socket);
    ports_release(ports);
    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        if (!engine->rootless)
            plug_destroy(engine, id, endpoint);
    if (wiring != NULL)
        wiring_remove(engine, id);
    if (json_is_true(json_object_get(wiring, "Told")))
        tell_all(engine, "disconnect", id, wiring);
    if (!engine->rootless &&
        json_array_size(json_object_get(wiring, "Endpoints")) > 0)
        janitor_start(engine, wiring, socket);
    else
        close_fd(&socket);
    json_decref(wiring);
}

void endpoints_destroy(struct endpoints *e)
{
    if (e->id != NULL)
        slirp_stop(&e->slirp);
    if (e->id != NULL)
        unplug_all(e->engine, e->id, &e->ports);
    if (e->id != NULL)
        tell_host(e, "disconnect");
    free(e->id);
    free(e->container);
    e->id = e->container = NULL;
}

void endpoints_sweep(const struct engine *engine, const char *id)
{
    json_t *wiring = wiring_read(engine, id);
    struct ports ports;

    if (wiring == NULL)
        return;
    wiring_ports(wiring, &ports);
    json_decref(wiring);
    unplug_all(engine, id, &ports);
}

static int plug_in_live(const struct engine *engine, json_t *config,
                        struct plug_request *r, pid_t pid, struct failure *why)
{
    cleanup_close int netns_fd = open_netns(pid, why);
    cleanup_free char *inside =
        netns_fd < 0 ? NULL : network_name_inside(netns_fd, why);
    json_t *wiring = wiring_read(engine, r->container);
    struct ports ports;

    if (inside == NULL)
        return json_decref(wiring), -1;
    if (wiring == NULL)
        wiring = json_pack("{s:s, s:[], s:[], s:b}", "Name", name_of(config),
                           "Endpoints", "Ports", "Told", 1);
    r->inside = inside;
    json_t *endpoint = plug_create(engine, r, wiring, why);
    bool is_first = *wiring_text(wiring, "PortsNetwork") == '\0';
    int status =
        endpoint == NULL ? -1 : plug_attach(endpoint, netns_fd, false, why);
    if (status == 0 && is_first) {
        choose_for_ports(wiring);
        wiring_ports(wiring, &ports);
        if (*wiring_text(wiring, "PortsNetwork") != '\0')
            status = plug_route(endpoint, netns_fd, why) < 0 ||
                             wiring_publish(wiring, &ports, why) < 0
                         ? -1
                         : 0;
        ports_release(&ports);
    }
    if (status == 0)
        status = wiring_write(engine, r->container, wiring, why);
    json_decref(wiring);
    return status;
}

/* Takes one cable away; what it had, another one may have. */
static void plug_out_live(const struct engine *engine, const char *id,
                          const char *network, pid_t pid)
{
    json_t *wiring = wiring_read(engine, id);
    json_t *endpoint = wiring_endpoint(wiring, network);
    json_t *list = json_object_get(wiring, "Endpoints");
    bool had_ports = str_eq(wiring_text(wiring, "PortsNetwork"), network);
    struct failure ignored; /* gone is gone */
    struct ports ports;
    int socket = -1;

    if (endpoint == NULL) {
        if (json_object_del(wiring, "Without") == 0)
            (void)wiring_write(engine, id, wiring, &ignored);
        return json_decref(wiring);
    }
    wiring_ports(wiring, &ports);
    if (had_ports)
        wiring_withdraw(wiring, &ports, &socket);
    network_detach(wiring_text(endpoint, "Link"));
    plug_destroy(engine, id, endpoint);
    json_t *gone = json_pack("{s:[O]}", "Endpoints", endpoint);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_array_get(list, i) == endpoint)
            json_array_remove(list, i--);
    if (had_ports)
        choose_for_ports(wiring);
    (void)wiring_write(engine, id, wiring, &ignored);
    endpoint = wiring_endpoint(wiring, wiring_text(wiring, "PortsNetwork"));
    cleanup_close int netns_fd = open_netns(pid, &ignored);
    if (had_ports && endpoint != NULL && netns_fd >= 0) {
        (void)plug_route(endpoint, netns_fd, &ignored);
        (void)wiring_publish(wiring, &ports, &ignored);
    }
    ports_release(&ports);
    janitor_start(engine, gone, socket);
    json_decref(gone);
    json_decref(wiring);
}

static bool is_wanted(const struct engine *engine, const json_t *config,
                      const char *network)
{
    json_t *names = wants_networks(engine, config);
    const json_t *name;
    bool found = false;
    size_t i;

    json_array_foreach(names, i, name)
        found |= str_eq(json_string_value(name), network);
    json_decref(names);
    return found;
}

/* Only cables of one's own can be changed. */
static int check_changeable(const json_t *config, const char *verb,
                            struct failure *why)
{
    switch (endpoints_kind(config)) {
    case ENDPOINTS_HOST:
        return fail_as(why, FAILURE_FORBIDDEN,
                       "container cannot be %s host network", verb);
    case ENDPOINTS_OF:
        return fail_as(why, FAILURE_FORBIDDEN,
                       "container sharing network namespace with another "
                       "container or host cannot be connected to any other "
                       "network");
    default:
        return 0;
    }
}

/* What has begun without root stays as it is. */
static int check_root(const struct engine *engine, struct failure *why)
{
    return engine->rootless
               ? fail_as(why, FAILURE_FORBIDDEN,
                         "only root can change the networks of a container "
                         "that runs")
               : 0;
}

/* Addresses and names in the network of all belong to nobody. */
static int check_bridge(const json_t *endpoint, struct failure *why)
{
    if (json_array_size(json_object_get(endpoint, "Aliases")) > 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "network-scoped aliases are only supported for "
                       "user-defined networks");
    if (*wiring_text(json_object_get(endpoint, "IPAMConfig"), "IPv4Address") !=
        '\0')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "user specified IP address is supported on user "
                       "defined networks only");
    return 0;
}

int endpoints_connect(const struct endpoints_owner *o, const char *network,
                      const json_t *endpoint, struct failure *why)
{
    json_t *found = networks_find(o->engine, network, why);
    int status =
        found == NULL ? -1 : check_changeable(o->config, "connected to", why);
    const char *name = wiring_text(found, "Name");

    if (status == 0 && !str_eq(wiring_text(found, "Driver"), "bridge"))
        status = fail_as(why, FAILURE_FORBIDDEN,
                         "container cannot be connected to %s network", name);
    if (status == 0 && is_wanted(o->engine, o->config, name))
        status = fail_as(why, FAILURE_FORBIDDEN,
                         "endpoint with name %s already exists in network %s",
                         name_of(o->config), name);
    if (status == 0)
        status = endpoints_check_one(endpoint, why);
    if (status == 0 && str_eq(name, "bridge"))
        status = check_bridge(endpoint, why);
    struct plug_request r = {.container = o->id,
                             .name = name_of(o->config),
                             .network = found,
                             .config = endpoint,
                             .mac = wants_endpoint_mac(endpoint)};
    if (status == 0 && o->pid > 0)
        status = check_root(o->engine, why);
    if (status == 0 && o->pid > 0) {
        status = plug_in_live(o->engine, o->config, &r, o->pid, why);
        if (status < 0)
            plug_out_live(o->engine, o->id, wiring_text(found, "Id"), o->pid);
    }
    if (status == 0 && o->pid > 0)
        network_tell_of(o->engine, "connect", found, o->id);
    if (status == 0)
        wants_add(o->engine, o->config, name, endpoint);
    json_decref(found);
    return status;
}

int endpoints_disconnect(const struct endpoints_owner *o, const char *network,
                         struct failure *why)
{
    json_t *found = networks_find(o->engine, network, why);
    int status = found == NULL
                     ? -1
                     : check_changeable(o->config, "disconnected from", why);
    const char *name = wiring_text(found, "Name");

    if (status == 0 && o->pid > 0)
        status = check_root(o->engine, why);
    if (status == 0 && wants_remove(o->engine, o->config, name) < 0)
        status =
            fail_as(why, FAILURE_FORBIDDEN,
                    "container %s is not connected to network %s", o->id, name);
    if (status == 0 && o->pid > 0) {
        plug_out_live(o->engine, o->id, wiring_text(found, "Id"), o->pid);
        network_tell_of(o->engine, "disconnect", found, o->id);
    }
    json_decref(found);
    return status;
}

void endpoints_rename(const struct engine *engine, const char *id,
                      const char *name)
{
    json_t *wiring = wiring_read(engine, id);
    struct failure ignored; /* it stays to be found by the old one, then */
    json_t *endpoint;
    size_t i;

    if (wiring == NULL)
        return;
    json_object_set_new(wiring, "Name", json_string(name));
    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        plug_rename(engine, endpoint, name);
    (void)wiring_write(engine, id, wiring, &ignored);
    json_decref(wiring);
}
