/*
 * lookup: who answers to a name in a container's networks?
 *
 * Side           host
 * Look at it     ls -R /run/duct/networks/ID/names
 */
#include "lookup.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "address.h"
#include "cleanup.h"
#include "ids.h"
#include "wiring.h"

enum {
    MOST = sizeof(((struct lookup *)0)->addresses) / sizeof(uint32_t)
};

/* It becomes part of a path. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= 253 && *name != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == length;
}

static void add_entries(DIR *entries, struct lookup *found)
{
    const struct dirent *entry;
    struct address a;

    while (found->count < MOST && (entry = readdir(entries)) != NULL)
        if (address_parse(&a, entry->d_name) == 0)
            found->addresses[found->count++] = a.number;
}

static void search(const struct engine *engine, const char *network,
                   const char *name, struct lookup *found)
{
    cleanup_free char *path = NULL;

    if (!is_name(name) ||
        asprintf(&path, "networks/%s/names/%s", network, name) < 0)
        return;
    int fd = openat(engine->run_fd, path,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (entries == NULL) {
        close_fd(&fd);
        return;
    }
    add_entries(entries, found);
    closedir(entries);
}

/* "web.backend" is "web" in the network "backend". */
static void search_qualified(const struct engine *engine,
                             const json_t *endpoint, const char *name,
                             struct lookup *found)
{
    const char *network = wiring_text(endpoint, "Network");
    size_t length = strlen(name), tail = strlen(network) + 1;
    cleanup_free char *head = NULL;

    if (length <= tail || name[length - tail] != '.' ||
        strcasecmp(name + length - tail + 1, network) != 0)
        return;
    head = strndup(name, length - tail);
    if (head != NULL)
        search(engine, wiring_text(endpoint, "NetworkID"), head, found);
}

bool lookup_name(const struct engine *engine, const char *id, const char *name,
                 struct lookup *found)
{
    json_t *wiring = wiring_read(engine, id);
    const json_t *endpoint;
    size_t i;

    *found = (struct lookup){0};
    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint) {
        search(engine, wiring_text(endpoint, "NetworkID"), name, found);
        if (found->count == 0)
            search_qualified(engine, endpoint, name, found);
    }
    json_decref(wiring);
    return found->count > 0;
}

/* In the bridge of all nobody has a name. */
static char *name_in(const struct engine *engine, const json_t *endpoint,
                     const char *address)
{
    char owner[ID_LENGTH + 1];
    char *name = NULL;

    if (str_eq(wiring_text(endpoint, "Network"), "bridge"))
        return NULL;
    cleanup_close int fd =
        openat(engine->run_fd, "networks", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 ||
        !address_owner(address, fd, wiring_text(endpoint, "NetworkID"), owner,
                       sizeof(owner)))
        return NULL;
    json_t *wiring = wiring_read(engine, owner);
    if (wiring != NULL && asprintf(&name, "%s.%s", wiring_text(wiring, "Name"),
                                   wiring_text(endpoint, "Network")) < 0)
        name = NULL;
    json_decref(wiring);
    return name;
}

char *lookup_address(const struct engine *engine, const char *id,
                     uint32_t number)
{
    json_t *wiring = wiring_read(engine, id);
    const json_t *endpoint;
    struct address a;
    char *name = NULL;
    size_t i;

    address_set(&a, number);
    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        if (name == NULL)
            name = name_in(engine, endpoint, a.text);
    json_decref(wiring);
    return name;
}

bool lookup_leads_out(const struct engine *engine, const char *id)
{
    json_t *wiring = wiring_read(engine, id);
    bool leads_out = *wiring_text(wiring, "PortsNetwork") != '\0';

    json_decref(wiring);
    return leads_out;
}
