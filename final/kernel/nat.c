/*
 * nat: from a container's address to the world's, and from the world's ports
 * to a container's.
 *
 * Kernel object  one nftables table, with an element in a map for each port
 * Side           host
 * Needs          root
 * Look at it     nft list table inet duct     conntrack -L     ss -tuln
 */
#include "nat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "elements.h"
#include "explain.h"
#include "nft.h"

static const char *const table[] = {
    "add table inet duct",
    "add set inet duct bridges { type ifname ; }",
    "add set inet duct internal { type ifname ; }",
    "add set inet duct within { type ifname . ifname ; }",
    "add set inet duct subnets { type ipv4_addr ; flags interval ; }",
    "add map inet duct published { type inet_proto . ipv4_addr . inet_service "
    ": ipv4_addr . inet_service ; }",
    "add map inet duct published_everywhere { type inet_proto . inet_service "
    ": ipv4_addr . inet_service ; }",
    "add chain inet duct raw { type filter hook prerouting priority raw ; }",
    "add chain inet duct prerouting { type nat hook prerouting priority dstnat "
    "; }",
    "add chain inet duct output { type nat hook output priority -100 ; }",
    "add chain inet duct dispatch",
    "add chain inet duct forward { type filter hook forward priority filter "
    "; }",
    "add chain inet duct postrouting { type nat hook postrouting priority "
    "srcnat ; }",

    /* 127.0.0.1 is this machine, whatever a packet from elsewhere says. */
    "add rule inet duct raw iifname != lo ip saddr 127.0.0.0/8 drop",
    "add rule inet duct raw iifname != lo ip daddr 127.0.0.0/8 drop",

    /* One of the host's ports? What comes in, and what the host itself sends
     * to an address of its own. */
    "add rule inet duct prerouting meta nfproto ipv4 fib daddr type local jump "
    "dispatch",
    "add rule inet duct output meta nfproto ipv4 fib daddr type local jump "
    "dispatch",
    "add rule inet duct dispatch dnat ip to meta l4proto . ip daddr . th dport "
    "map @published",
    "add rule inet duct dispatch meta nfproto ipv4 dnat ip to meta l4proto . "
    "th dport map @published_everywhere",

    /* Our bridges have no IPv6, whatever a container makes of that. */
    "add rule inet duct forward meta nfproto ipv6 iifname @bridges drop",
    "add rule inet duct forward meta nfproto ipv6 oifname @bridges drop",
    /* Where br_netfilter is loaded, neighbours talk by way of this, too. */
    "add rule inet duct forward iifname . oifname @within accept",
    "add rule inet duct forward iifname @internal drop",
    "add rule inet duct forward oifname @internal drop",
    /* Who has a route to a bridge, such as another of our networks, may reach
     * what is published, and no more. */
    "add rule inet duct forward oifname @bridges ct state established,related "
    "accept",
    "add rule inet duct forward oifname @bridges ct status dnat accept",
    "add rule inet duct forward oifname @bridges drop",
    "add rule inet duct forward iifname @bridges accept",

    /* Nobody out there knows our addresses, so they would not answer. */
    "add rule inet duct postrouting ip saddr @subnets oifname != @bridges "
    "masquerade",
    /* A container that is asked by its neighbour, or by itself, or by
     * 127.0.0.1, would answer past us, to one who never asked it. */
    "add rule inet duct postrouting ip saddr @subnets oifname @bridges ct "
    "status dnat masquerade",
    "add rule inet duct postrouting ip saddr 127.0.0.0/8 oifname @bridges ct "
    "status dnat masquerade",
};

enum {
    TABLE_LENGTH = sizeof(table) / sizeof(table[0])
};

/* Nothing was forwarded here before us, and nothing else is now. */
static const char only_ours[] = "add rule inet duct forward drop";

static const char forwarding[] = "/proc/sys/net/ipv4/ip_forward";
static const char record[] = "ip_forward"; /* in a directory of ours */

static bool is_noted(int directory_fd)
{
    return faccessat(directory_fd, record, F_OK, 0) == 0;
}

static void put_command(const char *command, FILE *commands)
{
    explain(HOST, "nft %s", command);
    fprintf(commands, "%s\n", command);
}

static int make_table(bool was_off, struct failure *why)
{
    cleanup_free char *commands = NULL;
    size_t length;
    FILE *all = open_memstream(&commands, &length);

    if (all == NULL)
        return fail(why, ENOMEM, "make the table");
    for (size_t i = 0; i < TABLE_LENGTH; i++)
        put_command(table[i], all);
    if (was_off)
        put_command(only_ours, all);
    fclose(all);
    return nft_run(commands, NULL, why);
}

/* If it is off, notes that: before it is on, in case that we are killed. */
static int note_forwarding(int directory_fd, struct failure *why)
{
    cleanup_close int fd = open(forwarding, O_RDONLY | O_CLOEXEC);
    char value;

    if (fd < 0 || read(fd, &value, 1) != 1)
        return fail(why, errno, "read %s", forwarding);
    if (value != '0')
        return 0;
    cleanup_close int note =
        openat(directory_fd, record, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    return note < 0 ? fail(why, errno, "note that forwarding was off") : 0;
}

/* Without it the host would keep only what is for itself. */
static int set_forwarding(char on, struct failure *why)
{
    cleanup_close int fd = open(forwarding, O_WRONLY | O_CLOEXEC);

    explain(HOST, "echo %d >%s", on - '0', forwarding);
    if (fd < 0 || write(fd, &on, 1) < 0) {
        fail(why, errno, "write %c to %s", on, forwarding);
        return hint(why, "without it no packet leaves the bridge");
    }
    return 0;
}

bool nat_exists(void)
{
    return elements_table_exists();
}

int nat_begin(int directory_fd, struct failure *why)
{
    if (note_forwarding(directory_fd, why) < 0 ||
        make_table(is_noted(directory_fd), why) < 0)
        return -1;
    return is_noted(directory_fd) ? set_forwarding('1', why) : 0;
}

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

void nat_end(int directory_fd)
{
    struct failure ignored; /* gone already, then */

    explain(HOST, "nft delete table inet duct");
    if (elements_table_exists())
        nft_run("delete table inet duct", NULL, &ignored);
    /* The note goes last: who is killed in between will be followed. */
    if (is_noted(directory_fd) && set_forwarding('0', &ignored) == 0)
        (void)unlinkat(directory_fd, record, 0);
}

/* All rules but ours: what libnftables lists, less the lines of our table. */
static char *list_others(void)
{
    static const char head[] = "table inet duct {\n";
    static const char tail[] = "\n}\n";
    struct failure ignored;
    char *rules = NULL;

    if (nft_run("list ruleset", &rules, &ignored) < 0 || rules == NULL)
        return NULL;
    char *ours = strstr(rules, head);
    char *end = ours == NULL ? NULL : strstr(ours, tail);
    if (end != NULL)
        memmove(ours, end + strlen(tail), strlen(end + strlen(tail)) + 1);
    return rules;
}

static bool drops_forwarded(const char *rules)
{
    while ((rules = strstr(rules, "hook forward")) != NULL) {
        size_t line = strcspn(rules, "\n");

        if (memmem(rules, line, "policy drop", strlen("policy drop")) != NULL)
            return true;
        rules += line;
    }
    return false;
}

const char *nat_obstacle(void)
{
    cleanup_free char *rules = list_others();

    /* Who names the bridge has thought of it. */
    if (rules == NULL || strstr(rules, "\"duct") != NULL)
        return NULL;
    if (strstr(rules, "table inet firewalld") != NULL)
        return "firewalld may reject what containers send and get; allow it "
               "with: firewall-cmd --zone=trusted --add-interface=duct0";
    if (!drops_forwarded(rules))
        return NULL;
    if (strstr(rules, "chain DOCKER-USER") != NULL)
        return "docker's firewall drops what containers send and get; allow "
               "it with: for d in i o; do iptables -I DOCKER-USER -$d duct+ "
               "-j ACCEPT; done";
    if (strstr(rules, "chain ufw-") != NULL)
        return "ufw drops what containers send and get; allow it with: "
               "ufw route allow in on duct0; ufw route allow out on duct0";
    return "another firewall drops what is forwarded (see `nft list ruleset`):"
           " let it accept what comes from and goes to duct0";
}
