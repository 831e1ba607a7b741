/*
 * trial: one trial, from its first line to its verdict.
 *
 * It ends by longjmp at its first failed expectation; then what it left on
 * the host is looked for.
 */
#include "trial.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "expect.h"
#include "host.h"
#include "kernel.h"
#include "mounts.h"
#include "scratch.h"
#include "spawn.h"
#include "trial-private.h"

struct judging now;

bool trial_flag(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' && strcmp(value, "0") != 0;
}

/* Ways to end a trial. */

void trial_note(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    now.notes = keep_format("%s%s\n", now.notes == NULL ? "" : now.notes,
                            keep_vformat(format, words));
    va_end(words);
}

static void __attribute__((noreturn)) leave(enum outcome outcome)
{
    now.current->outcome = outcome;
    longjmp(now.end, 1);
}

void trial_failed(const char *file, int line, const char *expected,
                  const char *found)
{
    if (now.current == NULL) {
        fprintf(now.verdicts, "suite: expected %s, found %s (%s:%d)\n",
                expected, found, file, line);
        exit(2);
    }
    now.file = file;
    now.line = line;
    now.expected = keep_format("%s", expected);
    now.found = keep_format("%s", found);
    leave(FAILED);
}

void trial_skip(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    now.reason = keep_vformat(format, words);
    va_end(words);
    leave(SKIPPED);
}

/* One trial. */

struct record *trial_record(const char *name)
{
    for (size_t i = 0; i < now.count; i++)
        if (strcmp(now.records[i].trial->name, name) == 0)
            return &now.records[i];
    return NULL;
}

static bool can_be_judged(struct record *record)
{
    const struct trial *trial = record->trial;
    const struct record *first =
        trial->depends == NULL ? NULL : trial_record(trial->depends);

    if (now.stopped)
        now.reason = keep_format("not judged: stopped at the first failure");
    else if (first != NULL &&
             (first->outcome == FAILED || first->outcome == NOT_JUDGED) &&
             (getenv("DEPENDS") == NULL || trial_flag("DEPENDS")))
        now.reason = keep_format("not judged: depends on %s", trial->depends);
    else
        return true;
    record->outcome = NOT_JUDGED;
    return false;
}

/* The jump buffer's own function: nothing here changes after setjmp. */
static void judge(struct record *record)
{
    if (setjmp(now.end) != 0)
        return;
    if (record->trial->needs != NULL) {
        const char *missing = record->trial->needs();

        if (missing != NULL)
            trial_skip("%s", missing);
    }
    if (now.suite->before_each != NULL)
        now.suite->before_each();
    record->trial->body();
    record->outcome = PASSED;
}

static bool nothing_left(void *arg)
{
    struct looked *looked = arg;

    looked->differences =
        host_differences(looked->before, host_look(HOST_QUICK));
    return looked->differences[0] == '\0';
}

/* So that the next trial finds the host as this one should have left it. */
static void tidy(const struct mounts *before)
{
    const struct mounts *after = mounts_of(0);

    for (size_t i = after->count; i-- > 0;)
        if (mounts_by_id(before, after->entries[i].id) == NULL)
            (void)umount2(after->entries[i].point, MNT_DETACH);
    for (pid_t *pid = kernel_all_pids(); *pid != 0; pid++)
        if (*pid != getpid())
            (void)kill(*pid, SIGKILL);
}

/* Mounts are judged by a trial of their own, and not told again for each. */
static bool is_told_already(const char *differences)
{
    const struct record *record = now.suite->leaks_are == NULL
                                      ? NULL
                                      : trial_record(now.suite->leaks_are);

    return record != NULL && record->outcome == FAILED &&
           strstr(differences, "behind: process") == NULL;
}

static void look_for_leftovers(struct record *record, struct looked *looked,
                               const struct mounts *before)
{
    if (setjmp(now.end) != 0)
        return;
    if (spawn_wait_until(nothing_left, looked, SPAWN_SOON_MS / 4))
        return;
    tidy(before);
    if (record->outcome == PASSED && !is_told_already(looked->differences))
        trial_failed(__FILE__, __LINE__, "the host as it was before",
                     looked->differences);
}

static void tell_result(const struct record *record, long long ms)
{
    static const char *const words[] = {"?", "pass", "fail", "skip",
                                        "not-judged"};

    if (now.results != NULL)
        fprintf(now.results, "%s\t%s\t%lld\n", record->trial->name,
                words[record->outcome], ms);
}

static void count_outcome(enum outcome outcome)
{
    switch (outcome) {
    case PASSED:
        now.tally->passed++;
        break;
    case NOT_JUDGED:
        now.tally->not_judged++;
        now.tally->skipped++;
        break;
    case SKIPPED:
        now.tally->skipped++;
        break;
    default:
        now.tally->failed++;
        now.stopped = now.failfast;
    }
}

static void tell(const struct record *record)
{
    if (now.student && record->chapter != now.chapter)
        fprintf(now.verdicts, "\n%s\n", record->chapter->title);
    now.chapter = record->chapter;
    verdict_print(now.verdicts, &(struct verdict){
                                    .trial = record->trial,
                                    .step = now.suite->step,
                                    .outcome = record->outcome,
                                    .student = now.student,
                                    .expected = now.expected,
                                    .found = now.found,
                                    .notes = now.notes,
                                    .reason = now.reason,
                                    .file = now.file,
                                    .line = now.line,
                                });
}

/* Returns what the trial came to; all that it held is released. */
enum outcome trial_conduct(struct record *record)
{
    const void *mark = keep_mark();
    long long began = spawn_now_ms();

    now.current = record;
    now.notes = NULL;
    if (can_be_judged(record)) {
        const struct mounts *mounts = mounts_of(0);
        struct looked looked = {.before = host_look(HOST_QUICK)};

        judge(record);
        spawn_release();
        look_for_leftovers(record, &looked, mounts);
        scratch_sweep();
    }
    if (!now.stopped)
        tell(record);
    tell_result(record, spawn_now_ms() - began);
    count_outcome(record->outcome);
    now.expected = now.found = now.reason = now.notes = NULL;
    now.current = NULL;
    keep_release(mark);
    return record->outcome;
}
