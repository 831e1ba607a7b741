/*
 * threat: what a hostile program in a container tries, one word for each.
 *
 * Prints what it got. Static, so that it runs in any root file system.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *error_name(long result)
{
    return result >= 0 ? "done" : strerrorname_np(errno);
}

static void told(const char *what, long result)
{
    printf("%s: %s\n", what, error_name(result));
    fflush(stdout);
}

/* Opens the program of every process for writing, for as long as it lives
 * (CVE-2019-5736). */
static int overwrite(char *argv[])
{
    time_t end = time(NULL) + strtol(argv[0] ? argv[0] : "1", NULL, 10);

    puts("ready");
    fflush(stdout);
    while (time(NULL) <= end)
        for (int pid = 1; pid < 400; pid++) {
            char path[64];
            char link[256] = "";
            int fd;

            snprintf(path, sizeof(path), "/proc/%d/exe", pid);
            if (readlink(path, link, sizeof(link) - 1) < 0 ||
                strncmp(link, "/inside/", 8) == 0 ||
                strncmp(link, "/bin/", 5) == 0)
                continue;
            fd = open(path, O_WRONLY | O_CLOEXEC);
            if (fd < 0)
                continue;
            printf("opened %s\n", link);
            fflush(stdout);
            close(fd);
        }
    puts("end");
    return 0;
}

/* Is this a directory of the host's, or a file there? */
static void look_at_descriptor(int pid, const char *number)
{
    char path[300];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, number);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        char link[256] = "";

        (void)!readlink(path, link, sizeof(link) - 1);
        if (strcmp(link, "/") != 0 && strcmp(link, "") != 0)
            printf("a directory: %s\n", link);
        fflush(stdout);
    }
}

/* Looks for directories that any process but us has open (CVE-2016-9962). It
 * holds each new one with ptrace, so that it can't be quick. */
static int spy(char *argv[])
{
    time_t end = time(NULL) + strtol(argv[0] ? argv[0] : "1", NULL, 10);

    puts("ready");
    fflush(stdout);
    while (time(NULL) <= end)
        for (int pid = 2; pid < 400; pid++) {
            char path[64];
            const struct dirent *entry;

            if (pid == getpid() || ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
                continue;
            ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
            waitpid(pid, NULL, __WALL);
            snprintf(path, sizeof(path), "/proc/%d/fd", pid);
            DIR *fds = opendir(path);
            while (fds != NULL && (entry = readdir(fds)) != NULL)
                look_at_descriptor(pid, entry->d_name);
            if (fds != NULL)
                closedir(fds);
            ptrace(PTRACE_DETACH, pid, NULL, NULL);
        }
    puts("end");
    return 0;
}

/* The descriptors that we were started with. */
static int descriptors(char *argv[])
{
    struct stat st;

    (void)argv;
    for (int fd = 0; fd < 1024; fd++)
        if (fstat(fd, &st) == 0)
            printf("%d ", fd);
    putchar('\n');
    return 0;
}

/* A rename that swaps two names, again and again. */
static int swapper(char *argv[])
{
    puts("ready");
    fflush(stdout);
    while (syscall(SYS_renameat2, AT_FDCWD, argv[0], AT_FDCWD, argv[1],
                   2 /* RENAME_EXCHANGE */) == 0)
        ;
    return 1;
}

static int masks(char *argv[])
{
    static const char *const files[] = {"/proc/kcore", "/proc/keys",
                                        "/proc/timer_list", "/proc/kallsyms"};
    char byte;

    (void)argv;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        int fd = open(files[i], O_RDWR | O_CLOEXEC);

        if (fd >= 0 && read(fd, &byte, 1) != 0)
            printf("%s can be read\n", files[i]);
        close(fd);
    }
    told("umount /proc/keys", umount2("/proc/keys", MNT_DETACH));
    told("mount proc", mount("proc", "/tmp", "proc", 0, NULL));
    told("remount /proc/sys",
         mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
    told("remount /sys", mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
    told("sysrq-trigger", open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC));
    told("core_pattern",
         open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC));
    return 0;
}

/* CVE-2022-0492. */
static int release_agent(char *argv[])
{
    (void)argv;
    told("unshare user", unshare(CLONE_NEWUSER));
    told("unshare cgroup", unshare(CLONE_NEWCGROUP));
    told("mount cgroup", mount("cgroup", "/tmp", "cgroup", 0, "memory"));
    told("mkdir in cgroup", mkdir("/sys/fs/cgroup/x", 0755));
    told("mkdir in memory", mkdir("/sys/fs/cgroup/memory/x", 0755));
    int fd = open("/sys/fs/cgroup/memory/release_agent", O_WRONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == EACCES))
        errno = EROFS; /* only in the root of a hierarchy is there one */
    told("release_agent", fd);
    return 0;
}

static int terminal(char *argv[])
{
    int fd = (int)strtol(argv[0] ? argv[0] : "0", NULL, 10);
    char byte = 'X';

    told("TIOCSTI", ioctl(fd, TIOCSTI, &byte));
    told("TIOCSTI with high bits",
         syscall(SYS_ioctl, fd, 0x100005412UL, &byte));
    told("TIOCLINUX", ioctl(fd, 0x541C, &byte));
    return 0;
}

#if defined(__x86_64__)
static long by_interrupt(long number)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number) : "memory");
    return result;
}
#endif

static int calls(char *argv[])
{
    char buffer[256] = "";

    (void)argv;
    told("unshare user", unshare(CLONE_NEWUSER));
    told("clone user", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    told("clone3", syscall(SYS_clone3, buffer, 64));
    told("fsopen", syscall(SYS_fsopen, "proc", 0));
    told("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
    told("bpf", syscall(SYS_bpf, 0, buffer, 64));
    told("perf_event_open", syscall(SYS_perf_event_open, buffer, 0, -1, -1, 0));
    told("keyctl", syscall(SYS_keyctl, 0, -3, 0));
    told("io_uring_setup", syscall(SYS_io_uring_setup, 1, buffer));
    told("userfaultfd", syscall(SYS_userfaultfd, 0));
    told("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
    told("init_module", syscall(SYS_init_module, buffer, 1, ""));
    told("setns", syscall(SYS_setns, 0, 0));
    told("AF_ALG", socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    told("AF_VSOCK", socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0));
    told("AF_PACKET", socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    told("raw", socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
#if defined(__x86_64__)
    printf("int 0x80 getpid: %s\n", by_interrupt(20) > 0 ? "done" : "refused");
    told("x32 getpid", syscall(0x40000000 + SYS_getpid));
#endif
    return 0;
}

/* "shocker": the root directory of the file system that a file is in. */
static int handle(char *argv[])
{
    struct {
        struct file_handle head;
        unsigned char bytes[128];
    } h = {.head = {.handle_bytes = 8, .handle_type = 1}};
    int at = open(argv[0], O_RDONLY | O_CLOEXEC);

    h.bytes[0] = 2;
    told("open_by_handle_at", syscall(SYS_open_by_handle_at, at, &h, O_RDONLY));
    return 0;
}

/* Is there such a key in any keyring of ours? */
static int key(char *argv[])
{
    long found = -1;

    for (int ring = -5; ring < 0; ring++)
        if (found < 0)
            found = syscall(SYS_keyctl, 10, ring, "user", argv[0], 0);
    puts(found < 0 ? "no key" : "the key");
    return 0;
}

static int forks(char *argv[])
{
    int count = 0;

    (void)argv;
    while (count < 5000) {
        pid_t pid = fork();

        if (pid == 0)
            pause();
        if (pid < 0)
            break;
        count++;
    }
    printf("%d: %s\n", count < 5000, count < 5000 ? error_name(-1) : "none");
    fflush(stdout);
    pause();
    return 0;
}

static unsigned short checksum(const unsigned char *bytes, size_t count)
{
    unsigned sum = 0;

    for (size_t i = 0; i + 1 < count; i += 2)
        sum += (unsigned)bytes[i] << 8 | bytes[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((unsigned short)~sum);
}

/* An echo to ourselves, as anybody may send one by ping_group_range. */
static int ping(char *argv[])
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct icmphdr packet;
    struct timeval patience = {.tv_sec = 2};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

    (void)argv;
    memset(&packet, 0, sizeof(packet));
    packet.type = ICMP_ECHO;
    packet.checksum = checksum((unsigned char *)&packet, sizeof(packet));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&to,
               sizeof(to)) < 0 ||
        recv(fd, &packet, sizeof(packet), 0) < 0)
        puts(error_name(-1));
    else
        puts(packet.type == ICMP_ECHOREPLY ? "reply" : "another packet");
    return 0;
}

/* The host's devices, and what we are given of them. */
static int nodes(char *argv[])
{
    (void)argv;
    told("chmod /dev/zero", chmod("/dev/zero", 0604));
    told("mknod mem", mknod("/tmp/mem", S_IFCHR | 0600, 0x101));
    told("mknod a disk", mknod("/tmp/disk", S_IFBLK | 0600, 0x800));
    return 0;
}

static const struct {
    const char *name;
    int (*run)(char *argv[]);
} parts[] = {
    {"overwrite", overwrite},
    {"spy", spy},
    {"descriptors", descriptors},
    {"swapper", swapper},
    {"masks", masks},
    {"release-agent", release_agent},
    {"terminal", terminal},
    {"calls", calls},
    {"handle", handle},
    {"key", key},
    {"forks", forks},
    {"ping", ping},
    {"nodes", nodes},
};

int main(int argc, char *argv[])
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (argc > 1 && strcmp(argv[1], parts[i].name) == 0)
            return parts[i].run(argv + 2);
    fputs("threat: what?\n", stderr);
    return 2;
}
