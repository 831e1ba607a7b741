/*
 * path_stat: what a path in a container leads to, as docker's API says it.
 *
 * Kernel object  a path, resolved below a descriptor
 * Side           whoever sees the container's root
 * Look at it     duct --explain cp CONTAINER:PATH -
 */
#include "path_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "inside.h"
#include "paths.h"

enum {
    MOST_LINKS = 255 /* as Go's, on the way to one file */
};

json_int_t path_mode(mode_t mode)
{
    static const struct {
        mode_t type;
        json_int_t bits;
    } types[] = {
        {S_IFDIR, PATH_DIRECTORY}, {S_IFLNK, PATH_LINK},
        {S_IFBLK, PATH_DEVICE},    {S_IFCHR, PATH_DEVICE | 1LL << 21},
        {S_IFIFO, PATH_PIPE},      {S_IFSOCK, PATH_SOCKET},
    };
    json_int_t bits = mode & 0777;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if ((mode & S_IFMT) == types[i].type)
            bits |= types[i].bits;
    bits |= mode & S_ISUID ? 1LL << 23 : 0;
    bits |= mode & S_ISGID ? 1LL << 22 : 0;
    return bits | (mode & S_ISVTX ? 1LL << 20 : 0);
}

/* What a link says, or NULL with errno: EINVAL when it is none. */
static char *read_link(int root_fd, const char *directory, const char *name)
{
    cleanup_close int parent =
        inside_open(root_fd, directory, O_PATH | O_DIRECTORY);
    char *target = malloc(PATH_MAX);
    ssize_t length = parent < 0 || target == NULL
                         ? -1
                         : readlinkat(parent, name, target, PATH_MAX - 1);

    if (length < 0) {
        free(target);
        return NULL;
    }
    target[length] = '\0';
    return target;
}

/* One more name behind a path that has no links. Returns what is still to be
 * looked at, or NULL without memory; frees @rest. */
static char *step(int root_fd, char **done, char *rest, int *links)
{
    size_t length = strcspn(rest, "/");
    cleanup_free char *old = rest;
    cleanup_free char *name = strndup(rest, length);
    const char *left = rest + length + strspn(rest + length, "/");
    char *target =
        name == NULL || *links <= 0 ? NULL : read_link(root_fd, *done, name);
    char *next = NULL;

    if (name == NULL)
        return NULL;
    if (target == NULL) {
        char *longer = paths_join(*done, name);

        free(*done);
        *done = longer;
        return longer == NULL ? NULL : strdup(left);
    }
    --*links;
    if (*target == '/') {
        free(*done);
        *done = strdup("/");
    }
    if (asprintf(&next, "%s/%s", target + strspn(target, "/"), left) < 0)
        next = NULL;
    free(target);
    return *done == NULL ? (free(next), NULL) : next;
}

char *path_evaluate(int root_fd, const char *path)
{
    char *done = strdup("/");
    char *rest = strdup(path + strspn(path, "/"));
    int links = MOST_LINKS;

    while (done != NULL && rest != NULL && *rest != '\0')
        rest = step(root_fd, &done, rest, &links);
    if (rest == NULL) {
        free(done);
        done = NULL;
    }
    free(rest);
    return done;
}

/* RFC 3339, with as many digits of a second as there are. */
static void print_time(const struct timespec *time, char text[64])
{
    struct tm parts;

    gmtime_r(&time->tv_sec, &parts);
    size_t length = strftime(text, 32, "%FT%T", &parts);
    length += (size_t)snprintf(text + length, 16, ".%09ld", time->tv_nsec);
    while (text[length - 1] == '0')
        length--;
    if (text[length - 1] == '.')
        length--;
    memcpy(text + length, "Z", sizeof("Z"));
}

static int look(int root_fd, const char *whole, struct stat *st)
{
    cleanup_free char *directory = NULL;
    cleanup_free char *base = NULL;

    if (paths_is_directory(whole)) {
        cleanup_close int fd =
            inside_open(root_fd, whole, O_PATH | O_DIRECTORY);

        return fd < 0 ? -1 : fstat(fd, st);
    }
    if (paths_split(whole, &directory, &base) < 0)
        return -1;
    cleanup_close int parent =
        inside_open(root_fd, directory, O_PATH | O_DIRECTORY);
    return parent < 0 ? -1 : fstatat(parent, base, st, AT_SYMLINK_NOFOLLOW);
}

json_t *path_stat(int root_fd, const char *path, const char *container,
                  struct failure *why)
{
    cleanup_free char *clean = paths_join("/", path);
    cleanup_free char *whole =
        clean == NULL ? NULL : paths_keep_end(clean, path);
    cleanup_free char *target = NULL;
    struct stat st;
    char time[64];

    if (whole == NULL)
        fail(why, ENOMEM, "look at %s", path);
    else if (look(root_fd, whole, &st) < 0) {
        if (errno == ENOENT)
            fail_as(why, FAILURE_NOT_FOUND,
                    "Could not find the file %s in container %s", path,
                    container);
        else
            fail(why, errno, "look at %s", path);
        return NULL;
    }
    if (whole == NULL)
        return NULL;
    if (S_ISLNK(st.st_mode))
        target = path_evaluate(root_fd, clean);
    print_time(&st.st_mtim, time);
    const char *slash = strrchr(clean, '/');
    return json_pack("{s:o, s:I, s:I, s:s, s:o}", "name",
                     json_string_nocheck(slash[1] != '\0' ? slash + 1 : "/"),
                     "size", (json_int_t)st.st_size, "mode",
                     path_mode(st.st_mode), "mtime", time, "linkTarget",
                     json_string_nocheck(target != NULL ? target : ""));
}
