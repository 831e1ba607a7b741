/*
 * top_columns: what ps writes about a process, column by column.
 *
 * Side           host: pids and users are as seen from there
 * Look at it     ps L     ps -o pid,user,args -p PID
 */
#include "top_columns.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct top_clock top_columns_clock(void)
{
    struct timespec up;
    struct sysinfo info = {0};

    clock_gettime(CLOCK_BOOTTIME, &up);
    sysinfo(&info);
    return (struct top_clock){
        .now = time(NULL),
        .up = (double)up.tv_sec + (double)up.tv_nsec / 1e9,
        .ticks = sysconf(_SC_CLK_TCK),
        .memory = (double)info.totalram * info.mem_unit,
    };
}

static void put_user(FILE *out, uid_t uid)
{
    const struct passwd *entry = getpwuid(uid);

    if (entry != NULL)
        fputs(entry->pw_name, out);
    else
        fprintf(out, "%u", uid);
}

static void put_group(FILE *out, gid_t gid)
{
    const struct group *entry = getgrgid(gid);

    if (entry != NULL)
        fputs(entry->gr_name, out);
    else
        fprintf(out, "%u", gid);
}

static void put_tty(FILE *out, int tty)
{
    unsigned number = minor((dev_t)(unsigned)tty);
    unsigned kind = major((dev_t)(unsigned)tty);

    if (tty == 0)
        fputc('?', out);
    else if (kind >= 136 && kind <= 143)
        fprintf(out, "pts/%u", number + (kind - 136) * 256);
    else if (kind == 4 && number < 64)
        fprintf(out, "tty%u", number);
    else if (kind == 4)
        fprintf(out, "ttyS%u", number - 64);
    else
        fprintf(out, "%u:%u", kind, number);
}

static double seconds_since_start(const struct proc *p,
                                  const struct top_clock *c)
{
    double since = c->up - (double)p->start_ticks / (double)c->ticks;

    return since > 0 ? since : 0;
}

static long long cpu_seconds(const struct proc *p, const struct top_clock *c)
{
    return (p->user_ticks + p->system_ticks) / c->ticks;
}

static double cpu_percent(const struct proc *p, const struct top_clock *c)
{
    double since = seconds_since_start(p, c);
    double used = (double)(p->user_ticks + p->system_ticks) / (double)c->ticks;

    return since > 0 ? used / since * 100 : 0;
}

/* "[DD-]HH:MM:SS". */
static void put_long_time(FILE *out, long long s)
{
    if (s >= 86400)
        fprintf(out, "%02lld-", s / 86400);
    fprintf(out, "%02lld:%02lld:%02lld", s / 3600 % 24, s / 60 % 60, s % 60);
}

/* "[[DD-]HH:]MM:SS". */
static void put_elapsed(FILE *out, long long s)
{
    if (s >= 3600)
        put_long_time(out, s);
    else
        fprintf(out, "%02lld:%02lld", s / 60, s % 60);
}

/* A time of today; of this year; or a year. */
static void put_start(FILE *out, const struct proc *p,
                      const struct top_clock *c)
{
    char text[32];
    time_t start = c->now - (time_t)seconds_since_start(p, c);
    struct tm at;
    struct tm today;

    localtime_r(&start, &at);
    localtime_r(&c->now, &today);
    if (at.tm_year != today.tm_year)
        strftime(text, sizeof(text), "%Y", &at);
    else if (at.tm_yday != today.tm_yday)
        strftime(text, sizeof(text), "%b%d", &at);
    else
        strftime(text, sizeof(text), "%H:%M", &at);
    fputs(text, out);
}

static void put_state(FILE *out, const struct proc *p)
{
    fputc(p->state, out);
    if (p->nice < 0)
        fputc('<', out);
    if (p->nice > 0)
        fputc('N', out);
    if (p->session == p->pid)
        fputc('s', out);
    if (p->threads > 1)
        fputc('l', out);
    if (p->foreground == p->pgrp)
        fputc('+', out);
}

/* Long, but nothing else than a case for each column:
 * NOLINTNEXTLINE(readability-function-size) */
void top_columns_put(FILE *out, enum column column, const struct proc *p,
                     const struct top_clock *c)
{
    long long seconds = cpu_seconds(p, c);
    long page = sysconf(_SC_PAGESIZE);

    switch (column) {
    case ARGS:
        fputs(p->args, out);
        break;
    case BSD_TIME:
        fprintf(out, "%lld:%02lld", seconds / 60, seconds % 60);
        break;
    case C:
        fprintf(out, "%d", (int)cpu_percent(p, c));
        break;
    case COMM:
        fputs(p->comm, out);
        break;
    case CPU_PERCENT:
        fprintf(out, "%.1f", cpu_percent(p, c));
        break;
    case CPU_TIME:
        put_long_time(out, seconds);
        break;
    case EGID:
        fprintf(out, "%u", p->egid);
        break;
    case EGROUP:
        put_group(out, p->egid);
        break;
    case ELAPSED:
        put_elapsed(out, (long long)seconds_since_start(p, c));
        break;
    case ELAPSED_SECONDS:
        fprintf(out, "%lld", (long long)seconds_since_start(p, c));
        break;
    case EUID:
        fprintf(out, "%u", p->euid);
        break;
    case EUSER:
        put_user(out, p->euid);
        break;
    case GID:
        fprintf(out, "%u", p->gid);
        break;
    case GROUP:
        put_group(out, p->gid);
        break;
    case MEMORY_PERCENT:
        fprintf(out, "%.1f", (double)(p->resident * page) / c->memory * 100);
        break;
    case NICE:
        fprintf(out, "%ld", p->nice);
        break;
    case PGRP:
        fprintf(out, "%d", p->pgrp);
        break;
    case PID:
        fprintf(out, "%d", p->pid);
        break;
    case PPID:
        fprintf(out, "%d", p->ppid);
        break;
    case PRIORITY: /* ps turns the kernel's around */
        fprintf(out, "%ld", 39 - p->priority);
        break;
    case PROCESSOR:
        fprintf(out, "%ld", p->processor);
        break;
    case RESIDENT:
        fprintf(out, "%lld", p->resident * page / 1024);
        break;
    case SESSION:
        fprintf(out, "%d", p->session);
        break;
    case SIZE:
        fprintf(out, "%lld", p->size / 1024);
        break;
    case START:
        put_start(out, p, c);
        break;
    case STATE:
        put_state(out, p);
        break;
    case STATE_LETTER:
        fputc(p->state, out);
        break;
    case THREADS:
        fprintf(out, "%ld", p->threads);
        break;
    case TTY:
        put_tty(out, p->tty);
        break;
    case UID:
        fprintf(out, "%u", p->uid);
        break;
    case USER:
        put_user(out, p->uid);
        break;
    }
}

static const struct top_column formats[] = {
    {"pid tgid", "PID", PID},
    {"ppid", "PPID", PPID},
    {"pgid pgrp", "PGID", PGRP},
    {"sid sess session", "SID", SESSION},
    {"user uname euser", "USER", EUSER},
    {"ruser", "RUSER", USER},
    {"uid", "UID", EUID},
    {"euid", "EUID", EUID},
    {"ruid", "RUID", UID},
    {"group egroup", "GROUP", EGROUP},
    {"rgroup", "RGROUP", GROUP},
    {"gid", "GID", EGID},
    {"egid", "EGID", EGID},
    {"rgid", "RGID", GID},
    {"comm ucmd ucomm", "COMMAND", COMM},
    {"args command", "COMMAND", ARGS},
    {"cmd", "CMD", ARGS},
    {"c", "C", C},
    {"%cpu pcpu", "%CPU", CPU_PERCENT},
    {"%mem pmem", "%MEM", MEMORY_PERCENT},
    {"vsz vsize", "VSZ", SIZE},
    {"rss rssize rsz", "RSS", RESIDENT},
    {"stat", "STAT", STATE},
    {"state s", "S", STATE_LETTER},
    {"tty tname", "TTY", TTY},
    {"tt", "TT", TTY},
    {"time cputime", "TIME", CPU_TIME},
    {"bsdtime", "TIME", BSD_TIME},
    {"etime", "ELAPSED", ELAPSED},
    {"etimes", "ELAPSED", ELAPSED_SECONDS},
    {"stime", "STIME", START},
    {"start start_time bsdstart", "START", START},
    {"ni nice", "NI", NICE},
    {"pri", "PRI", PRIORITY},
    {"nlwp thcount", "NLWP", THREADS},
    {"psr", "PSR", PROCESSOR},
};

static bool is_among(const char *names, const char *name)
{
    size_t length = strlen(name);

    for (;;) {
        size_t one = strcspn(names, " ");

        if (one == length && strncmp(names, name, length) == 0)
            return true;
        if (names[one] == '\0')
            return false;
        names += one + 1;
    }
}

const struct top_column *top_columns_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (is_among(formats[i].names, name))
            return &formats[i];
    return NULL;
}
