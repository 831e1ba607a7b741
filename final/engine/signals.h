#pragma once
/*
 * signals: by their names, as users type them.
 */
#include "failure.h"

/**
 * signal_number - which signal is meant
 * @number: receives it
 * @text:   "TERM", "SIGTERM", "15", "RTMIN+3", in any case
 * @why:    FAILURE_BAD_PARAMETER: there is none of that name
 *
 * Returns: 0, or -1 with @why.
 * Source:  signal(7).
 */
int signal_number(int *number, const char *text, struct failure *why);
