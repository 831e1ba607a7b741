/*
 * plug: one container in one network.
 *
 * Kernel object  a veth pair; files which say who has an address, and a name
 * Side           host
 * Look at it     ls -l /run/duct/networks/ID/leases /run/duct/networks/ID/names
 */
#include "plug.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "ids.h"
#include "networks.h"
#include "wiring.h"

enum {
    NAME_MOST = 63, /* of one part of a name: RFC 1035, 2.3.4 */
    NAME_TOTAL = 253,
};

/* A name that can be asked for: it is a file's, too. */
static bool is_name(const char *name)
{
    size_t part = 0;

    if (strlen(name) > NAME_TOTAL || !isalnum((unsigned char)*name))
        return false;
    for (; *name != '\0'; name++) {
        part = *name == '.' ? 0 : part + 1;
        if (part > NAME_MOST ||
            (!isalnum((unsigned char)*name) && strchr("-_.", *name) == NULL))
            return false;
    }
    return true;
}

int plug_check_names(const json_t *config, struct failure *why)
{
    const json_t *alias;
    size_t i;

    json_array_foreach(json_object_get(config, "Aliases"), i, alias) {
        const char *name = json_string_value(alias);

        if (name == NULL || !is_name(name))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "invalid network alias: \"%s\"", name ? name : "");
    }
    return 0;
}

/* DNS takes no notice of case. Nothing is added twice. */
static void add_name(json_t *names, const char *name)
{
    cleanup_free char *lower = strdup(name);
    const json_t *other;
    size_t i;

    if (lower == NULL || !is_name(lower))
        return;
    for (char *c = lower; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    json_array_foreach(names, i, other)
        if (str_eq(json_string_value(other), lower))
            return;
    json_array_append_new(names, json_string(lower));
}

static json_t *names_of(const struct plug_request *r, const struct segment *s)
{
    json_t *names = json_array();
    char short_id[ID_SHORT + 1];
    const json_t *alias;
    size_t i;

    if (s->is_usual)
        return names;
    snprintf(short_id, sizeof(short_id), "%s", r->container);
    add_name(names, r->name);
    add_name(names, short_id);
    json_array_foreach(json_object_get(r->config, "Aliases"), i, alias)
        add_name(names, json_string_value(alias));
    return names;
}

/* "names/web/10.210.0.2"; without an address the directory. Caller frees. */
static char *name_path(const char *name, const char *address)
{
    char *path = NULL;

    return asprintf(&path, "names/%s%s%s", name, address ? "/" : "",
                    address ? address : "") < 0
               ? NULL
               : path;
}

static int add_entry(int dir_fd, const char *name, const char *address,
                     struct failure *why)
{
    cleanup_free char *directory = name_path(name, NULL);
    cleanup_free char *path = name_path(name, address);

    if (directory == NULL || path == NULL)
        return fail(why, ENOMEM, "note the name %s", name);
    if ((mkdirat(dir_fd, "names", 0700) < 0 && errno != EEXIST) ||
        (mkdirat(dir_fd, directory, 0700) < 0 && errno != EEXIST) ||
        (symlinkat(address, dir_fd, path) < 0 && errno != EEXIST))
        return fail(why, errno, "note the name %s", name);
    return 0;
}

static void remove_entry(int dir_fd, const char *name, const char *address)
{
    cleanup_free char *directory = name_path(name, NULL);
    cleanup_free char *path = name_path(name, address);

    if (directory == NULL || path == NULL)
        return;
    (void)unlinkat(dir_fd, path, 0);
    (void)unlinkat(dir_fd, directory, AT_REMOVEDIR); /* not while others have
                                                        this name, too */
}

/* The address that is asked for, or any. */
static int choose(struct address *a, const struct plug_request *r,
                  const struct segment *s, const struct addresses *all,
                  struct failure *why)
{
    const char *wanted =
        wiring_text(json_object_get(r->config, "IPAMConfig"), "IPv4Address");
    struct subnet whole;
    char text[INET_ADDRSTRLEN + 4];

    if (*wanted == '\0')
        return address_find(a, all, &s->subnet)
                   ? 0
                   : fail_as(why, FAILURE_FORBIDDEN,
                             "no available IPv4 addresses on this network's "
                             "address pools: %s (%s)",
                             s->name, s->id);
    address_set(a, s->subnet.network);
    snprintf(text, sizeof(text), "%s/%u", a->text, s->subnet.prefix);
    if (subnet_parse(&whole, text) < 0 || address_parse(a, wanted) < 0 ||
        a->number < whole.first || a->number > whole.last)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid address %s: It does not belong to any of this "
                       "network's subnets",
                       wanted);
    if (a->number == s->subnet.gateway || !address_is_free(all, a->text))
        return fail_as(why, FAILURE_FORBIDDEN, "Address already in use");
    return 0;
}

static json_t *describe(const struct plug_request *r, const struct segment *s,
                        const struct address *a)
{
    char id[ID_LENGTH + 1];
    char link[16];
    char subnet[INET_ADDRSTRLEN + 4];
    struct address gateway, network;
    cleanup_free char *mac =
        r->mac != NULL ? strdup(r->mac) : network_mac(a->number);

    id_make(id);
    snprintf(link, sizeof(link), "veth%.8s", id);
    address_set(&gateway, s->subnet.gateway);
    address_set(&network, s->subnet.network);
    snprintf(subnet, sizeof(subnet), "%s/%u", network.text, s->subnet.prefix);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o}",
        "Network", s->name, "NetworkID", s->id, "EndpointID", id, "Address",
        a->text, "Subnet", subnet, "Gateway", gateway.text, "Mac",
        mac ? mac : "", "Link", link, "Inside", r->inside, "Bridge", s->bridge,
        "Internal", s->is_internal, "Names", names_of(r, s));
}

static int take(const struct engine *engine, const struct plug_request *r,
                const struct segment *s, const struct addresses *all,
                const json_t *endpoint, struct failure *why)
{
    const char *address = wiring_text(endpoint, "Address");
    const json_t *name;
    size_t i;

    if (address_take(address, all, r->container, why) < 0)
        return -1;
    json_array_foreach(json_object_get(endpoint, "Names"), i, name)
        if (add_entry(all->lock_fd, json_string_value(name), address, why) < 0)
            return -1;
    return segment_up(engine, s, why);
}

/* The network is locked. Who removed it meanwhile had done so before that. */
static json_t *create_locked(const struct engine *engine,
                             const struct plug_request *r,
                             const struct segment *s,
                             const struct addresses *all, json_t *wiring,
                             struct failure *why)
{
    json_t *network = networks_find(engine, s->id, why);
    json_t *list = json_object_get(wiring, "Endpoints");
    struct address a;

    json_decref(network);
    if (network == NULL || choose(&a, r, s, all, why) < 0)
        return NULL;
    json_t *endpoint = describe(r, s, &a);
    if (endpoint == NULL || json_array_append_new(list, endpoint) < 0) {
        fail(why, ENOMEM, "plug into network %s", s->name);
        return NULL;
    }
    if (wiring_write(engine, r->container, wiring, why) < 0) {
        json_array_remove(list, json_array_size(list) - 1);
        return NULL;
    }
    return take(engine, r, s, all, endpoint, why) < 0 ? NULL : endpoint;
}

json_t *plug_create(const struct engine *engine, const struct plug_request *r,
                    json_t *wiring, struct failure *why)
{
    struct segment s;
    struct addresses all;
    json_t *endpoint = NULL;

    if (segment_read(&s, r->network, why) < 0)
        return NULL;
    if (segment_lock(engine, s.id, &all, why) == 0) {
        endpoint = create_locked(engine, r, &s, &all, wiring, why);
        addresses_unlock(&all);
    }
    segment_free(&s);
    return endpoint;
}

/* What the endpoint says, as the kernel's wing wants it. */
static int read_cable(const json_t *endpoint, struct network *n,
                      struct cable *cable)
{
    struct address gateway;

    *n = (struct network){.bridge = wiring_text(endpoint, "Bridge")};
    *cable = (struct cable){.link = wiring_text(endpoint, "Link"),
                            .inside = wiring_text(endpoint, "Inside"),
                            .mac = wiring_text(endpoint, "Mac")};
    if (subnet_parse(&n->subnet, wiring_text(endpoint, "Subnet")) < 0 ||
        address_parse(&gateway, wiring_text(endpoint, "Gateway")) < 0)
        return -1;
    n->subnet.gateway = gateway.number;
    return address_parse(&cable->address, wiring_text(endpoint, "Address"));
}

int plug_attach(const json_t *endpoint, int netns_fd, bool has_default,
                struct failure *why)
{
    struct network n;
    struct cable cable;

    if (read_cable(endpoint, &n, &cable) < 0)
        return fail(why, 0, "lay a cable: its description is damaged");
    cable.has_default = has_default;
    return network_attach(&n, &cable, netns_fd, why);
}

int plug_route(const json_t *endpoint, int netns_fd, struct failure *why)
{
    struct network n;
    struct cable cable;

    if (read_cable(endpoint, &n, &cable) < 0)
        return fail(why, 0, "add a route: its description is damaged");
    return network_route(&n, &cable, netns_fd, why);
}

void plug_destroy(const struct engine *engine, const char *container,
                  const json_t *endpoint)
{
    const char *address = wiring_text(endpoint, "Address");
    struct failure ignored; /* what is left, somebody will sweep */
    struct addresses all;
    char owner[ID_LENGTH + 1];
    const json_t *name;
    size_t i;

    if (segment_lock(engine, wiring_text(endpoint, "NetworkID"), &all,
                     &ignored) < 0)
        return;
    if (address_owner(address, all.lock_fd, ".", owner, sizeof(owner)) &&
        str_eq(owner, container)) {
        json_array_foreach(json_object_get(endpoint, "Names"), i, name)
            remove_entry(all.lock_fd, json_string_value(name), address);
        address_drop(address, &all, container);
    }
    addresses_unlock(&all);
}

void plug_rename(const struct engine *engine, json_t *endpoint,
                 const char *name)
{
    const char *address = wiring_text(endpoint, "Address");
    json_t *names = json_object_get(endpoint, "Names");
    const char *old = json_string_value(json_array_get(names, 0));
    struct failure ignored; /* it stays to be found by the old one, then */
    struct addresses all;

    if (old == NULL || segment_lock(engine, wiring_text(endpoint, "NetworkID"),
                                    &all, &ignored) < 0)
        return;
    json_t *fresh = json_array();
    add_name(fresh, name);
    const char *lower = json_string_value(json_array_get(fresh, 0));
    if (lower != NULL &&
        add_entry(all.lock_fd, lower, address, &ignored) == 0) {
        remove_entry(all.lock_fd, old, address);
        json_array_set(names, 0, json_array_get(fresh, 0));
    }
    json_decref(fresh);
    addresses_unlock(&all);
}
