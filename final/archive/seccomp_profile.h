#pragma once
/*
 * seccomp_profile: from a text about system calls to the kernel's program.
 */
#include <jansson.h>

#include "caps.h"
#include "failure.h"
#include "seccomp.h"

/**
 * seccomp_profile_compile - make the program of a profile
 * @profile: in docker's format
 * @caps:    what the container has, as some rules depend on it
 * @seccomp: receives the program; release it with seccomp_filter_free()
 * @why:     filled in when the profile is nonsense
 *
 * System calls that libseccomp does not know are left to the default action;
 * those of other architectures than the profile names get ENOSYS.
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Seccomp security profiles for Docker"; seccomp_rule_add(3),
 *          seccomp_export_bpf(3).
 */
int seccomp_profile_compile(const json_t *profile, const struct caps *caps,
                            struct seccomp *seccomp, struct failure *why);

/**
 * seccomp_profile_save - put the program of a profile into a file
 * @profile: a text in docker's format
 * @caps:    what the container has
 * @dir_fd:  where to
 * @name:    the file's name there, for seccomp_filter_read()
 * @why:     filled in when the profile is nonsense, or the disk full
 *
 * Returns: 0, or -1 with @why.
 */
int seccomp_profile_save(const char *profile, const struct caps *caps,
                         int dir_fd, const char *name, struct failure *why);
