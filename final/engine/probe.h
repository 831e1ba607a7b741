#pragma once
/*
 * probe: run a container's check once, and write down what it has found.
 */
#include "health.h"
#include "record.h"

/* Its result, as the exit status of the process that it is run in. */
enum probe {
    PROBE_WELL,
    PROBE_ILL,
    PROBE_VOID, /* it means nothing: the container is paused, or has ended */
};

/**
 * probe_run - probe
 * @record: of a container that runs; its state is read again
 * @check:  its check
 * @age:    of the run, in milliseconds
 *
 * For a process that ends afterwards. A command that takes too long is killed,
 * with all that it has started.
 *
 * Returns: how it went.
 */
enum probe probe_run(const struct record *record,
                     const struct health_check *check, long long age);
