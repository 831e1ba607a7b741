/*
 * cgroup_kept: what a cgroup's limits were before somebody changed them.
 *
 * The kernel takes one limit at a time, and may refuse the third of five. To
 * have changed two of them then is worse than none.
 *
 * Kernel object  the files of a cgroup's directory
 * Side           host
 */
#include "cgroup_kept.h"

#include "cleanup.h"
#include "hierarchy.h"

/* All that cgroup_knobs.c writes to, on either version. */
static const struct {
    int controller;
    const char *name;
} files[CGROUP_KEPT] = {
    {CGROUP_MEMORY, "memory.limit_in_bytes"},
    {CGROUP_MEMORY, "memory.memsw.limit_in_bytes"},
    {CGROUP_MEMORY, "memory.soft_limit_in_bytes"},
    {CGROUP_MEMORY, "memory.swappiness"},
    {CGROUP_MEMORY, "memory.max"},
    {CGROUP_MEMORY, "memory.swap.max"},
    {CGROUP_MEMORY, "memory.low"},
    {CGROUP_CPU, "cpu.cfs_period_us"},
    {CGROUP_CPU, "cpu.cfs_quota_us"},
    {CGROUP_CPU, "cpu.shares"},
    {CGROUP_CPU, "cpu.max"},
    {CGROUP_CPU, "cpu.weight"},
    {CGROUP_CPUSET, "cpuset.cpus"},
    {CGROUP_CPUSET, "cpuset.mems"},
    {CGROUP_PIDS, "pids.max"},
    {CGROUP_BLKIO, "blkio.bfq.weight"},
    {CGROUP_BLKIO, "blkio.weight"},
    {CGROUP_BLKIO, "io.weight"},
    {CGROUP_BLKIO, "io.bfq.weight"},
};

void cgroup_kept_read(struct cgroup_kept *kept, const struct cgroup *cgroup)
{
    for (int i = 0; i < CGROUP_KEPT; i++) {
        const char *directory = cgroup_knobs(cgroup, files[i].controller);
        char *text = hierarchy_read(directory, files[i].name);
        bool is_there = *text != '\0';

        kept->texts[i] = is_there ? text : NULL;
        if (!is_there)
            free(text);
    }
}

/* Twice, as some of them only fit together: memory alone can't have a higher
 * limit than memory with swap has. */
void cgroup_kept_restore(const struct cgroup_kept *kept,
                         const struct cgroup *cgroup)
{
    for (int i = 0; i < 2 * CGROUP_KEPT; i++) {
        int file = i % CGROUP_KEPT;
        const char *now = kept->texts[file];

        if (now == NULL)
            continue;
        const char *directory = cgroup_knobs(cgroup, files[file].controller);
        cleanup_free char *there = hierarchy_read(directory, files[file].name);
        if (!str_eq(there, now))
            (void)hierarchy_write(directory, files[file].name, now);
    }
}

void cgroup_kept_release(struct cgroup_kept *kept)
{
    for (int i = 0; i < CGROUP_KEPT; i++)
        free_pointer(&kept->texts[i]);
}
