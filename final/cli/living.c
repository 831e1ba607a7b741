/*
 * living: verbs that change a container's life.
 */
#include "living.h"

#include <errno.h>
#include <stdio.h>

#include "answer.h"
#include "attached.h"
#include "cleanup.h"
#include "create.h"
#include "create_request.h"
#include "life.h"
#include "run_flags.h"

/* Does the same to all that were named; one that fails does not keep us from
 * the others. */
static int each(const struct call *call,
                int (*act)(struct record *record, const struct call *call,
                           struct failure *why))
{
    int status = 0;

    for (int i = 0; i < call->count; i++) {
        cleanup_record struct record record = RECORD_CLOSED;
        struct failure why;

        if (record_find(&record, call->engine, call->words[i], &why) == 0 &&
            (act(&record, call, &why) == 0 || why.kind == FAILURE_UNCHANGED)) {
            puts(call->words[i]);
            continue;
        }
        status = answer_failure(&why);
    }
    return status;
}

/* A number of seconds as it was typed; -2 when it was not. */
static int seconds_of(const struct call *call, struct failure *why)
{
    const char *text = call_text(call, "time");
    char *end;

    if (text == NULL)
        text = call_text(call, "timeout");
    if (text == NULL)
        return -2;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || number < -1 ||
        number > 1 << 30)
        return fail(why, 0, "invalid argument \"%s\" for \"-t, --time\" flag",
                    text),
               -3;
    return (int)number;
}

static int stop_one(struct record *record, const struct call *call,
                    struct failure *why)
{
    int seconds = seconds_of(call, why);

    return seconds == -3 ? -1
                         : container_stop(record, call_text(call, "signal"),
                                          seconds, why);
}

static int restart_one(struct record *record, const struct call *call,
                       struct failure *why)
{
    int seconds = seconds_of(call, why);

    return seconds == -3 ? -1
                         : container_restart(record, call_text(call, "signal"),
                                             seconds, why);
}

static int kill_one(struct record *record, const struct call *call,
                    struct failure *why)
{
    return container_kill(record, call_text(call, "signal"), why);
}

static int pause_one(struct record *record, const struct call *call,
                     struct failure *why)
{
    (void)call;
    return container_pause(record, why);
}

static int unpause_one(struct record *record, const struct call *call,
                       struct failure *why)
{
    (void)call;
    return container_unpause(record, why);
}

static int remove_one(struct record *record, const struct call *call,
                      struct failure *why)
{
    return container_remove(record, call_is(call, "force"),
                            call_is(call, "volumes"), why);
}

static int verb_stop(const struct call *call, struct failure *why)
{
    (void)why;
    return each(call, stop_one);
}

static int verb_restart(const struct call *call, struct failure *why)
{
    (void)why;
    return each(call, restart_one);
}

static int verb_kill(const struct call *call, struct failure *why)
{
    (void)why;
    return each(call, kill_one);
}

static int verb_pause(const struct call *call, struct failure *why)
{
    (void)why;
    return each(call, pause_one);
}

static int verb_unpause(const struct call *call, struct failure *why)
{
    (void)why;
    return each(call, unpause_one);
}

static int verb_remove(const struct call *call, struct failure *why)
{
    (void)why;
    return each(call, remove_one);
}

static int verb_wait(const struct call *call, struct failure *why)
{
    int result = 0;

    (void)why;
    for (int i = 0; i < call->count; i++) {
        cleanup_record struct record record = RECORD_CLOSED;
        struct failure failure;
        int status = -1;

        if (record_find(&record, call->engine, call->words[i], &failure) == 0)
            status = container_wait(&record, WAIT_NOT_RUNNING, &failure);
        if (status >= 0) {
            printf("%d\n", status);
            continue;
        }
        result = answer_failure(&failure);
    }
    return result;
}

static int verb_rename(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;

    if (record_find(&record, call->engine, call->words[0], why) == 0 &&
        container_rename(&record, call->words[1], why) == 0)
        return 0;
    return answer_failure(why);
}

static int verb_create(const struct call *call, struct failure *why)
{
    json_auto_t *request = create_request(call, why);
    char id[ID_LENGTH + 1];

    if (request == NULL)
        return -1;
    if (container_create(call->engine, call_text(call, "name"), request, id,
                         why) < 0)
        return answer_failure(why);
    if (write_cidfile(call, id, why) < 0)
        return -1;
    puts(id);
    return 0;
}

static const struct flag stop_flags[] = {
    {"signal", 's', FLAG_TEXT, "string", "Signal to send to the container"},
    {"time", 't', FLAG_TEXT, "int",
     "Seconds to wait before killing the container"},
    {"timeout", 0, FLAG_TEXT, "int", "The same as --time"},
    {.name = NULL},
};

static const struct flag kill_flags[] = {
    {"signal", 's', FLAG_TEXT, "string", "Signal to send to the container"},
    {.name = NULL},
};

static const struct flag remove_flags[] = {
    {"force", 'f', FLAG_SWITCH, NULL,
     "Force the removal of a running container (uses SIGKILL)"},
    {"volumes", 'v', FLAG_SWITCH, NULL,
     "Remove anonymous volumes associated with the container"},
    {.name = NULL},
};

#define ONE_OR_MORE "[OPTIONS] CONTAINER [CONTAINER...]"

const struct verb living_verbs[] = {
    {"container", "run", "run", "[OPTIONS] IMAGE [COMMAND] [ARG...]",
     "Create and run a new container from an image", run_flags, 1, -1, true,
     verb_run},
    {"container", "create", "create", "[OPTIONS] IMAGE [COMMAND] [ARG...]",
     "Create a new container", create_flags, 1, -1, true, verb_create},
    {"container", "start", "start", ONE_OR_MORE,
     "Start one or more stopped containers", start_flags, 1, -1, false,
     verb_start},
    {"container", "attach", "attach", "[OPTIONS] CONTAINER",
     "Attach to a running container", attach_flags, 1, 1, false, verb_attach},
    {"container", "stop", "stop", ONE_OR_MORE,
     "Stop one or more running containers", stop_flags, 1, -1, false,
     verb_stop},
    {"container", "restart", "restart", ONE_OR_MORE,
     "Restart one or more containers", stop_flags, 1, -1, false, verb_restart},
    {"container", "kill", "kill", ONE_OR_MORE,
     "Kill one or more running containers", kill_flags, 1, -1, false,
     verb_kill},
    {"container", "pause", "pause", "CONTAINER [CONTAINER...]",
     "Pause all processes within one or more containers", NULL, 1, -1, false,
     verb_pause},
    {"container", "unpause", "unpause", "CONTAINER [CONTAINER...]",
     "Unpause all processes within one or more containers", NULL, 1, -1, false,
     verb_unpause},
    {"container", "wait", "wait", "CONTAINER [CONTAINER...]",
     "Block until one or more containers stop, then print their exit codes",
     NULL, 1, -1, false, verb_wait},
    {"container", "rename", "rename", "CONTAINER NEW_NAME",
     "Rename a container", NULL, 2, 2, false, verb_rename},
    {"container", "rm", "rm", ONE_OR_MORE, "Remove one or more containers",
     remove_flags, 1, -1, false, verb_remove},
    {.name = NULL},
};
