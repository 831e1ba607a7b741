/*
 * exec_command: what a command gets that joins a container.
 *
 * All that the container's first process has and nothing more: its environment,
 * cgroup, capabilities, system calls and rank when memory runs out.
 *
 * Side           host
 * Look at it     duct exec NAME cat /proc/self/status /proc/self/oom_score_adj
 */
#include "exec_command.h"

#include <errno.h>
#include <stdio.h>

#include "caps.h"
#include "cleanup.h"
#include "life.h"
#include "oom_score.h"
#include "process.h"
#include "spec.h"

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value != NULL ? value : "";
}

/* The container's config, with what this command has instead. */
static json_t *own_config(const struct record *record, const json_t *instance)
{
    json_t *config = json_deep_copy(record->config);
    json_t *inner = json_object_get(config, "Config");

    if (json_is_array(json_object_get(inner, "Env")))
        json_array_extend(json_object_get(inner, "Env"),
                          json_object_get(instance, "Env"));
    json_object_set_new(
        inner, "Tty",
        json_boolean(json_is_true(json_object_get(instance, "Tty"))));
    if (*text(instance, "User") != '\0')
        json_object_set(inner, "User", json_object_get(instance, "User"));
    if (*text(instance, "WorkingDir") != '\0')
        json_object_set(inner, "WorkingDir",
                        json_object_get(instance, "WorkingDir"));
    return config;
}

/* One that nobody spoke of is what the first process has got from whoever
 * started it. To be less likely a victim than we are takes root. */
static void set_oom_score(struct exec_command *c, const struct record *record)
{
    pid_t pid =
        (pid_t)json_integer_value(json_object_get(record->state, "Pid"));
    int own = oom_score_get();

    c->oom_score =
        c->security.has_oom_score ? c->security.oom_score : oom_score_of(pid);
    if (c->oom_score == own || (!c->security.has_oom_score &&
                                record->engine->rootless && c->oom_score < own))
        return;
    c->container.oom_score_adj = &c->oom_score;
}

int exec_command_make(struct exec_command *c, const struct record *record,
                      const json_t *instance, struct failure *why)
{
    const json_t *inner;

    c->config = own_config(record, instance);
    inner = json_object_get(c->config, "Config");
    if (security_from(c->config, &c->security, why) < 0 ||
        security_open_filter(&c->security, record->fd, why) < 0)
        return -1;
    /* As docker does: its filter is the container's all the same. */
    if (json_is_true(json_object_get(instance, "Privileged")))
        caps_all(&c->security.caps);
    c->argv = spec_words(json_object_get(instance, "Cmd"), NULL);
    c->environment = spec_environment(inner, &c->hostname);
    if (c->argv == NULL || c->environment == NULL)
        return fail(why, ENOMEM, "prepare a command");
    c->container.command = (struct command){
        .argv = c->argv,
        .environment = c->environment,
        .workdir =
            *text(inner, "WorkingDir") == '/' ? text(inner, "WorkingDir") : "/",
        .user = *text(inner, "User") != '\0' ? text(inner, "User") : "0",
        .report_fd = -1,
    };
    security_command(&c->security, &c->container.command);
    if (process_cgroup(record, &c->cgroup) == 0 && !record->engine->rootless)
        return fail(why, 0, "container %s has no cgroup", record->id);
    c->container.cgroup = &c->cgroup;
    set_oom_score(c, record);
    return 0;
}

void exec_tell(const struct record *record, const char *id,
               const json_t *command, const char *what)
{
    cleanup_free char *action = NULL;
    cleanup_free char *words = NULL;
    size_t size;
    FILE *out = open_memstream(&words, &size);
    const json_t *word;
    size_t i;

    if (out == NULL)
        return;
    json_array_foreach(command, i, word)
        fprintf(out, "%s%s", i > 0 ? " " : "", json_string_value(word));
    (void)fclose(out);
    if (asprintf(&action, "%s: %s", what, words) >= 0)
        container_tell(record, action, json_pack("{s:s}", "execID", id));
}
