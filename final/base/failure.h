#pragma once
/*
 * failure: one way to say what went wrong, from the system call up to main().
 *
 * A function that can fail takes `struct failure *why` last and returns -1
 * after filling it in. Nobody in between prints or exits. The struct holds no
 * pointers and fits into one write to a pipe, so that a child can hand it to
 * its parent as it is.
 */
#include <limits.h>

/* What duct exits with when it is not the command that failed (docker's). */
enum {
    EXIT_DUCT = 125,           /* duct itself failed */
    EXIT_CANNOT_EXECUTE = 126, /* the command is there but can't be run */
    EXIT_NOT_FOUND = 127,      /* there is no such command */
};

/* What callers that are no shell ask for: docker's HTTP status. */
enum failure_kind {
    FAILURE_ENGINE,        /* 500: the kernel, the disk, we */
    FAILURE_BAD_PARAMETER, /* 400: nonsense was asked for */
    FAILURE_FORBIDDEN,     /* 403: never, whoever asks */
    FAILURE_NOT_FOUND,     /* 404: there is no such thing */
    FAILURE_CONFLICT,      /* 409: not in the state that it is in */
    FAILURE_UNCHANGED,     /* 304: it is so already */
};

struct failure {
    int exit_status;
    enum failure_kind kind;
    char message[4000]; /* "ACTION OBJECT: Text (ESYMBOL)", then hints */
};

_Static_assert(sizeof(struct failure) <= PIPE_BUF,
               "a report must reach the parent whole: pipe(7), PIPE_BUF");

/**
 * fail - fill in a failure
 * @why:    receives the message; its exit_status becomes EXIT_DUCT
 * @errnum: the error that the kernel gave, or 0 when it was not the kernel
 * @format: what was tried, and on what, as for printf(3)
 *
 * Keeps errno. Returns: -1, so that callers can `return fail(...)`.
 */
int fail(struct failure *why, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * fail_as - fill in a failure that is the caller's, not ours
 * @why:    receives the message
 * @kind:   what was wrong with the question
 * @format: the message in docker's words, as for printf(3)
 *
 * Keeps errno. Returns: -1.
 */
int fail_as(struct failure *why, enum failure_kind kind, const char *format,
            ...) __attribute__((format(printf, 3, 4)));

/**
 * hint - add what one usually does about it
 * @why:  already filled in by fail()
 * @text: a sentence, or NULL when nothing useful is known
 *
 * Keeps errno. Returns: -1.
 */
int hint(struct failure *why, const char *text);
