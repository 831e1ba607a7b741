/*
 * resolver: answers a container that asks where its neighbours are.
 *
 * Kernel object  two sockets of the container's net namespace in a process
 *                that is not in there; one of the host's for each question
 *                that is passed on
 * Side           host
 * Needs          the child, before it goes on
 * Look at it     nsenter -t PID -n ss -lntup     dig @127.0.0.11 NAME
 */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>

#include "cleanup.h"
#include "dns.h"
#include "lookup.h"
#include "network.h"
#include "wiring.h"

enum {
    PORT = 53,
    SERVERS = 3,   /* the C library asks no more, either */
    WAITING = 128, /* questions that are passed on at a time */
    CALLERS = 16,  /* by TCP */
    PER_STEP = 32, /* things that are done before others get their turn */
    SECONDS = 2,   /* for an answer, before the next server is asked */
    CALL_SECONDS = 10,
    PACKET = 65535,
};

enum kind {
    KIND_UDP,
    KIND_TCP,
    KIND_TIMER,
    KIND_WAIT,
    KIND_CALL,
};

/* A question that somebody else is asked. */
struct wait {
    int fd; /* connected to him, or -1 */
    struct sockaddr_in client;
    time_t since;
    size_t server; /* which one */
    size_t length;
    uint8_t packet[DNS_ANSWER];
};

/* A caller by TCP. */
struct call {
    int fd;        /* the container's end, or -1 */
    int up_fd;     /* the other server's: bytes are passed on, or -1 */
    size_t server; /* which one that is */
    bool is_sent;
    time_t since;
    size_t length;
    uint8_t bytes[2 + DNS_MOST]; /* a question, after its length */
};

/* All that others wait for. */
struct waiting {
    struct wait waits[WAITING];
    struct call calls[CALLERS];
};

struct resolver {
    const struct engine *engine;
    char *id;
    int epoll_fd, udp_fd, tcp_fd, timer_fd;
    struct sockaddr_in servers[SERVERS];
    size_t server_count;
    struct waiting *waiting; /* NULL: nobody waits */
    uint8_t *buffer;         /* PACKET bytes */
};

static time_t seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static int watch(struct resolver *r, int fd, enum kind kind, size_t index)
{
    struct epoll_event event = {.events = EPOLLIN,
                                .data.u64 = (uint64_t)index << 8 | kind};

    return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void add_server(struct resolver *r, const char *text)
{
    struct sockaddr_in *server = &r->servers[r->server_count];

    if (r->server_count == SERVERS ||
        inet_pton(AF_INET, text, &server->sin_addr) != 1)
        return;
    server->sin_family = AF_INET;
    server->sin_port = htons(PORT);
    r->server_count++;
}

/* The container's own, or else the host's; those on loopback are fine here. */
static void find_servers(struct resolver *r)
{
    json_t *wiring = wiring_read(r->engine, r->id);
    const json_t *own;
    size_t i;

    json_array_foreach(json_object_get(wiring, "Dns"), i, own)
        add_server(r, json_string_value(own));
    json_decref(wiring);
    FILE *file = r->server_count > 0 ? NULL : fopen("/etc/resolv.conf", "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    char text[64];

    while (file != NULL && getline(&line, &size, file) > 0)
        if (sscanf(line, "nameserver %63s", text) == 1)
            add_server(r, text);
    if (file != NULL)
        fclose(file);
}

static int bind_inside(int netns_fd, int type, struct failure *why)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons(PORT),
                               .sin_addr.s_addr = htonl(0x7f00000b)};
    int fd = network_socket(netns_fd, type, why);

    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0 &&
        (type != SOCK_STREAM || listen(fd, CALLERS) == 0))
        return fd;
    fail(why, errno, "bind the resolver to 127.0.0.11");
    close_fd(&fd);
    return -1;
}

static int open_all(struct resolver *r, int netns_fd, struct failure *why)
{
    r->udp_fd = bind_inside(netns_fd, SOCK_DGRAM, why);
    r->tcp_fd = r->udp_fd < 0 ? -1 : bind_inside(netns_fd, SOCK_STREAM, why);
    if (r->tcp_fd < 0)
        return -1;
    r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    r->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (r->epoll_fd < 0 || r->timer_fd < 0 ||
        watch(r, r->udp_fd, KIND_UDP, 0) < 0 ||
        watch(r, r->tcp_fd, KIND_TCP, 0) < 0 ||
        watch(r, r->timer_fd, KIND_TIMER, 0) < 0)
        return fail(why, errno, "wait for questions");
    return 0;
}

static struct resolver *allocate(const struct endpoints *e)
{
    struct resolver *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return NULL;
    r->engine = e->engine;
    r->id = strdup(e->id);
    r->buffer = malloc(PACKET);
    r->epoll_fd = r->udp_fd = r->tcp_fd = r->timer_fd = -1;
    if (r->id != NULL && r->buffer != NULL)
        return r;
    resolver_close(r);
    return NULL;
}

int resolver_open(struct resolver **out, const struct endpoints *e, pid_t child,
                  struct failure *why)
{
    cleanup_free char *path = NULL;

    *out = NULL;
    if (e->kind != ENDPOINTS_OWN || e->engine->rootless)
        return 0;
    if (asprintf(&path, "/proc/%d/ns/net", child) < 0)
        return fail(why, ENOMEM, "open the resolver");
    cleanup_close int netns_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (netns_fd < 0)
        return fail(why, errno, "open %s", path);
    struct resolver *r = allocate(e);
    if (r == NULL)
        return fail(why, ENOMEM, "open the resolver");
    if (open_all(r, netns_fd, why) < 0) {
        resolver_close(r);
        return -1;
    }
    find_servers(r);
    *out = r;
    return 0;
}

int resolver_fd(const struct resolver *r)
{
    return r == NULL ? -1 : r->epoll_fd;
}

/* Ticks while somebody waits, so that a quiet monitor sleeps. */
static void set_timer(const struct resolver *r, bool on)
{
    const struct itimerspec each = {.it_interval.tv_sec = on,
                                    .it_value.tv_sec = on};

    (void)timerfd_settime(r->timer_fd, 0, &each, NULL);
}

static void end_call(struct call *call)
{
    close_fd(&call->fd);
    close_fd(&call->up_fd);
}

/* Room for who waits. A quiet monitor does without: it is the larger part of
 * what one would use. From the kernel, so that all of it goes back. */
static bool make_room(struct resolver *r)
{
    if (r->waiting != NULL)
        return true;
    struct waiting *room = mmap(NULL, sizeof(*room), PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (room == MAP_FAILED)
        return false;
    for (size_t i = 0; i < WAITING; i++)
        room->waits[i].fd = -1;
    for (size_t i = 0; i < CALLERS; i++)
        room->calls[i].fd = room->calls[i].up_fd = -1;
    r->waiting = room;
    return true;
}

static void drop_room(struct resolver *r)
{
    if (r->waiting == NULL)
        return;
    for (size_t i = 0; i < WAITING; i++)
        close_fd(&r->waiting->waits[i].fd);
    for (size_t i = 0; i < CALLERS; i++)
        end_call(&r->waiting->calls[i]);
    (void)munmap(r->waiting, sizeof(*r->waiting));
    r->waiting = NULL;
}

/* Our own answer, or 0: somebody else has to be asked. */
static size_t answer(const struct resolver *r, const struct dns_question *q,
                     const uint8_t *packet, uint8_t out[DNS_ANSWER])
{
    struct lookup found;
    uint32_t number;

    if (lookup_name(r->engine, r->id, q->name, &found)) {
        /* All of them are asked now and then. */
        size_t first = q->id % found.count;
        uint32_t turned[sizeof(found.addresses) / sizeof(uint32_t)];

        for (size_t i = 0; i < found.count; i++)
            turned[i] = found.addresses[(first + i) % found.count];
        return dns_answer(out, q, packet, DNS_FINE, turned,
                          q->type == DNS_A ? found.count : 0);
    }
    if (q->type == DNS_PTR && dns_reverse(q->name, &number) == 0) {
        cleanup_free char *name = lookup_address(r->engine, r->id, number);

        if (name != NULL)
            return dns_answer_name(out, q, packet, name);
    }
    if (r->server_count > 0 && lookup_leads_out(r->engine, r->id))
        return 0;
    return dns_answer(out, q, packet,
                      strchr(q->name, '.') == NULL ? DNS_NOTHING : DNS_FAILED,
                      NULL, 0);
}

/* Connected: only he can answer, and who is not there says so. */
static int ask(struct resolver *r, struct wait *wait, size_t index)
{
    const struct sockaddr_in *server = &r->servers[wait->server];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 &&
        connect(fd, (const struct sockaddr *)server, sizeof(*server)) == 0 &&
        send(fd, wait->packet, wait->length, MSG_NOSIGNAL) >= 0 &&
        watch(r, fd, KIND_WAIT, index) == 0) {
        wait->fd = fd;
        return 0;
    }
    close_fd(&fd);
    return -1;
}

static void refuse(const struct resolver *r, const struct wait *wait)
{
    uint8_t out[DNS_ANSWER];
    struct dns_question q;

    if (dns_parse(&q, wait->packet, wait->length) < 0)
        return;
    size_t length = dns_answer(out, &q, wait->packet, DNS_FAILED, NULL, 0);
    (void)sendto(r->udp_fd, out, length, 0,
                 (const struct sockaddr *)&wait->client, sizeof(wait->client));
}

/* The next server has its turn, or there is none left. */
static void ask_next(struct resolver *r, struct wait *wait, size_t index)
{
    close_fd(&wait->fd);
    while (++wait->server < r->server_count)
        if (ask(r, wait, index) == 0) {
            wait->since = seconds();
            return;
        }
    refuse(r, wait);
}

/* Who asks more at a time than we can remember, asks again. */
static void pass_on(struct resolver *r, const uint8_t *packet, size_t length,
                    const struct sockaddr_in *client)
{
    if (!make_room(r))
        return;
    for (size_t i = 0; i < WAITING; i++) {
        struct wait *wait = &r->waiting->waits[i];

        if (wait->fd >= 0)
            continue;
        if (length > sizeof(wait->packet))
            return;
        memcpy(wait->packet, packet, length);
        wait->length = length;
        wait->client = *client;
        wait->since = seconds();
        wait->server = 0;
        set_timer(r, true);
        if (ask(r, wait, i) < 0)
            ask_next(r, wait, i);
        return;
    }
}

static void take_question(struct resolver *r)
{
    struct sockaddr_in client;
    socklen_t size = sizeof(client);
    uint8_t out[DNS_ANSWER];
    struct dns_question q;
    ssize_t got = recvfrom(r->udp_fd, r->buffer, PACKET, 0,
                           (struct sockaddr *)&client, &size);

    if (got < 0 || dns_parse(&q, r->buffer, (size_t)got) < 0)
        return;
    size_t length = answer(r, &q, r->buffer, out);
    if (length > 0)
        (void)sendto(r->udp_fd, out, length, 0, (struct sockaddr *)&client,
                     size);
    else
        pass_on(r, r->buffer, (size_t)got, &client);
}

static void take_answer(struct resolver *r, size_t index)
{
    if (r->waiting == NULL)
        return;
    struct wait *wait = &r->waiting->waits[index];

    if (wait->fd < 0)
        return;
    ssize_t got = recv(wait->fd, r->buffer, PACKET, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got < 0) {
        ask_next(r, wait, index);
        return;
    }
    /* Another's answer: ours may still come. */
    if (got < 2 || memcmp(r->buffer, wait->packet, 2) != 0)
        return;
    (void)sendto(r->udp_fd, r->buffer, (size_t)got, 0,
                 (struct sockaddr *)&wait->client, sizeof(wait->client));
    close_fd(&wait->fd);
}

static void take_call(struct resolver *r)
{
    int fd = accept4(r->tcp_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    bool has_room = fd >= 0 && make_room(r);

    for (size_t i = 0; has_room && i < CALLERS; i++) {
        struct call *call = &r->waiting->calls[i];

        if (call->fd >= 0)
            continue;
        *call = (struct call){.fd = fd, .up_fd = -1, .since = seconds()};
        if (watch(r, fd, KIND_CALL, i) < 0)
            end_call(call);
        set_timer(r, true);
        return;
    }
    close_fd(&fd); /* too many: he calls again */
}

static int connect_to(struct resolver *r, struct call *call, size_t index)
{
    const struct sockaddr_in *server = &r->servers[call->server];
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT,
                                .data.u64 = (uint64_t)index << 8 | KIND_CALL};

    call->up_fd =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (call->up_fd < 0 ||
        (connect(call->up_fd, (const struct sockaddr *)server,
                 sizeof(*server)) < 0 &&
         errno != EINPROGRESS))
        return -1;
    return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, call->up_fd, &event);
}

/* The first server that does not refuse at once, or the end of the call. */
static void connect_call(struct resolver *r, struct call *call, size_t index)
{
    for (; call->server < r->server_count; call->server++) {
        if (connect_to(r, call, index) == 0)
            return;
        close_fd(&call->up_fd);
    }
    end_call(call);
}

/* Sends the question once there is a connection. From here on bytes are passed
 * on, both ways, as they come. */
static void send_up(struct resolver *r, struct call *call, size_t index)
{
    struct epoll_event event = {.events = EPOLLIN,
                                .data.u64 = (uint64_t)index << 8 | KIND_CALL};
    ssize_t sent = send(call->up_fd, call->bytes, call->length, MSG_NOSIGNAL);

    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN))
        return;
    if (sent == (ssize_t)call->length &&
        epoll_ctl(r->epoll_fd, EPOLL_CTL_MOD, call->up_fd, &event) == 0) {
        call->is_sent = true;
        return;
    }
    close_fd(&call->up_fd);
    call->server++;
    connect_call(r, call, index);
}

/* Has the whole question come? Its length is before it. */
static void answer_call(struct resolver *r, struct call *call, size_t index)
{
    size_t length = call->length < 2
                        ? DNS_MOST
                        : (size_t)call->bytes[0] << 8 | call->bytes[1];
    uint8_t out[2 + DNS_ANSWER];
    struct dns_question q;

    if (call->length < 2 + length) {
        if (length > DNS_MOST)
            end_call(call);
        return;
    }
    if (dns_parse(&q, call->bytes + 2, length) < 0) {
        end_call(call);
        return;
    }
    size_t size = answer(r, &q, call->bytes + 2, out + 2);
    if (size == 0) {
        connect_call(r, call, index);
        return;
    }
    out[0] = (uint8_t)(size >> 8);
    out[1] = (uint8_t)size;
    if (send(call->fd, out, size + 2, MSG_NOSIGNAL) < 0)
        end_call(call);
    call->length = 0; /* the next question */
}

static void take_bytes(struct resolver *r, struct call *call, size_t index)
{
    ssize_t got = recv(call->fd, call->bytes + call->length,
                       sizeof(call->bytes) - call->length, 0);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        end_call(call);
        return;
    }
    call->length += (size_t)got;
    answer_call(r, call, index);
}

/* An answer that can't be taken at once is cut off: he asks again. */
static void relay(struct resolver *r, struct call *call, int from, int to)
{
    ssize_t got = recv(from, r->buffer, PACKET, 0);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || send(to, r->buffer, (size_t)got, MSG_NOSIGNAL) != got)
        end_call(call);
}

static void go_on(struct resolver *r, size_t index)
{
    if (r->waiting == NULL)
        return;
    struct call *call = &r->waiting->calls[index];

    if (call->fd < 0)
        return;
    if (call->up_fd < 0) {
        take_bytes(r, call, index);
        return;
    }
    if (!call->is_sent) {
        send_up(r, call, index);
        return;
    }
    relay(r, call, call->fd, call->up_fd);
    if (call->fd >= 0)
        relay(r, call, call->up_fd, call->fd);
}

static void tick(struct resolver *r)
{
    uint64_t ticks;
    time_t now = seconds();
    bool is_busy = false;

    (void)!read(r->timer_fd, &ticks, sizeof(ticks));
    for (size_t i = 0; r->waiting != NULL && i < WAITING; i++) {
        struct wait *wait = &r->waiting->waits[i];

        if (wait->fd >= 0 && now - wait->since >= SECONDS)
            ask_next(r, wait, i);
        is_busy |= wait->fd >= 0;
    }
    for (size_t i = 0; r->waiting != NULL && i < CALLERS; i++) {
        struct call *call = &r->waiting->calls[i];

        if (call->fd >= 0 && now - call->since >= CALL_SECONDS)
            end_call(call);
        is_busy |= call->fd >= 0;
    }
    if (is_busy)
        return;
    set_timer(r, false);
    drop_room(r);
}

void resolver_step(struct resolver *r)
{
    struct epoll_event events[PER_STEP];
    int count = epoll_wait(r->epoll_fd, events, PER_STEP, 0);

    for (int i = 0; i < count; i++) {
        size_t index = (size_t)(events[i].data.u64 >> 8);

        switch ((enum kind)(events[i].data.u64 & 0xff)) {
        case KIND_UDP:
            take_question(r);
            break;
        case KIND_TCP:
            take_call(r);
            break;
        case KIND_TIMER:
            tick(r);
            break;
        case KIND_WAIT:
            take_answer(r, index);
            break;
        case KIND_CALL:
            go_on(r, index);
            break;
        }
    }
}

void resolver_close(struct resolver *r)
{
    if (r == NULL)
        return;
    drop_room(r);
    close_fd(&r->udp_fd);
    close_fd(&r->tcp_fd);
    close_fd(&r->timer_fd);
    close_fd(&r->epoll_fd);
    free(r->id);
    free(r->buffer);
    free(r);
}
