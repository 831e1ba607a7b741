/*
 * trial: what a suite is made of, how it is run and what it tells.
 *
 * A trial judges one claim about a program called duct. It asks the kernel,
 * and stops at the first thing that is not as claimed (expect.h). Each trial
 * also carries what a student wants to know when it fails: the usual cause
 * and the part of the lesson to reread.
 *
 * A suite is one or more files with a chapter each:
 *
 *     static const struct trial trials[] = {
 *         {.name = "exit_status_passed_on",
 *          .claim = "duct ends with the command's own exit status",
 *          .usual_cause = "WEXITSTATUS() of what waitpid() filled in ...",
 *          .reread = "#exit-status",
 *          .body = exit_status_passed_on},
 *     };
 *     const struct chapter chapter_status = {"Exit status", TRIALS(trials)};
 *
 * and suite.c, which puts them in order, fast and fundamental ones first:
 *
 *     static const struct chapter *const chapters[] = {
 *         &chapter_start, &chapter_status, NULL,
 *     };
 *
 *     int main(int argc, char *argv[])
 *     {
 *         return suite_main(argc, argv, &(struct suite){
 *             .step = "01-chroot", .chapters = chapters});
 *     }
 *
 * Environment of a suite:
 *   DUCT=PATH        the program judged      (default steps/NN-name/duct)
 *   ROOTFS=DIR       a root file system      (default rootfs/busybox)
 *   TRIAL=NAME,...   only these (shell patterns), whatever they depend on
 *   FAILFAST=1       stop at the first failure
 *   VERDICT=student  plain words in place of cmocka's lines
 *   LATER=1          DUCT is a later step's program: leave out the trials of
 *                    what only this step does (only_here)
 *   DEPENDS=0        judge trials even if one they depend on has failed
 *   RESULTS=FILE     write "name<TAB>pass|fail|skip|not-judged<TAB>ms" lines
 *   DUCT_TEST_SLOW=N wait N times as long (emulated machine, valgrind)
 *   KEEP=1           leave the scratch directory for a look
 *
 * `SUITE --list` prints "name<TAB>feature|-<TAB>only_here|-<TAB>depends|-".
 * Exit status: 0 all passed, 1 something failed, 2 could not be judged.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct trial {
    const char *name;        /* snake_case, unique in the suite */
    const char *claim;       /* one sentence: what the kernel should show */
    const char *usual_cause; /* why it usually fails, for the student */
    const char *reread;      /* "#anchor" in the step's own lesson, or
                                "lessons/other.md#anchor" */
    bool feature;            /* tests what this step adds to the one before */
    bool only_here;          /* a later step's program does otherwise */
    const char *depends;     /* an earlier trial; NULL when on none */
    const char *(*needs)(void); /* NULL when judgeable here, else the reason
                                   why not; probes, never guesses */
    void (*body)(void);
};

struct chapter {
    const char *title;
    const struct trial *trials;
    size_t count;
};

struct suite {
    const char *step; /* "01-chroot": names program, lesson, binary */
    const struct chapter *const *chapters; /* ends with NULL */
    const char *leaks_are;     /* the trial that judges mounts left on the host:
                              once it has failed, the others do not repeat it
                              for each of theirs; may be NULL */
    void (*prepare)(void);     /* once, inside the fence, before the first trial
                              and the first look at the host; may be NULL */
    void (*before_each)(void); /* before each trial; may be NULL */
    void (*cleanup)(void);     /* once, after the last; may be NULL */
};

#define TRIALS(array) (array), sizeof(array) / sizeof((array)[0])

/**
 * suite_main - run a suite; the whole main() of a suite's program
 *
 * Returns: the exit status told above.
 */
int suite_main(int argc, char *argv[], const struct suite *suite);

/**
 * trial_note - add a line to this trial's verdict, printed if it fails
 *
 * spawn.c notes each program that it starts.
 */
void trial_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * trial_failed - end the trial: the kernel does not show what is claimed
 * @expected: what the kernel should show
 * @found:    what it shows
 *
 * Use the macros of expect.h. Does not return.
 */
void trial_failed(const char *file, int line, const char *expected,
                  const char *found) __attribute__((noreturn));

/**
 * trial_skip - end the trial: this machine can't show it
 * @reason: the precondition that was probed and not met
 *
 * Prefer `needs` where the precondition can be probed beforehand.
 * Does not return.
 */
void trial_skip(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
