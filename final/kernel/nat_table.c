/*
 * nat_table: rules for all containers, which never change, and forwarding.
 *
 * Kernel object  one nftables table, and net.ipv4.ip_forward
 * Side           host
 * Needs          root
 * Look at it     nft list table inet duct     sysctl net.ipv4.ip_forward
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "elements.h"
#include "explain.h"
#include "nat.h"
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
