/*
 * layer: where a container's changes are kept, and under which name.
 *
 * Kernel object  directories on a real file system, and a lock on each layer
 * Side           host
 * Look at it     find STATE -maxdepth 2     ls -l STATE/NAME/lower
 */
#include "layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "state.h"
#include "tree.h"

/* docker's rule. No name begins with a dot, and none has a slash. */
static int check_name(const char *name, struct failure *why)
{
    static const char letters_and_digits[] = "abcdefghijklmnopqrstuvwxyz"
                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789";
    size_t first = strspn(name, letters_and_digits);
    const char *rest = name + first;

    while (*rest != '\0' && (strchr("_.-", *rest) != NULL ||
                             strchr(letters_and_digits, *rest) != NULL))
        rest++;
    if (first == 0 || *rest != '\0')
        return fail(why, 0,
                    "name \"%s\": must be letters and digits, and then also "
                    "_ . -",
                    name);
    return 0;
}

/* Nameless layers that nobody holds: their duct was killed. */
static void sweep(const char *state)
{
    DIR *entries = opendir(state);
    const struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.' || str_eq(entry->d_name, ".") ||
            str_eq(entry->d_name, ".."))
            continue;
        cleanup_close int fd = openat(dirfd(entries), entry->d_name,
                                      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            tree_remove(dirfd(entries), entry->d_name);
    }
    if (entries != NULL)
        closedir(entries);
}

static void forget(struct layer *layer)
{
    memset(layer, 0, sizeof(*layer));
    layer->lock_fd = -1;
}

static void release(struct layer *layer)
{
    free(layer->directory);
    free(layer->upper);
    free(layer->work);
    free(layer->merged);
    free(layer->links);
    close_fd(&layer->lock_fd);
    forget(layer);
}

static int set_paths(struct layer *layer, struct failure *why)
{
    if (asprintf(&layer->upper, "%s/upper", layer->directory) < 0 ||
        asprintf(&layer->work, "%s/work", layer->directory) < 0 ||
        asprintf(&layer->merged, "%s/merged", layer->directory) < 0 ||
        asprintf(&layer->links, "%s/lower", layer->directory) < 0)
        return fail(why, ENOMEM, "find layer %s", layer->directory);
    return 0;
}

int layer_lock(struct layer *layer, struct failure *why)
{
    layer->lock_fd = open(layer->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (layer->lock_fd < 0)
        return fail(why, errno, "open %s", layer->directory);
    if (flock(layer->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        fail(why, errno, "lock %s", layer->directory);
        return hint(why, "a container that runs is using it");
    }
    return 0;
}

/* Somebody may have removed it while we were on our way to lock it. */
static bool is_still_there(const struct layer *layer)
{
    struct stat status;

    return fstat(layer->lock_fd, &status) == 0 && status.st_nlink > 0;
}

static int make_directory(const char *path)
{
    explain(HOST, "mkdir -p %s", path);
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

/* "/" in the container looks like upper does, so upper looks like the tree. */
static int make_upper(const char *upper, const char *lowerdir)
{
    struct stat root;

    if (make_directory(upper) < 0 || stat(lowerdir, &root) < 0)
        return -1;
    /* Who isn't root can't give it away, and need not. */
    if (chown(upper, root.st_uid, root.st_gid) == 0)
        explain(HOST, "chown --reference=%s %s", lowerdir, upper);
    else if (errno != EPERM)
        return -1;
    explain(HOST, "chmod --reference=%s %s", lowerdir, upper);
    return chmod(upper, root.st_mode & 07777);
}

char *layer_lowerdir(const struct layer *layer, int index)
{
    cleanup_free char *link = NULL;

    if (asprintf(&link, "%s/lower/%d", layer->directory, index) < 0)
        return NULL;
    return realpath(link, NULL);
}

/* A layer holds changes to certain trees; over others it makes no sense. */
static int check_lowerdirs(const struct layer *layer, char *const *lowerdirs,
                           struct failure *why)
{
    for (int i = 0;; i++) {
        cleanup_free char *kept = layer_lowerdir(layer, i);

        if (kept == NULL && lowerdirs[i] == NULL)
            return 0;
        if (kept == NULL || lowerdirs[i] == NULL || !str_eq(kept, lowerdirs[i]))
            break;
    }
    fail(why, 0, "layer %s was made over other directories", layer->directory);
    return hint(why, "`ls -l` in its \"lower\" shows which; `duct rm` it, or "
                     "use another name");
}

/* From the bottom up: when there is a topmost, they are all there. */
static int note_lowerdirs(const struct layer *layer, char *const *lowerdirs)
{
    int i = 0;

    while (lowerdirs[i] != NULL)
        i++;
    while (i-- > 0) {
        cleanup_free char *link = NULL;

        if (asprintf(&link, "%s/lower/%d", layer->directory, i) < 0)
            return -1;
        if (symlink(lowerdirs[i], link) < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int furnish(const struct layer *layer,
                   const struct layer_request *request, struct failure *why)
{
    char *const *lowerdirs = request->lowerdirs;
    cleanup_free char *topmost = layer_lowerdir(layer, 0);

    if (topmost != NULL)
        return check_lowerdirs(layer, lowerdirs, why);
    if (make_upper(layer->upper, lowerdirs[0]) < 0 ||
        make_directory(layer->work) < 0 || make_directory(layer->merged) < 0 ||
        make_directory(layer->links) < 0 ||
        note_lowerdirs(layer, lowerdirs) < 0)
        return fail(why, errno, "furnish %s", layer->directory);
    return 0;
}

/* Makes the layer's own directory, and leaves it if it is there. */
static int make_layer(struct layer *layer, const char *state, const char *name,
                      struct failure *why)
{
    if (asprintf(&layer->directory, "%s/%s", state,
                 name != NULL ? name : ".XXXXXX") < 0)
        return fail(why, ENOMEM, "make a layer in %s", state);
    if (name == NULL ? mkdtemp(layer->directory) == NULL
                     : mkdir(layer->directory, 0700) < 0 && errno != EEXIST)
        return fail(why, errno, "make %s", layer->directory);
    return set_paths(layer, why);
}

/* Until it is locked, a sweep or a `duct rm` may take it away again. */
static int make_and_lock(struct layer *layer, const char *state,
                         const char *name, struct failure *why)
{
    for (;;) {
        if (make_layer(layer, state, name, why) < 0)
            return -1;
        bool locked = layer_lock(layer, why) == 0;

        if (locked && is_still_there(layer))
            return 0;
        if (!locked && name != NULL)
            return -1;
        release(layer);
    }
}

int layer_open(struct layer *layer, const struct layer_request *request,
               struct failure *why)
{
    cleanup_free char *state = state_path(request->state);
    struct failure ignored;

    forget(layer);
    if (request->name != NULL && check_name(request->name, why) < 0)
        return -1;
    if (state_make(state, why) < 0)
        return -1;
    sweep(state);
    cleanup_free char *whole = realpath(state, NULL);
    if (whole == NULL)
        return fail(why, errno, "find %s", state);
    if (make_and_lock(layer, whole, request->name, why) < 0) {
        release(layer);
        return -1;
    }
    layer->remove = request->name == NULL || request->remove;
    if (furnish(layer, request, why) < 0) {
        layer->remove = request->name == NULL;
        layer_close(layer, &ignored);
        return -1;
    }
    return 0;
}

int layer_find(struct layer *layer, const struct layer_request *request,
               struct failure *why)
{
    cleanup_free char *state = state_path(request->state);

    forget(layer);
    if (check_name(request->name, why) < 0)
        return -1;
    if (asprintf(&layer->directory, "%s/%s", state, request->name) < 0 ||
        set_paths(layer, why) < 0 || access(layer->upper, F_OK) < 0) {
        fail(why, errno, "find container \"%s\" in %s", request->name, state);
        release(layer);
        return -1;
    }
    return 0;
}

/* With its name first: what is left when we are killed half-way has to be for
 * a sweep to find, and not for a run of that name. */
static int remove_layer(const struct layer *layer)
{
    cleanup_free char *copy = strdup(layer->directory);
    cleanup_free char *nameless = NULL;
    const char *name = strrchr(layer->directory, '/') + 1;

    explain(HOST, "rm -rf %s", layer->directory);
    if (copy == NULL ||
        asprintf(&nameless, "%s/.%s.%d", dirname(copy), name, getpid()) < 0)
        return -1;
    if (rename(layer->directory, nameless) < 0)
        return -1;
    return tree_remove(AT_FDCWD, nameless);
}

int layer_close(struct layer *layer, struct failure *why)
{
    int status = 0;

    if (layer->remove && remove_layer(layer) < 0)
        status = fail(why, errno, "remove %s", layer->directory);
    release(layer);
    return status;
}
