#pragma once
/*
 * status: how a container is, in a few words for people.
 */
#include <jansson.h>
#include <stdint.h>

/**
 * status_text - what docker shows in the column STATUS
 * @state: a container's state.json
 * @now:   nanoseconds since 1970
 *
 * Returns: "Up 3 seconds", "Up 2 minutes (healthy)", "Up 5 hours (Paused)",
 *          "Exited (0) 5 minutes ago", "Restarting (1) 2 seconds ago",
 *          "Created", "Dead"; the caller frees it. NULL without memory.
 */
char *status_text(const json_t *state, int64_t now);
