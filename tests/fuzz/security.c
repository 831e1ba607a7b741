/*
 * Any HostConfig, and any value of the flags that are texts: what is taken is
 * within its bounds, and the filter of system calls is never lost.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "security.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const json_t *config)
{
    struct security s;
    struct command command = {0};
    struct failure why;

    if (security_from(config, &s, &why) < 0)
        return;
    security_command(&s, &command);
    if ((command.seccomp == NULL) != (s.filter == SECURITY_UNCONFINED) ||
        (s.filter == SECURITY_DEFAULT_FILTER && s.seccomp.count < 100))
        abort();
    for (size_t i = 0; i < s.sysctls.count; i++)
        if (strstr(s.sysctls.list[i].path, "..") != NULL ||
            strchr(s.sysctls.list[i].value, '\n') != NULL)
            abort();
    security_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t error;
    json_t *host = json_loadb((const char *)data, size, 0, &error);
    char *text = strndup((const char *)data, size);
    struct ulimits u = {0};
    struct devices d = {0};
    struct caps caps = {0};
    struct failure why;

    if (json_is_object(host)) {
        json_t *config = json_pack("{sO}", "HostConfig", host);
        check(config);
        json_decref(config);
    }
    json_decref(host);
    (void)ulimits_parse(&u, text, &why);
    (void)caps_add(&caps, text, &why);
    if (devices_parse(&d, text, &why) == 0 && d.count != 1)
        abort();
    devices_release(&d);
    free(text);
    return 0;
}
