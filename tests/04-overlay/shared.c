/*
 * What the chapters of this suite share.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

char *shared_fresh_tree(void)
{
    static const char *const names[] = {"one", "two", "three", "four", "five"};
    char *tree = rootfs_fresh();

    /* ROOTFS may be a user's, who has no number in root's --userns. */
    expect_exit(
        spawn_run(&(struct spawn){.argv = ARGV("chown", "-Rh", "0:0", tree)}),
        0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        tree_make(tree, keep_format("data/%s", names[i]),
                  keep_format("%s\n", names[i]));
    tree_make(tree, "data/sub/deep", "deep\n");
    tree_make(tree, "data/full/a", "a\n");
    tree_make(tree, "data/full/b", "b\n");
    return tree;
}

/* Lives longer than a trial, and so does not use keep.h. */
struct common {
    char path[4096];
    char *record; /* as it was made */
    unsigned count;
};

static const char *common_tree(struct common *tree, const char *owner)
{
    char *fresh;

    if (tree->record != NULL &&
        strcmp(tree->record, tree_record(tree->path)) == 0)
        return tree->path;
    fresh = shared_fresh_tree();
    if (owner != NULL)
        expect_exit(spawn_run(&(struct spawn){
                        .argv = ARGV("chown", "-Rh", owner, fresh)}),
                    0);
    (void)snprintf(
        tree->path, sizeof(tree->path), "%s",
        scratch_path("tree-%s-%u", owner == NULL ? "0" : owner, tree->count++));
    expect_call(rename(fresh, tree->path));
    free(tree->record);
    tree->record = strdup(tree_record(tree->path));
    return tree->path;
}

const char *shared_tree(void)
{
    static struct common tree;

    return common_tree(&tree, NULL);
}

const char *shared_tree_of_nobody(void)
{
    static struct common tree;

    return common_tree(&tree, "65534:65534");
}

const char *shared_and_sleep(const char *script)
{
    return keep_format("set -e\n%s\necho done\nexec sleep 4711", script);
}

struct container *shared_done(struct program *p)
{
    struct container *c;

    expect_that(spawn_printed(p, "done\n", SPAWN_DEADLINE_MS / 2),
                "the container to do as it is told",
                expect_quoted(p->err, p->err_size));
    c = container_wait(p);
    (void)kernel_find(c->init, "sleep 4711");
    return c;
}

const struct mount_entry *shared_root(const struct container *c)
{
    const struct mount_entry *root = mounts_at(mounts_of(c->init), "/");

    expect_that(root != NULL, "a mount at / of the container", "none");
    expect_str("type of the container's root", "overlay", root->type);
    return root;
}

char *shared_upper(const struct container *c)
{
    const char *at = strstr(shared_root(c)->options, "upperdir=");
    char *path, *to;

    expect_that(at != NULL, "an upperdir among the options of the overlay",
                shared_root(c)->options);
    path = to = keep_format("%s", at + strlen("upperdir="));
    for (const char *from = path; *from != '\0' && *from != ','; from++) {
        if (*from == '\\' && from[1] != '\0')
            from++;
        *to++ = *from;
    }
    *to = '\0';
    return path;
}
