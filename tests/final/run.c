/*
 * run: all unit tests of final, or those whose names are given.
 *
 *     build/tests/final-units [NAME...]     NAME is a file in units/
 *
 * cmocka says which tests were skipped, but returns only how many failed: so
 * a child runs them, and what it prints is counted on its way.
 */
#include "units.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_wanted(const char *name, char **names)
{
    if (*names == NULL)
        return 1;
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return 1;
    return 0;
}

/* Runs in the child. */
static int run_all(char **names)
{
    int failed = 0;

    signal(SIGPIPE, SIG_IGN); /* as in duct */
    for (const struct unit *u = units; u->name != NULL; u++)
        if (is_wanted(u->name, names))
            failed += _cmocka_run_group_tests(u->name, u->tests, *u->count,
                                              NULL, NULL);
    return failed != 0;
}

/* What cmocka calls a verdict: "[  SKIPPED ] name", but not its summary. */
static int is_verdict(const char *line, const char *word)
{
    return strncmp(line, "[", 1) == 0 && strstr(line, word) != NULL &&
           strstr(line, "test(s)") == NULL;
}

static int count(FILE *said, char **names)
{
    unsigned ok = 0, bad = 0, left_out = 0;
    char line[4096];

    while (fgets(line, sizeof(line), said) != NULL) {
        fputs(line, stdout);
        ok += (unsigned)is_verdict(line, "[       OK ]");
        left_out += (unsigned)is_verdict(line, "[  SKIPPED ]");
    }
    for (const struct unit *u = units; u->name != NULL; u++)
        if (is_wanted(u->name, names))
            bad += (unsigned)*u->count;
    bad = bad > ok + left_out ? bad - ok - left_out : 0;
    printf("%u passed, %u failed, %u skipped\n", ok, bad, left_out);
    return bad != 0;
}

int main(int argc, char **argv)
{
    int ends[2];
    int status = 0;

    (void)argc;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return 2;
    pid_t child = fork();
    if (child < 0)
        return 2;
    if (child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)dup2(ends[1], STDERR_FILENO);
        exit(run_all(argv + 1));
    }
    (void)close(ends[1]);
    FILE *said = fdopen(ends[0], "re");
    int is_bad = said == NULL || count(said, argv + 1);
    if (waitpid(child, &status, 0) < 0 || status != 0)
        is_bad = 1;
    return is_bad;
}
