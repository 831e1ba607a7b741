/*
 * top: ps's arguments, and what a process looks like.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "cleanup.h"
#include "proc.h"
#include "top.h"
#include "top_columns.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

/* Of no cgroup at all, so only what stands above the table. */
static void expect_titles(const char *ps_args, const char *titles)
{
    struct failure why;
    struct cgroup cgroup = {.unified_fd = -1};
    json_t *table = top_list(&cgroup, ps_args, &why);
    cleanup_free char *joined = strdup("");
    const json_t *title;
    size_t i;

    if (table == NULL)
        fail_msg("%s: %s", ps_args, why.message);
    json_array_foreach(json_object_get(table, "Titles"), i, title) {
        cleanup_free char *before = joined;

        assert_true(asprintf(&joined, "%s%s%s", before, i == 0 ? "" : " ",
                             json_string_value(title)) >= 0);
    }
    assert_string_equal(joined, titles);
    assert_int_equal(json_array_size(json_object_get(table, "Processes")), 0);
    json_decref(table);
}

static void the_usual_arguments_are_known(void **state)
{
    static const char full[] = "UID PID PPID C STIME TTY TIME CMD";
    static const char aux[] =
        "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND";

    (void)state;
    expect_titles(NULL, full);
    expect_titles("", full);
    expect_titles("-ef", full);
    expect_titles("-e -f", full);
    expect_titles("aux", aux);
    expect_titles("-aux", aux);
    expect_titles("-e", "PID TTY TIME CMD");
    expect_titles("-o pid,comm", "PID COMMAND");
    expect_titles("-opid,comm", "PID COMMAND");
    expect_titles("-eo pid -o args", "PID COMMAND");
    expect_titles("axo pid,user=WHO", "PID WHO");
    expect_titles("--format=pid,ppid", "PID PPID");
}

static void other_arguments_are_refused(void **state)
{
    static const char *const bad[] = {
        "-o",         "-o ,", "-o pid,,comm", "-o nonsense", "-C sh",
        "--forest=x", "-p 1", "-o pid comm",  "-o \033",     "--",
    };
    struct failure why;
    struct cgroup cgroup = {.unified_fd = -1};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (top_list(&cgroup, bad[i], &why) != NULL)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
        assert_null(strchr(why.message, '\033'));
    }
}

static void a_name_may_hold_blanks_and_brackets(void **state)
{
    struct proc p;

    (void)state;
    assert_int_equal(
        proc_parse_stat(
            &p, "42 (a) b (c) R 7 42 41 34816 42 4194560 1 2 3 4 500 60 7 8 "
                "20 5 3 0 12345 8192000 99 18446744073709551615 1 1 0 0 0 0 0 "
                "0 0 0 0 0 17 1 0 0 0 0 0\n"),
        0);
    assert_int_equal(p.pid, 42);
    assert_string_equal(p.comm, "a) b (c");
    assert_int_equal(p.state, 'R');
    assert_int_equal(p.ppid, 7);
    assert_int_equal(p.session, 41);
    assert_int_equal(p.tty, 34816);
    assert_int_equal(p.user_ticks, 500);
    assert_int_equal(p.system_ticks, 60);
    assert_int_equal(p.nice, 5);
    assert_int_equal(p.threads, 3);
    assert_int_equal(p.start_ticks, 12345);
    assert_int_equal(p.size, 8192000);
    assert_int_equal(p.resident, 99);
    assert_int_equal(p.processor, 1);
    assert_int_equal(proc_parse_stat(&p, "42 (a b R 7"), -1);
    assert_int_equal(proc_parse_stat(&p, ""), -1);
    assert_int_equal(proc_parse_stat(&p, ")("), -1);
}

static void expect(const char *name, const struct proc *p, const char *text)
{
    const struct top_clock clock = {.up = 200000, .ticks = 100};
    const struct top_column *column = top_columns_find(name);
    cleanup_free char *put = NULL;
    size_t size;
    FILE *out = open_memstream(&put, &size);

    assert_non_null(column);
    top_columns_put(out, column->column, p, &clock);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(put, text);
}

static void figures_are_written_as_ps_does(void **state)
{
    const struct proc p = {
        .pid = 42,
        .pgrp = 42,
        .session = 42,
        .foreground = 42,
        .state = 'S',
        .tty = 34816 + 3,
        .user_ticks = 9000000,
        .system_ticks = 6100,
        .priority = 20,
        .nice = -5,
        .threads = 2,
        .start_ticks = 10000000,
        .size = 4096,
        .args = "x y",
    };
    struct proc q = p;

    (void)state;
    expect("time", &p, "01-01:01:01");
    expect("bsdtime", &p, "1501:01");
    expect("etime", &p, "01-03:46:40");
    expect("etimes", &p, "100000");
    expect("c", &p, "90");
    expect("%cpu", &p, "90.1");
    expect("tty", &p, "pts/3");
    expect("stat", &p, "S<sl+");
    expect("pri", &p, "19");
    expect("vsz", &p, "4");
    expect("args", &p, "x y");
    expect("user", &p, "root");
    q.tty = 0;
    q.start_ticks = 19999000;
    q.foreground = -1;
    expect("tty", &q, "?");
    expect("etime", &q, "00:10");
    expect("stat", &q, "S<sl");
}

static void who_is_alive_is_read_whole(void **state)
{
    struct proc p;
    int ends[2];
    char byte;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        (void)!write(ends[1], "", 1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(proc_read(&p, pid), 0);
    assert_int_equal(p.pid, pid);
    assert_int_equal(p.ppid, getpid());
    assert_int_equal(p.euid, geteuid());
    assert_true(strlen(p.args) > 0);
    free(p.args);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(proc_read(&p, pid), -1);
    close(ends[0]);
    close(ends[1]);
}

const struct CMUnitTest top_tests[] = {
    cmocka_unit_test(the_usual_arguments_are_known),
    cmocka_unit_test(other_arguments_are_refused),
    cmocka_unit_test(a_name_may_hold_blanks_and_brackets),
    cmocka_unit_test(figures_are_written_as_ps_does),
    cmocka_unit_test(who_is_alive_is_read_whole),
};
const size_t top_count = sizeof(top_tests) / sizeof(top_tests[0]);
