/*
 * probes: a container's health check, from its monitor's side.
 *
 * Side           host
 * Look at it     pstree -p     duct events --filter event=health_status
 */
#include "probes.h"

#include <limits.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "fds.h"
#include "probe.h"
#include "restart.h"

static long long interval(const struct probes *p)
{
    bool is_starting =
        !p->is_well && restart_now() - p->begun_at < p->check.start_period;

    return is_starting ? p->check.start_interval : p->check.interval;
}

int probes_start(struct probes *p, const struct record *record,
                 struct failure *why)
{
    json_auto_t *first = NULL;

    *p = (struct probes)PROBES_NONE;
    p->record = record;
    p->begun_at = restart_now();
    if (!health_check_read(json_object_get(record->config, "Config"),
                           &p->check))
        return 0;
    first = health_first();
    if (health_write(record->fd, first, why) < 0)
        return -1;
    p->due = p->begun_at + interval(p);
    return 0;
}

int probes_fd(const struct probes *p)
{
    return p->pidfd;
}

int probes_timeout(const struct probes *p)
{
    if (p->pid > 0 || p->due < 0)
        return -1;
    long long left = p->due - restart_now();
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* It ends with its monitor, whatever becomes of that. */
_Noreturn static void be_probe(const struct probes *p, pid_t monitor)
{
    const struct record *record = p->record;
    const int kept[] = {record->engine->data_fd, record->engine->run_fd,
                        record->fd};

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != monitor)
        _exit(PROBE_VOID);
    /* What the monitor holds open would not end with the monitor. */
    fds_keep(kept, sizeof(kept) / sizeof(kept[0]));
    _exit(probe_run(record, &p->check, restart_now() - p->begun_at));
}

static void begin(struct probes *p)
{
    pid_t monitor = getpid();

    p->due = restart_now() + interval(p); /* if there can't be one now */
    p->pid = fork();
    if (p->pid == 0)
        be_probe(p, monitor);
    if (p->pid > 0)
        p->pidfd = pidfd_open(p->pid, 0);
    if (p->pid > 0 && p->pidfd < 0) /* nobody would tell us of its end */
        probes_stop(p);
}

void probes_step(struct probes *p)
{
    int status;

    if (p->pid < 0 && p->due >= 0 && restart_now() >= p->due)
        begin(p);
    if (p->pid < 0 || waitpid(p->pid, &status, WNOHANG) <= 0)
        return;
    close_fd(&p->pidfd);
    p->pid = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == PROBE_WELL)
        p->is_well = true;
    p->due = restart_now() + interval(p);
}

void probes_stop(struct probes *p)
{
    if (p->pid > 0) {
        (void)kill(p->pid, SIGKILL); /* our child: the number is still its */
        (void)waitpid(p->pid, NULL, 0);
    }
    close_fd(&p->pidfd);
    p->pid = -1;
}
