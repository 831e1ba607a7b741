/*
 * posture: what a process in a container may do, as it finds out itself.
 *
 *     posture CAPS [pid:[4026531836]...]
 *
 * The arguments: all capabilities that the host has (CapBnd), its namespaces.
 *
 * Static, so that it runs in any root file system. What differs from machine
 * to machine (which of the hidden files there are) does not show.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *error_name(int errnum)
{
    return errnum == 0 ? "yes" : strerrorname_np(errnum);
}

/* The first line of a file, or why it can't be read. */
static const char *line_of(const char *path)
{
    static char line[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

    if (fd >= 0)
        close(fd);
    if (length < 0)
        return error_name(errno);
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted; ends with NULL. */
static char **entries_of(const char *path)
{
    char **names = calloc(512, sizeof(*names));
    DIR *directory = opendir(path);
    const struct dirent *entry;
    size_t count = 0;

    while (directory != NULL && count < 500 &&
           (entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    if (directory != NULL)
        closedir(directory);
    qsort(names, count, sizeof(*names), by_name);
    return names;
}

/* ------------------------------------------------------------- the process */

static void tell_status(unsigned long long all)
{
    static const char *const fields[] = {
        "Uid:",     "Gid:",    "Groups:", "Umask:",     "CapInh:",
        "CapPrm:",  "CapEff:", "CapBnd:", "CapAmb:",    "NoNewPrivs:",
        "Seccomp:", "SigIgn:", "SigBlk:", "TracerPid:",
    };
    FILE *status = fopen("/proc/self/status", "re");
    char line[512];

    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        for (size_t i = 0; i < LENGTH(fields); i++) {
            const char *value = line + strlen(fields[i]) + 1;

            if (strncmp(line, fields[i], strlen(fields[i])) != 0)
                continue;
            if (strncmp(line, "Cap", 3) == 0 &&
                strtoull(value, NULL, 16) == all)
                printf("%s\tall\n", fields[i]);
            else
                fputs(line, stdout);
        }
    if (status != NULL)
        fclose(status);
}

static void tell_limit(const char *name, int kind, rlim_t most)
{
    struct rlimit limit;

    if (getrlimit(kind, &limit) < 0)
        return;
    printf("limit %s: %s\n", name,
           limit.rlim_cur == limit.rlim_max && limit.rlim_max <= most
               ? "as told, or the host's"
               : "another");
}

static void tell_process(unsigned long long all, char **environment)
{
    char link[64];
    char **fds = entries_of("/proc/self/fd");

    tell_status(all);
    tell_limit("core", RLIMIT_CORE, 0);
    tell_limit("nofile", RLIMIT_NOFILE, 1 << 20);
    printf("oom_score_adj: %s\n", line_of("/proc/self/oom_score_adj"));
    printf("environment:");
    for (; *environment != NULL; environment++)
        printf(" %.*s", (int)strcspn(*environment, "="), *environment);
    printf("\ndescriptors:");
    for (; *fds != NULL; fds++) {
        char path[300];

        snprintf(path, sizeof(path), "/proc/self/fd/%s", *fds);
        ssize_t length = readlink(path, link, sizeof(link) - 1);
        if (length < 0)
            continue; /* it was the directory itself */
        link[length] = '\0';
        link[strcspn(link, "[0123456789")] = '\0';
        printf(" %s=%s", *fds, link);
    }
    printf("\nkeyctl: %s\n/proc/keys: %s\n",
           syscall(SYS_keyctl, 0, -3, 0) < 0 ? error_name(errno) : "yes",
           *line_of("/proc/keys") == '\0' ? "nothing" : "keys");
}

static void tell_namespaces(int argc, char *argv[])
{
    static const char *const kinds[] = {"cgroup", "ipc",  "mnt",  "net",
                                        "pid",    "time", "user", "uts"};

    for (size_t i = 0; i < LENGTH(kinds); i++) {
        char path[64];
        char own[64] = "";
        bool is_host = false;

        snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
        (void)!readlink(path, own, sizeof(own) - 1);
        for (int j = 1; j < argc; j++)
            is_host |= strcmp(own, argv[j]) == 0;
        printf("namespace %s: %s\n", kinds[i], is_host ? "the host's" : "own");
    }
}

static void tell_cgroups(void)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[4096];
    bool is_root = true;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        is_root &= strcmp(strrchr(line, ':'), ":/\n") == 0;
    if (file != NULL)
        fclose(file);
    printf("cgroups: %s\n", is_root ? "/" : "the host's paths");
}

/* ------------------------------------------------------------------- files */

/* "rw,nosuid,relatime" without what is the host's taste. */
static void drop_word(char *list, const char *word)
{
    char *at = strstr(list, word);

    if (at != NULL)
        memmove(at, at + strlen(word), strlen(at + strlen(word)) + 1);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* What hides a file is told elsewhere; below cgroup it is the host's choice
 * what there is. */
static bool is_told(const char *point)
{
    return strcmp(point, "/proc") == 0 || strcmp(point, "/sys") == 0 ||
           strcmp(point, "/sys/fs/cgroup") == 0 ||
           !(begins(point, "/proc/") || begins(point, "/sys/"));
}

static void tell_mounts(void)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    bool cgroups_read_only = true;
    char *line = NULL;
    size_t size = 0;

    while (file != NULL && getline(&line, &size, file) > 0) {
        char point[256], flags[256], rest[256];
        char *dash = strstr(line, " - ");
        char type[64];

        if (dash == NULL ||
            sscanf(line, "%*d %*d %*s %*s %255s %255s %255s", point, flags,
                   rest) != 3 ||
            sscanf(dash, " - %63s", type) != 1)
            continue;
        drop_word(flags, ",relatime");
        if (begins(point, "/sys/fs/cgroup/"))
            cgroups_read_only &= begins(flags, "ro,nosuid,nodev,noexec");
        else if (is_told(point))
            printf("mount %s: %s %s%s\n", point,
                   begins(point, "/etc/")                 ? "file"
                   : strcmp(point, "/sys/fs/cgroup") == 0 ? "cgroup"
                                                          : type,
                   flags, strcmp(rest, "-") == 0 ? "" : " shared");
    }
    if (file != NULL)
        fclose(file);
    free(line);
    printf("below /sys/fs/cgroup: %s\n",
           cgroups_read_only ? "all read-only" : "writable");
}

static void tell_dev(void)
{
    enum {
        USUAL = 16
    };
    char **names = entries_of("/dev");
    size_t count = 0;

    while (names[count] != NULL)
        count++;
    if (count > USUAL)
        puts("/dev: the host's");
    for (; count <= USUAL && *names != NULL; names++) {
        struct stat st;
        char path[300];

        snprintf(path, sizeof(path), "/dev/%s", *names);
        if (lstat(path, &st) < 0)
            continue;
        if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
            printf("%s: %c %u:%u %o\n", path, S_ISCHR(st.st_mode) ? 'c' : 'b',
                   major(st.st_rdev), minor(st.st_rdev), st.st_mode & 07777);
        else
            printf("%s: %s %o\n", path, S_ISLNK(st.st_mode) ? "link" : "dir",
                   st.st_mode & 07777);
    }
}

/* Nothing is in it that could be read? */
static bool is_hidden(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return true;
    if (S_ISDIR(st.st_mode))
        return *entries_of(path) == NULL;
    return S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static void tell_hidden(void)
{
    static const char *const paths[] = {
        "/proc/acpi",          "/proc/asound",
        "/proc/interrupts",    "/proc/kallsyms",
        "/proc/kcore",         "/proc/keys",
        "/proc/kpagecgroup",   "/proc/kpagecount",
        "/proc/kpageflags",    "/proc/latency_stats",
        "/proc/sched_debug",   "/proc/scsi",
        "/proc/slabinfo",      "/proc/timer_list",
        "/proc/timer_stats",   "/proc/vmallocinfo",
        "/sys/dev/block",      "/sys/devices/virtual/powercap",
        "/sys/firmware",       "/sys/fs/selinux",
        "/sys/kernel/debug",   "/sys/kernel/security",
        "/sys/kernel/tracing", "/sys/devices/system/cpu/cpu0/thermal_throttle",
    };
    const char *open_paths[LENGTH(paths)];
    size_t count = 0;

    for (size_t i = 0; i < LENGTH(paths); i++)
        if (!is_hidden(paths[i]))
            open_paths[count++] = paths[i];
    printf("not hidden: %s", count == 0 ? "nothing" : "");
    for (size_t i = 0; i < count && count < 5; i++)
        printf("%s ", open_paths[i]);
    puts(count >= 5 ? "many things" : "");
}

static void tell_read_only(void)
{
    static const char *const paths[] = {
        "/proc/bus",           "/proc/driver", "/proc/fs",
        "/proc/irq",           "/proc/mtrr",   "/proc/sys",
        "/proc/sysrq-trigger", "/sys",         "/sys/fs/cgroup",
    };
    bool any = false;

    printf("not read-only:");
    for (size_t i = 0; i < LENGTH(paths); i++) {
        struct statvfs fs;

        if (statvfs(paths[i], &fs) == 0 && !(fs.f_flag & ST_RDONLY) &&
            (any = true))
            printf(" %s", paths[i]);
    }
    puts(any ? "" : " nothing");
}

static void tell_writing(void)
{
    static const char *const files[] = {
        "/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern",
        "/proc/sys/net/ipv4/ip_forward", "/sys/kernel/uevent_helper"};

    for (size_t i = 0; i < LENGTH(files); i++) {
        int fd = open(files[i], O_WRONLY | O_CLOEXEC);

        if (fd < 0 && errno == ENOENT)
            errno = EROFS; /* not on this kernel */
        printf("write to %s: %s\n", files[i], error_name(fd < 0 ? errno : 0));
        if (fd >= 0)
            close(fd);
    }
    printf("ping_group_range: %s\n",
           line_of("/proc/sys/net/ipv4/ping_group_range"));
    printf("ip_unprivileged_port_start: %s\n",
           line_of("/proc/sys/net/ipv4/ip_unprivileged_port_start"));
    printf("mkdir /posture: %s\n",
           error_name(mkdir("/posture", 0755) < 0 ? errno : 0));
    (void)rmdir("/posture");
}

/* Makes a device and opens it. */
static void tell_device(const char *name, mode_t type, unsigned major_number,
                        unsigned minor_number)
{
    static const char path[] = "/dev/shm/posture";
    int result = 0;

    if (mknod(path, type | 0600, makedev(major_number, minor_number)) < 0)
        result = errno;
    (void)unlink(path);
    printf("mknod %s: %s\n", name, error_name(result));
}

/* ------------------------------------------------------------ system calls */

static void tell_sockets(void)
{
    printf("socket families:");
    for (int family = 0; family < 46; family++) {
        int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0 && family == AF_PACKET)
            fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (fd >= 0 && family != AF_INET6) /* not every kernel has it */
            printf(" %d", family);
        if (fd >= 0)
            close(fd);
    }
    putchar('\n');
    for (int kind = 0; kind < 2; kind++) {
        int fd =
            socket(AF_INET, (kind ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC, 1);

        printf("%s icmp socket: %s\n", kind ? "raw" : "ping",
               error_name(fd < 0 ? errno : 0));
        if (fd >= 0)
            close(fd);
    }
}

/* With arguments that no call can use; in a child, as some don't return. */
static bool is_refused(long number)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        alarm(1);
        long result = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
        _exit(result == -1 && (errno == ENOSYS || errno == EPERM) ? 1 : 0);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* Which there are is the kernel's business, once nothing is filtered. */
static void tell_calls(void)
{
    enum {
        LAST = 442, /* of Linux 5.12 */
        PAUSE = 34,
        VFORK = 58,
        SYNC = 162
    };
    long first = -1;

    if (prctl(PR_GET_SECCOMP) != 2) {
        puts("system calls: not filtered");
        return;
    }
    for (long number = 0; number <= LAST + 1; number++) {
        bool refused = number <= LAST && number != PAUSE && number != VFORK &&
                       number != SYNC && is_refused(number);

        if (refused && first < 0)
            first = number;
        if (!refused && first >= 0) {
            printf("system calls refused: %ld-%ld\n", first, number - 1);
            first = -1;
        }
    }
}

int main(int argc, char *argv[], char **environment)
{
    setvbuf(stdout, NULL, _IOFBF, 1 << 20); /* nothing twice by a fork */
    tell_process(strtoull(argc > 1 ? argv[1] : "", NULL, 16), environment);
    tell_namespaces(argc, argv);
    tell_cgroups();
    tell_mounts();
    tell_dev();
    tell_hidden();
    tell_read_only();
    tell_writing();
    tell_device("mem", S_IFCHR, 1, 1);
    tell_device("a disk", S_IFBLK, 8, 0);
    tell_device("fuse", S_IFCHR, 10, 229);
    tell_sockets();
    fflush(stdout);
    tell_calls();
    return fflush(stdout) == 0 ? 0 : 1;
}
