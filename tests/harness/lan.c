/*
 * lan: other machines, and what they and the containers send each other; see
 * lan.h.
 */
#include "lan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "expect.h"
#include "kernel.h"
#include "scratch.h"
#include "spawn.h"

enum {
    HEARD_MS = 8000, /* what should arrive: TCP knocks at 0, 1, 3 and 7 s */
    QUIET_MS = 120,  /* what should not arrive would have by then */
    AGAIN_MS = 200,  /* so often UDP is sent again */
};

/* Made once, before the first trial. */
static int host = -1, peer = -1, world = -1;
static char *at_first; /* lan_look() then */

int lan_host(void)
{
    return host;
}

int lan_peer(void)
{
    return peer;
}

int lan_world(void)
{
    return world;
}

static int open_place(pid_t pid)
{
    int fd = kernel_open_at(O_RDONLY | O_CLOEXEC, "%d/ns/net", pid);

    expect_call(fd);
    return fd;
}

int lan_place(pid_t pid)
{
    return keep_fd(open_place(pid));
}

static void go(int place)
{
    expect_call(setns(place, CLONE_NEWNET));
}

void lan_enter(void *place)
{
    if (setns(*(const int *)place, CLONE_NEWNET) < 0)
        _exit(125);
}

char *lan_run(int place, const char *const *argv)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = argv,
        .aside = true,
        .prepare = lan_enter,
        .prepare_arg = &place,
    });

    expect_that(p->exit_status == 0,
                keep_format("the suite's own %s %s to succeed", argv[0],
                            argv[1] == NULL ? "" : argv[1]),
                p->err);
    return keep_copy(p->out, p->out_size);
}

static int new_machine(void)
{
    int fd;

    expect_call(unshare(CLONE_NEWNET));
    fd = open_place(0);
    go(host);
    LAN_IP(fd, "link", "set", "lo", "up");
    return fd;
}

int lan_machine(void)
{
    return keep_fd(new_machine());
}

static void lay_cable(int machine, const char *link, const char *ours,
                      const char *theirs)
{
    LAN_IP(machine, "link", "add", "eth0", "type", "veth", "peer", "name", link,
           "netns", "1");
    LAN_IP(host, "addr", "add", ours, "dev", link);
    LAN_IP(machine, "addr", "add", theirs, "dev", "eth0");
    LAN_IP(host, "link", "set", link, "up");
    LAN_IP(machine, "link", "set", "eth0", "up");
}

static bool are_plugged_in(void *unused)
{
    (void)unused;
    return strstr(LAN_IP(host, "-4", "route"), "linkdown") == NULL;
}

void lan_settle_in(const char *containers)
{
    host = open_place(0);
    lan_set(host, "ipv6/conf/default/disable_ipv6", "1");
    lan_set(host, "ipv4/ip_forward", "0");
    peer = new_machine();
    world = new_machine();
    lay_cable(peer, "lan0", LAN_HOST "/24", LAN_PEER "/24");
    lay_cable(world, "wan0", WAN_HOST "/24", WORLD_NEAR "/24");
    LAN_IP(world, "addr", "add", WORLD_FAR "/32", "dev", "lo");
    LAN_IP(host, "route", "add", "default", "via", WORLD_NEAR);
    LAN_IP(peer, "route", "add", containers, "via", LAN_HOST);
    lan_set(host, "ipv6/conf/default/disable_ipv6", "0");
    expect_soon(are_plugged_in, NULL, SPAWN_SOON_MS, "links that are up",
                LAN_IP(host, "link"));
    at_first = strdup(lan_look());
}

/* Settings. */

static char *setting_path(const char *name)
{
    return keep_format("/proc/sys/net/%s", name);
}

/* /proc/sys/net shows what the reader's own namespace has. */
char *lan_setting(int place, const char *name)
{
    char *text;

    go(place);
    text = file_read(setting_path(name));
    go(host);
    if (text != NULL)
        text[strcspn(text, "\n")] = '\0';
    return text;
}

void lan_set(int place, const char *name, const char *value)
{
    const char *path = setting_path(name);

    go(place);
    if (access(path, F_OK) == 0) /* a kernel without IPv6 has less */
        file_write(path, value);
    go(host);
}

/* The host's state. */

char *lan_nft(const char *commands)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("nft", "-s", "-f", "-"),
        .input = commands,
        .input_size = strlen(commands),
        .aside = true,
    });

    expect_that(p->exit_status == 0, "the suite's own nft to succeed", p->err);
    return keep_copy(p->out, p->out_size);
}

/* What is in /run, less what mount(8) keeps there for itself. */
static char *files_told(void)
{
    char *lines = file_tree(scratch_path("run")), *line;
    char *text = keep_format("%s", "");

    while ((line = strsep(&lines, "\n")) != NULL)
        if (line[0] != '\0' && strncmp(line, "mount", 5) != 0)
            text = keep_format("%s%s\n", text, line);
    return text;
}

/* A link that was just plugged in is down for a moment more. */
static char *routes_told(void)
{
    char *text = LAN_IP(host, "-4", "route"), *at;
    static const char word[] = "linkdown ";

    while ((at = strstr(text, word)) != NULL)
        (void)memmove(at, at + strlen(word), strlen(at + strlen(word)) + 1);
    return text;
}

char *lan_look(void)
{
    return keep_format("%s%s%sforwarding: %s\nin /run:\n%s", lan_links(host),
                       routes_told(), lan_nft("list ruleset"),
                       lan_setting(host, "ipv4/ip_forward"), files_told());
}

static bool is_as_at_first(void *unused)
{
    (void)unused;
    return strcmp(at_first, lan_look()) == 0;
}

static void remove_links(void)
{
    char *names = lan_links(host), *name;

    while ((name = strsep(&names, " ")) != NULL)
        if (name[0] != '\0' && strcmp(name, "lo") != 0 &&
            strcmp(name, "lan0") != 0 && strcmp(name, "wan0") != 0)
            (void)spawn_run(&(struct spawn){
                .argv = ARGV("ip", "link", "del", name), .aside = true});
}

void lan_fresh(void)
{
    if (is_as_at_first(NULL))
        return;
    lan_nft("flush ruleset");
    remove_links();
    lan_set(host, "ipv4/ip_forward", "0");
    (void)spawn_run(&(struct spawn){
        .argv = ARGV("find", scratch_path("run"), "-mindepth", "1", "-delete"),
        .aside = true});
    /* What is in a namespace that ends goes a little later. */
    expect_soon(is_as_at_first, NULL, SPAWN_SOON_MS, at_first, lan_look());
}

/* Links. */

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct if_nameindex *)a)->if_name,
                  ((const struct if_nameindex *)b)->if_name);
}

char *lan_links(int place)
{
    struct if_nameindex *links;
    char *text = keep_format("%s", "");
    size_t count = 0;

    go(place);
    links = if_nameindex();
    go(host);
    expect_that(links != NULL, "a list of links", strerror(errno));
    while (links[count].if_index != 0)
        count++;
    if (count > 0)
        qsort(links, count, sizeof(*links), compare_names);
    for (size_t i = 0; i < count; i++)
        text = keep_format("%s%s ", text, links[i].if_name);
    if_freenameindex(links);
    return text;
}

static bool ask_link(int place, const char *link, unsigned long what,
                     struct ifreq *answer)
{
    int fd, result;

    *answer = (struct ifreq){0};
    memccpy(answer->ifr_name, link, '\0', IFNAMSIZ - 1);
    go(place);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    go(host);
    expect_call(fd);
    result = ioctl(fd, what, answer);
    (void)close(fd);
    return result == 0;
}

char *lan_mac(int place, const char *link)
{
    struct ifreq answer;
    const unsigned char *mac = (unsigned char *)answer.ifr_hwaddr.sa_data;

    if (!ask_link(place, link, SIOCGIFHWADDR, &answer))
        return keep_format("no %s", link);
    return keep_format("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                       mac[3], mac[4], mac[5]);
}

static int prefix_of(const struct sockaddr *mask)
{
    if (mask == NULL)
        return 0;
    return __builtin_popcount(
        ((const struct sockaddr_in *)(const void *)mask)->sin_addr.s_addr);
}

char *lan_address(int place, const char *link)
{
    struct ifaddrs *all = NULL;
    char *text = keep_format("%s", "");
    int result;

    go(place);
    result = getifaddrs(&all);
    go(host);
    expect_call(result);
    for (const struct ifaddrs *each = all; each != NULL; each = each->ifa_next)
        if (each->ifa_addr != NULL && each->ifa_addr->sa_family == AF_INET &&
            strcmp(each->ifa_name, link) == 0)
            text = keep_format(
                "%s%s/%d ", text,
                inet_ntoa(
                    ((struct sockaddr_in *)(void *)each->ifa_addr)->sin_addr),
                prefix_of(each->ifa_netmask));
    freeifaddrs(all);
    return text;
}

/* Sockets. */

static struct sockaddr_in name_of(struct door door)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((in_port_t)door.port)};

    expect_int("inet_pton", 1,
               inet_pton(AF_INET, door.address, &name.sin_addr));
    return name;
}

static int socket_in(int place, enum protocol protocol)
{
    int type = protocol == UDP ? SOCK_DGRAM : SOCK_STREAM;
    int fd;

    go(place);
    fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    go(host);
    expect_call(fd);
    return fd;
}

int lan_listen(int place, struct door door)
{
    struct sockaddr_in name = name_of(door);
    int fd = keep_fd(socket_in(place, door.protocol));

    if (bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 ||
        (door.protocol == TCP && listen(fd, 8) < 0))
        return -1;
    return fd;
}

int lan_serve(int place, struct door door)
{
    int fd = lan_listen(place, door);

    expect_that(fd >= 0,
                keep_format("a server at %s:%d", door.address, door.port),
                strerror(errno));
    return fd;
}

static bool is_ready(int fd, short events, int ms)
{
    struct pollfd polled = {.fd = fd, .events = events};

    return poll(&polled, 1, ms) > 0;
}

int lan_refusal(int place, struct door door)
{
    struct sockaddr_in name = name_of(door);
    int fd = keep_fd(socket_in(place, door.protocol));
    int error = 0;
    socklen_t size = sizeof(error);

    if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (!is_ready(fd, POLLOUT, spawn_patience(HEARD_MS)))
        return ETIMEDOUT;
    expect_call(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    return error;
}

/* A client that knocks; UDP knocks again and again. */
static int knock(int from, struct door door)
{
    struct sockaddr_in name = name_of(door);
    int fd = socket_in(from, door.protocol);

    if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0 &&
        errno != EINPROGRESS)
        trial_note("%s: %s", door.address, strerror(errno));
    if (door.protocol == UDP)
        (void)send(fd, "knock", 5, 0); /* nobody hears what isn't sent */
    return fd;
}

static bool hears(int client, enum protocol protocol, int server, int ms)
{
    for (ms = spawn_patience(ms); ms > 0; ms -= AGAIN_MS) {
        if (is_ready(server, POLLIN, ms < AGAIN_MS ? ms : AGAIN_MS))
            return true;
        if (protocol == UDP)
            (void)send(client, "knock", 5, 0); /* as above */
    }
    return false;
}

/* The server's answer; @client receives who was heard. */
static void answer(enum protocol protocol, int server,
                   struct sockaddr_in *client)
{
    socklen_t size = sizeof(*client);
    char bytes[16];
    int fd;

    if (protocol == UDP) {
        expect_call(recvfrom(server, bytes, sizeof(bytes), 0,
                             (struct sockaddr *)client, &size));
        (void)sendto(server, "come in", 7, 0, (struct sockaddr *)client, size);
        return;
    }
    fd = keep_fd(accept4(server, (struct sockaddr *)client, &size,
                         SOCK_CLOEXEC | SOCK_NONBLOCK));
    expect_call(fd);
    (void)send(fd, "come in", 7, MSG_NOSIGNAL); /* the client will tell */
    /* Without it the port would be taken for a minute after its end. */
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0},
                     sizeof(struct linger));
}

static char *told(int from, struct door door)
{
    return keep_format("%s %s:%d from %s", door.protocol == UDP ? "UDP" : "TCP",
                       door.address, door.port,
                       from == host    ? "the host"
                       : from == peer  ? "another machine"
                       : from == world ? "far away"
                                       : "a container");
}

/* What was sent before, and repeated, must not be heard later. */
static void drain(int server)
{
    struct sockaddr_in name;
    socklen_t size = sizeof(name);
    char bytes[16];
    int fd;

    while (recv(server, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
    while ((fd = accept4(server, (struct sockaddr *)&name, &size,
                         SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
        (void)close(fd);
}

void expect_reached_(const char *file, int line, int from, struct door door,
                     int server, const char *source)
{
    struct sockaddr_in seen = {0};
    char bytes[16];
    int client;

    drain(server);
    client = keep_fd(knock(from, door));
    if (!hears(client, door.protocol, server, HEARD_MS))
        trial_failed(file, line,
                     keep_format("%s is heard by the server", told(from, door)),
                     "nothing arrives");
    answer(door.protocol, server, &seen);
    if (!is_ready(client, POLLIN, spawn_patience(HEARD_MS)) ||
        recv(client, bytes, sizeof(bytes), 0) != 7)
        trial_failed(file, line,
                     keep_format("%s is answered", told(from, door)),
                     keep_format("the server has heard %s, but its answer "
                                 "does not arrive",
                                 inet_ntoa(seen.sin_addr)));
    if (source != NULL)
        expect_str_(file, line,
                    keep_format("%s, as the server sees it", told(from, door)),
                    source, inet_ntoa(seen.sin_addr));
}

void expect_unreached_(const char *file, int line, int from, struct door door,
                       int server)
{
    bool is_heard;
    int client;

    drain(server);
    client = knock(from, door);
    is_heard = hears(client, door.protocol, server, QUIET_MS);
    (void)close(client); /* TCP would knock again */
    if (is_heard)
        trial_failed(file, line,
                     keep_format("%s is not heard", told(from, door)), "it is");
}

bool lan_hears(int server)
{
    return is_ready(server, POLLIN, spawn_patience(QUIET_MS));
}

/* Packets by hand: an IPv4 header is ten words (RFC 791), one for UDP four. */

enum {
    IP_WORDS = 10,
    UDP_WORDS = 4,
    LENGTH = 2 * (IP_WORDS + UDP_WORDS)
};

static void put_address(uint16_t *words, const char *address)
{
    struct in_addr ip = {.s_addr = inet_addr(address)};

    (void)mempcpy(words, &ip, sizeof(ip));
}

static uint16_t checksum(const uint16_t *words)
{
    unsigned sum = 0;

    for (size_t i = 0; i < IP_WORDS; i++)
        sum += words[i];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

void lan_forge(int place, const struct forged *packet)
{
    uint16_t words[IP_WORDS + UDP_WORDS] = {
        htons(0x4500),                  /* version 4, five times four bytes */
        htons(LENGTH),                  /* all of it */
        0,                              /* which fragment */
        0,                              /* of what */
        htons(64 << 8 | IPPROTO_UDP),   /* how far */
        [IP_WORDS] = htons(4711),       /* from this port */
        htons((in_port_t)packet->port), /* to that one */
        htons(2 * UDP_WORDS),           /* no text, no checksum */
    };
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_IP),
                             .sll_halen = ETH_ALEN};
    const struct ether_addr *mac = ether_aton(packet->mac);
    int fd;

    expect_that(mac != NULL, "a hardware address", packet->mac);
    (void)mempcpy(to.sll_addr, mac, ETH_ALEN);
    put_address(words + 6, packet->source);
    put_address(words + 8, packet->destination);
    words[5] = checksum(words);
    go(place);
    fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    to.sll_ifindex = (int)if_nametoindex(packet->link);
    go(host);
    expect_call(fd);
    keep_fd(fd);
    expect_call(sendto(fd, words, sizeof(words), 0, (struct sockaddr *)&to,
                       sizeof(to)));
}
