#pragma once
/*
 * list_filter: which containers are asked for.
 *
 *     id, name          regular expressions
 *     label             "key" or "key=value"; all of them
 *     status            created restarting running removing paused exited dead
 *     health            starting healthy unhealthy none
 *     exited            an exit status, of one that has ended
 *     ancestor          an image, or one that is made from it
 *     network           a name or an id
 *     volume            a name, or where it is mounted
 *     publish, expose   "80", "80/udp", "8000-8010/tcp"
 *     before, since     a container that was created later, or earlier
 *     is-task           "true" for none
 */
#include <jansson.h>
#include <regex.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"
#include "record.h"

struct list_filter {
    const struct engine *engine;
    json_t *values; /* of all filters: {"name": ["..."]} */
    regex_t *ids;   /* as many as values.id has, and so on */
    regex_t *names;
    json_t *ports;     /* {"publish": {"80/tcp": true}, "expose": ...} */
    json_t *ancestors; /* [{"Id", "Layers"}] of images */
    json_t *judged;    /* {"sha256:...": is it made from one of them?} */
    char *before;      /* when that was created; NULL: not asked */
    char *since;
};

/* Lets go of a filter when it goes out of scope. */
#define cleanup_list_filter __attribute__((cleanup(list_filter_release)))

/**
 * list_filter_make - read filters
 * @f:       receives them; release it with list_filter_release()
 * @engine:  outlives it
 * @filters: docker's, or NULL
 * @why:     docker's words
 *
 * Returns: 0, or -1 with @why.
 */
int list_filter_make(struct list_filter *f, const struct engine *engine,
                     const json_t *filters, struct failure *why);

/**
 * list_filter_wants_all - is it a question for those that do not run, too?
 * @f: from list_filter_make()
 */
bool list_filter_wants_all(const struct list_filter *f);

/**
 * list_filter_passes - is this one asked for?
 * @f:        from list_filter_make()
 * @record:   a container
 * @settings: receives its NetworkSettings if they had to be looked at, a new
 *            reference, or stays as it is
 */
bool list_filter_passes(struct list_filter *f, const struct record *record,
                        json_t **settings);

/**
 * list_filter_release - let go of them
 * @f: zeroes, or from list_filter_make()
 */
void list_filter_release(struct list_filter *f);
