/*
 * floor: the least that starting a container must cost.
 *
 * Nothing but what the kernel has to do: a process in namespaces of its own and
 * in a cgroup, an overlay, /proc /dev /sys, pivot_root, and where it is wanted
 * a veth on a bridge with an address; then /bin/true is executed, waited for,
 * and what is left is removed. An engine's cost is its distance from this.
 *
 * It checks nothing that it isn't asked for, and is no example of how to build
 * a container: no capability is dropped, no system call filtered.
 *
 *     floor [-n RUNS] [-o] [-e | -b] ROOTFS [COMMAND]
 *
 * -o  without overlay    -e  with an empty network namespace
 * -b  with a bridge, which is made in a network namespace of floor's own
 *
 * Prints the median time of a run, in milliseconds. Needs root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum network {
    NETWORK_HOST,
    NETWORK_EMPTY,
    NETWORK_BRIDGE
};

struct floor {
    const char *rootfs;
    const char *command;
    enum network network;
    bool overlay;
    char *state;  /* a directory for upper, work and merged */
    char *cgroup; /* one that we make and remove */
    bool unified; /* is it on version 2? */
    int netlink;  /* in the namespace of the bridge */
    int bridge;   /* its index */
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void must(int status, const char *what)
{
    if (status < 0)
        die(what);
}

static char *path(const char *directory, const char *name)
{
    char *joined;

    must(asprintf(&joined, "%s/%s", directory, name), "name a file");
    return joined;
}

/* ------------------------------------------------------------------- netlink
 */

struct request {
    struct nlmsghdr header;
    char body[1024];
};

static struct rtattr *put(struct request *r, unsigned short type,
                          const void *data, size_t size)
{
    struct rtattr *a =
        (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

    a->rta_type = type;
    a->rta_len = (unsigned short)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(a), data, size);
    r->header.nlmsg_len =
        NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
    return a;
}

static void end(const struct request *r, struct rtattr *a)
{
    a->rta_len = (unsigned short)((const char *)r + r->header.nlmsg_len -
                                  (const char *)a);
}

static void *begin(struct request *r, unsigned short type, int flags,
                   size_t size)
{
    memset(r, 0, sizeof(*r));
    r->header.nlmsg_type = type;
    r->header.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags);
    r->header.nlmsg_len = (unsigned)NLMSG_LENGTH(size);
    return NLMSG_DATA(&r->header);
}

static void say(int fd, struct request *r, const char *what)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[1024];
    } answer;

    if (send(fd, r, r->header.nlmsg_len, 0) < 0 ||
        recv(fd, &answer, sizeof(answer), 0) < 0)
        die(what);
    errno = -answer.error.error;
    if (answer.error.error != 0)
        die(what);
}

static int open_netlink(void)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    must(fd, "open netlink");
    return fd;
}

static void set_up(int fd, int index)
{
    struct request r;
    struct ifinfomsg *link = begin(&r, RTM_NEWLINK, 0, sizeof(*link));

    link->ifi_index = index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    say(fd, &r, "set a link up");
}

static void add_address(int fd, int index, const char *address)
{
    struct request r;
    struct ifaddrmsg *a =
        begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*a));
    struct in_addr ip;

    a->ifa_family = AF_INET;
    a->ifa_prefixlen = 16;
    a->ifa_index = (unsigned)index;
    inet_pton(AF_INET, address, &ip);
    put(&r, IFA_LOCAL, &ip, sizeof(ip));
    put(&r, IFA_ADDRESS, &ip, sizeof(ip));
    say(fd, &r, "add an address");
}

static void add_route(int fd, const char *gateway)
{
    struct request r;
    struct rtmsg *route =
        begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*route));
    struct in_addr ip;

    route->rtm_family = AF_INET;
    route->rtm_table = RT_TABLE_MAIN;
    route->rtm_protocol = RTPROT_STATIC;
    route->rtm_type = RTN_UNICAST;
    inet_pton(AF_INET, gateway, &ip);
    put(&r, RTA_GATEWAY, &ip, sizeof(ip));
    say(fd, &r, "add a route");
}

static void make_bridge(struct floor *f)
{
    struct request r;

    must(unshare(CLONE_NEWNET), "make a network namespace");
    f->netlink = open_netlink();
    begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    put(&r, IFLA_IFNAME, "floor0", sizeof("floor0"));
    struct rtattr *info = put(&r, IFLA_LINKINFO, NULL, 0);
    put(&r, IFLA_INFO_KIND, "bridge", strlen("bridge"));
    end(&r, info);
    say(f->netlink, &r, "make a bridge");
    f->bridge = (int)if_nametoindex("floor0");
    add_address(f->netlink, f->bridge, "10.99.0.1");
    set_up(f->netlink, f->bridge);
}

/* One end on the bridge, and up; the other is the child's eth0. */
static void add_veth(const struct floor *f, pid_t pid)
{
    static const struct ifinfomsg none;
    struct request r;
    struct ifinfomsg *link =
        begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*link));
    unsigned number = (unsigned)pid;

    link->ifi_flags = link->ifi_change = IFF_UP;
    put(&r, IFLA_IFNAME, "veth%d", sizeof("veth%d"));
    put(&r, IFLA_MASTER, &f->bridge, sizeof(f->bridge));
    struct rtattr *info = put(&r, IFLA_LINKINFO, NULL, 0);
    put(&r, IFLA_INFO_KIND, "veth", strlen("veth"));
    struct rtattr *data = put(&r, IFLA_INFO_DATA, NULL, 0);
    struct rtattr *peer = put(&r, VETH_INFO_PEER, &none, sizeof(none));
    put(&r, IFLA_IFNAME, "eth0", sizeof("eth0"));
    put(&r, IFLA_NET_NS_PID, &number, sizeof(number));
    end(&r, peer);
    end(&r, data);
    end(&r, info);
    say(f->netlink, &r, "make a veth");
}

/* ----------------------------------------------------------------- the child
 */

static void make_devices(void)
{
    static const struct {
        const char *path;
        unsigned major;
        unsigned minor;
    } devices[] = {
        {"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
        {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
    };

    must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755"), "mount /dev");
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        must(mknod(devices[i].path, S_IFCHR | 0666,
                   makedev(devices[i].major, devices[i].minor)),
             devices[i].path);
    must(mkdir("dev/pts", 0755), "make /dev/pts");
    must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
               "newinstance,ptmxmode=0666,mode=620"),
         "mount /dev/pts");
    must(mkdir("dev/shm", 01777), "make /dev/shm");
    must(mount("tmpfs", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
               "size=64m"),
         "mount /dev/shm");
}

static void settle_network(const struct floor *f)
{
    int fd = open_netlink();

    set_up(fd, 1); /* lo */
    if (f->network == NETWORK_BRIDGE) {
        int index = (int)if_nametoindex("eth0");

        add_address(fd, index, "10.99.0.2");
        set_up(fd, index);
        add_route(fd, "10.99.0.1");
    }
    close(fd);
}

static void mount_root(const struct floor *f, const char *merged)
{
    char *options;

    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "detach mounts");
    if (f->overlay) {
        must(asprintf(&options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work",
                      f->rootfs, f->state, f->state),
             "mount overlay");
        must(mount("overlay", merged, "overlay", 0, options), "mount overlay");
    } else {
        must(mount(f->rootfs, merged, NULL, MS_BIND, NULL), "bind the root");
    }
    must(chdir(merged), merged);
}

static _Noreturn void become(const struct floor *f, int tasks, int go[2])
{
    char *const argv[] = {(char *)f->command, NULL};
    char *const env[] = {"PATH=/bin", NULL};
    char byte;

    close(go[1]); /* or we would wait for ever for a parent that died */
    if (!f->unified)
        must((int)write(tasks, "0", 1), "enter the cgroup");
    must(unshare(CLONE_NEWCGROUP), "make a cgroup namespace");
    if (f->network == NETWORK_BRIDGE)
        must(read(go[0], &byte, 1) == 1 ? 0 : -1, "wait for the veth");
    if (f->network != NETWORK_HOST)
        settle_network(f);
    char *merged = path(f->state, "merged");
    mount_root(f, merged);
    must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
         "mount /proc");
    if (f->network != NETWORK_HOST)
        must(mount("sysfs", "sys", "sysfs",
                   MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL),
             "mount /sys");
    make_devices();
    must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", MNT_DETACH), "leave the old root");
    must(chdir("/"), "/");
    must(sethostname("floor", 5), "set the hostname");
    execve(f->command, argv, env);
    die(f->command);
}

/* ---------------------------------------------------------------- the parent
 */

static void run(const struct floor *f)
{
    char *const directories[] = {path(f->state, "upper"),
                                 path(f->state, "work"),
                                 path(f->state, "merged")};
    char *left = path(f->state, "work/work");
    int fd;
    int go[2];
    int status;

    for (int i = 0; i < 3; i++)
        must(mkdir(directories[i], 0755), directories[i]);
    must(mkdir(f->cgroup, 0755), f->cgroup);
    if (f->unified) {
        fd = open(f->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else {
        char *tasks = path(f->cgroup, "tasks");

        fd = open(tasks, O_WRONLY | O_CLOEXEC);
        free(tasks);
    }
    must(fd, f->cgroup);
    must(pipe2(go, O_CLOEXEC), "make a pipe");

    struct clone_args args = {
        .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
                 (f->network != NETWORK_HOST ? CLONE_NEWNET : 0) |
                 (f->unified ? CLONE_INTO_CGROUP : 0),
        .exit_signal = SIGCHLD,
        .cgroup = f->unified ? (unsigned)fd : 0,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    must(pid, "clone3");
    if (pid == 0)
        become(f, fd, go);
    if (f->network == NETWORK_BRIDGE) {
        add_veth(f, pid);
        must((int)write(go[1], "", 1), "let the child go on");
    }
    must(waitpid(pid, &status, 0), "wait");
    if (status != 0) {
        fprintf(stderr, "floor: %s ended with status %d\n", f->command, status);
        exit(1);
    }
    close(fd);
    close(go[0]);
    close(go[1]);
    must(rmdir(f->cgroup), f->cgroup);
    (void)rmdir(left); /* overlay's; not there without */
    for (int i = 0; i < 3; i++) {
        must(rmdir(directories[i]), directories[i]);
        free(directories[i]);
    }
    free(left);
}

/* One cgroup: on version 2 if that has controllers, else that of the number of
 * processes; below ours, or where that is not to be had, below the first. */
static void choose_cgroup(struct floor *f)
{
    char *line = NULL;
    size_t size = 0;
    FILE *mounts = fopen("/proc/self/mounts", "re");
    char *v1 = NULL;
    char *v2 = NULL;

    while (mounts != NULL && getline(&line, &size, mounts) > 0) {
        char *rest = line;

        strsep(&rest, " ");
        const char *where = strsep(&rest, " ");
        const char *type = strsep(&rest, " ");
        if (type == NULL)
            continue;
        if (strcmp(type, "cgroup2") == 0)
            v2 = strdup(where);
        if (strcmp(type, "cgroup") == 0 && strstr(rest, "pids") != NULL)
            v1 = strdup(where);
    }
    if (v1 == NULL && v2 == NULL) {
        errno = ENOENT;
        die("find a cgroup file system");
    }
    f->unified = v1 == NULL;
    must(asprintf(&f->cgroup, "%s/duct-floor-%d", f->unified ? v2 : v1,
                  getpid()),
         "name a cgroup");
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a;
    double other = *(const double *)b;

    return (one > other) - (one < other);
}

static double milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static long parse(int argc, char **argv, struct floor *f)
{
    long runs = 1;
    int option;

    while ((option = getopt(argc, argv, "n:oeb")) >= 0) {
        switch (option) {
        case 'n':
            runs = strtol(optarg, NULL, 10);
            break;
        case 'o':
            f->overlay = false;
            break;
        case 'e':
            f->network = NETWORK_EMPTY;
            break;
        case 'b':
            f->network = NETWORK_BRIDGE;
            break;
        default:
            runs = 0;
        }
    }
    if (optind == argc || runs < 1 || runs > 100000) {
        fputs("usage: floor [-n RUNS] [-o] [-e | -b] ROOTFS [COMMAND]\n",
              stderr);
        exit(2);
    }
    f->rootfs = realpath(argv[optind], NULL);
    if (f->rootfs == NULL)
        die(argv[optind]);
    if (optind + 1 < argc)
        f->command = argv[optind + 1];
    return runs;
}

int main(int argc, char **argv)
{
    struct floor f = {.command = "/bin/true", .overlay = true};
    const char *directory = getenv("TMPDIR");
    long runs = parse(argc, argv, &f);
    double *times = calloc((size_t)runs, sizeof(*times));

    if (times == NULL)
        die("count");
    must(asprintf(&f.state, "%s/duct-floor-XXXXXX",
                  directory == NULL ? "/tmp" : directory),
         "name a directory");
    if (mkdtemp(f.state) == NULL)
        die(f.state);
    choose_cgroup(&f);
    if (f.network == NETWORK_BRIDGE)
        make_bridge(&f);
    for (long i = 0; i < runs; i++) {
        double start = milliseconds();

        run(&f);
        times[i] = milliseconds() - start;
    }
    must(rmdir(f.state), f.state);
    qsort(times, (size_t)runs, sizeof(*times), compare);
    printf("%.3f\n", times[runs / 2]);
    return 0;
}
