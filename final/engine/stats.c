/*
 * stats: what a container uses, in docker's shape.
 *
 * Kernel object  counters in files of a cgroup, /proc/stat, /proc/PID/net/dev
 * Look at it     duct stats     cat DIRECTORY/memory.stat
 */
#include "stats.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "accounting.h"
#include "cleanup.h"
#include "hierarchy.h"
#include "ids.h"
#include "numbers.h"

static const long long nanoseconds = 1000; /* in a microsecond */

/* What is unknown is 0 in docker's records. */
static json_t *amount(long long number)
{
    return json_integer(number < 0 ? 0 : number);
}

/* The next word of a line, behind blanks; "" at its end. */
static char *next_word(char **line)
{
    *line += strspn(*line, " \t");
    char *word = *line;
    size_t length = strcspn(word, " \t");

    *line += length;
    if (**line != '\0')
        *(*line)++ = '\0';
    return word;
}

static long long next_number(char **line)
{
    long long number;

    return numbers_parse(next_word(line), 0, LLONG_MAX, &number) < 0 ? 0
                                                                     : number;
}

/* The time that all CPUs spent on all the kernel counts: "cpu  USER NICE SYSTEM
 * IDLE IOWAIT IRQ SOFTIRQ ...", in clock ticks. Returns nanoseconds. */
static long long system_cpu(void)
{
    cleanup_free char *text = hierarchy_read("/proc", "stat");
    char *line = text;
    long long ticks = 0;

    text[strcspn(text, "\n")] = '\0';
    next_word(&line); /* "cpu" */
    for (int i = 0; i < 7; i++)
        ticks += next_number(&line);
    return ticks * (1000000000 / sysconf(_SC_CLK_TCK));
}

/* Only version 1 tells it for each CPU. */
static json_t *cpu_usage(const struct cgroup *cgroup, const struct accounts *a)
{
    json_t *usage = json_pack(
        "{s:o, s:o, s:o}", "total_usage", amount(a->cpu * nanoseconds),
        "usage_in_kernelmode", amount(a->cpu_system * nanoseconds),
        "usage_in_usermode", amount(a->cpu_user * nanoseconds));
    const char *cpuacct = cgroup->directories[CGROUP_CPUACCT];

    if (cpuacct != NULL) {
        cleanup_free char *text =
            hierarchy_read(cpuacct, "cpuacct.usage_percpu");
        json_t *each = json_array();
        char *rest = text;

        text[strcspn(text, "\n")] = '\0';
        while (*(rest += strspn(rest, " ")) != '\0')
            json_array_append_new(each, json_integer(next_number(&rest)));
        json_object_set_new(usage, "percpu_usage", each);
    }
    return usage;
}

static json_t *cpu_stats(const struct cgroup *cgroup, const struct accounts *a)
{
    return json_pack(
        "{s:o, s:I, s:I, s:{s:o, s:o, s:o}}", "cpu_usage", cpu_usage(cgroup, a),
        "system_cpu_usage", (json_int_t)system_cpu(), "online_cpus",
        (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "throttling_data", "periods",
        amount(a->periods), "throttled_periods", amount(a->throttled_times),
        "throttled_time", amount(a->throttled * nanoseconds));
}

/* As docker has it before there was a sample. */
static json_t *no_cpu_stats(void)
{
    return json_pack("{s:{s:i, s:i, s:i}, s:{s:i, s:i, s:i}}", "cpu_usage",
                     "total_usage", 0, "usage_in_kernelmode", 0,
                     "usage_in_usermode", 0, "throttling_data", "periods", 0,
                     "throttled_periods", 0, "throttled_time", 0);
}

/* Without a limit of its own a container can have all that there is. */
static long long memory_limit(const struct accounts *a)
{
    struct sysinfo info;

    if (a->memory_limit >= 0 || sysinfo(&info) < 0)
        return a->memory_limit;
    return (long long)info.totalram * info.mem_unit;
}

static json_t *memory_stats(const struct cgroup *cgroup,
                            const struct accounts *a)
{
    cleanup_free char *text =
        hierarchy_read(cgroup_knobs(cgroup, CGROUP_MEMORY), "memory.stat");
    json_t *details = json_object();
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        const char *key = next_word(&line);

        if (*key != '\0')
            json_object_set_new(details, key, json_integer(next_number(&line)));
    }
    json_t *stats =
        json_pack("{s:o, s:o, s:o}", "usage", amount(a->memory), "stats",
                  details, "limit", amount(memory_limit(a)));
    if (cgroup->directories[CGROUP_MEMORY] != NULL) {
        json_object_set_new(stats, "max_usage", amount(a->memory_peak));
        json_object_set_new(stats, "failcnt", amount(a->memory_failures));
    }
    return stats;
}

static void add_io(json_t *list, const char *device, const char *op,
                   long long value)
{
    char *end;
    long major = strtol(device, &end, 10);
    long minor = *end == ':' ? strtol(end + 1, NULL, 10) : 0;

    json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:I}", "major",
                                          (json_int_t)major, "minor",
                                          (json_int_t)minor, "op", op, "value",
                                          (json_int_t)value));
}

/* Version 1: a line for each, "254:0 Read 4096", and at last "Total 4096". */
static void read_io_v1(const char *directory, const char *file, json_t *list)
{
    cleanup_free char *text = hierarchy_read(directory, file);
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        const char *device = next_word(&line);
        const char *op = next_word(&line);

        if (strchr(device, ':') != NULL)
            add_io(list, device, op, next_number(&line));
    }
}

/* Version 2: a line for each device, "254:0 rbytes=4096 wbytes=0 rios=1 ...".
 */
static void read_io_v2(const char *directory, const char *const keys[2],
                       json_t *list)
{
    static const char *const ops[] = {"read", "write"};
    cleanup_free char *text = hierarchy_read(directory, "io.stat");
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        const char *device = next_word(&line);

        while (*line != '\0') {
            char *value = next_word(&line);
            const char *key = strsep(&value, "=");

            for (size_t i = 0; i < 2 && value != NULL; i++)
                if (str_eq(key, keys[i]))
                    add_io(list, device, ops[i], next_number(&value));
        }
    }
}

static json_t *blkio_stats(const struct cgroup *cgroup)
{
    static const char *const bytes_keys[] = {"rbytes", "wbytes"};
    static const char *const times_keys[] = {"rios", "wios"};
    /* Who counts depends on whether a limit or a scheduler asked for it. */
    static const char *const v1_files[] = {
        "blkio.throttle.io_service_bytes_recursive",
        "blkio.throttle.io_serviced_recursive",
        "blkio.bfq.io_service_bytes_recursive",
        "blkio.bfq.io_serviced_recursive",
    };
    const char *v1 = cgroup->directories[CGROUP_BLKIO];
    const char *v2 = cgroup->directories[CGROUP_UNIFIED];
    json_t *bytes = json_array();
    json_t *times = json_array();

    for (size_t i = 0; v1 != NULL && i < 4; i++) {
        json_t *list = i % 2 == 0 ? bytes : times;

        if (json_array_size(list) == 0)
            read_io_v1(v1, v1_files[i], list);
    }
    if (v1 == NULL && v2 != NULL) {
        read_io_v2(v2, bytes_keys, bytes);
        read_io_v2(v2, times_keys, times);
    }
    return json_pack("{s:o, s:o, s:n, s:n, s:n, s:n, s:n, s:n}",
                     "io_service_bytes_recursive", bytes,
                     "io_serviced_recursive", times, "io_queue_recursive",
                     "io_service_time_recursive", "io_wait_time_recursive",
                     "io_merged_recursive", "io_time_recursive",
                     "sectors_recursive");
}

/* One line: "  eth0: BYTES PACKETS ERRORS DROPPED FIFO FRAME COMPRESSED
 * MULTICAST", then the same of what was sent. */
static void read_interface(char *line, json_t *networks)
{
    static const char *const columns[] = {
        "rx_bytes", "rx_packets", "rx_errors", "rx_dropped",
        NULL,       NULL,         NULL,        NULL,
        "tx_bytes", "tx_packets", "tx_errors", "tx_dropped",
    };
    char *rest = line;
    const char *name = strsep(&rest, ":");

    name += strspn(name, " ");
    if (rest == NULL || str_eq(name, "lo"))
        return;
    json_t *figures = json_object();
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        long long number = next_number(&rest);

        if (columns[i] != NULL)
            json_object_set_new(figures, columns[i], json_integer(number));
    }
    json_object_set_new(networks, name, figures);
}

static json_t *networks_of(pid_t pid)
{
    cleanup_free char *directory = NULL;
    json_t *networks = json_object();

    if (asprintf(&directory, "/proc/%d/net", pid) < 0)
        return networks;
    cleanup_free char *text = hierarchy_read(directory, "dev");
    char *rest = text;
    char *line;
    while ((line = strsep(&rest, "\n")) != NULL)
        read_interface(line, networks);
    return networks;
}

/* A stopped container has all that a record has, and nothing in it. */
static json_t *read_nothing(void)
{
    return json_pack("{s:{}, s:{s:n}, s:o, s:{}}", "pids_stats", "blkio_stats",
                     "io_service_bytes_recursive", "cpu_stats", no_cpu_stats(),
                     "memory_stats");
}

static json_t *read_all(const struct cgroup *cgroup)
{
    const struct accounts a = accounting_read(cgroup);

    return json_pack("{s:{s:o, s:o}, s:o, s:o, s:o}", "pids_stats", "current",
                     amount(a.pids), "limit", amount(a.pids_limit),
                     "blkio_stats", blkio_stats(cgroup), "cpu_stats",
                     cpu_stats(cgroup, &a), "memory_stats",
                     memory_stats(cgroup, &a));
}

/* null becomes what there was before the first sample. */
static void set_previous(json_t *record, const json_t *previous)
{
    json_t *cpu = json_object_get(previous, "cpu_stats");
    json_t *read = json_object_get(previous, "read");

    json_object_set_new(record, "precpu_stats",
                        cpu == NULL ? no_cpu_stats() : json_incref(cpu));
    json_object_set_new(record, "preread",
                        read == NULL ? json_string(TIME_NEVER)
                                     : json_incref(read));
}

json_t *stats_read(const struct stats_subject *subject, const json_t *previous,
                   struct failure *why)
{
    char now[TIME_LENGTH + 1];
    bool runs = subject->cgroup != NULL && cgroup_exists(subject->cgroup);
    json_t *record = runs ? read_all(subject->cgroup) : read_nothing();

    time_now(now);
    if (!runs)
        snprintf(now, sizeof(now), "%s", TIME_NEVER);
    if (record == NULL) {
        fail(why, ENOMEM, "count what %s uses", subject->name);
        return NULL;
    }
    json_object_set_new(record, "read", json_string(now));
    set_previous(record, previous);
    json_object_set_new(record, "num_procs", json_integer(0)); /* Windows' */
    json_object_set_new(record, "storage_stats", json_object());
    json_object_set_new(record, "name", json_string(subject->name));
    json_object_set_new(record, "id", json_string(subject->id));
    if (runs && subject->pid > 0)
        json_object_set_new(record, "networks", networks_of(subject->pid));
    return record;
}
