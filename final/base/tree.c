/*
 * tree: a directory full of anything.
 *
 * Look at it     strace -f -e trace=unlinkat duct run ROOTFS true
 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "cleanup.h"

int tree_remove(int parent_fd, const char *name)
{
    if (unlinkat(parent_fd, name, 0) == 0 ||
        unlinkat(parent_fd, name, AT_REMOVEDIR) == 0)
        return 0;
    if (errno != ENOTEMPTY)
        return -1;
    /* Overlay's own directory has mode 0, which stops all but root. */
    if (fchmodat(parent_fd, name, 0700, 0) < 0)
        return -1;
    int fd = openat(parent_fd, name,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (entries == NULL) {
        close_fd(&fd);
        return -1;
    }
    while ((entry = readdir(entries)) != NULL)
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
            tree_remove(fd, entry->d_name);
    closedir(entries);
    return unlinkat(parent_fd, name, AT_REMOVEDIR);
}
