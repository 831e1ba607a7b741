/*
 * spawn: start a program, feed it, collect all it prints, never hang on it.
 *
 * Each program runs in a session of its own (with the pty as controlling
 * terminal if it has one), is held by a pidfd and is killed at its deadline;
 * the trial then fails and says so. Nothing here needs freeing: a program
 * that still runs when its trial ends is killed.
 */
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    SPAWN_DEADLINE_MS = 10000, /* for one program, when none is given */
    SPAWN_SOON_MS = 4000,      /* for what should show at once */
};

enum spawn_input {
    INPUT_NOTHING, /* /dev/null, or .input when that is given */
    INPUT_OPEN,    /* a pipe that spawn_type() writes to */
    INPUT_CLOSED,  /* file descriptor 0 is not open at all */
};

/* What to start. All zeros but argv is the usual: as root, nothing on stdin,
 * the environment below, signals at their defaults, no descriptor above 2. */
struct spawn {
    const char *const *argv; /* ends with NULL; argv[0] is a path, or a name
                                 to be found in PATH */
    const char *const *env;  /* ends with NULL; NULL means PATH, TERM=linux,
                                 HOME and LC_ALL=C */
    const void *input;       /* bytes for stdin */
    size_t input_size;
    enum spawn_input stdin_is;
    bool terminal;           /* stdin, stdout, stderr are a new pty */
    uid_t uid;               /* and gid; 0: stay what we are */
    const char *cwd;         /* NULL: stay */
    bool aside;              /* the suite's own business: not in a verdict */
    int timeout_ms;          /* 0: SPAWN_DEADLINE_MS */
    void (*prepare)(void *); /* in the child, last before execve; it may
                                 block signals, open descriptors, ... and must
                                 not return after a failure: _exit(125) */
    void *prepare_arg;
};

struct program {
    pid_t pid;
    int pidfd;
    bool ended;      /* and then one of the two: */
    int exit_status; /* -1 when killed by a signal */
    int signal;      /* 0 when it ended by itself */
    char *out;       /* all of stdout (or of the terminal) so far; a NUL */
    size_t out_size; /* follows the last byte */
    char *err;       /* all of stderr so far */
    size_t err_size;
    int terminal_fd; /* the pty's master side, or -1 */
    struct program_private *own;
};

/** NOBODY - the uid and gid of the user without rights */
#define NOBODY 65534

/** spawn_start - start a program and let it run */
struct program *spawn_start(const struct spawn *spawn);

/**
 * spawn_finish - wait until the program ends, and its stdout and stderr too
 *
 * At the deadline (counted from spawn_start) the program is killed and the
 * trial fails. It fails as well when the program has ended but something it
 * left behind keeps stdout or stderr open.
 */
void spawn_finish(struct program *p);

/** spawn_run - spawn_start() and spawn_finish() */
struct program *spawn_run(const struct spawn *spawn);

/** spawn_type - write to stdin or to the terminal, as typed there */
void spawn_type(struct program *p, const char *text);

/** spawn_end_input - close the pipe that spawn_type() writes to */
void spawn_end_input(struct program *p);

/** spawn_signal - send a signal through the pidfd; 0 or -1 with errno */
int spawn_signal(struct program *p, int signal);

/** spawn_poll - read what is there, notice who ended; waits at most @ms */
void spawn_poll(int ms);

/**
 * spawn_wait_until - poll until @holds(@arg) or @ms milliseconds are over
 *
 * Returns: true when it holds.
 */
bool spawn_wait_until(bool (*holds)(void *arg), void *arg, int ms);

/** spawn_printed - wait until @text is in p->out; false after @ms */
bool spawn_printed(struct program *p, const char *text, int ms);

/** spawn_ended - wait until the program itself has ended; false after @ms */
bool spawn_ended(struct program *p, int ms);

/** spawn_patience - @ms, times DUCT_TEST_SLOW where that is set */
int spawn_patience(int ms);

/** spawn_stride - try each so manieth of many like cases: 1, or DUCT_TEST_SLOW
 */
int spawn_stride(void);

/** spawn_now_ms - a clock for measuring, in milliseconds */
long long spawn_now_ms(void);

/** spawn_sleep_ms - let time pass, still reading what programs print */
void spawn_sleep_ms(int ms);

/** spawn_have - is @name a program on the suite's own PATH? */
bool spawn_have(const char *name);

/** spawn_release - kill and forget what still runs (the trial's end) */
void spawn_release(void);

/** argv_of - join lists of arguments: argv_of(list, list, ..., NULL) */
const char *const *argv_of(const char *const *first, ...)
    __attribute__((sentinel));

/** ARGV - an argument list written in place */
#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})
