/*
 * Any profile: it is refused, or there is a program that the kernel's rules
 * for programs allow.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "seccomp_profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t error;
    json_t *profile = json_loadb((const char *)data, size, 0, &error);
    struct caps caps;
    struct seccomp seccomp;
    struct failure why;

    caps_default(&caps);
    if (profile != NULL &&
        seccomp_profile_compile(profile, &caps, &seccomp, &why) == 0) {
        if (seccomp.count == 0 || seccomp.program == NULL)
            abort();
        free(seccomp.program);
    }
    json_decref(profile);
    return 0;
}
