/*
 * elsewhere: cgroups as a program finds them on other hosts; see elsewhere.h.
 */
#include "elsewhere.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cgroups.h"
#include "keep.h"
#include "mounts.h"
#include "scratch.h"
#include "spawn.h"

/* All of it happens in the child, before it executes the program: there is
 * nobody to tell. */

/* Mounts of its own, where it does not disturb the suite. */
static void leave_mounts(void)
{
    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        _exit(125);
}

static void hide(const char *type)
{
    const struct mounts *m = mounts_of(0);

    for (size_t i = m->count; i-- > 0;)
        if (strcmp(m->entries[i].type, type) == 0 &&
            umount2(m->entries[i].point, MNT_DETACH) < 0)
            _exit(125);
}

static void show(const char *what, const char *where)
{
    if (mount(what, where, NULL, MS_BIND, NULL) < 0)
        _exit(125);
}

void cgroups_v1_alone(void *unused)
{
    (void)unused;
    leave_mounts();
    hide("cgroup2");
}

void cgroups_promised(void *promise)
{
    const struct cgroups_promise *made = promise;
    const char *says[] = {made->here, made->above};
    char *directory = cgroups_home(NULL) == NULL
                          ? NULL
                          : keep_format("%s", cgroups_home(NULL));

    leave_mounts();
    hide("cgroup");
    for (size_t i = 0; directory != NULL; i++) {
        const char *file = keep_format("%s/cgroup.subtree_control", directory);

        if (access(file, F_OK) < 0)
            break;
        show(i < 2 && says[i] != NULL ? says[i] : "/dev/null", file);
        *strrchr(directory, '/') = '\0';
    }
}

/* A spawn's .uid would come first: then there is no way to mount. */
void cgroups_promised_nobody(void *promise)
{
    cgroups_promised(promise);
    if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) < 0)
        _exit(125);
}

void cgroups_no_controllers(void *unused)
{
    (void)unused;
    cgroups_promised(&(struct cgroups_promise){NULL, NULL});
}

/* Mounts that are not attached yet: the suite's cgroups, or nobody's. */
static void clone_parts(int trees[CGROUPS_HIERARCHIES], const char *below)
{
    for (size_t h = 0; h < CGROUPS_HIERARCHIES; h++)
        trees[h] =
            cgroups_top(cgroups_names[h]) == NULL
                ? -1
                : open_tree(
                      AT_FDCWD,
                      keep_format("%s%s", cgroups_top(cgroups_names[h]), below),
                      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static void find_points(char *points[CGROUPS_HIERARCHIES])
{
    for (size_t h = 0; h < CGROUPS_HIERARCHIES; h++)
        points[h] = cgroups_point(cgroups_names[h]);
}

static void attach(int tree, const char *where)
{
    if (tree >= 0 &&
        move_mount(tree, "", AT_FDCWD, where, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        _exit(125);
}

/* Two controllers of version 1 may share a hierarchy: it is there twice then,
 * which does no harm. */

void cgroups_as_in_container(void *unused)
{
    char *points[CGROUPS_HIERARCHIES];
    int trees[CGROUPS_HIERARCHIES];

    (void)unused;
    leave_mounts();
    find_points(points);
    clone_parts(trees, "");
    hide("cgroup");
    hide("cgroup2");
    for (size_t h = 0; h < CGROUPS_HIERARCHIES; h++)
        if (trees[h] >= 0)
            attach(trees[h], points[h]);
}

void cgroups_covered(void *unused)
{
    char *points[CGROUPS_HIERARCHIES];
    int trees[CGROUPS_HIERARCHIES], again[CGROUPS_HIERARCHIES];
    int others[CGROUPS_HIERARCHIES];

    (void)unused;
    leave_mounts();
    find_points(points);
    clone_parts(trees, "");
    clone_parts(again, "");
    clone_parts(others, "/nobody");
    for (size_t h = 0; h < CGROUPS_HIERARCHIES; h++) {
        if (trees[h] >= 0)
            attach(trees[h], points[h]);
        attach(others[h], scratch_path("home"));
        if (again[h] >= 0)
            attach(again[h], points[h]);
    }
}
