/*
 * cgroup: what was written down of one, and a HostConfig with limits in it.
 */
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "cgroup.h"
#include "limit.h"
#include "resources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cgroup cgroup;
    struct failure why;
    struct limits limits;
    char *text = strndup((const char *)data, size);
    json_t *json = json_loadb((const char *)data, size, 0, NULL);
    json_t *merged = NULL;

    cgroup_recall(&cgroup, text);
    cgroup_release(&cgroup);
    if (json_is_object(json)) {
        resources_limits(json, &limits, &why);
        free(resources_cgroup_name(json, "12", &why));
        resources_update(json, json, &merged, &why);
    }
    json_decref(merged);
    json_decref(json);
    free(text);
    return 0;
}
