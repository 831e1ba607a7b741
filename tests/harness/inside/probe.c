/*
 * probe: says, from inside a container, what only an insider can see.
 *
 * Static, so that it runs in any root file system. Not judged itself: what
 * can be read from outside in /proc is read there.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Each argument, a NUL after it. */
static int args(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++)
        fwrite(argv[i], strlen(argv[i]) + 1, 1, stdout);
    return 0;
}

/* Takes signals from the queue and tells them, for ever. */
static int __attribute__((noreturn)) signals(int argc, char *argv[])
{
    sigset_t all;

    (void)argc;
    (void)argv;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    puts("ready");
    for (;;) {
        fflush(stdout);
        printf("signal %d.\n", sigwaitinfo(&all, NULL));
    }
}

/* Dies of a fault of its own: no kernel rule spares pid 1 from that. */
static int fault(int argc, char *argv[])
{
    volatile int *volatile nowhere = NULL;

    (void)argc;
    (void)argv;
    // cppcheck-suppress nullPointer
    *nowhere = 1; /* NOLINT(clang-analyzer-core.NullDereference): the point */
    return 0;
}

/* Does 127.0.0.1 answer? */
static int loopback(int argc, char *argv[])
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)argc;
    (void)argv;
    if (bind(server, (struct sockaddr *)&at, size) < 0 ||
        listen(server, 1) < 0 ||
        getsockname(server, (struct sockaddr *)&at, &size) < 0 ||
        connect(client, (struct sockaddr *)&at, size) < 0) {
        perror("127.0.0.1");
        return 1;
    }
    puts("answers");
    return 0;
}

/* Whole seconds of the clocks that a time namespace shifts. */
static int clocks(int argc, char *argv[])
{
    struct timespec boot, steady;

    (void)argc;
    (void)argv;
    clock_gettime(CLOCK_BOOTTIME, &boot);
    clock_gettime(CLOCK_MONOTONIC, &steady);
    printf("%lld %lld\n", (long long)boot.tv_sec, (long long)steady.tv_sec);
    return 0;
}

/* Opens a terminal of our own and talks through it. */
static int ptmx(int argc, char *argv[])
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64], byte = '?';
    int slave;

    (void)argc;
    (void)argv;
    if (master < 0 || unlockpt(master) < 0 ||
        ptsname_r(master, name, sizeof(name)) != 0 ||
        (slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 ||
        write(slave, "x", 1) != 1 || read(master, &byte, 1) != 1) {
        perror("/dev/ptmx");
        return 1;
    }
    printf("%s %c\n", name, byte);
    return 0;
}

/* Makes a message queue of POSIX's kind. */
static int mqueue(int argc, char *argv[])
{
    mqd_t queue;

    if (argc < 2)
        return 2;
    queue = mq_open(argv[1], O_CREAT | O_RDWR, 0600, NULL);
    if (queue < 0) {
        perror("mq_open");
        return 1;
    }
    puts("made");
    return 0;
}

/* Is there a System V message queue with this key? */
static int sysv(int argc, char *argv[])
{
    if (argc < 2)
        return 2;
    puts(msgget((key_t)strtol(argv[1], NULL, 0), 0) < 0 ? "none" : "there");
    return 0;
}

/* Leaves a grandchild behind that outlives the one between. */
static int __attribute__((noreturn)) orphan(int argc, char *argv[])
{
    pid_t child = fork();

    if (child == 0) {
        if (fork() == 0)
            execv(argv[1], argv + 1);
        _exit(0);
    }
    (void)argc;
    waitpid(child, NULL, 0);
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}

/* Takes whatever its file's mode gives, then tells who it is. */
static int whoami(int argc, char *argv[])
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "re");

    (void)argc;
    (void)argv;
    printf("uid %d euid %d\n", getuid(), geteuid());
    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        if (strncmp(line, "Cap", 3) == 0)
            fputs(line, stdout);
    return 0;
}

/* One line for each thing that a container should have settled. */

static void tell_place(const char *name, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0)
        printf("%s: %lu:%lu\n", name, (unsigned long)st.st_dev,
               (unsigned long)st.st_ino);
    else
        printf("%s: %s\n", name, strerror(errno));
}

static bool is_same(const char *path, const char *other)
{
    struct stat a, b;

    return stat(path, &a) == 0 && stat(other, &b) == 0 &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static void tell_descriptors(void)
{
    printf("descriptors:");
    for (int fd = 0; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    puts("");
}

static void tell_signals(void)
{
    struct sigaction action;
    sigset_t blocked;

    printf("signals not at their defaults:");
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&blocked, number) == 1 ||
            (sigaction(number, NULL, &action) == 0 &&
             action.sa_handler != SIG_DFL))
            printf(" %d", number);
    puts("");
}

static void tell_rights(void)
{
    struct __user_cap_header_struct header = {.version =
                                                  _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    unsigned long long bounding = 0, ambient = 0;
    int signal_of_parent = 0;

    (void)syscall(SYS_capget, &header, data);
    for (unsigned long cap = 0; cap < 64; cap++) {
        if (prctl(PR_CAPBSET_READ, cap) == 1)
            bounding |= 1ULL << cap;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
            ambient |= 1ULL << cap;
    }
    printf("rights: permitted %08x%08x effective %08x%08x inheritable "
           "%08x%08x bounding %016llx ambient %016llx no_new_privs %d\n",
           data[1].permitted, data[0].permitted, data[1].effective,
           data[0].effective, data[1].inheritable, data[0].inheritable,
           bounding, ambient, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    prctl(PR_GET_PDEATHSIG, &signal_of_parent);
    printf("ended by the end of its parent: %s\n",
           signal_of_parent == SIGKILL ? "yes" : "no");
    printf("user: uid %d euid %d gid %d egid %d groups %d\n", getuid(),
           geteuid(), getgid(), getegid(), getgroups(0, NULL));
}

static void tell_links(void)
{
    struct if_nameindex *links = if_nameindex();
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    for (int i = 0; links != NULL && links[i].if_index != 0; i++) {
        struct ifreq request = {0};

        memccpy(request.ifr_name, links[i].if_name, '\0', IFNAMSIZ - 1);
        (void)ioctl(fd, SIOCGIFFLAGS, &request);
        printf("link: %s %s\n", links[i].if_name,
               request.ifr_flags & IFF_UP ? "up" : "down");
    }
    close(fd);
}

/* Mount points, types and flags, without numbers that are new each time. */
static void tell_mounts(void)
{
    FILE *table = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;

    while (table != NULL && getline(&line, &size, table) > 0) {
        char point[256], flags[256], type[64];
        const char *rest = strstr(line, " - ");

        if (rest != NULL && sscanf(rest, " - %63s", type) == 1 &&
            sscanf(line, "%*s %*s %*s %*s %255s %255s", point, flags) == 2)
            printf("mount: %s %s %s%s\n", point, type, flags,
                   strstr(line, "shared:") != NULL   ? " shared"
                   : strstr(line, "master:") != NULL ? " slave"
                                                     : "");
    }
    free(line);
    if (table != NULL)
        fclose(table);
}

static void tell_file(const char *name, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[256];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        printf("%s: %s", name, line);
    if (file != NULL)
        fclose(file);
}

static void tell_names(const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);

    printf("%s:", path);
    for (int i = 0; i < count; i++) {
        printf(" %s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    puts("");
}

/* @word is "NAME=INODE", the host's namespace of that name. */
static void tell_namespace(const char *word)
{
    size_t size = strcspn(word, "=");
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/self/ns/%.*s", (int)size, word);
    if (stat(path, &st) == 0)
        printf("%s: %s\n", path,
               strtoul(word + size + 1, NULL, 10) == st.st_ino ? "the host's"
                                                               : "new");
}

static int facts(int argc, char *argv[])
{
    char hostname[256] = "", cwd[256];
    mode_t mask = umask(0);

    for (int i = 1; i < argc; i++)
        tell_namespace(argv[i]);
    umask(mask);
    gethostname(hostname, sizeof(hostname) - 1);
    tell_place("root", "/");
    printf("cwd: %s\n", getcwd(cwd, sizeof(cwd)) == NULL ? "?" : cwd);
    printf("above root: %s\n", is_same("/", "/..") ? "root" : "more");
    printf("umask: %03o\nhostname: %s\npid: %s\n", mask, hostname,
           getpid() == 1 ? "1" : "some");
    tell_descriptors();
    tell_signals();
    tell_rights();
    tell_links();
    tell_mounts();
    tell_names("/dev");
    tell_file("time", "/proc/self/timens_offsets");
    return 0;
}

/* Becomes another user and runs a program. */
static int as_user(int argc, char *argv[])
{
    if (argc < 3)
        return 2;
    uid_t uid = (uid_t)strtoul(argv[1], NULL, 10);

    if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0) {
        perror("setresuid");
        return 1;
    }
    execv(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
}

static const struct {
    const char *name;
    int (*run)(int argc, char *argv[]);
} parts[] = {
    {"args", args},     {"signals", signals}, {"fault", fault},
    {"clocks", clocks}, {"ptmx", ptmx},       {"loopback", loopback},
    {"mqueue", mqueue}, {"sysv", sysv},       {"orphan", orphan},
    {"whoami", whoami}, {"as-user", as_user}, {"facts", facts},
};

int main(int argc, char *argv[])
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (argc > 1 && strcmp(argv[1], parts[i].name) == 0) {
            int status = parts[i].run(argc - 1, argv + 1);

            return fflush(stdout) == 0 ? status : 1;
        }
    fputs("probe: what?\n", stderr);
    return 2;
}
