/*
 * slirp: a container's way out, for who isn't root.
 *
 * Nobody but root can plug a cable into the host's network. But anybody can
 * make connections; so slirp4netns(1) holds the other end of a cable, reads
 * what a container sends, and does with sockets of its own what it reads of.
 *
 * Kernel object  a tap device in the container's net namespace, a process
 * Side           host
 * Needs          slirp4netns (Debian: slirp4netns), /dev/net/tun
 * Look at it     pgrep -a slirp4netns     nsenter -U -n -t PID ip addr
 */
#include "slirp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "address.h"
#include "cleanup.h"
#include "ids.h"
#include "network.h"
#include "wiring.h"

static const char *const places[] = {"/usr/bin/slirp4netns", "/bin/slirp4netns",
                                     "/usr/local/bin/slirp4netns"};
static const char tun[] = "/dev/net/tun";
static const char api[] = "slirp"; /* the socket, in RUN/ID */

enum {
    START_MS = 10000,
    ANSWER_MS = 5000,
};

static const char *find_program(void)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

int slirp_trouble(char **trouble)
{
    const char *text = NULL;

    if (find_program() == NULL)
        text = "slirp4netns is not installed";
    else if (access(tun, F_OK) < 0)
        text = "there is no /dev/net/tun: does the kernel have the module tun?";
    else if (access(tun, R_OK | W_OK) < 0)
        text = "/dev/net/tun is not for this user: its mode should be 666";
    *trouble = text == NULL ? NULL : strdup(text);
    return text != NULL && *trouble == NULL ? -1 : 0;
}

json_t *slirp_endpoint(const json_t *network, const char *mac,
                       const char *inside)
{
    struct address address;
    char id[ID_LENGTH + 1];

    if (address_parse(&address, SLIRP_ADDRESS) < 0)
        return NULL;
    id_make(id);
    cleanup_free char *usual = network_mac(address.number);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:[]}",
                     "Network", wiring_text(network, "Name"), "NetworkID",
                     wiring_text(network, "Id"), "EndpointID", id, "Address",
                     SLIRP_ADDRESS, "Subnet", SLIRP_SUBNET, "Gateway",
                     SLIRP_GATEWAY, "Mac",
                     mac != NULL ? mac : (usual != NULL ? usual : ""), "Inside",
                     inside, "Internal", false, "Names");
}

/* ------------------------------------------------------------- starting it */

/* In the child: these descriptors, by these numbers, and no others. */
enum {
    READY_FD = 3,
    EXIT_FD,
    RUN_FD,
};

struct start {
    int ready[2];
    int exit[2];
    int error[2];
    int run_fd;
};

static void close_pair(int fds[2])
{
    close_fd(&fds[0]);
    close_fd(&fds[1]);
}

static void release(struct start *st)
{
    close_pair(st->ready);
    close_pair(st->exit);
    close_pair(st->error);
    close_fd(&st->run_fd);
}

static int prepare(struct start *st, const struct engine *engine,
                   const char *id, struct failure *why)
{
    *st = (struct start){{-1, -1}, {-1, -1}, {-1, -1}, -1};
    if (pipe2(st->ready, O_CLOEXEC) == 0 && pipe2(st->exit, O_CLOEXEC) == 0 &&
        pipe2(st->error, O_CLOEXEC) == 0 &&
        (st->run_fd = openat(engine->run_fd, id,
                             O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0) {
        (void)unlinkat(st->run_fd, api, 0);
        return 0;
    }
    fail(why, errno, "prepare slirp4netns");
    release(st);
    return -1;
}

_Noreturn static void become(const struct start *st, const char *program,
                             const char *pid, const json_t *endpoint)
{
    cleanup_free char *mac = NULL;
    char *none[] = {NULL};
    char *argv[] = {(char *)program,
                    "--configure",
                    "--mtu=65520",
                    "--disable-host-loopback",
                    "--ready-fd=3",
                    "--exit-fd=4",
                    "--api-socket=/proc/self/fd/5/slirp",
                    NULL,
                    (char *)pid,
                    (char *)wiring_text(endpoint, "Inside"),
                    NULL};
    sigset_t all;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* 3, 4 and 5 may be what is to be put elsewhere: none is touched first. */
    int high[] = {fcntl(st->ready[1], F_DUPFD_CLOEXEC, 10),
                  fcntl(st->exit[0], F_DUPFD_CLOEXEC, 10),
                  fcntl(st->run_fd, F_DUPFD_CLOEXEC, 10)};

    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (asprintf(&mac, "--macaddress=%s", wiring_text(endpoint, "Mac")) < 0 ||
        null < 0 || dup2(st->error[1], 2) < 0 || dup2(null, 0) < 0 ||
        dup2(null, 1) < 0 || dup2(high[0], READY_FD) < 0 ||
        dup2(high[1], EXIT_FD) < 0 || dup2(high[2], RUN_FD) < 0)
        _exit(1);
    argv[7] = mac;
    execve(program, argv, none);
    _exit(1);
}

/* What it wrote last, without the end of the line. */
static void blame(struct slirp *s, struct failure *why)
{
    char text[1024];
    ssize_t length = read(s->error_fd, text, sizeof(text) - 1);

    while (length > 0 && text[length - 1] == '\n')
        length--;
    text[length > 0 ? length : 0] = '\0';
    const char *last = strrchr(text, '\n');
    fail(why, 0, "slirp4netns: %s",
         *text == '\0' ? "it ended" : (last != NULL ? last + 1 : text));
}

static int await_ready(struct slirp *s, int ready_fd, struct failure *why)
{
    struct pollfd ready = {.fd = ready_fd, .events = POLLIN};
    char byte;
    int count = poll(&ready, 1, START_MS);

    if (count == 0)
        return fail(why, ETIMEDOUT, "wait for slirp4netns");
    if (count > 0 && read(ready_fd, &byte, 1) == 1)
        return 0;
    blame(s, why);
    return -1;
}

int slirp_start(struct slirp *s, const struct engine *engine, const char *id,
                const json_t *endpoint, pid_t child, struct failure *why)
{
    const char *program = find_program();
    cleanup_free char *pid = NULL;
    struct start st;

    *s = (struct slirp)SLIRP_NOT;
    if (program == NULL || asprintf(&pid, "%d", child) < 0)
        return fail(why, ENOENT, "find slirp4netns");
    if (prepare(&st, engine, id, why) < 0)
        return -1;
    s->pid = fork();
    if (s->pid == 0)
        become(&st, program, pid, endpoint);
    s->exit_fd = take_fd(&st.exit[1]);
    s->error_fd = take_fd(&st.error[0]);
    close_fd(&st.ready[1]);
    close_fd(&st.error[1]);
    int status = s->pid < 0 ? fail(why, errno, "fork")
                            : await_ready(s, st.ready[0], why);
    release(&st);
    if (status < 0)
        slirp_stop(s);
    return status;
}

void slirp_stop(struct slirp *s)
{
    close_fd(&s->exit_fd);
    close_fd(&s->error_fd);
    if (s->pid <= 0)
        return;
    (void)kill(s->pid, SIGTERM); /* ours, and not waited for: no other's */
    (void)waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

/* ------------------------------------------------------------------- ports */

static int connect_there(const struct engine *engine, const char *id,
                         struct failure *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = ANSWER_MS / 1000};
    cleanup_close int dir =
        openat(engine->run_fd, id, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
             dir, api);
    if (dir >= 0 && fd >= 0 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ==
            0 &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    fail(why, errno, "reach slirp4netns");
    close_fd(&fd);
    return -1;
}

/* One request for each connection. Returns the answer, or NULL with @why. */
static json_t *ask(const struct engine *engine, const char *id,
                   const json_t *request, struct failure *why)
{
    cleanup_free char *text = json_dumps(request, JSON_COMPACT);
    cleanup_close int fd = connect_there(engine, id, why);
    char answer[4096];
    size_t length = 0;
    ssize_t part;

    if (fd < 0)
        return NULL;
    if (text == NULL ||
        send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text) ||
        shutdown(fd, SHUT_WR) < 0) {
        fail(why, errno, "ask slirp4netns");
        return NULL;
    }
    while (length < sizeof(answer) &&
           (part = recv(fd, answer + length, sizeof(answer) - length, 0)) > 0)
        length += (size_t)part;
    json_t *read_back = json_loadb(answer, length, 0, NULL);
    if (read_back == NULL)
        fail(why, 0, "slirp4netns did not answer");
    return read_back;
}

static int publish_one(const struct engine *engine, const char *id,
                       const struct port *port, struct failure *why)
{
    char ip[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &port->ip, ip, sizeof(ip));
    json_auto_t *request = json_pack(
        "{s:s, s:{s:s, s:s, s:i, s:s, s:i}}", "execute", "add_hostfwd",
        "arguments", "proto", port->protocol, "host_addr", ip, "host_port",
        port->host, "guest_addr", SLIRP_ADDRESS, "guest_port", port->container);
    json_auto_t *answer = ask(engine, id, request, why);

    if (answer == NULL)
        return -1;
    const json_t *error = json_object_get(answer, "error");
    return error == NULL ? 0
                         : fail(why, 0, "Bind for %s:%d failed: %s", ip,
                                port->host, wiring_text(error, "desc"));
}

int slirp_publish(const struct engine *engine, const char *id,
                  const struct ports *ports, struct failure *why)
{
    for (size_t i = 0; i < ports->count; i++)
        if (publish_one(engine, id, &ports->list[i], why) < 0)
            return -1;
    return 0;
}
