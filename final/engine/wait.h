#pragma once
/*
 * wait: until a container has ended, or begins, or is gone.
 *
 * container_wait() is in life.h.
 */
#include "record.h"

enum {
    WAIT_UNKNOWN = -1 /* an exit status that nobody has told */
};

/**
 * wait_for_end - wait until a run of a container is over
 * @record:  its state says which run: the one of this monitor
 * @timeout: milliseconds; -1: for ever
 * @status:  receives the exit status, or WAIT_UNKNOWN: look at the state
 *
 * A container that was started again meanwhile is not waited for.
 *
 * Returns: is it over?
 */
bool wait_for_end(const struct record *record, int timeout, int *status);
