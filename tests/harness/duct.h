/*
 * duct: run the program that is judged.
 */
#pragma once
#include <stdint.h>
#include <sys/types.h>

#include "deny.h"
#include "spawn.h"

/** duct_path - the program judged: a copy of DUCT that any user may run */
const char *duct_path(void);

/** DUCT - an argument list that starts with the program judged */
#define DUCT(...) ARGV(duct_path(), __VA_ARGS__)

/** duct - run to its end: p = duct("run", rootfs(), "true"); */
#define duct(...) spawn_run(&(struct spawn){.argv = DUCT(__VA_ARGS__)})

/** duct_start - let it run: p = duct_start("run", rootfs(), "sleep", "9"); */
#define duct_start(...) spawn_start(&(struct spawn){.argv = DUCT(__VA_ARGS__)})

/* A container that runs. */
struct container {
    struct program *duct; /* duct itself */
    pid_t init;           /* the command, as the host sees it */
};

/**
 * container - start one: container("--hostname", "x", rootfs(), "sleep", "9")
 *
 * Takes what follows `duct run` and returns when the command has been
 * executed, i.e. all of duct's work before it is done. If that doesn't happen
 * the trial fails and shows what duct said.
 */
#define container(...)                                                         \
    container_start(&(struct spawn){.argv = DUCT("run", __VA_ARGS__)})
struct container *container_start(const struct spawn *spawn);

/** container_wait - after spawn_start(): wait until the command runs */
struct container *container_wait(struct program *duct);

/** container_end - kill the command, wait until duct has ended as well */
void container_end(struct container *c);

/** expect_exit - the program ended by itself, with this exit status */
#define expect_exit(p, status) expect_exit_(__FILE__, __LINE__, (p), (status))
void expect_exit_(const char *file, int line, const struct program *p,
                  int status);

/** expect_output - exit status 0, this on stdout and nothing on stderr */
#define expect_output(p, text) expect_output_(__FILE__, __LINE__, (p), (text))
void expect_output_(const char *file, int line, const struct program *p,
                    const char *text);

/**
 * expect_refused - duct says no: exit status 125, nothing on stdout, and
 * the first line on stderr is "duct: ..." with each of the words in it
 *
 *     expect_refused(duct("run", "-w", "tmp", rootfs(), "true"),
 *                    "--workdir", "tmp");
 */
#define expect_refused(p, ...)                                                 \
    expect_refused_(__FILE__, __LINE__, (p), 125, ARGV(__VA_ARGS__))

/** expect_refused_as - the same with 126 or 127 */
#define expect_refused_as(p, status, ...)                                      \
    expect_refused_(__FILE__, __LINE__, (p), (status), ARGV(__VA_ARGS__))
void expect_refused_(const char *file, int line, const struct program *p,
                     int status, const char *const *words);

/**
 * expect_closed - when the kernel refuses a call, duct must not go on with less
 * @denied:  the call
 * @argv:    a `duct` command line that runs "/inside/probe facts"
 * @prepare: what else to do in the child; may be NULL
 *
 * Either duct refuses (exit status 125, the errno's symbol in the message),
 * or the command finds everything as it does without the refusal.
 */
#define expect_closed(denied, argv, prepare)                                   \
    expect_closed_(__FILE__, __LINE__, (denied), (argv), (prepare))
void expect_closed_(const char *file, int line, const struct deny *denied,
                    const char *const *argv, void (*prepare)(void *));

/**
 * needs_no_sanitizer - skip the trial if duct runs with ASan or valgrind
 *
 * They make system calls of their own: ASan asks for memory when a program
 * begins, and forks to look for leaks when one ends.
 */
void needs_no_sanitizer(void);

/**
 * facts_without - what `probe facts` printed, less some lines
 * @names: how these begin, e.g. "root:", which from step 04 on is new for
 *         each container; ends with NULL
 */
char *facts_without(const char *facts, const char *const *names);

/**
 * explain_replay - what --explain wrote, run as a script by sh
 * @script: path of the file that --explain=FILE has written
 */
struct program *explain_replay(const char *script);
