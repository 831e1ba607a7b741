/*
 * fence: protects the host while a suite judges; see fence.h.
 *
 *   warden   on the host; makes and removes the scratch directory
 *    gate    unshares; a pid namespace begins with the next child
 *     suite  pid 1 behind the fence
 */
#include "fence.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "scratch.h"

enum {
    CANT_JUDGE = 2
};

static void give_up(const char *what)
{
    fprintf(stderr, "suite: the fence: ");
    perror(what);
    _exit(CANT_JUDGE);
}

static void must(int result, const char *what)
{
    if (result < 0)
        give_up(what);
}

/* Without it 127.0.0.1 does not answer in a new network namespace. */
static void raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    must(fd, "socket");
    must(ioctl(fd, SIOCSIFFLAGS, &request), "lo up");
    must(close(fd), "close");
}

/*
 * Some things on the machine are named for a pid (control groups). Suites
 * that run side by side should not all count from 1; where the kernel has no
 * ns_last_pid, they do.
 */
static void scatter_pids(void)
{
    unsigned start = 0;
    FILE *last = fopen("/proc/sys/kernel/ns_last_pid", "we");

    if (last == NULL)
        return;
    if (getrandom(&start, sizeof(start), 0) == sizeof(start))
        fprintf(last, "%u", 300 + start % 30000);
    fclose(last);
}

static void set_read_only(const char *top, bool read_only)
{
    struct mount_attr change = {
        .attr_set = read_only ? MOUNT_ATTR_RDONLY : 0,
        .attr_clr = read_only ? 0 : MOUNT_ATTR_RDONLY,
    };

    must(mount_setattr(AT_FDCWD, top, AT_RECURSIVE, &change, sizeof(change)),
         top);
}

/* Except for the kernel's own trees, the suite's, and REPORTS, a directory in
 * which whatever watches the judged program may write. */
static void protect_files(void)
{
    static const char *const kernels[] = {"/proc", "/sys", "/dev"};
    const char *const directories[] = {scratch_dir(), getenv("REPORTS")};

    for (size_t i = 0; i < 2; i++)
        if (directories[i] != NULL)
            must(mount(directories[i], directories[i], NULL, MS_BIND, NULL),
                 directories[i]);
    set_read_only("/", true);
    for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
        set_read_only(kernels[i], false);
    for (size_t i = 0; i < 2; i++)
        if (directories[i] != NULL)
            set_read_only(directories[i], false);
}

static void close_fence(void)
{
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL),
         "cut mounts off from the host");
    protect_files();
    must(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL),
         "share mounts, as a host does");
    must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
         "mount /proc");
    must(sethostname("host", 4), "hostname");
    raise_loopback();
    scatter_pids();
    kernel_open();
}

static void die_with(pid_t parent)
{
    must(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
    if (getppid() != parent) /* it died before the line above */
        _exit(CANT_JUDGE);
}

static int wait_for(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) < 0)
        return CANT_JUDGE;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    fprintf(stderr, "suite: killed by signal %d\n", WTERMSIG(status));
    return CANT_JUDGE;
}

static void gate(pid_t warden, int (*inside)(void *arg), void *arg)
{
    pid_t child;

    die_with(warden);
    must(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
                 CLONE_NEWNET),
         "unshare");
    child = fork();
    must(child, "fork");
    if (child == 0) {
        die_with(0); /* no pid of this namespace, as long as it lives */
        close_fence();
        exit(inside(arg));
    }
    _exit(wait_for(child));
}

/* Ctrl-C must not leave the scratch directory behind. */
static int wait_or_end(pid_t child, const sigset_t *awaited)
{
    for (;;) {
        int signal = sigwaitinfo(awaited, NULL);

        if (signal == SIGCHLD || signal < 0)
            return wait_for(child);
        (void)kill(child, SIGKILL); /* and with it all behind the fence */
        (void)wait_for(child);
        fprintf(stderr, "suite: ended by signal %d\n", signal);
        return CANT_JUDGE;
    }
}

void fence_mask(const char *directory, const char *in_place)
{
    struct stat st;

    if (stat(directory, &st) == 0)
        must(mount(in_place, directory, NULL, MS_BIND, NULL), directory);
}

int fence_run(int (*inside)(void *arg), void *arg)
{
    sigset_t awaited, before;
    pid_t child, self = getpid();
    int result;

    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGHUP);
    sigprocmask(SIG_BLOCK, &awaited, &before);
    scratch_make();
    fflush(NULL);
    child = fork();
    must(child, "fork");
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        gate(self, inside, arg);
    }
    result = wait_or_end(child, &awaited);
    scratch_remove();
    return result;
}
