/*
 * tree_size: how much room a tree takes.
 *
 * Look at it     du --apparent-size -sb DIRECTORY
 *
 * A container may change the tree while we look at it. Each directory is
 * opened below the one before, and never a link: we can't be led away.
 */
#include "tree_size.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "apart.h"
#include "cleanup.h"

enum {
    MOST_DEPTH = 500 /* one descriptor each, of the usual 1024 */
};

struct inode {
    dev_t device;
    ino_t number;
};

struct sum {
    long long bytes;
    void *seen;      /* files with several names, a tree of struct inode */
    bool is_partial; /* something is not for our eyes */
};

static int by_number(const void *a, const void *b)
{
    const struct inode *one = a;
    const struct inode *other = b;

    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    if (one->number != other->number)
        return one->number < other->number ? -1 : 1;
    return 0;
}

/* Have we not counted this file by another name? */
static bool is_new(struct sum *sum, const struct stat *st)
{
    struct inode *inode = malloc(sizeof(*inode));

    if (inode == NULL)
        return true;
    *inode = (struct inode){.device = st->st_dev, .number = st->st_ino};
    struct inode **known = tsearch(inode, &sum->seen, by_number);
    if (known != NULL && *known == inode)
        return true;
    free(inode);
    return known == NULL;
}

static void add_directory(struct sum *sum, int parent_fd, const char *name,
                          int depth);

static void add_entry(struct sum *sum, int parent_fd, const char *name,
                      int depth)
{
    struct stat st;

    if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (S_ISDIR(st.st_mode))
        add_directory(sum, parent_fd, name, depth + 1);
    else if (st.st_nlink < 2 || is_new(sum, &st))
        sum->bytes += st.st_size;
}

static void add_directory(struct sum *sum, int parent_fd, const char *name,
                          int depth)
{
    if (depth > MOST_DEPTH)
        return;
    int fd = openat(parent_fd, name,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (entries == NULL) {
        sum->is_partial |= errno == EACCES;
        close_fd(&fd);
        return;
    }
    while ((entry = readdir(entries)) != NULL)
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
            add_entry(sum, fd, entry->d_name, depth);
    closedir(entries);
}

struct question {
    int parent_fd;
    const char *name;
    long long *answer; /* shared with who asks */
};

static int add_apart(void *argument, struct failure *why)
{
    const struct question *q = argument;
    struct sum sum = {0};

    (void)why;
    add_directory(&sum, q->parent_fd, q->name, 0);
    tdestroy(sum.seen, free);
    *q->answer = sum.bytes;
    return 0;
}

/* Once more, by one to whom it all belongs. Returns -1 when that fails. */
static long long ask_apart(int parent_fd, const char *name)
{
    long long *answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct question q = {parent_fd, name, answer};
    struct failure ignored;
    long long bytes = -1;

    if (answer == MAP_FAILED)
        return -1;
    if (apart_run(add_apart, &q, &ignored) == 0)
        bytes = *answer;
    munmap(answer, sizeof(*answer));
    return bytes;
}

long long tree_size(int parent_fd, const char *name)
{
    struct sum sum = {0};
    struct stat st;

    if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        return st.st_size;
    add_directory(&sum, parent_fd, name, 0);
    tdestroy(sum.seen, free);
    long long whole =
        sum.is_partial && geteuid() != 0 ? ask_apart(parent_fd, name) : -1;
    return whole >= 0 ? whole : sum.bytes;
}
