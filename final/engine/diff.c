/*
 * diff: what a container has done to the tree below it.
 *
 * Kernel object  the upper directory of an overlay: a file is there once it
 *                was written to; a whiteout (character device 0,0) hides what
 *                was removed; an opaque directory hides all that is below it
 * Side           host
 * Look at it     ls -laR CONTAINER/upper     getfattr -d -m - CONTAINER/upper
 */
#include "diff.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "apart.h"
#include "cleanup.h"
#include "inside.h"

enum {
    MOST_DEPTH = 400 /* two descriptors each, of the usual 1024 */
};

struct change {
    enum diff_kind kind;
    char *path;
};

/* What a walk through the upper directory carries along. */
struct walk {
    struct change *list;
    size_t count;
    int upper;
    int *lowers; /* top first */
    size_t lower_count;
    size_t own_count; /* of mount points that were left out */
    bool is_hidden;   /* is all hidden that is below where we are? */
    struct failure *why;
};

/* The engine makes these in each root, for what it mounts there. */
static const char *const own[] = {
    "/.dockerenv",      "/dev",  "/etc/hostname", "/etc/hosts", "/etc/mtab",
    "/etc/resolv.conf", "/proc", "/sys",
};

static bool is_own(const char *path, const struct stat *st)
{
    if (S_ISREG(st->st_mode) && st->st_size > 0)
        return false;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (str_eq(own[i], path))
            return true;
    return false;
}

static int add(struct walk *w, enum diff_kind kind, const char *path)
{
    struct change *longer = realloc(w->list, (w->count + 1) * sizeof(*w->list));

    if (longer == NULL)
        return fail(w->why, ENOMEM, "list changes");
    w->list = longer;
    longer[w->count].kind = kind;
    longer[w->count].path = strdup(path);
    if (longer[w->count].path == NULL)
        return fail(w->why, ENOMEM, "list changes");
    w->count++;
    return 0;
}

static bool is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

/* Root's overlay marks directories in one namespace of attributes, a user's in
 * the other. */
static bool is_opaque(int fd)
{
    char value[1];

    return (fgetxattr(fd, "trusted.overlay.opaque", value, 1) == 1 ||
            fgetxattr(fd, "user.overlay.opaque", value, 1) == 1) &&
           value[0] == 'y';
}

/* Does a tree hide a path that is not in it: by a whiteout, a file or an
 * opaque directory on the way there? */
static bool hides(int root, const char *path)
{
    cleanup_free char *part = strdup(path);

    for (char *slash = part; slash != NULL && *slash != '\0';) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        cleanup_close int fd = inside_open(root, part, O_PATH | O_NOFOLLOW);
        cleanup_close int directory =
            fd < 0 ? -1 : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return false;
        if (directory < 0 || is_opaque(directory))
            return true;
        if (slash != NULL)
            *slash = '/';
    }
    return false;
}

/* Whether a path can be seen in the trees below, from the top down. */
static bool is_below(const struct walk *w, const char *path)
{
    for (size_t i = 0; i < w->lower_count; i++) {
        cleanup_close int fd =
            inside_open(w->lowers[i], path, O_PATH | O_NOFOLLOW);
        struct stat st;

        if (fd >= 0)
            return fstat(fd, &st) == 0 && !is_whiteout(&st);
        if (hides(w->lowers[i], path))
            return false;
    }
    return false;
}

typedef int visitor(struct walk *w, int fd, const char *name, const char *path,
                    int depth);

/* A container may take entries away while we look: that is no failure. */
static int for_each_entry(struct walk *w, int fd, const char *path, int depth,
                          visitor *visit)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int status = 0;

    if (entries == NULL) {
        fail(w->why, errno, "read %s", path);
        close_fd(&copy);
        return -1;
    }
    while (status == 0 && (entry = readdir(entries)) != NULL) {
        cleanup_free char *child = NULL;

        if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
            continue;
        if (asprintf(&child, "%s/%s", path, entry->d_name) < 0) {
            child = NULL;
            status = fail(w->why, ENOMEM, "list changes");
        } else
            status = visit(w, fd, entry->d_name, child, depth);
    }
    closedir(entries);
    return status;
}

/* An entry of a directory below, that the same directory above hides. */
static int visit_hidden(struct walk *w, int fd, const char *name,
                        const char *path, int depth)
{
    cleanup_close int above = inside_open(w->upper, path, O_PATH | O_NOFOLLOW);

    (void)fd;
    (void)name;
    (void)depth;
    return above >= 0 || !is_below(w, path) ? 0 : add(w, DIFF_DELETED, path);
}

static int find_hidden(struct walk *w, const char *path)
{
    for (size_t i = 0; i < w->lower_count; i++) {
        cleanup_close int fd = inside_open(w->lowers[i], path,
                                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

        if (fd >= 0 && for_each_entry(w, fd, path, 0, visit_hidden) < 0)
            return -1;
    }
    return 0;
}

static visitor visit_changed;

/* What was removed from a directory without marks, because the directory was
 * removed and made again, and all that has changed in it. */
static int visit_directory(struct walk *w, int fd, const char *path, int depth)
{
    const bool outside = w->is_hidden;

    w->is_hidden = outside || is_opaque(fd);
    int status = w->is_hidden ? find_hidden(w, path) : 0;
    if (status == 0)
        status = for_each_entry(w, fd, path, depth + 1, visit_changed);
    w->is_hidden = outside;
    return status;
}

static int visit_changed(struct walk *w, int parent, const char *name,
                         const char *path, int depth)
{
    const size_t before = w->count;
    const size_t own_before = w->own_count;
    struct stat st;

    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : fail(w->why, errno, "look at %s", path);
    if (is_whiteout(&st))
        return w->is_hidden ? 0 : add(w, DIFF_DELETED, path);
    const bool was_below = is_below(w, path);
    if (!was_below && is_own(path, &st)) {
        w->own_count++;
        return 0;
    }
    if (add(w, was_below ? DIFF_CHANGED : DIFF_ADDED, path) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode) || depth > MOST_DEPTH)
        return 0;

    cleanup_close int fd =
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
                   ? 0
                   : fail(w->why, errno, "open %s", path);
    if (visit_directory(w, fd, path, depth) < 0)
        return -1;
    /* It changed because of our own mount points, and of nothing else. */
    if (was_below && w->own_count > own_before && w->count == before + 1)
        free(w->list[--w->count].path);
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct change *one = a;
    const struct change *other = b;

    return strcmp(one->path, other->path);
}

/* A name may be any bytes, JSON has to be UTF-8. */
static json_t *as_text(char *path)
{
    json_t *text = json_string(path);

    for (char *c = path; text == NULL && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return text != NULL ? text : json_string(path);
}

/* Sorted; what two trees below have in common was found twice. */
static json_t *as_json(const struct walk *w)
{
    json_t *list = json_array();

    if (w->count > 0)
        qsort(w->list, w->count, sizeof(*w->list), by_path);
    for (size_t i = 0; i < w->count; i++) {
        if (i > 0 && str_eq(w->list[i - 1].path, w->list[i].path))
            continue;
        json_array_append_new(list, json_pack("{s:o, s:i}", "Path",
                                              as_text(w->list[i].path), "Kind",
                                              w->list[i].kind));
    }
    return list;
}

static int open_lowers(struct walk *w, char *const *lowerdirs)
{
    size_t count = 0;

    while (lowerdirs[count] != NULL)
        count++;
    w->lowers = calloc(count + 1, sizeof(*w->lowers));
    if (w->lowers == NULL)
        return fail(w->why, ENOMEM, "open lower directories");
    for (; w->lower_count < count; w->lower_count++) {
        int fd =
            open(lowerdirs[w->lower_count], O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
            return fail(w->why, errno, "open %s", lowerdirs[w->lower_count]);
        w->lowers[w->lower_count] = fd;
    }
    return 0;
}

static json_t *find(int upper_fd, char *const *lowerdirs, struct failure *why)
{
    struct walk w = {.upper = upper_fd, .why = why};
    json_t *list = NULL;

    if (open_lowers(&w, lowerdirs) == 0 &&
        for_each_entry(&w, upper_fd, "", 0, visit_changed) == 0)
        list = as_json(&w);
    for (size_t i = 0; i < w.count; i++)
        free(w.list[i].path);
    for (size_t i = 0; i < w.lower_count; i++)
        close_fd(&w.lowers[i]);
    free(w.list);
    free(w.lowers);
    return list;
}

/* A directory of another user's than root is not for our eyes, if that user
 * is one of ours on paper only. So a child looks, and writes what it finds. */
struct search {
    int upper_fd;
    char *const *lowerdirs;
    int found_fd;
};

static int find_apart(void *argument, struct failure *why)
{
    const struct search *s = argument;
    json_auto_t *list = find(s->upper_fd, s->lowerdirs, why);

    if (list == NULL)
        return -1;
    return json_dumpfd(list, s->found_fd, JSON_COMPACT) < 0
               ? fail(why, errno, "tell what has changed")
               : 0;
}

json_t *diff_find(int upper_fd, char *const *lowerdirs, struct failure *why)
{
    if (geteuid() == 0)
        return find(upper_fd, lowerdirs, why);
    cleanup_close int found_fd = memfd_create("duct-diff", MFD_CLOEXEC);
    struct search search = {upper_fd, lowerdirs, found_fd};

    if (found_fd < 0) {
        fail(why, errno, "make a file in memory");
        return NULL;
    }
    if (apart_run(find_apart, &search, why) < 0)
        return NULL;
    (void)lseek(found_fd, 0, SEEK_SET);
    json_t *list = json_loadfd(found_fd, 0, NULL);
    if (list == NULL)
        fail(why, ENOMEM, "list what has changed");
    return list;
}
