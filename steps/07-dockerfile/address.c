/*
 * address: a number on duct0 for each container, and never the same for two.
 *
 * Kernel object  a lock on a file, which the kernel takes away from the dead
 * Side           host
 * Look at it     ls /run/duct/steps/net-*     lslocks
 */
#include "address.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"

static const char *const parents[] = {"/run/duct", "/run/duct/steps"};

enum {
    NETWORK = 10 << 24 | 209 << 16,
    FIRST_HOST = 2,
    LAST_HOST = 0xfffe,
};

static void set_host(struct address *a, unsigned host)
{
    struct in_addr ip = {.s_addr = htonl(NETWORK | host)};

    a->host = host;
    inet_ntop(AF_INET, &ip, a->text, sizeof(a->text));
}

/* Is it one that a container may have? */
static bool read_text(struct address *a, const char *text)
{
    struct in_addr ip;

    if (inet_pton(AF_INET, text, &ip) != 1)
        return false;
    unsigned host = ntohl(ip.s_addr) - NETWORK;
    if (host < FIRST_HOST || host > LAST_HOST)
        return false;
    set_host(a, host);
    return true;
}

int address_parse(struct address *a, const char *text, struct failure *why)
{
    if (read_text(a, text))
        return 0;
    return fail(why, 0,
                "--ip \"%s\": must be from 10.209.0.2 to 10.209.255.254", text);
}

static int make_directory(const char *directory)
{
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++)
        if (mkdir(parents[i], 0755) < 0 && errno != EEXIST)
            return -1;
    return mkdir(directory, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

/* The last to leave removes the directory, perhaps while we wait for it. */
static bool is_still_there(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && status.st_nlink > 0;
}

int addresses_lock(struct addresses *all, struct failure *why)
{
    struct stat ours;

    all->lock_fd = -1;
    if (stat("/proc/self/ns/net", &ours) < 0 ||
        asprintf(&all->directory, "%s/net-%lu", parents[1],
                 (unsigned long)ours.st_ino) < 0)
        return fail(why, errno, "find our network namespace");
    for (;;) {
        if (make_directory(all->directory) == 0)
            all->lock_fd =
                open(all->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        else if (errno != ENOENT)
            break;
        if (all->lock_fd < 0 && errno == ENOENT)
            continue;
        if (all->lock_fd < 0 || flock(all->lock_fd, LOCK_EX) < 0)
            break;
        if (is_still_there(all->lock_fd))
            return 0;
        close_fd(&all->lock_fd);
    }
    fail(why, errno, "lock %s", all->directory);
    addresses_unlock(all);
    return -1;
}

void addresses_unlock(struct addresses *all)
{
    /* All of this fails, and should, as long as somebody is in there. */
    if (all->lock_fd >= 0)
        rmdir(all->directory);
    for (size_t i = sizeof(parents) / sizeof(parents[0]); i-- > 0;)
        rmdir(parents[i]);
    free(all->directory);
    close_fd(&all->lock_fd);
}

/* The file of an address, locked, or -1. */
static int lock_file(const struct addresses *all, const char *name, int flags)
{
    int fd = openat(all->lock_fd, name, O_RDWR | O_CLOEXEC | flags, 0644);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
        close_fd(&fd);
    return fd;
}

static DIR *open_entries(const struct addresses *all)
{
    int copy = openat(all->lock_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return copy < 0 ? NULL : fdopendir(copy);
}

/* The first address that @is_it says yes to. Returns 1, or 0 when there is
 * none, or -1 when nobody can tell. */
static int find(struct address *a, const struct addresses *all,
                bool (*is_it)(struct address *a, const struct addresses *all))
{
    DIR *entries = open_entries(all);
    const struct dirent *entry;
    int found = entries == NULL ? -1 : 0;

    while (found == 0 && (entry = readdir(entries)) != NULL)
        found = read_text(a, entry->d_name) && is_it(a, all);
    if (entries != NULL)
        closedir(entries);
    return found;
}

void addresses_each(const struct addresses *all,
                    void (*visit)(int record_fd, FILE *out), FILE *out)
{
    DIR *entries = open_entries(all);
    const struct dirent *entry;
    struct address a;

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (read_text(&a, entry->d_name)) {
            cleanup_close int fd =
                openat(all->lock_fd, a.text, O_RDONLY | O_CLOEXEC);

            visit(fd, out);
        }
    if (entries != NULL)
        closedir(entries);
}

static bool is_any(struct address *a, const struct addresses *all)
{
    (void)a;
    (void)all;
    return true;
}

bool addresses_are_free(const struct addresses *all)
{
    struct address a;

    return find(&a, all, is_any) == 0;
}

/* A lock that can be taken is nobody's. */
static bool is_dead(struct address *a, const struct addresses *all)
{
    a->lock_fd = lock_file(all, a->text, 0);
    return a->lock_fd >= 0;
}

bool address_take_dead(struct address *a, const struct addresses *all)
{
    return find(a, all, is_dead) == 1;
}

/* Has a file, so has an owner: the dead ones' have been removed before. */
static bool take_file(struct address *a, const struct addresses *all)
{
    a->lock_fd = lock_file(all, a->text, O_CREAT | O_EXCL);
    return a->lock_fd >= 0;
}

int address_take(struct address *a, const struct addresses *all,
                 const struct address *wanted, struct failure *why)
{
    unsigned first = wanted != NULL ? wanted->host : FIRST_HOST;
    unsigned last = wanted != NULL ? wanted->host : LAST_HOST;

    for (unsigned host = first; host <= last; host++) {
        set_host(a, host);
        if (take_file(a, all)) {
            explain(HOST, "mkdir -p %s", all->directory);
            explain(HOST, "exec 9>>%s/%s; flock -n 9", all->directory, a->text);
            return 0;
        }
        if (errno != EEXIST)
            return fail(why, errno, "make %s/%s", all->directory, a->text);
    }
    if (wanted != NULL)
        return fail(why, 0, "--ip \"%s\": another container has it", a->text);
    return fail(why, 0, "every address of " ADDRESS_NETWORK " is taken");
}

void address_drop(struct address *a, const struct addresses *all)
{
    unlinkat(all->lock_fd, a->text, 0);
    close_fd(&a->lock_fd);
}
