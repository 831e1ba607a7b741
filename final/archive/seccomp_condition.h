#pragma once
/*
 * seccomp_condition: who is meant by a rule of a seccomp profile?
 */
#include <jansson.h>
#include <stdbool.h>

#include "caps.h"

/**
 * seccomp_is_meant - is a rule for such a container, on such a machine?
 * @rule: one of a profile's "syscalls"; its "includes" and "excludes" count
 * @caps: what the container has
 */
bool seccomp_is_meant(const json_t *rule, const struct caps *caps);
