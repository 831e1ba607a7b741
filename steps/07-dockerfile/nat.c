/*
 * nat: from a container's address to the world's, and from the world's ports
 * to a container's.
 *
 * Kernel object  one nftables table, with an element in a map for each port
 * Side           host
 * Needs          root; the bridge, by name only
 * Look at it     nft list table ip duct     conntrack -L     ss -tuln
 */
#include "nat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <sys/stat.h>

#include "address.h"
#include "cleanup.h"
#include "explain.h"

/* What is there already stays; flush removes rules, but no map's elements. */
static const char *const table[] = {
    "add table ip duct",
    "add map ip duct published { type inet_proto . ipv4_addr . inet_service "
    ": ipv4_addr . inet_service ; flags interval ; }",
    "add chain ip duct raw { type filter hook prerouting priority raw ; }",
    "add chain ip duct prerouting { type nat hook prerouting priority dstnat "
    "; }",
    "add chain ip duct output { type nat hook output priority -100 ; }",
    "add chain ip duct forward { type filter hook forward priority filter ; }",
    "add chain ip duct postrouting { type nat hook postrouting priority srcnat "
    "; }",
    "flush table ip duct",

    /* 127.0.0.1 is this machine, whatever a packet from elsewhere says. */
    "add rule ip duct raw iifname != lo ip saddr 127.0.0.0/8 drop",
    "add rule ip duct raw iifname != lo ip daddr 127.0.0.0/8 drop",

    /* One of the host's ports? What comes in, and what the host itself sends
     * to an address of its own. */
    "add rule ip duct prerouting meta l4proto { tcp, udp } fib daddr type "
    "local dnat ip to meta l4proto . ip daddr . th dport map @published",
    "add rule ip duct output meta l4proto { tcp, udp } fib daddr type "
    "local dnat ip to meta l4proto . ip daddr . th dport map @published",

    /* Who has a route to duct0 may reach what is published, and no more. */
    "add rule ip duct forward iifname duct0 accept",
    "add rule ip duct forward oifname duct0 ct state established,related "
    "accept",
    "add rule ip duct forward oifname duct0 ct status dnat accept",
    "add rule ip duct forward oifname duct0 drop",

    /* Nobody out there knows our addresses, so they would not answer. */
    "add rule ip duct postrouting ip saddr " ADDRESS_NETWORK
    " oifname != duct0 masquerade",
    /* A container that is asked by its neighbour, or by itself, or by
     * 127.0.0.1, would answer past us, to one who never asked it. */
    "add rule ip duct postrouting ip saddr { 127.0.0.0/8, " ADDRESS_NETWORK
    " } oifname duct0 ct status dnat masquerade",
};

enum {
    TABLE_LENGTH = sizeof(table) / sizeof(table[0])
};

/* Nothing was forwarded here before us, and nothing else is now. */
static const char only_ours[] =
    "add rule ip duct forward iifname != duct0 oifname != duct0 drop";

static const char forwarding[] = "/proc/sys/net/ipv4/ip_forward";
static const char record[] = "ip_forward"; /* no address, see address.h */

/* Runs commands of nft(8), all or none of them. What it prints goes to *@text,
 * which the caller frees. */
static int nft(const char *commands, char **text, struct failure *why)
{
    struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);

    if (ctx == NULL)
        return fail(why, ENOMEM, "talk to nftables");
    nft_ctx_buffer_output(ctx);
    nft_ctx_buffer_error(ctx);
    int status = nft_run_cmd_from_buffer(ctx, commands);
    if (status != 0)
        status = fail(why, 0, "nft: %s", nft_ctx_get_error_buffer(ctx));
    else if (text != NULL)
        *text = strdup(nft_ctx_get_output_buffer(ctx));
    nft_ctx_free(ctx);
    return status;
}

/* What is noted of an address, from the beginning; or NULL. */
static FILE *open_record(int record_fd)
{
    int copy = fcntl(record_fd, F_DUPFD_CLOEXEC, 0);
    FILE *lines = copy < 0 ? NULL : fdopen(copy, "re");

    if (lines == NULL)
        close_fd(&copy);
    else
        rewind(lines);
    return lines;
}

/* All that others have published: who deletes our table deletes that, too. */
static void put_published(int record_fd, FILE *commands)
{
    FILE *lines = open_record(record_fd);
    cleanup_free char *element = NULL;
    size_t size = 0;

    while (lines != NULL && getline(&element, &size, lines) > 0)
        fprintf(commands, "add element %s", element);
    if (lines != NULL)
        fclose(lines);
}

static bool is_noted(int directory_fd)
{
    return faccessat(directory_fd, record, F_OK, 0) == 0;
}

static void put_command(const char *command, FILE *commands)
{
    explain(HOST, "nft %s", command);
    fprintf(commands, "%s\n", command);
}

static int make_table(const struct addresses *addresses, struct failure *why)
{
    char *commands = NULL;
    size_t length;
    FILE *all = open_memstream(&commands, &length);

    if (all == NULL)
        return fail(why, ENOMEM, "make the table");
    for (size_t i = 0; i < TABLE_LENGTH; i++)
        put_command(table[i], all);
    if (is_noted(addresses->lock_fd))
        put_command(only_ours, all);
    addresses_each(addresses, put_published, all);
    fclose(all);
    int status = nft(commands, NULL, why);
    free(commands);
    return status;
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

int nat_begin(const struct addresses *all, struct failure *why)
{
    if (note_forwarding(all->lock_fd, why) < 0 || make_table(all, why) < 0)
        return -1;
    return is_noted(all->lock_fd) ? set_forwarding('1', why) : 0;
}

/* An element of the map, with its braces. The caller frees it. */
static char *element_of(const struct port *port, const char *address)
{
    bool any = port->ip.s_addr == INADDR_ANY;
    char ip[INET_ADDRSTRLEN];
    char *element = NULL;

    inet_ntop(AF_INET, &port->ip, ip, sizeof(ip));
    if (asprintf(&element, "ip duct published { %s . %s%s . %d : %s . %d }",
                 port->protocol, ip, any ? "/0" : "", port->host, address,
                 port->container) < 0)
        return NULL;
    return element;
}

/* Noted first: who is killed in between has left nothing that isn't. */
static int publish(const struct port *port, const char *address, int record_fd,
                   struct failure *why)
{
    cleanup_free char *element = element_of(port, address);
    cleanup_free char *command = NULL;

    if (element == NULL || asprintf(&command, "add element %s", element) < 0)
        return fail(why, ENOMEM, "publish a port");
    if (dprintf(record_fd, "%s\n", element) < 0)
        return fail(why, errno, "note a port");
    explain(HOST, "nft %s", command);
    return nft(command, NULL, why);
}

int nat_publish(const struct ports *p, const char *address, int record_fd,
                struct failure *why)
{
    for (size_t i = 0; i < p->count; i++)
        if (publish(&p->list[i], address, record_fd, why) < 0)
            return -1;
    return 0;
}

void nat_withdraw(int record_fd, bool tell)
{
    FILE *lines = open_record(record_fd);
    cleanup_free char *element = NULL;
    size_t size = 0;
    struct failure ignored; /* it may never have been there */

    while (lines != NULL && getline(&element, &size, lines) > 0) {
        cleanup_free char *command = NULL;

        element[strcspn(element, "\n")] = '\0';
        if (asprintf(&command, "delete element %s", element) < 0)
            break;
        if (tell)
            explain(HOST, "nft %s", command);
        nft(command, NULL, &ignored);
    }
    if (lines != NULL)
        fclose(lines);
}

void nat_end(int directory_fd)
{
    struct failure ignored; /* gone already, then */

    nft("delete table ip duct", NULL, &ignored);
    /* The note goes last: who is killed in between will be followed. */
    if (faccessat(directory_fd, record, F_OK, 0) == 0 &&
        set_forwarding('0', &ignored) == 0)
        unlinkat(directory_fd, record, 0);
}

/* All rules but ours: what libnftables lists, less the lines of our table. */
static char *list_others(void)
{
    static const char head[] = "table ip duct {\n";
    static const char tail[] = "\n}\n";
    struct failure ignored;
    char *rules = NULL;

    if (nft("list ruleset", &rules, &ignored) < 0 || rules == NULL)
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
    if (rules == NULL || strstr(rules, "\"duct0\"") != NULL)
        return NULL;
    if (strstr(rules, "table inet firewalld") != NULL)
        return "firewalld may reject what containers send and get; allow it "
               "with: firewall-cmd --zone=trusted --add-interface=duct0";
    if (!drops_forwarded(rules))
        return NULL;
    if (strstr(rules, "chain DOCKER-USER") != NULL)
        return "docker's firewall drops what containers send and get; allow "
               "it with: for d in i o; do iptables -I DOCKER-USER -$d duct0 "
               "-j ACCEPT; done";
    if (strstr(rules, "chain ufw-") != NULL)
        return "ufw drops what containers send and get; allow it with: "
               "ufw route allow in on duct0; ufw route allow out on duct0";
    return "another firewall drops what is forwarded (see `nft list ruleset`):"
           " let it accept what comes from and goes to duct0";
}
