/*
 * intents: who is killed leaves a note, and who comes next acts on it.
 */
#include "intents.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ids.h"
#include "settle.h"
#include "tree.h"

extern const struct CMUnitTest intents_tests[];
extern const size_t intents_count;

struct scratch {
    char path[64], data[80], run[80];
    struct engine engine;
    char id[ID_LENGTH + 1];
};

static int set_up(void **state)
{
    struct scratch *s = calloc(1, sizeof(*s));
    struct failure why;

    snprintf(s->path, sizeof(s->path), "/tmp/duct-intents-XXXXXX");
    assert_non_null(mkdtemp(s->path));
    snprintf(s->data, sizeof(s->data), "%s/data", s->path);
    snprintf(s->run, sizeof(s->run), "%s/run", s->path);
    assert_int_equal(engine_open(&s->engine, s->data, s->run, &why), 0);
    memset(s->id, 'a', ID_LENGTH);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scratch *s = *state;

    engine_close(&s->engine);
    (void)tree_remove(AT_FDCWD, s->path);
    free(s);
    return 0;
}

/* A directory of the data root, such as a container's. */
static void make(const struct scratch *s, const char *part)
{
    struct failure why;
    int fd = engine_part(&s->engine, part, &why);

    assert_int_equal(mkdirat(fd, s->id, 0700), 0);
    assert_int_equal(mkdirat(fd, "other", 0700), 0);
    close(fd);
}

static bool is_there(const struct scratch *s, const char *part)
{
    char path[200];

    snprintf(path, sizeof(path), "%s/%s/%s", s->data, part, s->id);
    return access(path, F_OK) == 0;
}

static void what_is_noted_is_read_until_it_is_dropped(void **state)
{
    struct scratch *s = *state;
    struct failure why;

    assert_null(intent_read(&s->engine, s->id));
    assert_int_equal(
        intent_note(&s->engine, s->id, json_pack("{s:s}", "Cgroup", "x"), &why),
        0);
    json_t *intent = intent_read(&s->engine, s->id);
    assert_string_equal(json_string_value(json_object_get(intent, "Cgroup")),
                        "x");
    json_decref(intent);
    intent_drop(&s->engine, s->id);
    assert_null(intent_read(&s->engine, s->id));
}

static void one_that_was_cut_off_says_nothing(void **state)
{
    struct scratch *s = *state;
    struct failure why;
    int fd = engine_part(&s->engine, "intents", &why);

    close(openat(fd, s->id, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close(fd);
    json_t *intent = intent_read(&s->engine, s->id);
    assert_int_equal(json_object_size(intent), 0);
    assert_true(json_is_object(intent));
    json_decref(intent);
}

static void nobody_takes_what_is_held(void **state)
{
    struct scratch *s = *state;
    struct failure why;
    json_t *intent = NULL;
    int held = intent_hold(&s->engine, s->id, NULL, &why);

    assert_true(held >= 0);
    assert_int_equal(intent_take(&s->engine, s->id, &intent), -1);
    close(held);
    int taken = intent_take(&s->engine, s->id, &intent);
    assert_true(taken >= 0);
    json_decref(intent);
    close(taken);
}

static void a_container_that_is_being_made_is_left_alone(void **state)
{
    struct scratch *s = *state;
    struct failure why;
    int held = intent_hold(&s->engine, s->id, NULL, &why);

    make(s, "containers");
    settle_all(&s->engine);
    assert_true(is_there(s, "containers"));
    assert_true(is_there(s, "intents"));
    close(held);
}

static void one_without_a_name_is_taken_away(void **state)
{
    struct scratch *s = *state;
    struct failure why;

    make(s, "containers");
    assert_int_equal(intent_note(&s->engine, s->id, NULL, &why), 0);
    settle_all(&s->engine);
    assert_false(is_there(s, "containers"));
    assert_false(is_there(s, "intents"));
}

static void without_an_intent_nobody_looks_at_it(void **state)
{
    struct scratch *s = *state;

    make(s, "containers");
    settle_all(&s->engine);
    assert_true(is_there(s, "containers"));
}

static void what_is_in_the_trash_goes(void **state)
{
    struct scratch *s = *state;
    struct failure why;

    make(s, "trash");
    assert_int_equal(intent_note(&s->engine, s->id, NULL, &why), 0);
    settle_all(&s->engine);
    assert_false(is_there(s, "trash"));
    assert_false(is_there(s, "intents"));
}

#define FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

const struct CMUnitTest intents_tests[] = {
    FIXTURE(what_is_noted_is_read_until_it_is_dropped),
    FIXTURE(one_that_was_cut_off_says_nothing),
    FIXTURE(nobody_takes_what_is_held),
    FIXTURE(a_container_that_is_being_made_is_left_alone),
    FIXTURE(one_without_a_name_is_taken_away),
    FIXTURE(without_an_intent_nobody_looks_at_it),
    FIXTURE(what_is_in_the_trash_goes),
};

const size_t intents_count = sizeof(intents_tests) / sizeof(intents_tests[0]);
