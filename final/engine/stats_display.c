/*
 * stats_display: what docker's client makes of a record of stats.
 *
 * Look at it     duct stats --no-stream
 */
#include <jansson.h>

#include "stats.h"

static double figure(const json_t *record, const char *part, const char *key)
{
    return json_number_value(
        json_object_get(json_object_get(record, part), key));
}

static double cpu_total(const json_t *record, const char *part)
{
    return figure(json_object_get(record, part), "cpu_usage", "total_usage");
}

/* The share of the time that all CPUs had, times their number. */
static double cpu_percent(const json_t *record)
{
    double used =
        cpu_total(record, "cpu_stats") - cpu_total(record, "precpu_stats");
    double passed = figure(record, "cpu_stats", "system_cpu_usage") -
                    figure(record, "precpu_stats", "system_cpu_usage");
    double cpus = figure(record, "cpu_stats", "online_cpus");

    return used > 0 && passed > 0 ? used / passed * cpus * 100 : 0;
}

/* Cache that nobody has asked for lately can go at once, so it doesn't count.
 * Version 1 has a "total_" of it, with sub-cgroups. */
static double memory_used(const json_t *record)
{
    const json_t *memory = json_object_get(record, "memory_stats");
    const json_t *details = json_object_get(memory, "stats");
    const json_t *cache = json_object_get(details, "total_inactive_file");
    double usage = figure(record, "memory_stats", "usage");

    if (cache == NULL)
        cache = json_object_get(details, "inactive_file");
    double free = json_number_value(cache);
    return free < usage ? usage - free : usage;
}

static void sum_io(const json_t *record, struct stats_display *d)
{
    const json_t *list = json_object_get(json_object_get(record, "blkio_stats"),
                                         "io_service_bytes_recursive");
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) {
        const char *op = json_string_value(json_object_get(one, "op"));
        double value = json_number_value(json_object_get(one, "value"));

        if (op != NULL && (*op | 0x20) == 'r')
            d->read += value;
        if (op != NULL && (*op | 0x20) == 'w')
            d->written += value;
    }
}

struct stats_display stats_display(const json_t *record)
{
    struct stats_display d = {
        .id = json_string_value(json_object_get(record, "id")),
        .name = json_string_value(json_object_get(record, "name")),
        .cpu_percent = cpu_percent(record),
        .memory = memory_used(record),
        .memory_limit = figure(record, "memory_stats", "limit"),
        .pids = (long long)figure(record, "pids_stats", "current"),
    };
    json_t *networks = json_object_get(record, "networks");
    const char *name;
    json_t *one;

    if (d.memory_limit > 0)
        d.memory_percent = d.memory / d.memory_limit * 100;
    json_object_foreach(networks, name, one) {
        d.received += json_number_value(json_object_get(one, "rx_bytes"));
        d.sent += json_number_value(json_object_get(one, "tx_bytes"));
    }
    sum_io(record, &d);
    return d;
}
