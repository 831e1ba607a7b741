/*
 * deny: a kernel that says no, or takes its time.
 *
 * Most error paths of a container are never walked on a developer's machine,
 * and most races never lost. A seccomp filter makes one system call fail as
 * it would elsewhere: without root, on another kernel, inside of another
 * container; or holds who makes it, until the suite lets go. A program that
 * goes on regardless runs its command with less around it than promised.
 *
 * Source: seccomp(2); seccomp_unotify(2).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct deny {
    int number;       /* SYS_mount, ... */
    int argument;     /* which argument must have... */
    unsigned value;   /* ... this value in its low 32 bits; */
    bool only_with;   /* ... if this is set */
    int errnum;       /* what the call fails with */
    const char *name; /* for the verdict */
};

/** deny_call - a spawn's .prepare; @arg, .prepare_arg, is a struct deny */
void deny_call(void *arg);

/* Who was held, and where. */
struct held {
    int listener_fd;
    uint64_t id;
    pid_t pid; /* as the suite sees it */
};

/** hold_call - a spawn's .prepare; such calls will wait (without errnum) */
void hold_call(void *arg);

struct program;

/**
 * hold_wait - wait until a process of the program makes the call
 * @p:     started with hold_call()
 * @child: let duct itself pass, wait for its child
 *
 * Returns: true, or false when nobody made the call within SPAWN_SOON_MS.
 */
bool hold_wait(struct program *p, bool child, struct held *held);

/** hold_answer - let the call be made after all, or (@errnum) fail */
void hold_answer(struct held *held, int errnum);

/** hold_no_more - let this call and all later ones be made */
void hold_no_more(struct held *held);

/** hold_fail_once - let this call fail, and all later ones be made */
void hold_fail_once(struct held *held, int errnum);
