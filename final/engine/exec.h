#pragma once
/*
 * exec: one more command in a container that runs.
 *
 * RUN/ID/exec-EID.json    what it is and how it ended; goes with the container
 */
#include <jansson.h>

#include "record.h"

/**
 * exec_create - write down what is to be run
 * @record:  a container that runs
 * @request: docker's body: Cmd, Env, User, WorkingDir, Tty, AttachStdin,
 *           Privileged, ...
 * @id:      receives the id of the exec instance
 * @why:     FAILURE_CONFLICT: the container does not run, or is paused;
 *           FAILURE_BAD_PARAMETER: there is no command
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker Engine API, "Create an exec instance".
 */
int exec_create(const struct record *record, const json_t *request,
                char id[ID_LENGTH + 1], struct failure *why);

/**
 * exec_start - run it
 * @record: its container
 * @id:     from exec_create()
 * @client: a stream socket that is attached to it, or -1; see frames.h
 * @why:    FAILURE_CONFLICT: it has been run; or the command's failure, with
 *          docker's exit status
 *
 * Returns: 0 once the command has been executed, or -1 with @why.
 */
int exec_start(const struct record *record, const char *id, int client,
               struct failure *why);

/**
 * exec_inspect - how is it?
 * @record: its container
 * @id:     from exec_create()
 * @why:    FAILURE_NOT_FOUND: there is no such instance
 *
 * Returns: an object, the caller's, or NULL with @why.
 */
json_t *exec_inspect(const struct record *record, const char *id,
                     struct failure *why);

/**
 * exec_list - the ids of those that have not ended
 * @record: a container
 *
 * Returns: an array, the caller's.
 */
json_t *exec_list(const struct record *record);
