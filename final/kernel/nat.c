/*
 * nat: from a container's address to the world's, and from the world's ports
 * to a container's.
 *
 * Its rules are nat_table's; here is what they look into.
 *
 * Kernel object  an element in a map of our table for each port, and some in
 *                its sets for each network
 * Side           host
 * Needs          root
 * Look at it     nft list table inet duct     conntrack -L     ss -tuln
 */
#include "nat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "elements.h"
#include "explain.h"

static int commit(struct changes *changes, const char *what,
                  struct failure *why)
{
    int status = elements_commit(changes, 0, NULL);

    return status == 0 ? 0 : fail(why, -status, "nft: %s", what);
}

static void put_name(uint8_t *key, const char *name)
{
    strncpy((char *)key, name, IFNAMSIZ - 1);
}

static void put_number(uint8_t *key, uint32_t number)
{
    number = htonl(number);
    memcpy(key, &number, sizeof(number));
}

enum {
    NETWORK_ELEMENTS = 5
};

/* Those of a network; how many there are depends on it. */
static size_t network_elements(const struct nat_network *n,
                               struct element list[NETWORK_ELEMENTS])
{
    uint32_t size = (uint32_t)1 << (32 - n->subnet.prefix);

    memset(list, 0, NETWORK_ELEMENTS * sizeof(*list));
    list[0] = (struct element){.set = "bridges", .key_length = IFNAMSIZ};
    put_name(list[0].key, n->bridge);
    list[1] =
        (struct element){.set = "within", .key_length = 2 * (size_t)IFNAMSIZ};
    put_name(list[1].key, n->bridge);
    put_name(list[1].key + IFNAMSIZ, n->bridge);
    list[2] = (struct element){.set = "subnets", .key_length = 4};
    put_number(list[2].key, n->subnet.network);
    list[3] = list[2];
    list[3].is_end = true;
    put_number(list[3].key, n->subnet.network + size);
    list[4] = list[0];
    list[4].set = "internal";
    return n->is_internal ? NETWORK_ELEMENTS : NETWORK_ELEMENTS - 1;
}

static void explain_network(const char *verb, const struct nat_network *n)
{
    struct address a;

    address_set(&a, n->subnet.network);
    explain(HOST, "nft %s element inet duct bridges { %s }", verb, n->bridge);
    explain(HOST, "nft %s element inet duct within { %s . %s }", verb,
            n->bridge, n->bridge);
    explain(HOST, "nft %s element inet duct subnets { %s/%d }", verb, a.text,
            (int)n->subnet.prefix);
    if (n->is_internal)
        explain(HOST, "nft %s element inet duct internal { %s }", verb,
                n->bridge);
}

int nat_add_network(const struct nat_network *n, struct failure *why)
{
    struct element list[NETWORK_ELEMENTS];
    struct changes changes = {0};
    size_t count = network_elements(n, list);

    explain_network("add", n);
    elements_add(&changes, &list[0], 1);
    elements_add(&changes, &list[1], 1);
    elements_add(&changes, &list[2], 2);
    if (count == NETWORK_ELEMENTS)
        elements_add(&changes, &list[4], 1);
    return commit(&changes, "let a network out", why);
}

void nat_remove_network(const struct nat_network *n)
{
    struct element list[NETWORK_ELEMENTS];
    struct changes changes = {0};
    size_t count = network_elements(n, list);

    explain_network("delete", n);
    elements_delete(&changes, &list[0], 1);
    elements_delete(&changes, &list[1], 1);
    elements_delete(&changes, &list[2], 2);
    if (count == NETWORK_ELEMENTS)
        elements_delete(&changes, &list[4], 1);
    (void)elements_commit(&changes, 0, NULL); /* gone already, then */
}

/* What a port is sent to. Parts of a key begin at multiples of 4. */
static struct element port_element(const struct port *port,
                                   const struct address *address)
{
    bool everywhere = port->ip.s_addr == INADDR_ANY;
    struct element element = {
        .set = everywhere ? "published_everywhere" : "published",
        .key = {str_eq(port->protocol, "udp") ? IPPROTO_UDP : IPPROTO_TCP},
        .key_length = everywhere ? 8 : 12,
        .value_length = 8,
    };
    uint8_t *host = element.key + 4;

    if (!everywhere) {
        memcpy(host, &port->ip, 4);
        host += 4;
    }
    host[0] = (uint8_t)(port->host >> 8);
    host[1] = (uint8_t)port->host;
    put_number(element.value, address->number);
    element.value[4] = (uint8_t)(port->container >> 8);
    element.value[5] = (uint8_t)port->container;
    return element;
}

static void explain_port(const char *verb, const struct port *port,
                         const struct address *address)
{
    char ip[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &port->ip, ip, sizeof(ip));
    if (port->ip.s_addr == INADDR_ANY)
        explain(HOST,
                "nft %s element inet duct published_everywhere { %s . %d : "
                "%s . %d }",
                verb, port->protocol, port->host, address->text,
                port->container);
    else
        explain(HOST,
                "nft %s element inet duct published { %s . %s . %d : %s . %d }",
                verb, port->protocol, ip, port->host, address->text,
                port->container);
}

/* Adds those of one of the two maps. */
static void add_ports(struct changes *changes, const struct ports *p,
                      const struct address *address, bool everywhere)
{
    struct element *list = calloc(p->count, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; list != NULL && i < p->count; i++)
        if ((p->list[i].ip.s_addr == INADDR_ANY) == everywhere)
            list[count++] = port_element(&p->list[i], address);
    changes->has_failed |= list == NULL;
    elements_add(changes, list, count);
    free(list);
}

static int add_all(const struct ports *p, const struct address *address)
{
    struct changes changes = {0};

    add_ports(&changes, p, address, true);
    add_ports(&changes, p, address, false);
    return elements_commit(&changes, 0, NULL);
}

/* We hold the port: whoever has the element is dead. */
static void clear(const struct port *port, const struct address *address)
{
    struct element element = port_element(port, address);
    struct changes changes = {0};

    element.value_length = 0;
    elements_delete(&changes, &element, 1);
    (void)elements_commit(&changes, 0, NULL); /* mostly there is none */
}

int nat_publish(const struct ports *p, const struct address *address,
                struct failure *why)
{
    if (p->count == 0)
        return 0;
    for (size_t i = 0; i < p->count; i++)
        explain_port("add", &p->list[i], address);
    int status = add_all(p, address);
    if (status == -EEXIST) {
        for (size_t i = 0; i < p->count; i++)
            clear(&p->list[i], address);
        status = add_all(p, address);
    }
    return status == 0 ? 0 : fail(why, -status, "nft: publish ports");
}

/* Those that are still as we have put them, by their keys. */
static size_t find_ours(const struct ports *p, const struct address *address,
                        bool everywhere, struct element *list)
{
    size_t count = 0;

    for (size_t i = 0; i < p->count; i++) {
        if ((p->list[i].ip.s_addr == INADDR_ANY) != everywhere)
            continue;
        list[count] = port_element(&p->list[i], address);
        if (!elements_has(&list[count]))
            continue;
        list[count++].value_length = 0;
    }
    return count;
}

/* Between the look and the change nobody else may have changed anything, so
 * that it is never another's element which is deleted. All at once: the kernel
 * waits some milliseconds for whoever is reading, each time. */
void nat_withdraw(const struct ports *p, const struct address *address,
                  int *left_open)
{
    struct element *list =
        p->count == 0 ? NULL : calloc(p->count, sizeof(*list));
    uint32_t generation;
    int status = 0;

    *left_open = -1;
    for (size_t i = 0; i < p->count; i++)
        explain_port("delete", &p->list[i], address);
    do {
        struct changes changes = {0};

        generation = elements_generation();
        if (list == NULL || generation == 0)
            break;
        for (int everywhere = 0; everywhere <= 1; everywhere++) {
            size_t count = find_ours(p, address, everywhere, list);
            elements_delete(&changes, list, count);
        }
        close_fd(left_open);
        status = elements_commit(&changes, generation, left_open);
    } while (status == -ERESTART);
    free(list);
}
