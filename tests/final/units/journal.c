/*
 * journal: what was recorded is told, to those who asked for it.
 */
#include "journal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tree.h"

extern const struct CMUnitTest journal_tests[];
extern const size_t journal_count;

struct fixture {
    char path[32];
    struct engine engine;
    struct failure why;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    snprintf(f->path, sizeof(f->path), "/tmp/duct-events-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    assert_int_equal(engine_open(&f->engine, f->path, f->path, &f->why), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    engine_close(&f->engine);
    tree_remove(AT_FDCWD, f->path);
    free(f);
    return 0;
}

static void add(struct fixture *f, const char *type, const char *action,
                const char *id, const char *attributes)
{
    json_t *json = json_loads(attributes, 0, NULL);

    assert_int_equal(journal_add(&f->engine, type, action, id, json, &f->why),
                     0);
    json_decref(json);
}

struct told {
    char text[4096]; /* actions, with a space after each */
    int count, stop_after;
    bool is_loose; /* may records change places? */
    int64_t last;
    json_t *record;
};

static int tell(void *context, const json_t *record)
{
    struct told *told = context;
    int64_t time = json_integer_value(json_object_get(record, "timeNano"));
    const char *action = json_string_value(json_object_get(record, "Action"));

    assert_true(told->is_loose || time >= told->last);
    told->last = time;
    size_t length = strlen(told->text);
    if (length + strlen(action) + 2 < sizeof(told->text))
        snprintf(told->text + length, sizeof(told->text) - length, "%s ",
                 action);
    json_decref(told->record);
    told->record = json_deep_copy(record);
    return ++told->count == told->stop_after ? 9 : 0;
}

static void forget(struct told *told)
{
    json_decref(told->record);
    memset(told, 0, sizeof(*told));
}

/* All that @filters let through, as text. */
static const char *ask(struct fixture *f, const char *filters)
{
    static struct told told;
    json_t *json = json_loads(filters, 0, NULL);
    const struct journal_question q = {.since = 1,
                                       .filters = json,
                                       .quit_fd = -1,
                                       .event = tell,
                                       .context = &told};

    forget(&told);
    int got = journal_read(&f->engine, &q, &f->why);
    json_decref(json);
    return got < 0 ? f->why.message : told.text;
}

static void a_record_is_as_dockers(void **state)
{
    struct fixture *f = *state;
    struct told told = {0};
    const struct journal_question q = {
        .since = 1, .quit_fd = -1, .event = tell, .context = &told};

    add(f, "container", "start", "abc",
        "{\"image\":\"busybox\",\"name\":\"n\",\"l\":\"v\"}");
    assert_int_equal(journal_read(&f->engine, &q, &f->why), 0);
    json_int_t time = json_integer_value(json_object_get(told.record, "time"));
    json_int_t nano =
        json_integer_value(json_object_get(told.record, "timeNano"));
    assert_true(time > 1700000000 && nano / 1000000000 == time);
    json_object_del(told.record, "time");
    json_object_del(told.record, "timeNano");
    json_t *expected = json_loads(
        "{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":"
        "\"abc\",\"Attributes\":{\"image\":\"busybox\",\"name\":\"n\",\"l\":"
        "\"v\"}},\"scope\":\"local\",\"status\":\"start\",\"id\":\"abc\","
        "\"from\":\"busybox\"}",
        0, NULL);
    assert_true(json_equal(told.record, expected));
    json_decref(expected);
    forget(&told);
    add(f, "network", "create", "n1", "{}");
    assert_int_equal(journal_read(&f->engine, &q, &f->why), 0);
    assert_null(json_object_get(told.record, "status"));
    forget(&told);
}

static void filters_mean_what_dockers_mean(void **state)
{
    struct fixture *f = *state;
    static const char *const table[][2] = {
        {"{}", "pull create exec_start: ls die tag connect mount "},
        {"{\"type\":{\"container\":true}}", "create exec_start: ls die "},
        {"{\"type\":[\"image\",\"volume\"]}", "pull tag mount "},
        {"{\"event\":[\"die\",\"tag\",\"creat\"]}", "die tag "},
        {"{\"event\":[\"exec_start\"]}", "exec_start: ls "},
        {"{\"container\":[\"c1\"]}", "create die "},
        {"{\"container\":[\"we\"]}", "create die "},
        {"{\"container\":[\"eb\"]}", ""},
        {"{\"image\":[\"box\"]}", "pull create die tag "},
        {"{\"image\":[\"box:1\"]}", "create die tag "},
        {"{\"image\":[\"bo\"]}", ""},
        {"{\"label\":[\"a\"]}", "create exec_start: ls die "},
        {"{\"label\":[\"a=1\"]}", "create die "},
        {"{\"label\":[\"a=1\",\"b\"]}", "die "},
        {"{\"label\":{\"a=\":true}}", ""},
        {"{\"network\":[\"net\"],\"type\":[\"network\"]}", "connect "},
        {"{\"volume\":[\"data\"]}", "mount "},
        {"{\"scope\":[\"swarm\"]}", ""},
        {"{\"type\":[]}", "pull create exec_start: ls die tag connect mount "},
        {"{\"colour\":[\"red\"]}", "invalid filter 'colour'"},
        {"{\"type\":[1]}", "invalid filter 'type'"},
        {"[]", "invalid filter"},
    };

    add(f, "image", "pull", "box", "{\"name\":\"box\"}");
    add(f, "container", "create", "c1f",
        "{\"image\":\"box:1\",\"name\":\"web\",\"a\":\"1\"}");
    add(f, "container", "exec_start: ls", "d2",
        "{\"image\":\"other\",\"name\":\"db\",\"a\":\"2\"}");
    add(f, "container", "die", "c1f",
        "{\"image\":\"box:1\",\"name\":\"web\",\"a\":\"1\",\"b\":\"\"}");
    add(f, "image", "tag", "sha256:12", "{\"name\":\"box:1\"}");
    add(f, "network", "connect", "n7", "{\"name\":\"net\"}");
    add(f, "volume", "mount", "data", "{}");
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_string_equal(ask(f, table[i][0]), table[i][1]);
}

static void since_and_until_are_bounds(void **state)
{
    struct fixture *f = *state;
    struct told told = {0};
    struct journal_question q = {.since = 1,
                                 .quit_fd = -1,
                                 .event = tell,
                                 .context = &told,
                                 .is_following = true};

    add(f, "volume", "one", "v", "{}");
    add(f, "volume", "two", "v", "{}");
    add(f, "volume", "three", "v", "{}");
    told.stop_after = 2;
    assert_int_equal(journal_read(&f->engine, &q, &f->why), 9);
    q.since = q.until = told.last;
    forget(&told);
    assert_int_equal(journal_read(&f->engine, &q, &f->why), 0);
    assert_string_equal(told.text, "two ");
    forget(&told);
    q.since = q.until = 0;
    q.is_following = false;
    assert_int_equal(journal_read(&f->engine, &q, &f->why), 0);
    assert_string_equal(told.text, "");
}

static void a_torn_line_and_nonsense_harm_no_other(void **state)
{
    struct fixture *f = *state;
    char path[64];

    add(f, "volume", "one", "v", "{}");
    snprintf(path, sizeof(path), "%s/events/journal", f->path);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    dprintf(fd, "nonsense\n[]\n{\"Type\":\"volume\"}\n"
                "{\"Type\":\"volume\",\"Action\":\"to");
    add(f, "volume", "two", "v", "{}");
    dprintf(fd, "{\"Type\":\"volu{\"Type\":\"volume\",\"Action\":\"three\","
                "\"Actor\":{\"ID\":\"\",\"Attributes\":{}},\"scope\":\"\","
                "\"time\":9999999999,\"timeNano\":9000000000000000000}\n");
    close(fd);
    assert_string_equal(ask(f, "{}"), "one two three ");
}

static void what_is_no_text_is_recorded_all_the_same(void **state)
{
    struct fixture *f = *state;

    add(f, "container", "exec_start: \xff\xfe", "c", "{}");
    assert_string_equal(ask(f, "{}"), "exec_start: ?? ");
}

static void the_longest_are_cut_to_what_they_are_called(void **state)
{
    struct fixture *f = *state;
    json_t *labels = json_pack("{ss}", "name", "web");
    char key[24];

    for (int i = 0; i < 9000; i++) {
        snprintf(key, sizeof(key), "label%d", i);
        json_object_set_new(labels, key, json_string("value"));
    }
    assert_int_equal(
        journal_add(&f->engine, "container", "start", "c", labels, &f->why), 0);
    json_decref(labels);
    assert_string_equal(ask(f, "{\"container\":[\"web\"]}"), "start ");
    assert_string_equal(ask(f, "{\"label\":[\"label1\"]}"), "");
}

/* Several write at once, over a rotation, and one listens. */
static void a_follower_hears_all_of_all(void **state)
{
    enum {
        WRITERS = 4,
        EACH = 900
    };
    struct fixture *f = *state;
    /* Those of different writers may, by microseconds. */
    struct told told = {.stop_after = WRITERS * EACH, .is_loose = true};
    const struct journal_question q = {
        .quit_fd = -1,
        .event = tell,
        .context = &told,
        .is_following = true,
        .until = (time(NULL) + 60) * INT64_C(1000000000),
    };
    char padding[200], attributes[256];
    struct stat st;
    pid_t children[WRITERS];

    memset(padding, 'x', sizeof(padding) - 1);
    padding[sizeof(padding) - 1] = '\0';
    snprintf(attributes, sizeof(attributes), "{\"name\":\"%s\"}", padding);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        for (int j = 0; j < EACH; j++)
            add(f, "volume", "x", "v", attributes);
        _exit(0);
    }
    int got = journal_read(&f->engine, &q, &f->why);
    for (int i = 0; i < WRITERS; i++)
        waitpid(children[i], NULL, 0);
    assert_int_equal(got, 9);
    assert_int_equal(told.count, WRITERS * EACH);
    assert_int_equal(fstatat(f->engine.data_fd, "events/journal.1", &st, 0), 0);
    assert_in_range(st.st_size, 1 << 20, (1 << 20) + 2000);
    assert_int_equal(fstatat(f->engine.data_fd, "events/journal.2", &st, 0),
                     -1);
    forget(&told);
}

/* Who waited for the lock may find that the file is an old one by then. */
static void nothing_is_added_to_a_file_that_was_put_away(void **state)
{
    struct fixture *f = *state;
    char name[64], older[64];
    struct stat st;

    add(f, "volume", "one", "v", "{}");
    snprintf(name, sizeof(name), "%s/events/journal", f->path);
    snprintf(older, sizeof(older), "%s/events/journal.1", f->path);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    pid_t child = fork();
    if (child == 0) {
        add(f, "volume", "two", "v", "{}");
        _exit(0);
    }
    usleep(100000);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0); /* it waits */
    assert_int_equal(rename(name, older), 0);
    assert_int_equal(flock(fd, LOCK_UN), 0); /* the child has it open too */
    close(fd);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(stat(name, &st), 0);
    assert_true(st.st_size > 0);
    assert_string_equal(ask(f, "{}"), "one two ");
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

const struct CMUnitTest journal_tests[] = {
    FIXED(a_record_is_as_dockers),
    FIXED(filters_mean_what_dockers_mean),
    FIXED(since_and_until_are_bounds),
    FIXED(a_torn_line_and_nonsense_harm_no_other),
    FIXED(what_is_no_text_is_recorded_all_the_same),
    FIXED(the_longest_are_cut_to_what_they_are_called),
    FIXED(nothing_is_added_to_a_file_that_was_put_away),
    FIXED(a_follower_hears_all_of_all),
};
const size_t journal_count = sizeof(journal_tests) / sizeof(journal_tests[0]);
