/*
 * segment: a network while somebody is plugged in: its bridge, its addresses,
 * its part of our table.
 *
 * Kernel object  a bridge, and elements of the sets of our table
 * Side           host
 * Look at it     ls -R /run/duct/networks     bridge link
 *                nft list table inet duct
 */
#include "segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "nat.h"
#include "networks.h"
#include "wiring.h"

static const char nat[] = "nat";
static const char users[] = "users";

/* IPAM.Config[0], or NULL. */
static const json_t *first_pool(const json_t *network)
{
    return json_array_get(
        json_object_get(json_object_get(network, "IPAM"), "Config"), 0);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* Those that are given away: a part of the subnet, if one was named. */
static void read_range(struct subnet *s, const char *text)
{
    struct subnet range;

    if (subnet_parse(&range, text) < 0 || !subnet_has(s, range.network))
        return;
    uint32_t last = range.last + 1; /* no broadcast address in there */

    if (range.network > s->first)
        s->first = range.network;
    if (last < s->last)
        s->last = last;
}

static char *bridge_of(const json_t *network, const char *id)
{
    const char *chosen = text_of(json_object_get(network, "Options"),
                                 "com.docker.network.bridge.name");
    char *name = NULL;

    if (*chosen != '\0')
        return strdup(chosen);
    return asprintf(&name, "duct-%.10s", id) < 0 ? NULL : name;
}

int segment_read(struct segment *s, const json_t *network, struct failure *why)
{
    const char *id = text_of(network, "Id");
    const json_t *pool = first_pool(network);
    struct address gateway;

    *s = (struct segment){
        .id = strdup(id),
        .name = strdup(text_of(network, "Name")),
        .bridge = bridge_of(network, id),
        .is_internal = json_is_true(json_object_get(network, "Internal")),
    };
    if (s->id != NULL && s->name != NULL && s->bridge != NULL &&
        subnet_parse(&s->subnet, text_of(pool, "Subnet")) == 0) {
        s->is_usual = str_eq(s->name, "bridge");
        if (address_parse(&gateway, text_of(pool, "Gateway")) == 0)
            s->subnet.gateway = gateway.number;
        read_range(&s->subnet, text_of(pool, "IPRange"));
        return 0;
    }
    fail(why, 0, "network %s: its file is damaged", s->name ? s->name : id);
    segment_free(s);
    return -1;
}

void segment_free(struct segment *s)
{
    free(s->id);
    free(s->name);
    free(s->bridge);
    *s = (struct segment){0};
}

static int open_directory(int parent_fd, const char *name, struct failure *why)
{
    const int flags = O_RDONLY | O_DIRECTORY;
    int fd = openat(parent_fd, name, flags | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT &&
        (mkdirat(parent_fd, name, 0700) == 0 || errno == EEXIST))
        fd = openat(parent_fd, name, flags | O_CLOEXEC);
    return fd >= 0 ? fd : fail(why, errno, "open %s", name);
}

int segments_open(const struct engine *engine, struct failure *why)
{
    return open_directory(engine->run_fd, "networks", why);
}

static int lock_part(const struct engine *engine, const char *name,
                     struct addresses *all, struct failure *why)
{
    cleanup_close int fd = segments_open(engine, why);

    all->lock_fd = -1;
    return fd < 0 ? -1 : addresses_lock(all, fd, name, why);
}

/* Who waited while the network was removed has made its directory again. One
 * that has given an address is none of these. */
static int check_there(const struct engine *engine, const char *id,
                       const struct addresses *all, struct failure *why)
{
    if (faccessat(all->lock_fd, "last", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    json_t *network = networks_find(engine, id, why);
    if (network == NULL) {
        cleanup_close int fd =
            openat(all->lock_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void)unlinkat(fd, id, AT_REMOVEDIR);
        return -1;
    }
    json_decref(network);
    return 0;
}

int segment_lock(const struct engine *engine, const char *id,
                 struct addresses *all, struct failure *why)
{
    if (lock_part(engine, id, all, why) < 0)
        return -1;
    if (check_there(engine, id, all, why) == 0)
        return 0;
    addresses_unlock(all);
    return -1;
}

/* The table's directory, locked like a network's. */
static int lock_nat(const struct engine *engine, struct addresses *lock,
                    struct failure *why)
{
    return lock_part(engine, nat, lock, why);
}

static struct nat_network nat_of(const struct segment *s)
{
    return (struct nat_network){.bridge = s->bridge,
                                .subnet = s->subnet,
                                .is_internal = s->is_internal};
}

static struct network network_of(const struct segment *s)
{
    return (struct network){.bridge = s->bridge,
                            .subnet = s->subnet,
                            .is_internal = s->is_internal};
}

struct path {
    char text[sizeof(users) + 80];
};

static const char *user_path(struct path *path, const char *id)
{
    snprintf(path->text, sizeof(path->text), "%s/%s", users, id);
    return path->text;
}

static void republish_member(const struct engine *engine, const char *address,
                             const char *container, void *arg)
{
    (void)address;
    wiring_republish(engine, container, arg);
}

/* Somebody has taken our table away: what was in it, is still wanted. */
static void restore_user(const struct engine *engine, const char *id)
{
    struct failure ignored; /* the next start tries again */
    json_t *network = networks_find(engine, id, &ignored);
    struct segment s = {0};

    if (network != NULL && segment_read(&s, network, &ignored) == 0) {
        struct nat_network n = nat_of(&s);

        (void)nat_add_network(&n, &ignored);
        segment_members(engine, id, republish_member, (void *)id);
    }
    segment_free(&s);
    json_decref(network);
}

static DIR *open_entries(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);

    if (entries == NULL)
        close_fd(&fd);
    return entries;
}

static void restore_users(const struct engine *engine, int nat_fd)
{
    DIR *entries = open_entries(nat_fd, users);
    const struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.')
            restore_user(engine, entry->d_name);
    if (entries != NULL)
        closedir(entries);
}

/* The mark comes last: where it is, the elements are. */
static int enter_table(const struct engine *engine, const struct segment *s,
                       int nat_fd, struct failure *why)
{
    struct nat_network n = nat_of(s);
    struct path path;

    if (!nat_exists()) {
        if (nat_begin(nat_fd, why) < 0)
            return -1;
        restore_users(engine, nat_fd);
    }
    if (nat_add_network(&n, why) < 0)
        return -1;
    if ((mkdirat(nat_fd, users, 0700) < 0 && errno != EEXIST) ||
        (symlinkat(s->id, nat_fd, user_path(&path, s->id)) < 0 &&
         errno != EEXIST))
        return fail(why, errno, "note that network %s is in use", s->name);
    return 0;
}

static bool is_in_table(const struct engine *engine, const char *id)
{
    cleanup_free char *path = NULL;

    return asprintf(&path, "networks/%s/%s/%s", nat, users, id) > 0 &&
           faccessat(engine->run_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
           nat_exists();
}

int segment_up(const struct engine *engine, const struct segment *s,
               struct failure *why)
{
    struct network network = network_of(s);
    struct addresses lock;

    if (network_create(&network, why) < 0)
        return -1;
    if (is_in_table(engine, s->id))
        return 0;
    if (lock_nat(engine, &lock, why) < 0)
        return -1;
    int status = enter_table(engine, s, lock.lock_fd, why);
    addresses_unlock(&lock);
    return status;
}

/* The last one takes the whole table with it. */
static void leave_table(const struct segment *s, int nat_fd)
{
    struct nat_network n = nat_of(s);
    struct path path;

    (void)unlinkat(nat_fd, user_path(&path, s->id), 0);
    if (unlinkat(nat_fd, users, AT_REMOVEDIR) == 0 || errno == ENOENT)
        nat_end(nat_fd);
    else
        nat_remove_network(&n);
}

void segment_down(const struct engine *engine, const struct segment *s,
                  const struct addresses *all)
{
    struct network network = network_of(s);
    struct failure ignored; /* what is left, the next one uses */
    struct addresses lock;

    if (!addresses_are_free(all))
        return;
    network_destroy(&network);
    if (lock_nat(engine, &lock, &ignored) < 0)
        return;
    leave_table(s, lock.lock_fd);
    addresses_unlock(&lock);
}

void segment_members(const struct engine *engine, const char *id,
                     void (*visit)(const struct engine *engine,
                                   const char *address, const char *container,
                                   void *arg),
                     void *arg)
{
    cleanup_free char *path = NULL;
    DIR *entries = asprintf(&path, "networks/%s/leases", id) < 0
                       ? NULL
                       : open_entries(engine->run_fd, path);
    const struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        char owner[128];
        ssize_t length =
            readlinkat(dirfd(entries), entry->d_name, owner, sizeof(owner) - 1);

        if (length <= 0)
            continue;
        owner[length] = '\0';
        visit(engine, entry->d_name, owner, arg);
    }
    if (entries != NULL)
        closedir(entries);
}
