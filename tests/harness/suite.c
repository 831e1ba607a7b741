/*
 * suite: all trials of a step, run by cmocka behind the fence.
 *
 * cmocka runs the trials and counts them; trial.c decides what each of them
 * came to.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "expect.h"
#include "fence.h"
#include "host.h"
#include "kernel.h"
#include "scratch.h"
#include "spawn.h"
#include "trial-private.h"

static bool wanted(const struct trial *trial)
{
    const char *names = getenv("TRIAL");
    char *copy, *name;

    if (trial->only_here && trial_flag("LATER"))
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
    if (trial_record(trial->name) != NULL)
        fprintf(stderr, "suite: two trials called %s\n", trial->name);
    else if (trial->depends != NULL && getenv("TRIAL") == NULL &&
             trial_record(trial->depends) == NULL && !trial_flag("LATER"))
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
    int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

    expect_call(hidden);
    expect_call(out);
    fflush(NULL);
    now.verdicts = fdopen(out, "we");
    (void)setvbuf(now.verdicts, NULL, _IOLBF, 0);
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

static void cmocka_body(void **state)
{
    enum outcome outcome = trial_conduct(*state);

    if (outcome == FAILED)
        _fail(__FILE__, __LINE__);
    if (outcome == SKIPPED || outcome == NOT_JUDGED)
        _skip(__FILE__, __LINE__);
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

    looked->differences = host_differences(looked->before, host_look(HOST_ALL));
    return looked->differences[0] == '\0';
}

static void compare_host(const char *before)
{
    struct looked looked = {.before = before};

    if (spawn_wait_until(all_as_before, &looked, SPAWN_SOON_MS / 4))
        return;
    now.tally->host_changed = true;
    fprintf(now.verdicts, "FAILED  the host is not as it was before:\n");
    verdict_lines(now.verdicts, "", looked.differences);
}

static int inside_the_fence(void *arg)
{
    const struct suite *suite = arg;
    const char *before;
    int hidden = -1;

    (void)signal(SIGPIPE, SIG_IGN);
    scratch_fill();
    fence_mask("/var/lib", scratch_path("var-lib"));
    fence_mask("/run", scratch_path("run"));
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
    const char *verdict = getenv("VERDICT");
    const char *results = getenv("RESULTS");

    now.suite = suite;
    now.verdicts = stdout;
    now.student = verdict != NULL && strcmp(verdict, "student") == 0;
    now.failfast = trial_flag("FAILFAST");
    if (geteuid() != 0) {
        fputs("suite: a judge needs root: try `sudo make test`\n", stderr);
        return false;
    }
    if (!settle_path("DUCT", keep_format("steps/%s/duct", suite->step),
                     keep_format("make -C steps/%s", suite->step)) ||
        !settle_path("ROOTFS", "rootfs/busybox", "make rootfs"))
        return false;
    if (results != NULL && (now.results = fopen(results, "we")) == NULL) {
        perror(results);
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
        status =
            tell_the_end(fence_run(inside_the_fence, (void *)(uintptr_t)suite));
        (void)munmap(now.tally, sizeof(*now.tally));
    }
    if (now.results != NULL)
        fclose(now.results);
    keep_release(NULL);
    return status;
}
