/*
 * What the chapters of this suite share.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static void must(const char *const *argv)
{
    expect_exit(spawn_run(&(struct spawn){.argv = argv, .aside = true}), 0);
}

/* duct looks for its second program beside itself. */
static void copy_archive_program(void)
{
    const char *duct = getenv("DUCT");

    if (duct == NULL)
        duct = "./duct";
    must(ARGV("cp", "-L",
              keep_format("%.*s/duct-archive", (int)(strrchr(duct, '/') - duct),
                          duct),
              scratch_path("duct-archive")));
}

static bool no_bridge(void *arg)
{
    (void)arg;
    return if_nametoindex("duct0") == 0;
}

void shared_no_bridge(void)
{
    expect_soon(no_bridge, NULL, SPAWN_SOON_MS, "no link duct0 in the end",
                "it stays");
}

void shared_fresh(void)
{
    cgroups_sweep();
    must(ARGV("rm", "-rf", DATA_ROOT "/containers", DATA_ROOT "/names",
              DATA_ROOT "/networks", DATA_ROOT "/volumes", DATA_ROOT "/events",
              DATA_ROOT "/trash", RUN_ROOT));
    must(ARGV("find", DATA_ROOT "/images/users", "-mindepth", "1", "-delete"));
}

void shared_settle_in(void)
{
    cgroups_settle_in();
    tree_settle_in();
    rootless_settle_in();
    copy_archive_program();
    must(ARGV("tar", "-C", rootfs(), "--owner=0", "--group=0", "-cf",
              scratch_path("bb.tar"), "."));
    must(DUCT("import", scratch_path("bb.tar"), "bb:latest"));
    /* The layer is unpacked by the first run, and stays. */
    must(RUN_ARGV("--rm", "bb", "true"));
    shared_fresh();
}

void shared_clean_up(void)
{
    shared_fresh();
    cgroups_move_out();
}

char *shared_out(const char *file, int line, const struct program *p)
{
    expect_exit_(file, line, p, 0);
    expect_str_(file, line, "stderr", "", p->err);
    return p->out;
}

void shared_error(const char *file, int line, const struct program *p,
                  int status, const char *const *words)
{
    expect_exit_(file, line, p, status);
    for (; *words != NULL; words++)
        expect_contains_(file, line, "stderr", *words, p->err);
}

char *told(const char *name, const char *format)
{
    char *out = ok("inspect", "--format", format, name);

    out[strcspn(out, "\n")] = '\0';
    return out;
}

pid_t init_of(const char *name)
{
    pid_t pid = (pid_t)strtol(told(name, "{{.State.Pid}}"), NULL, 10);

    expect_that(pid > 0, "a container that runs", "one without a pid");
    return pid;
}

char *state_left(void)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("find", DATA_ROOT, RUN_ROOT, "-mindepth", "2", "!",
                     "-path", "*/images/[bsio]*", "!", "-path", "*/events/*",
                     "!", "-path", "*/layers/*"),
        .aside = true});

    return keep_format("%s%s", p->out, cgroups_left());
}

struct awaited {
    const char *const *argv;
    const char *text;
    bool whole;
    char *found;
};

static bool says(void *arg)
{
    struct awaited *awaited = arg;
    const struct program *p =
        spawn_run(&(struct spawn){.argv = awaited->argv, .aside = true});

    awaited->found = keep_format("%s%s", p->out, p->err);
    return awaited->whole ? strcmp(p->out, awaited->text) == 0
                          : strstr(awaited->found, awaited->text) != NULL;
}

void shared_becomes(const char *file, int line, const char *name,
                    const char *format, const char *text)
{
    struct awaited awaited = {DUCT("inspect", "--format", format, name),
                              keep_format("%s\n", text), true, NULL};

    if (!spawn_wait_until(says, &awaited, SPAWN_SOON_MS))
        trial_failed(file, line, keep_format("%s to be %s", format, text),
                     awaited.found);
}

void logs_become(const char *name, const char *text)
{
    struct awaited awaited = {DUCT("logs", name), text, false, NULL};

    expect_soon(says, &awaited, SPAWN_SOON_MS,
                keep_format("\"%s\" in the log", text), awaited.found);
}
