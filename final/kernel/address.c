/*
 * address: a number on a bridge for each container, and never the same for two.
 *
 * Kernel object  a symbolic link, which only one can make
 * Side           host
 * Look at it     ls -l /run/duct/networks/ID/leases     lslocks
 */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "explain.h"
#include "numbers.h"

static const char leases[] = "leases";
static const char last_given[] = "last";

void address_set(struct address *a, uint32_t number)
{
    struct in_addr ip = {.s_addr = htonl(number)};

    a->number = number;
    inet_ntop(AF_INET, &ip, a->text, sizeof(a->text));
}

int address_parse(struct address *a, const char *text)
{
    struct in_addr ip;

    if (inet_pton(AF_INET, text, &ip) != 1)
        return -1;
    address_set(a, ntohl(ip.s_addr));
    return 0;
}

static uint32_t mask_of(unsigned prefix)
{
    return prefix == 0 ? 0 : ~(uint32_t)0 << (32 - prefix);
}

int subnet_parse(struct subnet *s, const char *text)
{
    const char *slash = strchr(text, '/');
    char copy[INET_ADDRSTRLEN] = "";
    struct address a;
    long long prefix;

    if (slash == NULL || (size_t)(slash - text) >= sizeof(copy))
        return -1;
    memcpy(copy, text, (size_t)(slash - text));
    /* /30 has room for a gateway and one container, and /31 has not. */
    if (address_parse(&a, copy) < 0 ||
        numbers_parse(slash + 1, 1, 30, &prefix) < 0)
        return -1;
    uint32_t mask = mask_of((unsigned)prefix);
    *s = (struct subnet){.network = a.number & mask,
                         .prefix = (unsigned)prefix,
                         .gateway = (a.number & mask) + 1,
                         .first = (a.number & mask) + 1,
                         .last = (a.number | ~mask) - 1};
    return 0;
}

bool subnet_has(const struct subnet *s, uint32_t number)
{
    return (number & mask_of(s->prefix)) == s->network;
}

bool subnets_overlap(const struct subnet *a, const struct subnet *b)
{
    return subnet_has(a, b->network) || subnet_has(b, a->network);
}

/* Who removes the network removes the directory, perhaps while we wait. */
static bool is_still_there(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && status.st_nlink > 0;
}

int addresses_lock(struct addresses *all, int parent_fd, const char *name,
                   struct failure *why)
{
    for (;;) {
        all->lock_fd =
            openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (all->lock_fd < 0 && errno == ENOENT &&
            (mkdirat(parent_fd, name, 0700) == 0 || errno == EEXIST))
            continue;
        if (all->lock_fd < 0 || flock(all->lock_fd, LOCK_EX) < 0)
            break;
        if (is_still_there(all->lock_fd))
            return 0;
        close_fd(&all->lock_fd);
    }
    fail(why, errno, "lock %s", name);
    addresses_unlock(all);
    return -1;
}

void addresses_unlock(struct addresses *all)
{
    close_fd(&all->lock_fd);
}

/* A directory that is not empty can't be removed: nobody has to count. */
bool addresses_are_free(const struct addresses *all)
{
    return unlinkat(all->lock_fd, leases, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

/* "leases/10.209.0.2" */
struct path {
    char text[sizeof(leases) + INET_ADDRSTRLEN];
};

static const char *path_of(struct path *path, const char *address)
{
    snprintf(path->text, sizeof(path->text), "%s/%s", leases, address);
    return path->text;
}

bool address_is_free(const struct addresses *all, const char *address)
{
    struct path path;

    return faccessat(all->lock_fd, path_of(&path, address), F_OK,
                     AT_SYMLINK_NOFOLLOW) < 0 &&
           errno == ENOENT;
}

static uint32_t read_last(const struct addresses *all)
{
    cleanup_close int fd =
        openat(all->lock_fd, last_given, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    uint32_t number = 0;

    return fd >= 0 && read(fd, &number, sizeof(number)) == sizeof(number)
               ? number
               : 0;
}

/* Who can't, gives the lowest away, the next time, too. */
static void note_last(const struct addresses *all, uint32_t number)
{
    cleanup_close int fd =
        openat(all->lock_fd, last_given,
               O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)!write(fd, &number, sizeof(number));
}

bool address_find(struct address *a, const struct addresses *all,
                  const struct subnet *s)
{
    uint32_t count = s->last - s->first + 1;
    uint32_t last = read_last(all);
    uint32_t begin =
        last < s->first || last >= s->last ? 0 : last - s->first + 1;

    for (uint32_t i = 0; i < count; i++) {
        address_set(a, s->first + (begin + i) % count);
        if (a->number == s->gateway || !address_is_free(all, a->text))
            continue;
        note_last(all, a->number);
        return true;
    }
    return false;
}

int address_take(const char *address, const struct addresses *all,
                 const char *owner, struct failure *why)
{
    struct path path;

    if (mkdirat(all->lock_fd, leases, 0700) < 0 && errno != EEXIST)
        return fail(why, errno, "make %s", leases);
    explain_look("ln -s %s %s", owner, path_of(&path, address));
    if (symlinkat(owner, all->lock_fd, path_of(&path, address)) == 0)
        return 0;
    return errno == EEXIST
               ? fail_as(why, FAILURE_FORBIDDEN, "Address already in use")
               : fail(why, errno, "take the address %s", address);
}

static bool is_owner(int fd, const char *path, char *owner, size_t size)
{
    ssize_t length = readlinkat(fd, path, owner, size - 1);

    owner[length < 0 ? 0 : length] = '\0';
    return length > 0;
}

void address_drop(const char *address, const struct addresses *all,
                  const char *owner)
{
    struct path path;
    char found[128];

    if (is_owner(all->lock_fd, path_of(&path, address), found, sizeof(found)) &&
        str_eq(found, owner))
        (void)unlinkat(all->lock_fd, path.text, 0);
}

bool address_owner(const char *address, int parent_fd, const char *name,
                   char *owner, size_t size)
{
    struct path path;
    cleanup_close int fd =
        openat(parent_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && is_owner(fd, path_of(&path, address), owner, size);
}
