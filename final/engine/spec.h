#pragma once
/*
 * spec: from what is written down about a container to what the kernel needs.
 */
#include "container.h"
#include "endpoints.h"
#include "names.h"
#include "record.h"
#include "security.h"

/* A container's description, and what it points into. */
struct spec {
    struct container container;
    struct security security;
    struct limits limits;
    struct cgroup cgroup;
    struct endpoints endpoints;
    int foreign; /* CLONE_NEW* of those that are the host's */
    char **argv;
    char **environment;
    char **lowerdirs;
    char *upperdir, *workdir, *merged, *links;
    char *hosts, *hostname_path, *resolv_conf;
    char *hostname; /* the variable */
};

/**
 * spec_make - read a container's record, and make for it what is on the host
 * @spec:   receives it; release it with spec_release()
 * @record: locked
 * @why:    filled in when the call fails
 *
 * Its cgroup, addresses and ports, and the files for its /etc.
 *
 * Returns: 0, or -1 with @why and nothing left behind.
 */
int spec_make(struct spec *spec, const struct record *record,
              struct failure *why);

/**
 * spec_overlay - only what its root is made of
 * @spec:   zeroes; its container's overlay is filled in; release that with
 *          spec_overlay_release()
 * @record: of the container
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int spec_overlay(struct spec *spec, const struct record *record,
                 struct failure *why);
void spec_overlay_release(struct spec *spec);

/**
 * spec_release - undo it
 * @spec: may be half made
 */
void spec_release(struct spec *spec);

/**
 * spec_words - a list of texts as an array for execve(2)
 * @list: of texts; others are left out
 * @more: comes first, or NULL
 *
 * Returns: an array to be freed, whose texts are the list's, or NULL.
 */
char **spec_words(const json_t *list, const char *more);

/**
 * spec_environment - a command's whole environment, but for HOME
 * @config:   a container's Config: Env, Hostname, Tty
 * @hostname: receives a text that the environment points into; to be freed
 *
 * PATH, HOSTNAME and TERM are added where they are missing, as docker does;
 * nothing of ours gets in.
 *
 * Returns: an array to be freed, NULL-terminated, or NULL.
 */
char **spec_environment(const json_t *config, char **hostname);
