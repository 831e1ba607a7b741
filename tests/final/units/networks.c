/*
 * networks: which of them are listed, and what the journal says of one.
 */
#include "networks.h"

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
#include "journal.h"
#include "json_file.h"
#include "network_events.h"
#include "tree.h"

extern const struct CMUnitTest networks_tests[];
extern const size_t networks_count;

/* An engine with the networks "one" and "two". */
struct scratch {
    char path[64], data[80], run[80];
    struct engine engine;
};

static void add_network(const struct scratch *s, char digit, const char *name,
                        const char *labels)
{
    struct failure why;
    char id[ID_LENGTH + 1] = "";
    char file[ID_LENGTH + 8], link[32];
    int fd = engine_part(&s->engine, "networks", &why);
    json_auto_t *set = json_loads(labels, 0, NULL);

    memset(id, digit, ID_LENGTH);
    json_auto_t *network =
        json_pack("{s:s, s:s, s:s, s:s, s:O}", "Name", name, "Id", id, "Driver",
                  "bridge", "Scope", "local", "Labels", set);
    assert_non_null(network);
    snprintf(file, sizeof(file), "%s.json", id);
    snprintf(link, sizeof(link), "names/%s", name);
    (void)mkdirat(fd, "names", 0700);
    assert_int_equal(json_file_write(fd, file, network, false, &why), 0);
    assert_int_equal(symlinkat(id, fd, link), 0);
    close(fd);
}

static int set_up(void **state)
{
    struct scratch *s = calloc(1, sizeof(*s));
    struct failure why;

    snprintf(s->path, sizeof(s->path), "/tmp/duct-networks-XXXXXX");
    assert_non_null(mkdtemp(s->path));
    snprintf(s->data, sizeof(s->data), "%s/data", s->path);
    snprintf(s->run, sizeof(s->run), "%s/run", s->path);
    assert_int_equal(engine_open(&s->engine, s->data, s->run, &why), 0);
    add_network(s, 'a', "one", "{\"tier\": \"front\"}");
    add_network(s, 'b', "two", "{\"tier\": \"front\", \"team\": \"x\"}");
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

/* Of ours; those that are always there are left out. */
static void expect_list(const struct scratch *s, const char *filters,
                        const char *expected)
{
    struct failure why;
    char names[64] = "";
    json_auto_t *asked = json_loads(filters, 0, NULL);
    json_auto_t *list = networks_list(&s->engine, asked, &why);
    static const char *const ours[] = {"one", "two"};
    const json_t *network;
    size_t i;

    assert_non_null(list);
    for (size_t n = 0; n < 2; n++)
        json_array_foreach(list, i, network) {
            const char *name =
                json_string_value(json_object_get(network, "Name"));

            if (strcmp(name, ours[n]) == 0)
                snprintf(names + strlen(names), sizeof(names) - strlen(names),
                         "%s ", name);
        }
    assert_string_equal(names, expected);
}

static void any_of_several_names_will_do(void **state)
{
    expect_list(*state, "{\"name\": [\"one\", \"tw\"]}", "one two ");
    expect_list(*state, "{\"name\": {\"tw\": true}}", "two ");
}

static void of_several_labels_all_have_to_be_there(void **state)
{
    expect_list(*state, "{\"label\": [\"tier\"]}", "one two ");
    expect_list(*state, "{\"label\": [\"tier=front\", \"team\"]}", "two ");
    expect_list(*state, "{\"label\": {\"tier\": true, \"team=y\": true}}", "");
}

static void a_label_can_be_what_it_must_not_have(void **state)
{
    expect_list(*state, "{\"label!\": [\"team\"]}", "one ");
    expect_list(*state, "{\"label!\": [\"team=y\", \"nobody\"]}", "one two ");
    expect_list(*state, "{\"label!\": [\"team=x\", \"nobody\"]}", "one ");
}

static void an_unknown_filter_is_refused(void **state)
{
    const struct scratch *s = *state;
    json_auto_t *filters = json_pack("{s:[s]}", "colour", "red");
    struct failure why;

    assert_null(networks_list(&s->engine, filters, &why));
    assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
    assert_string_equal(why.message, "invalid filter 'colour'");
}

static int keep(void *context, const json_t *record)
{
    json_array_append(context, (json_t *)record);
    return 0;
}

static void an_event_says_who_was_plugged_into_what(void **state)
{
    const struct scratch *s = *state;
    json_auto_t *records = json_array();
    const struct journal_question question = {
        .until = INT64_MAX, .quit_fd = -1, .event = keep, .context = records};
    struct failure why;

    network_tell(&s->engine, "connect", "c0ffee", "one", "bridge", "web");
    network_tell(&s->engine, "destroy", "c0ffee", "one", "bridge", NULL);
    assert_int_equal(journal_read(&s->engine, &question, &why), 0);
    assert_int_equal(json_array_size(records), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *record = json_array_get(records, i);
        json_auto_t *expected =
            json_pack("{s:s, s:s, s:s*}", "name", "one", "type", "bridge",
                      "container", i == 0 ? "web" : NULL);
        const json_t *actor = json_object_get(record, "Actor");

        assert_string_equal(json_string_value(json_object_get(record, "Type")),
                            "network");
        assert_string_equal(
            json_string_value(json_object_get(record, "Action")),
            i == 0 ? "connect" : "destroy");
        assert_string_equal(json_string_value(json_object_get(actor, "ID")),
                            "c0ffee");
        assert_true(json_equal(json_object_get(actor, "Attributes"), expected));
    }
}

#define FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

const struct CMUnitTest networks_tests[] = {
    FIXTURE(any_of_several_names_will_do),
    FIXTURE(of_several_labels_all_have_to_be_there),
    FIXTURE(a_label_can_be_what_it_must_not_have),
    FIXTURE(an_unknown_filter_is_refused),
    FIXTURE(an_event_says_who_was_plugged_into_what),
};

const size_t networks_count =
    sizeof(networks_tests) / sizeof(networks_tests[0]);
