#pragma once
/*
 * health: does a container still do its work? As it says itself.
 *
 * DATA/containers/ID/health.json    docker's State.Health: {"Status",
 *                                   "FailingStreak","Log":[{"Start","End",
 *                                   "ExitCode","Output"}]}
 *
 * That file is written by the container's monitor and its probes alone, which
 * so never have to wait for who holds the container.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct record;

enum {
    HEALTH_LOG = 5,       /* results that are kept */
    HEALTH_OUTPUT = 4096, /* bytes of what a probe has said */
};

/* When to look, and what to make of it. */
struct health_check {
    long long interval;       /* milliseconds between two probes */
    long long timeout;        /* that a probe may take */
    long long start_period;   /* in which failures don't count */
    long long start_interval; /* between two in there */
    int retries;              /* failures in a row that are too many */
};

/**
 * health_check_read - has a container a check, and which?
 * @config: its Config
 * @check:  receives it, with docker's usual values where nothing was said
 *
 * Returns: false when there is none.
 */
bool health_check_read(const json_t *config, struct health_check *check);

/**
 * health_check_valid - does it make sense?
 * @config: a container's Config
 * @why:    FAILURE_BAD_PARAMETER, in docker's words
 *
 * Returns: 0, or -1 with @why.
 */
int health_check_valid(const json_t *config, struct failure *why);

/**
 * health_merge - put what was asked for over what the image says
 * @config: of the container; changed
 * @image:  of the image
 *
 * Each member that was not spoken of is the image's.
 */
void health_merge(json_t *config, const json_t *image);

/**
 * health_command - what a probe runs
 * @config: of a container with a check
 *
 * Returns: a list of words, the caller's.
 */
json_t *health_command(const json_t *config);

/**
 * health_first - how it is when it has just been started
 *
 * Returns: an object, the caller's.
 */
json_t *health_first(void);

/**
 * health_result - what a probe has found
 * @start, @end: times as texts
 * @exit_code:   0: well; -1: it did not get so far
 * @output:      what it said, whatever bytes those are
 * @n:           how many; only the first HEALTH_OUTPUT are kept
 *
 * Returns: an object, the caller's, or NULL without memory.
 */
json_t *health_result(const char *start, const char *end, int exit_code,
                      const char *output, size_t n);

/**
 * health_add - take a result into account
 * @health:   as it was; changed
 * @check:    its rules
 * @result:   from health_result(); stolen
 * @age:      of the run in milliseconds, when the probe was begun
 *
 * Returns: whether its status has become another one.
 */
bool health_add(json_t *health, const struct health_check *check,
                json_t *result, long long age);

/**
 * health_status - "starting", "healthy" or "unhealthy"
 */
const char *health_status(const json_t *health);

/**
 * health_duration - a time as Go prints it: "1m30s", "1.5s", "100ms"
 *
 * Returns: a text that the caller frees, or NULL.
 */
char *health_duration(long long milliseconds);

/**
 * health_show - put a container's health into its state
 * @record: with its config and state read
 *
 * Of one that has ended, docker says that it is unhealthy. Nothing is read for
 * containers without a check.
 */
void health_show(struct record *record);

/**
 * health_read, health_write - the file
 * @dir_fd: the container's directory
 */
json_t *health_read(int dir_fd);
int health_write(int dir_fd, const json_t *health, struct failure *why);
