/*
 * process: the first process of a container, and what it is in.
 *
 * Kernel object  a pidfd
 * Side           host
 * Look at it     ls -l /proc/PID/fd     cat /proc/PID/cgroup
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>

#include "cleanup.h"
#include "resources.h"

long long process_start_time(pid_t pid)
{
    cleanup_free char *path = NULL;
    char text[1024];

    if (asprintf(&path, "/proc/%d/stat", pid) < 0)
        return -1;
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (length <= 0)
        return -1;
    text[length] = '\0';
    /* Its name may have blanks and brackets in it. */
    const char *rest = strrchr(text, ')');
    long long ticks;
    /* The kernel's number is in range: NOLINTNEXTLINE(cert-err34-c) */
    if (rest == NULL || sscanf(rest,
                               ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
                               "%*u %*u %*d %*d %*d %*d %*d %*d %lld",
                               &ticks) != 1)
        return -1;
    return ticks;
}

static int open_process(const json_t *state, const char *pid_name,
                        const char *time_name, struct failure *why)
{
    pid_t pid = (pid_t)json_integer_value(json_object_get(state, pid_name));
    long long start = json_integer_value(json_object_get(state, time_name));
    int pidfd = pid <= 0 ? -1 : pidfd_open(pid, 0);

    if (pidfd >= 0 && process_start_time(pid) == start)
        return pidfd;
    close_fd(&pidfd);
    return fail_as(why, FAILURE_CONFLICT, "its process %d has ended", pid);
}

int process_open(const json_t *state, struct failure *why)
{
    return open_process(state, "Pid", "StartTime", why);
}

int process_cgroup(const struct record *record, struct cgroup *cgroup)
{
    const char *text =
        json_string_value(json_object_get(record->state, "Cgroup"));

    return cgroup_recall(cgroup, text != NULL ? text : "");
}

int process_thaw(const struct record *record, struct failure *why)
{
    cleanup_cgroup struct cgroup cgroup;

    return process_cgroup(record, &cgroup) == 0
               ? 0
               : cgroup_freeze(&cgroup, false, why);
}

/* A limit may have needed a hierarchy that it was not in before. */
static int note_cgroup(struct record *record, const struct cgroup *cgroup,
                       struct failure *why)
{
    cleanup_free char *text = cgroup_describe(cgroup);
    const char *known =
        json_string_value(json_object_get(record->state, "Cgroup"));

    if (text == NULL)
        return fail(why, ENOMEM, "write down where a cgroup is");
    if (known != NULL && str_eq(known, text))
        return 0;
    json_object_set_new(record->state, "Cgroup", json_string(text));
    return record_save(record, why);
}

int process_limit(struct record *record, const json_t *host_config,
                  struct failure *why)
{
    cleanup_cgroup struct cgroup cgroup;
    struct limits limits;

    if (resources_limits(host_config, &limits, why) < 0)
        return -1;
    if (process_cgroup(record, &cgroup) == 0)
        return fail(why, 0, "container %s has no cgroup", record->id);
    struct failure second;
    int status = cgroup_update(&cgroup, &limits, why);
    return note_cgroup(record, &cgroup, status < 0 ? &second : why) < 0
               ? -1
               : status;
}

int monitor_cancel(const struct record *record, struct failure *why)
{
    cleanup_close int pidfd =
        open_process(record->state, "MonitorPid", "MonitorStartTime", why);

    if (pidfd < 0)
        return -1;
    return pidfd_send_signal(pidfd, SIGTERM, NULL, 0) < 0 && errno != ESRCH
               ? fail(why, errno, "wake the monitor of %s", record->id)
               : 0;
}
