/*
 * trial: how a suite is run and what it tells.
 *
 * cmocka runs the trials and counts them; this room decides what each of
 * them came to. A trial ends by longjmp at its first failed expectation;
 * then what it left on the host is looked for, then cmocka is told.
 */
#include "trial.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "expect.h"
#include "fence.h"
#include "host.h"
#include "kernel.h"
#include "mounts.h"
#include "scratch.h"
#include "spawn.h"

enum outcome { PENDING, PASSED, FAILED, SKIPPED, NOT_JUDGED };

/* Filled in behind the fence, printed outside. */
struct tally {
    int passed, failed, skipped, not_judged;
    bool host_changed;
};

/* A trial's function gets nothing passed by cmocka but its own record. */
struct record {
    const struct trial *trial;
    const struct chapter *chapter;
    enum outcome outcome;
};

static struct {
    const struct suite *suite;
    struct tally *tally;
    struct record *records;
    size_t count;
    struct record *current;
    const struct chapter *chapter; /* whose title was printed last */
    char *expected, *found, *reason, *notes;
    const char *file;
    int line;
    jmp_buf end;
    FILE *verdicts; /* where the person reads */
    FILE *results;  /* RESULTS, or NULL */
    bool student, failfast, stopped;
} now;

static bool flag_set(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' && strcmp(value, "0") != 0;
}

/* Verdicts. */

enum { WIDTH = 78, INDENT = 17 };

static void print_wrapped(const char *text)
{
    int column = INDENT;

    for (bool first = true; *text != '\0'; first = false) {
        int size = (int)strcspn(text, " ");

        if (!first && column + 1 + size > WIDTH) {
            fprintf(now.verdicts, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (!first) {
            fputc(' ', now.verdicts);
            column++;
        }
        fprintf(now.verdicts, "%.*s", size, text);
        column += size;
        text += size;
        text += *text == ' ';
    }
    fputc('\n', now.verdicts);
}

static void print_part(const char *title, const char *text)
{
    if (text == NULL)
        return;
    fprintf(now.verdicts, "    %-13s", title);
    if (text[0] == '\0')
        text = "(nothing)";
    print_wrapped(text);
}

static void print_lines(const char *title, const char *text)
{
    char *copy = keep_format("%s", text), *line;

    while ((line = strsep(&copy, "\n")) != NULL)
        if (line[0] != '\0') {
            fprintf(now.verdicts, "    %-13s%s\n", title, line);
            title = "";
        }
}

static void print_reread(const struct trial *trial)
{
    if (trial->reread == NULL)
        return;
    if (trial->reread[0] == '#')
        print_part("reread:", keep_format("lessons/%s.md%s", now.suite->step,
                                          trial->reread));
    else
        print_part("reread:", trial->reread);
}

static void print_failure(const struct trial *trial)
{
    fprintf(now.verdicts, "FAILED  %s\n", trial->name);
    print_part("claim:", trial->claim);
    print_part("expected:", now.expected);
    print_part("found:", now.found);
    print_lines("tried:", now.notes);
    print_part("usual cause:", trial->usual_cause);
    print_reread(trial);
    if (!now.student)
        print_part("source:", keep_format("%s:%d", now.file, now.line));
}

static void print_chapter(const struct record *record)
{
    if (!now.student || record->chapter == now.chapter)
        return;
    now.chapter = record->chapter;
    fprintf(now.verdicts, "\n%s\n", now.chapter->title);
}

static void print_verdict(const struct record *record)
{
    const struct trial *trial = record->trial;

    print_chapter(record);
    if (record->outcome == PASSED && now.student)
        fprintf(now.verdicts, "ok      %s: %s\n", trial->name, trial->claim);
    if (record->outcome == FAILED)
        print_failure(trial);
    if (record->outcome == SKIPPED)
        fprintf(now.verdicts, "skipped %s: %s\n", trial->name, now.reason);
    if (record->outcome == NOT_JUDGED)
        fprintf(now.verdicts, "        %s: %s\n", trial->name, now.reason);
    fflush(now.verdicts);
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
        fprintf(stderr, "suite: expected %s, found %s (%s:%d)\n", expected,
                found, file, line);
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

static struct record *record_of(const char *name)
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
        trial->depends == NULL ? NULL : record_of(trial->depends);

    if (now.stopped)
        now.reason = keep_format("not judged: stopped at the first failure");
    else if (first != NULL &&
             (first->outcome == FAILED || first->outcome == NOT_JUDGED) &&
             (getenv("DEPENDS") == NULL || flag_set("DEPENDS")))
        now.reason = keep_format("not judged: depends on %s",
                                 trial->depends);
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
    record->trial->body();
    record->outcome = PASSED;
}

struct looked {
    const char *before;
    char *differences;
};

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

static bool leaks_told_already(void)
{
    const struct record *record =
        now.suite->leaks_are == NULL ? NULL : record_of(now.suite->leaks_are);

    return record != NULL && record->outcome == FAILED;
}

static void look_for_leftovers(struct record *record, struct looked *looked,
                               const struct mounts *before)
{
    if (setjmp(now.end) != 0)
        return;
    if (spawn_wait_until(nothing_left, looked, SPAWN_SOON_MS / 4))
        return;
    tidy(before);
    if (record->outcome == PASSED && !leaks_told_already())
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

/* Returns what the trial came to; all that it held is released. */
static enum outcome conduct(struct record *record)
{
    const void *mark = keep_mark();
    long long began = spawn_now_ms();

    now.current = record;
    if (can_be_judged(record)) {
        const struct mounts *mounts = mounts_of(0);
        struct looked looked = {.before = host_look(HOST_QUICK)};

        judge(record);
        spawn_release();
        look_for_leftovers(record, &looked, mounts);
        scratch_sweep();
    }
    if (!now.stopped)
        print_verdict(record);
    tell_result(record, spawn_now_ms() - began);
    count_outcome(record->outcome);
    now.expected = now.found = now.reason = now.notes = NULL;
    now.current = NULL;
    keep_release(mark);
    return record->outcome;
}

static void cmocka_body(void **state)
{
    enum outcome outcome = conduct(*state);

    if (outcome == FAILED)
        _fail(__FILE__, __LINE__);
    if (outcome == SKIPPED || outcome == NOT_JUDGED)
        _skip(__FILE__, __LINE__);
}

/* A suite. */

static bool wanted(const struct trial *trial)
{
    const char *names = getenv("TRIAL");
    char *copy, *name;

    if (trial->only_here && flag_set("LATER"))
        return false;
    if (names == NULL || names[0] == '\0')
        return true;
    copy = keep_format("%s", names);
    while ((name = strsep(&copy, ", ")) != NULL)
        if (fnmatch(name, trial->name, 0) == 0)
            return true;
    return false;
}

static void check_trial(const struct trial *trial)
{
    if (record_of(trial->name) != NULL)
        fprintf(stderr, "suite: two trials called %s\n", trial->name);
    else if (trial->depends != NULL && getenv("TRIAL") == NULL &&
             record_of(trial->depends) == NULL && !flag_set("LATER"))
        fprintf(stderr, "suite: %s depends on a trial that is not before it\n",
                trial->name);
    else
        return;
    exit(2);
}

static void collect_trials(const struct suite *suite)
{
    size_t most = 0;

    for (size_t i = 0; suite->chapters[i] != NULL; i++)
        most += suite->chapters[i]->count;
    now.records = keep_zeroed((most + 1) * sizeof(*now.records));
    for (size_t i = 0; suite->chapters[i] != NULL; i++)
        for (size_t j = 0; j < suite->chapters[i]->count; j++) {
            const struct trial *trial = &suite->chapters[i]->trials[j];

            if (!wanted(trial))
                continue;
            check_trial(trial);
            now.records[now.count++] = (struct record){
                .trial = trial,
                .chapter = suite->chapters[i],
            };
        }
}

static int list_trials(const struct suite *suite)
{
    collect_trials(suite);
    for (size_t i = 0; i < now.count; i++) {
        const struct trial *trial = now.records[i].trial;

        printf("%s\t%s\t%s\t%s\n", trial->name,
               trial->feature ? "feature" : "-",
               trial->only_here ? "only_here" : "-",
               trial->depends == NULL ? "-" : trial->depends);
    }
    return 0;
}

/*
 * A student reads the verdicts, not cmocka's lines between them: those go to
 * a file in memory, whose closing lines are shown at the end.
 */
static int hide_cmocka(void)
{
    int hidden = memfd_create("cmocka", MFD_CLOEXEC);
    int out = dup(STDOUT_FILENO);

    expect_call(hidden);
    expect_call(out);
    fflush(NULL);
    now.verdicts = fdopen(out, "we");
    expect_call(dup2(hidden, STDOUT_FILENO));
    expect_call(dup2(hidden, STDERR_FILENO));
    return hidden;
}

static void show_closing_lines(int hidden)
{
    char *text, *from;

    fflush(NULL);
    text = kernel_read_fd(hidden, NULL);
    from = text == NULL ? NULL : strstr(text, " test(s) run.");
    while (from != NULL && from > text && from[-1] != '\n')
        from--;
    if (from != NULL)
        fprintf(now.verdicts, "\n%s", from);
    fflush(now.verdicts);
}

static void run_cmocka(void)
{
    struct CMUnitTest *tests = keep_zeroed((now.count + 1) * sizeof(*tests));

    for (size_t i = 0; i < now.count; i++)
        tests[i] = (struct CMUnitTest){
            .name = now.records[i].trial->name,
            .test_func = cmocka_body,
            .initial_state = &now.records[i],
        };
    /* Its return value is the number of failures, which we count as well. */
    (void)_cmocka_run_group_tests(now.suite->step, tests, now.count, NULL,
                                  NULL);
}

static bool all_as_before(void *arg)
{
    struct looked *looked = arg;

    looked->differences =
        host_differences(looked->before, host_look(HOST_ALL));
    return looked->differences[0] == '\0';
}

static void compare_host(const char *before)
{
    struct looked looked = {.before = before};

    if (spawn_wait_until(all_as_before, &looked, SPAWN_SOON_MS / 4))
        return;
    now.tally->host_changed = true;
    fprintf(now.verdicts, "FAILED  the host is not as it was before:\n");
    print_lines("", looked.differences);
}

static int inside_the_fence(void *arg)
{
    const struct suite *suite = arg;
    const char *before;
    int hidden = -1;

    (void)signal(SIGPIPE, SIG_IGN);
    scratch_fill();
    fence_mask("/var/lib", scratch_path("var-lib"));
    if (now.student)
        hidden = hide_cmocka();
    if (suite->prepare != NULL)
        suite->prepare();
    before = host_look(HOST_ALL);
    run_cmocka();
    if (suite->cleanup != NULL)
        suite->cleanup();
    compare_host(before);
    spawn_release();
    if (hidden >= 0)
        show_closing_lines(hidden);
    fflush(NULL);
    return 0;
}

/* The suite's settings, from the environment. */

static bool settle_path(const char *name, const char *otherwise,
                        const char *make)
{
    const char *given = getenv(name);
    char *path;

    if (given == NULL || given[0] == '\0')
        given = otherwise;
    path = realpath(given, NULL);
    if (path == NULL) {
        fprintf(stderr, "suite: %s=%s: %s. Try `%s` first.\n", name, given,
                strerror(errno), make);
        return false;
    }
    (void)setenv(name, keep(path), 1); /* fails without memory only */
    return true;
}

static bool settle(const struct suite *suite)
{
    now.suite = suite;
    now.verdicts = stdout;
    now.student = getenv("VERDICT") != NULL &&
                  strcmp(getenv("VERDICT"), "student") == 0;
    now.failfast = flag_set("FAILFAST");
    if (geteuid() != 0) {
        fputs("suite: a judge needs root: try `sudo make test`\n", stderr);
        return false;
    }
    if (!settle_path("DUCT", keep_format("steps/%s/duct", suite->step),
                     keep_format("make -C steps/%s", suite->step)) ||
        !settle_path("ROOTFS", "rootfs/busybox", "make rootfs"))
        return false;
    if (getenv("RESULTS") != NULL &&
        (now.results = fopen(getenv("RESULTS"), "we")) == NULL) {
        perror(getenv("RESULTS"));
        return false;
    }
    return true;
}

static int tell_the_end(int status)
{
    const struct tally *tally = now.tally;

    if (tally->not_judged > 0)
        printf("%d not judged: see above for what they depend on\n",
               tally->not_judged);
    printf("%d passed, %d failed, %d skipped\n", tally->passed,
           tally->failed + tally->host_changed, tally->skipped);
    if (status != 0)
        return status;
    if (tally->failed > 0 || tally->host_changed)
        return 1;
    return tally->passed > 0 ? 0 : 2; /* who judges nothing, proves nothing */
}

int suite_main(int argc, char *argv[], const struct suite *suite)
{
    int status;

    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        status = list_trials(suite);
    } else if (argc > 1) {
        fprintf(stderr, "suite: unknown argument: %s\n", argv[1]);
        status = 2;
    } else if (!settle(suite)) {
        status = 2;
    } else {
        now.tally = mmap(NULL, sizeof(*now.tally), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        expect_that(now.tally != MAP_FAILED, "memory", strerror(errno));
        collect_trials(suite);
        status = tell_the_end(
            fence_run(inside_the_fence, (void *)(uintptr_t)suite));
        (void)munmap(now.tally, sizeof(*now.tally));
    }
    if (now.results != NULL)
        fclose(now.results);
    keep_release(NULL);
    return status;
}
