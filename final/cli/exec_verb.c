/*
 * exec_verb: one more command in a container that runs.
 */
#include "exec.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "attach.h"
#include "cleanup.h"
#include "env_file.h"
#include "exec_verb.h"
#include "values.h"

static int add_env(const struct call *call, json_t *request,
                   struct failure *why)
{
    json_t *env = json_array();
    const json_t *text;
    size_t i;

    json_object_set_new(request, "Env", env);
    json_array_foreach(call_list(call, "env-file"), i, text)
        if (env_file_read(env, json_string_value(text), true, why) < 0)
            return -1;
    json_array_foreach(call_list(call, "env"), i, text)
        if (value_env(env, json_string_value(text), why) < 0)
            return -1;
    return 0;
}

static json_t *request_of(const struct call *call, struct failure *why)
{
    bool is_detached = call_is(call, "detach");
    json_t *request = json_pack(
        "{s:b, s:b, s:b, s:b, s:b, s:s, s:s, s:[]}", "AttachStdin",
        call_is(call, "interactive") && !is_detached, "AttachStdout",
        !is_detached, "AttachStderr", !is_detached, "Tty", call_is(call, "tty"),
        "Privileged", call_is(call, "privileged"), "User",
        call_text(call, "user") ? call_text(call, "user") : "", "WorkingDir",
        call_text(call, "workdir") ? call_text(call, "workdir") : "", "Cmd");

    if (request == NULL) {
        fail(why, 0, "a flag's value is no UTF-8");
        return NULL;
    }
    for (int i = 1; i < call->count; i++)
        if (json_array_append_new(json_object_get(request, "Cmd"),
                                  json_string(call->words[i])) < 0) {
            fail(why, 0, "the command is no UTF-8: \"%s\"", call->words[i]);
            json_decref(request);
            return NULL;
        }
    if (add_env(call, request, why) == 0)
        return request;
    json_decref(request);
    return NULL;
}

static int stay(const struct call *call, int fd, struct failure *why)
{
    bool has_stdin = call_is(call, "interactive");
    struct attach attach = {
        .fd = fd,
        .in = has_stdin ? STDIN_FILENO : -1,
        .out = STDOUT_FILENO,
        .err = STDERR_FILENO,
        .is_terminal = call_is(call, "tty"),
        .is_lossless = true,
    };

    if (detach_keys_parse(&attach.keys, call_text(call, "detach-keys"), why) <
        0)
        return -1;
    int status = attach_run(&attach, why);
    if (status == ATTACH_LOST)
        return fail(why, 0, "the monitor of the command went away");
    return status == ATTACH_DETACHED ? 0 : status;
}

static int verb_exec(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;
    json_auto_t *request = request_of(call, why);
    char id[ID_LENGTH + 1];
    int ends[2];

    if (request == NULL)
        return -1;
    if (record_find(&record, call->engine, call->words[0], why) < 0 ||
        exec_create(&record, request, id, why) < 0) {
        return answer_failure(why);
    }
    if (call_is(call, "detach"))
        return exec_start(&record, id, -1, why);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return fail(why, errno, "make a socket to a monitor");
    cleanup_close int fd = ends[0];
    int status = exec_start(&record, id, ends[1], why);
    close_fd(&ends[1]);
    return status < 0 ? -1 : stay(call, fd, why);
}

static const struct flag exec_flags[] = {
    {"detach", 'd', FLAG_SWITCH, NULL,
     "Detached mode: run command in the background"},
    {"detach-keys", 0, FLAG_TEXT, "string",
     "Override the key sequence for detaching a container"},
    {"env", 'e', FLAG_LIST, "list", "Set environment variables"},
    {"env-file", 0, FLAG_LIST, "list",
     "Read in a file of environment variables"},
    {"interactive", 'i', FLAG_SWITCH, NULL,
     "Keep STDIN open even if not attached"},
    {"privileged", 0, FLAG_SWITCH, NULL,
     "Give extended privileges to the command"},
    {"tty", 't', FLAG_SWITCH, NULL, "Allocate a pseudo-TTY"},
    {"user", 'u', FLAG_TEXT, "string",
     "Username or UID (format: \"<name|uid>[:<group|gid>]\")"},
    {"workdir", 'w', FLAG_TEXT, "string",
     "Working directory inside the container"},
    {.name = NULL},
};

const struct verb exec_verbs[] = {
    {"container", "exec", "exec", "[OPTIONS] CONTAINER COMMAND [ARG...]",
     "Execute a command in a running container", exec_flags, 2, -1, true,
     verb_exec},
    {.name = NULL},
};
