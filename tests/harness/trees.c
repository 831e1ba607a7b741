/*
 * trees: what is in a directory tree; see trees.h.
 */
#include "trees.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "expect.h"
#include "keep.h"
#include "scratch.h"

/* nftw has no argument to pass on. */
static struct {
    FILE *to;
    size_t prefix;
    bool paths_only;
} walk;

static unsigned dir_count;

/* FNV-1a: to notice a change, nobody wants to forge one. */
static uint64_t sum_of(const char *path)
{
    static const uint64_t prime = 0x100000001b3;
    uint64_t sum = 0xcbf29ce484222325;
    unsigned char bytes[65536];
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t size;

    if (fd < 0)
        return 0;
    while ((size = read(fd, bytes, sizeof(bytes))) > 0)
        for (ssize_t i = 0; i < size; i++)
            sum = (sum ^ bytes[i]) * prime;
    (void)close(fd);
    return sum;
}

static int tell(const char *path, const struct stat *st, int type,
                struct FTW *at)
{
    char target[4096] = "";

    (void)type;
    if (walk.paths_only) {
        if (at->level > 0)
            fprintf(walk.to, "%s\n", path + walk.prefix);
        return 0;
    }
    if (S_ISLNK(st->st_mode) && readlink(path, target, sizeof(target) - 1) < 0)
        target[0] = '?';
    fprintf(walk.to, "%s mode %o owner %u:%u size %lld changed %lld.%09ld",
            at->level == 0 ? "." : path + walk.prefix, (unsigned)st->st_mode,
            st->st_uid, st->st_gid,
            S_ISDIR(st->st_mode) ? 0LL : (long long)st->st_size,
            (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        fprintf(walk.to, " device %u,%u", major(st->st_rdev),
                minor(st->st_rdev));
    if (S_ISLNK(st->st_mode))
        fprintf(walk.to, " to %s", target);
    if (S_ISREG(st->st_mode))
        fprintf(walk.to, " sum %016llx", (unsigned long long)sum_of(path));
    fputc('\n', walk.to);
    return 0;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines of @text in order (kept); nftw's is the directory's own. */
static char *sorted(char *text)
{
    size_t size = strlen(text), count = 0;
    char **lines = keep_zeroed((size + 1) * sizeof(*lines));
    char *result = keep_zeroed(size + 1), *end = result, *line;

    while ((line = strsep(&text, "\n")) != NULL)
        if (line[0] != '\0')
            lines[count++] = line;
    if (count > 0)
        qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count; i++)
        end = stpcpy(stpcpy(end, lines[i]), "\n");
    return result;
}

static char *told(const char *path, bool paths_only)
{
    char *text = NULL;
    size_t size = 0;

    walk.to = open_memstream(&text, &size);
    expect_that(walk.to != NULL, "memory for a list of files", "none");
    walk.prefix = strlen(path);
    walk.paths_only = paths_only;
    /* Not FTW_MOUNT: the files of an overlay may have several devices. */
    (void)nftw(path, tell, 32, FTW_PHYS);
    fclose(walk.to);
    keep(text);
    return sorted(text);
}

char *tree_record(const char *path)
{
    return told(path, false);
}

char *tree_paths(const char *path)
{
    return told(path, true);
}

bool tree_is_whiteout(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
           st.st_rdev == makedev(0, 0);
}

bool tree_is_opaque(const char *path, const char *attribute)
{
    char value[16];

    return lgetxattr(path, attribute, value, sizeof(value)) == 1 &&
           value[0] == 'y';
}

void tree_settle_in(void)
{
    const char *place = scratch_path("dirs");

    expect_call(mkdir(place, 0755));
    expect_call(mount("tmpfs", place, "tmpfs", 0, "mode=755"));
    if (setxattr(place, "user.overlay.opaque", "y", 1, 0) < 0)
        expect_call(umount(place));
    else
        expect_call(mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=755"));
}

char *tree_fresh_dir(uid_t owner)
{
    char *path = scratch_path("dirs/%u", dir_count++);

    expect_call(mkdir(path, 0755));
    expect_call(chown(path, owner, owner));
    return path;
}

void tree_make(const char *top, const char *path, const char *text)
{
    char *whole = keep_format("%s/%s", top, path);

    expect_that(mkdir(top, 0755) == 0 || errno == EEXIST,
                keep_format("the suite to make %s", top), strerror(errno));
    for (char *slash = whole + strlen(top) + 1;
         (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        expect_that(mkdir(whole, 0755) == 0 || errno == EEXIST,
                    keep_format("the suite to make %s", whole),
                    strerror(errno));
        *slash = '/';
    }
    file_write(whole, text);
}
