/*
 * top: ps's arguments from a client, and /proc/PID/stat with a name in it that
 * the process chose.
 */
#include <stdint.h>
#include <string.h>

#include "cgroup.h"
#include "proc.h"
#include "top.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cgroup cgroup = {.unified_fd = -1};
    struct failure why;
    struct proc proc;
    char *text = strndup((const char *)data, size);

    json_decref(top_list(&cgroup, text, &why));
    proc_parse_stat(&proc, text);
    free(text);
    return 0;
}
