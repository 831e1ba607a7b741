/*
 * filter_verb: what duct asks duct-archive for when it makes a container.
 *
 * Nobody types this: duct gives a container's id, and a pipe for the report.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "cleanup.h"
#include "ids.h"
#include "images.h"
#include "json_file.h"
#include "report.h"
#include "seccomp_profile.h"
#include "security.h"

enum {
    REPORT = 3 /* as in engine/filter_profile.c */
};

static int compile(const struct engine *engine, const char *id,
                   struct failure *why)
{
    cleanup_security struct security security = {.host_config = NULL};
    cleanup_close int containers_fd = engine_part(engine, "containers", why);
    cleanup_close int fd =
        containers_fd < 0 || !id_is(id)
            ? -1
            : openat(containers_fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (containers_fd < 0)
        return -1;
    if (fd < 0)
        return fail_as(why, FAILURE_NOT_FOUND, "No such container: %s", id);
    json_auto_t *config = json_file_read(fd, "config.json", why);
    if (config == NULL || security_from(config, &security, why) < 0)
        return -1;
    if (security.filter != SECURITY_OWN_FILTER)
        return fail(why, 0, "container %s has no profile of its own", id);
    return seccomp_profile_save(security.profile, &security.caps, fd,
                                security_filter_file, why);
}

static int compile_verb(const struct call *call, struct failure *why)
{
    int report = REPORT;

    if (compile(call->engine, call->words[0], why) < 0)
        report_failure(report, why);
    report_success(&report);
    return 0;
}

const struct verb filter_verbs[] = {
    {NULL, "compile-filter", "compile-filter", "CONTAINER",
     "Compile a container's own profile of system calls", NULL, 1, 1, false,
     compile_verb},
    {.name = NULL},
};
