/*
 * wait: until a container has ended once more, or is gone.
 */
#include "wait.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "json_file.h"
#include "life.h"
#include "tree.h"

extern const struct CMUnitTest wait_tests[];
extern const size_t wait_count;

#define ID "00000000000000000000000000000000000000000000000000000000000000aa"

struct fixture {
    char path[32];
    struct engine engine;
    struct record record;
    struct failure why;
};

static void write_state(const struct fixture *f, const char *finished, int code)
{
    json_auto_t *state = json_pack("{s:s, s:s, s:i}", "Status", "exited",
                                   "FinishedAt", finished, "ExitCode", code);
    struct failure why;

    assert_int_equal(
        json_file_write(f->record.fd, "state.json", state, false, &why), 0);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    json_auto_t *config = json_pack("{s:s}", "Name", "/x");
    const char *const parts[] = {"containers", "containers/" ID, "trash"};

    snprintf(f->path, sizeof(f->path), "/tmp/duct-wait-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    assert_int_equal(engine_open(&f->engine, f->path, f->path, &f->why), 0);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_int_equal(mkdirat(f->engine.data_fd, parts[i], 0700), 0);
    f->record = (struct record){.engine = &f->engine, .id = ID};
    f->record.fd = openat(f->engine.data_fd, "containers/" ID,
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    write_state(f, "before", 1);
    assert_int_equal(
        json_file_write(f->record.fd, "config.json", config, false, &f->why),
        0);
    close(f->record.fd);
    assert_int_equal(record_open(&f->record, &f->engine, ID, &f->why), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    record_close(&f->record);
    engine_close(&f->engine);
    assert_int_equal(tree_remove(AT_FDCWD, f->path), 0);
    free(f);
    return 0;
}

/* Is a process in poll(2), for as long as it takes? */
static bool is_waiting(pid_t pid)
{
    char path[32], text[128];
    unsigned long arguments[3];
    char *rest = text;

    snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    const long number = strtol(rest, &rest, 10);
    for (size_t i = 0; i < 3; i++) /* whose descriptors, how many, how long */
        arguments[i] = strtoul(rest, &rest, 16);
    return rest != text && number == SYS_poll && (int)arguments[2] == -1;
}

static pid_t start_waiting(struct fixture *f, enum wait_for what)
{
    const struct timespec moment = {.tv_nsec = 1000000L};
    pid_t child = fork();

    if (child == 0) {
        alarm(10);
        _exit(container_wait(&f->record, what, &f->why) & 0xff);
    }
    for (int i = 0; i < 3000 && !is_waiting(child); i++)
        nanosleep(&moment, NULL);
    assert_true(is_waiting(child));
    return child;
}

static int end_of(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_run_too_short_to_be_seen_counts(void **state)
{
    struct fixture *f = *state;
    pid_t child = start_waiting(f, WAIT_NEXT_EXIT);

    write_state(f, "before", 1); /* nothing new */
    write_state(f, "after", 7);
    assert_int_equal(end_of(child), 7);
}

static void who_goes_is_waited_for(void **state)
{
    struct fixture *f = *state;
    pid_t child = start_waiting(f, WAIT_REMOVED);

    write_state(f, "after", 9);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    assert_int_equal(renameat(f->engine.data_fd, "containers/" ID,
                              f->engine.data_fd, "trash/" ID),
                     0);
    assert_int_equal(end_of(child), 9);
}

static void who_has_ended_is_not_waited_for(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(container_wait(&f->record, WAIT_NOT_RUNNING, &f->why), 1);
}

static void who_is_gone_does_not_end_any_more(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(renameat(f->engine.data_fd, "containers/" ID,
                              f->engine.data_fd, "trash/" ID),
                     0);
    assert_int_equal(container_wait(&f->record, WAIT_NEXT_EXIT, &f->why), -1);
    assert_int_equal(f->why.kind, FAILURE_NOT_FOUND);
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

const struct CMUnitTest wait_tests[] = {
    UNIT(a_run_too_short_to_be_seen_counts),
    UNIT(who_goes_is_waited_for),
    UNIT(who_has_ended_is_not_waited_for),
    UNIT(who_is_gone_does_not_end_any_more),
};

const size_t wait_count = sizeof(wait_tests) / sizeof(wait_tests[0]);
