/*
 * Chapter: what a container costs besides itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "suite.h"

enum {
    CONTAINERS = 10, /* so that what they share is shared */
    MOST_KB = 512,   /* for each of them, all of duct's processes together */
};

static long pss_of(pid_t pid)
{
    const char *text = file_read(keep_format("/proc/%d/smaps_rollup", pid));
    const char *line = text == NULL ? NULL : strstr(text, "\nPss:");

    expect_that(line != NULL, "a line Pss: in smaps_rollup", text);
    return strtol(line + strlen("\nPss:"), NULL, 10);
}

static pid_t monitor_of(pid_t init)
{
    return (pid_t)strtol(kernel_status(init, "PPid"), NULL, 10);
}

/* duct-init and its child are what --init adds: the command is the child. */
static bool is_slim(void *arg)
{
    const pid_t *inits = arg;
    long sum = 0;

    for (int i = 0; i < CONTAINERS; i++)
        sum += pss_of(inits[i]) + pss_of(monitor_of(inits[i]));
    trial_note("%d kB for each", (int)(sum / CONTAINERS));
    return sum <= (long)CONTAINERS * MOST_KB;
}

static void memory(void)
{
    pid_t inits[CONTAINERS];

    needs_no_sanitizer();
    for (int i = 0; i < CONTAINERS; i++) {
        const char *name = keep_format("one%d", i);

        (void)detached(name, "--init", "bb", "sleep", "4711");
        inits[i] = init_of(name);
    }
    expect_soon(is_slim, inits, SPAWN_SOON_MS,
                keep_format("%d kB at most for each container", MOST_KB),
                "more, as noted");
    for (int i = 0; i < CONTAINERS; i++)
        (void)ok("rm", "-f", keep_format("one%d", i));
}

/* The kernel refuses a layer that a volatile mount has left behind. */
static void started_again(void)
{
    const char *tools = scratch_path("tool");

    (void)ok("create", "--rm", "--name", "one1", "--network", "none", "-v",
             keep_format("%s:/tool", tools), "bb", "/tool/run");
    expect_error(duct("start", "one1"), 1, "/tool/run");
    file_write(keep_format("%s/run", tools), "#!/bin/sh\necho hi\n");
    expect_call(chmod(keep_format("%s/run", tools), 0755));
    expect_output(duct("start", "-a", "one1"), "hi\n");
    expect_str("what is left", "", ok("ps", "-aq"));
}

static const struct trial trials[] = {
    {.name = "memory_of_one",
     .claim = "what stays with a container takes half a megabyte at most",
     .usual_cause = "the monitor keeps what only the start has needed",
     .body = memory},
    {.name = "rm_starts_after_a_failure",
     .claim = "a container with --rm whose start has failed can start later",
     .usual_cause = "the mark of its volatile layer stays",
     .body = started_again},
};

const struct chapter chapter_lean = {"What a container costs", TRIALS(trials)};
