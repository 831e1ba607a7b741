/*
 * mountinfo: one line of the kernel's list of mounts.
 *
 * Kernel object  the mounts of our mount namespace
 * Look at it     cat /proc/self/mountinfo
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw
 *     id          root point options    optional fields   - ...
 */
#include "mountinfo.h"

#include <limits.h>

#include "cleanup.h"
#include "numbers.h"

enum { /* columns */
    ID = 0,
    MOUNT_POINT = 4,
    OPTIONAL = 6,
};

static int read_line(char *line, unsigned long long id, struct mountinfo *info)
{
    const char *point = NULL;
    const char *word;
    long long number;

    line[strcspn(line, "\n")] = '\0';
    for (int column = ID; (word = strsep(&line, " ")) != NULL; column++) {
        if (column == ID && (numbers_parse(word, 0, LLONG_MAX, &number) < 0 ||
                             (unsigned long long)number != id))
            return -1;
        if (column == MOUNT_POINT)
            point = word;
        if (column >= OPTIONAL && str_eq(word, "-"))
            break;
        if (column >= OPTIONAL && strncmp(word, "shared:", 7) == 0)
            info->is_shared = true;
        if (column >= OPTIONAL && strncmp(word, "master:", 7) == 0)
            info->is_slave = true;
    }
    if (word == NULL || point == NULL)
        return -1;
    info->mount_point = strdup(point);
    return info->mount_point != NULL ? 0 : -1;
}

int mountinfo_find(FILE *list, unsigned long long id, struct mountinfo *info)
{
    cleanup_free char *line = NULL;
    size_t room = 0;

    do
        *info = (struct mountinfo){0};
    while (getline(&line, &room, list) >= 0 && read_line(line, id, info) < 0);
    return info->mount_point != NULL ? 0 : -1;
}
