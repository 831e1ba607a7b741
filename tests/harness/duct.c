/*
 * duct: run the program that is judged.
 */
#include "duct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "expect.h"
#include "kernel.h"
#include "scratch.h"
#include "trial.h"

const char *duct_path(void)
{
    return scratch_program();
}

struct awaited {
    struct program *duct;
    pid_t init;
};

/* execve(2) changes /proc/PID/exe first, and the environment last. */
static bool has_begun(pid_t pid)
{
    const char *state = kernel_status(pid, "State");
    size_t size = 0;

    if (kernel_read_bytes(&size, "%d/environ", pid) != NULL && size > 0)
        return true;
    return state != NULL && state[0] == 'S'; /* an empty environment */
}

/* The child is a copy of duct until it executes the command. */
static bool command_runs(void *arg)
{
    struct awaited *awaited = arg;
    struct stat its, ducts;
    pid_t child = kernel_children(awaited->duct->pid)[0];

    if (awaited->duct->ended)
        return true;
    if (child == 0 || kernel_stat(&ducts, "%d/exe", awaited->duct->pid) < 0 ||
        kernel_stat(&its, "%d/exe", child) < 0 ||
        (its.st_ino == ducts.st_ino && its.st_dev == ducts.st_dev) ||
        !has_begun(child))
        return false;
    awaited->init = child;
    return true;
}

struct container *container_wait(struct program *duct)
{
    struct container *c = keep_zeroed(sizeof(*c));
    struct awaited awaited = {.duct = duct};

    expect_soon(command_runs, &awaited, SPAWN_SOON_MS,
                "duct has one child, which executes the command", "none");
    expect_that(!duct->ended, "a container that keeps running",
                keep_format("duct ended with status %d; it said %s",
                            duct->exit_status,
                            expect_quoted(duct->err, duct->err_size)));
    c->duct = duct;
    c->init = awaited.init;
    return c;
}

struct container *container_start(const struct spawn *spawn)
{
    return container_wait(spawn_start(spawn));
}

void container_end(struct container *c)
{
    (void)kill(c->init, SIGKILL); /* gone already: as wanted */
    spawn_finish(c->duct);
}

static char *how_it_ended(const struct program *p)
{
    char *said = p->err_size == 0 ? keep_format("nothing on stderr")
                                  : expect_quoted(p->err, p->err_size);

    if (p->signal != 0)
        return keep_format("killed by signal %d (%s), %s", p->signal,
                           strsignal(p->signal), said);
    return keep_format("%d, %s", p->exit_status, said);
}

void expect_exit_(const char *file, int line, const struct program *p,
                  int status)
{
    if (p->exit_status != status)
        trial_failed(file, line, keep_format("exit status %d", status),
                     how_it_ended(p));
}

void expect_output_(const char *file, int line, const struct program *p,
                    const char *text)
{
    expect_exit_(file, line, p, 0);
    expect_bytes_(file, line, "stdout", (struct bytes){text, strlen(text)},
                  (struct bytes){p->out, p->out_size});
    expect_str_(file, line, "stderr", "", p->err);
}

void expect_refused_(const char *file, int line, const struct program *p,
                     int status, const char *const *words)
{
    char *first = keep_copy(p->err, strcspn(p->err, "\n"));

    expect_exit_(file, line, p, status);
    expect_str_(file, line, "stdout of a refusal", "", p->out);
    if (strncmp(first, "duct: ", 6) != 0)
        trial_failed(file, line, "a message that starts with \"duct: \"",
                     expect_quoted(first, strlen(first)));
    for (size_t i = 0; words[i] != NULL; i++)
        expect_contains_(file, line, "the message", words[i], first);
    if (strstr(p->err + strlen(first), first) != NULL)
        trial_failed(file, line, "the message once",
                     "it is told twice: a child that failed went on as if it "
                     "were the parent");
}

void needs_no_sanitizer(void)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("grep", "-q", "libasan\\|valgrind", duct_path())});

    if (p->exit_status == 0)
        trial_skip("the program was built with ASan, which makes system "
                   "calls of its own");
}

char *facts_without(const char *facts, const char *const *names)
{
    char *copy = keep_format("%s", facts), *line;
    char *text = keep_format("%s", "");

    while ((line = strsep(&copy, "\n")) != NULL) {
        size_t i = 0;

        while (names[i] != NULL &&
               strncmp(line, names[i], strlen(names[i])) != 0)
            i++;
        if (names[i] == NULL)
            text = keep_format("%s%s\n", text, line);
    }
    return text;
}

struct closed {
    void (*prepare)(void *);
    const struct deny *denied;
};

static void prepare_closed(void *arg)
{
    const struct closed *closed = arg;

    if (closed->prepare != NULL)
        closed->prepare(NULL);
    if (closed->denied != NULL)
        deny_call((void *)(uintptr_t)closed->denied);
}

static struct program *run_closed(const char *const *argv,
                                  void (*prepare)(void *),
                                  const struct deny *denied)
{
    return spawn_run(&(struct spawn){
        .argv = argv,
        .prepare = prepare_closed,
        .prepare_arg = &(struct closed){prepare, denied},
    });
}

void expect_closed_(const char *file, int line, const struct deny *denied,
                    const char *const *argv, void (*prepare)(void *))
{
    const char *symbol = strerrorname_np(denied->errnum);
    const struct program *usual = run_closed(argv, prepare, NULL);
    const struct program *p;

    expect_exit_(file, line, usual, 0);
    trial_note("now %s fails with %s", denied->name, symbol);
    p = run_closed(argv, prepare, denied);
    if (p->exit_status == 0) {
        expect_str_(file, line, "what the command finds",
                    facts_without(usual->out, ARGV("root:")),
                    facts_without(p->out, ARGV("root:")));
        return;
    }
    expect_refused_(file, line, p, 125, ARGV(keep_format("(%s)", symbol)));
}

struct program *explain_replay(const char *script)
{
    return spawn_run(&(struct spawn){.argv = ARGV("sh", script)});
}
