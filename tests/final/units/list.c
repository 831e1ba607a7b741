/*
 * list: which containers are listed, and how they are said to be.
 */
#include "list.h"

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
#include "json_file.h"
#include "status.h"
#include "tree.h"

extern const struct CMUnitTest list_tests[];
extern const size_t list_count;

/* 2026-01-31T12:00:00Z */
#define NOW    INT64_C(1769860800)
#define SECOND INT64_C(1000000000)

/* --------------------------------------------------------------- statuses */

static void expect_status(const char *state_text, const char *expected)
{
    json_auto_t *state = json_loads(state_text, 0, NULL);
    assert_non_null(state);
    char *text = status_text(state, NOW * SECOND);

    assert_string_equal(text, expected);
    free(text);
}

static void one_that_runs_is_up(void **unused)
{
    (void)unused;
    expect_status("{\"Status\": \"running\", "
                  "\"StartedAt\": \"2026-01-31T11:59:57.000000000Z\"}",
                  "Up 3 seconds");
    expect_status("{\"Status\": \"running\", "
                  "\"StartedAt\": \"2026-01-31T11:59:59.500000000Z\"}",
                  "Up Less than a second");
}

static void health_stands_behind_it(void **unused)
{
    (void)unused;
    expect_status("{\"Status\": \"running\", "
                  "\"StartedAt\": \"2026-01-31T11:58:00Z\", "
                  "\"Health\": {\"Status\": \"healthy\"}}",
                  "Up 2 minutes (healthy)");
    expect_status("{\"Status\": \"running\", "
                  "\"StartedAt\": \"2026-01-31T11:58:00Z\", "
                  "\"Health\": {\"Status\": \"starting\"}}",
                  "Up 2 minutes (health: starting)");
    expect_status("{\"Status\": \"running\", "
                  "\"StartedAt\": \"2026-01-31T11:58:00Z\", "
                  "\"Health\": {\"Status\": \"none\"}}",
                  "Up 2 minutes");
}

static void a_paused_one_is_up_and_says_so(void **unused)
{
    (void)unused;
    expect_status("{\"Status\": \"paused\", "
                  "\"StartedAt\": \"2026-01-31T07:00:00Z\", "
                  "\"Health\": {\"Status\": \"healthy\"}}",
                  "Up 5 hours (Paused)");
}

static void one_that_ended_tells_how_and_when(void **unused)
{
    (void)unused;
    expect_status("{\"Status\": \"exited\", \"ExitCode\": 137, "
                  "\"FinishedAt\": \"2026-01-31T11:55:00Z\"}",
                  "Exited (137) 5 minutes ago");
    expect_status("{\"Status\": \"restarting\", \"ExitCode\": 1, "
                  "\"FinishedAt\": \"2026-01-31T11:59:58Z\"}",
                  "Restarting (1) 2 seconds ago");
}

static void others_have_one_word(void **unused)
{
    (void)unused;
    expect_status("{\"Status\": \"created\"}", "Created");
    expect_status("{\"Status\": \"removing\"}", "Removal In Progress");
    expect_status("{\"Status\": \"dead\"}", "Dead");
    expect_status("{}", "Dead");
}

static void durations_get_coarser(void **unused)
{
    static const struct {
        const char *started, *expected;
    } cases[] = {
        {"2026-01-31T11:59:59Z", "Up 1 second"},
        {"2026-01-31T11:59:01Z", "Up 59 seconds"},
        {"2026-01-31T11:59:00Z", "Up About a minute"},
        {"2026-01-31T11:58:01Z", "Up About a minute"},
        {"2026-01-31T11:00:01Z", "Up 59 minutes"},
        {"2026-01-31T11:00:00Z", "Up About an hour"},
        {"2026-01-31T10:30:01Z", "Up About an hour"},
        {"2026-01-31T10:30:00Z", "Up 2 hours"},
        {"2026-01-29T12:30:01Z", "Up 47 hours"},
        {"2026-01-29T12:00:00Z", "Up 2 days"},
        {"2026-01-18T12:00:00Z", "Up 13 days"},
        {"2026-01-17T12:00:00Z", "Up 2 weeks"},
        {"2025-12-03T12:00:00Z", "Up 8 weeks"},
        {"2025-12-02T12:00:00Z", "Up 2 months"},
        {"2024-02-02T12:00:00Z", "Up 24 months"},
        {"2024-02-01T12:00:00Z", "Up 2 years"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char state[128];

        snprintf(state, sizeof(state),
                 "{\"Status\": \"running\", \"StartedAt\": \"%s\"}",
                 cases[i].started);
        expect_status(state, cases[i].expected);
    }
}

/* ---------------------------------------------------------------- fixtures */

/* A data root with three containers that were written by hand: "web" runs,
 * "old" has ended, "new" was never started. */
struct scratch {
    char path[64], data[80], run[80];
    struct engine engine;
};

/* 64 digits, all the same. */
static const char *id_of(char digit)
{
    static char id[ID_LENGTH + 1];

    memset(id, digit, ID_LENGTH);
    return id;
}

static void write_file(int fd, const char *name, const char *text)
{
    json_auto_t *json = json_loads(text, 0, NULL);
    struct failure why;

    assert_non_null(json);
    assert_int_equal(json_file_write(fd, name, json, false, &why), 0);
}

static void add_container(struct scratch *s, char digit, const char *name,
                          const char *config, const char *state)
{
    const char *id = id_of(digit);
    char path[128];
    struct failure why;

    snprintf(path, sizeof(path), "containers/%s", id);
    close(engine_part(&s->engine, "containers", &why));
    close(engine_part(&s->engine, "names", &why));
    assert_int_equal(mkdirat(s->engine.data_fd, path, 0700), 0);
    int fd =
        openat(s->engine.data_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    json_auto_t *whole = json_loads(config, 0, NULL);
    assert_non_null(whole);
    json_object_set_new(whole, "Id", json_string(id));
    json_object_set_new(whole, "Name", json_sprintf("/%s", name));
    assert_int_equal(json_file_write(fd, "config.json", whole, false, &why), 0);
    write_file(fd, "state.json", state);
    close(fd);
    snprintf(path, sizeof(path), "names/%s", name);
    assert_int_equal(symlinkat(id, s->engine.data_fd, path), 0);
}

/* Its monitor is we: nobody may take it for dead. */
static void pretend_to_run(struct scratch *s, char digit)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[128];

    assert_int_equal(mkdirat(s->engine.run_fd, id_of(digit), 0700), 0);
    snprintf(path, sizeof(path), "%s/monitor", id_of(digit));
    int fd = openat(s->engine.run_fd, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    /* Stays open, and locked, until the test program ends. */
}

static int set_up(void **state)
{
    struct scratch *s = calloc(1, sizeof(*s));
    struct failure why;

    snprintf(s->path, sizeof(s->path), "/tmp/duct-list-XXXXXX");
    assert_non_null(mkdtemp(s->path));
    snprintf(s->data, sizeof(s->data), "%s/data", s->path);
    snprintf(s->run, sizeof(s->run), "%s/run", s->path);
    assert_int_equal(engine_open(&s->engine, s->data, s->run, &why), 0);
    add_container(
        s, 'a', "web",
        "{\"Created\": \"2026-01-31T10:00:00.000000000Z\", "
        "\"Image\": \"sha256:11\", \"Path\": \"sh\", "
        "\"Args\": [\"-c\", \"echo hi\"], "
        "\"Config\": {\"Image\": \"busybox\", "
        "\"Labels\": {\"tier\": \"front\", \"team\": \"a\"}, "
        "\"ExposedPorts\": {\"80/tcp\": {}, \"53/udp\": {}}}, "
        "\"HostConfig\": {\"NetworkMode\": \"none\", "
        "\"PortBindings\": {\"80/tcp\": [{\"HostPort\": \"8080\"}]}}, "
        "\"Mounts\": [{\"Type\": \"volume\", \"Name\": \"store\", "
        "\"Destination\": \"/srv\"}]}",
        "{\"Status\": \"running\", \"Running\": true, \"Pid\": 0, "
        "\"ExitCode\": 0, \"StartedAt\": \"2026-01-31T10:00:01Z\", "
        "\"Health\": {\"Status\": \"healthy\"}}");
    pretend_to_run(s, 'a');
    add_container(s, 'b', "old",
                  "{\"Created\": \"2026-01-31T09:00:00.000000000Z\", "
                  "\"Image\": \"sha256:22\", \"Path\": \"true\", "
                  "\"Config\": {\"Image\": \"debian\", "
                  "\"Labels\": {\"tier\": \"back\"}}, "
                  "\"HostConfig\": {\"NetworkMode\": \"host\"}}",
                  "{\"Status\": \"exited\", \"ExitCode\": 3, "
                  "\"FinishedAt\": \"2026-01-31T09:00:01Z\"}");
    add_container(s, 'c', "new",
                  "{\"Created\": \"2026-01-31T11:00:00.000000000Z\", "
                  "\"Image\": \"sha256:11\", \"Path\": \"true\", "
                  "\"Config\": {\"Image\": \"busybox\"}, "
                  "\"HostConfig\": {\"NetworkMode\": \"none\"}}",
                  "{\"Status\": \"created\", \"ExitCode\": 0}");
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scratch *s = *state;

    engine_close(&s->engine);
    tree_remove(AT_FDCWD, s->path);
    free(s);
    return 0;
}

/* ------------------------------------------------------------------ lists */

/* The names of a list, "new web"; "" when there is none. */
static char *names_of(const json_t *list)
{
    static char names[256];
    const json_t *item;
    size_t i;

    *names = '\0';
    json_array_foreach(list, i, item) {
        const char *name = json_string_value(
            json_array_get(json_object_get(item, "Names"), 0));

        size_t length = strlen(names);

        snprintf(names + length, sizeof(names) - length, "%s%s",
                 i > 0 ? " " : "", name + 1);
    }
    return names;
}

static void expect_list(const struct scratch *s, bool all, int limit,
                        const char *filters_text, const char *expected)
{
    json_auto_t *filters = json_loads(filters_text, 0, NULL);
    struct failure why = {.message = ""};

    assert_non_null(filters);
    json_auto_t *list =
        container_list(&s->engine, all, limit, false, filters, &why);
    assert_string_equal(why.message, "");
    assert_string_equal(names_of(list), expected);
}

static void expect_refusal(const struct scratch *s, const char *filters_text,
                           enum failure_kind kind, const char *message)
{
    json_auto_t *filters = json_loads(filters_text, 0, NULL);
    struct failure why;

    assert_non_null(filters);
    assert_null(container_list(&s->engine, true, 0, false, filters, &why));
    assert_int_equal(why.kind, kind);
    assert_string_equal(why.message, message);
}

static void only_those_that_run_are_listed(void **state)
{
    /* One that has just ended may still have its directory. */
    pretend_to_run(*state, 'b');
    expect_list(*state, false, 0, "{}", "web");
}

static void all_are_listed_newest_first(void **state)
{
    expect_list(*state, true, 0, "{}", "new web old");
}

static void a_limit_is_for_the_newest_in_any_state(void **state)
{
    expect_list(*state, false, 1, "{}", "new");
    expect_list(*state, false, 2, "{}", "new web");
    expect_list(*state, false, 2, "{\"label\": [\"tier\"]}", "web old");
}

static void a_name_without_its_container_is_not_listed(void **state)
{
    struct scratch *s = *state;

    assert_int_equal(symlinkat(id_of('d'), s->engine.data_fd, "names/gone"), 0);
    assert_int_equal(symlinkat(id_of('a'), s->engine.data_fd, "names/other"),
                     0);
    expect_list(s, true, 0, "{}", "new web old");
}

static void one_that_has_no_name_is_not_listed(void **state)
{
    struct scratch *s = *state;

    assert_int_equal(unlinkat(s->engine.data_fd, "names/web", 0), 0);
    expect_list(s, false, 0, "{}", "");
}

static void both_shapes_of_filters_are_understood(void **state)
{
    expect_list(*state, true, 0, "{\"name\": {\"web\": true, \"old\": true}}",
                "web old");
    expect_list(*state, true, 0, "{\"name\": [\"web\", \"old\"]}", "web old");
    expect_list(*state, true, 0, "{\"name\": []}", "new web old");
}

static void names_and_ids_are_expressions(void **state)
{
    expect_list(*state, true, 0, "{\"name\": [\"e\"]}", "new web");
    expect_list(*state, true, 0, "{\"name\": [\"^/web$\"]}", "web");
    expect_list(*state, true, 0, "{\"name\": [\"^eb$\"]}", "");
    expect_list(*state, true, 0, "{\"name\": [\"(\"]}", "");
    expect_list(*state, true, 0, "{\"id\": [\"bbb\"]}", "old");
    expect_list(*state, true, 0, "{\"id\": [\"^ab\"]}", "");
}

static void all_labels_have_to_match(void **state)
{
    expect_list(*state, true, 0, "{\"label\": [\"tier\"]}", "web old");
    expect_list(*state, true, 0, "{\"label\": [\"tier=front\"]}", "web");
    expect_list(*state, true, 0, "{\"label\": [\"tier\", \"team=a\"]}", "web");
    expect_list(*state, true, 0, "{\"label\": [\"team=b\"]}", "");
    expect_list(*state, true, 0, "{\"label\": [\"tie\"]}", "");
}

static void a_status_asks_for_those_that_do_not_run(void **state)
{
    expect_list(*state, false, 0, "{\"status\": [\"exited\"]}", "old");
    expect_list(*state, false, 0, "{\"status\": [\"created\", \"running\"]}",
                "new web");
    expect_refusal(*state, "{\"status\": [\"asleep\"]}", FAILURE_BAD_PARAMETER,
                   "Invalid filter 'status=asleep'");
}

static void exited_is_for_those_that_have(void **state)
{
    expect_list(*state, true, 0, "{\"exited\": [\"3\"]}", "old");
    expect_list(*state, true, 0, "{\"exited\": [\"0\"]}", "");
    expect_refusal(*state, "{\"exited\": [\"three\"]}", FAILURE_BAD_PARAMETER,
                   "Invalid filter 'exited=three'");
}

static void health_none_is_for_those_without_checks(void **state)
{
    expect_list(*state, true, 0, "{\"health\": [\"healthy\"]}", "web");
    expect_list(*state, true, 0, "{\"health\": [\"none\"]}", "new old");
    expect_refusal(*state, "{\"health\": [\"fine\"]}", FAILURE_BAD_PARAMETER,
                   "Unrecognised filter value for health: fine");
}

static void before_and_since_leave_out_the_named(void **state)
{
    expect_list(*state, true, 0, "{\"before\": [\"web\"]}", "old");
    expect_list(*state, true, 0, "{\"since\": [\"web\"]}", "new");
    expect_list(*state, true, 0, "{\"since\": [\"bbb\"]}", "new web");
    expect_refusal(*state, "{\"since\": [\"nobody\"]}", FAILURE_NOT_FOUND,
                   "No such container: nobody");
}

static void ports_have_protocols_and_ranges(void **state)
{
    expect_list(*state, true, 0, "{\"publish\": [\"80\"]}", "web");
    expect_list(*state, true, 0, "{\"publish\": [\"53/udp\"]}", "");
    expect_list(*state, true, 0, "{\"expose\": [\"53/udp\"]}", "web");
    expect_list(*state, true, 0, "{\"expose\": [\"53\"]}", "");
    expect_list(*state, true, 0, "{\"expose\": [\"70-90/tcp\"]}", "web");
    expect_refusal(*state, "{\"expose\": [\"80/icmp\"]}", FAILURE_BAD_PARAMETER,
                   "invalid proto: icmp");
    expect_refusal(*state, "{\"publish\": [\"90-80\"]}", FAILURE_BAD_PARAMETER,
                   "Invalid containerPort: 90-80");
}

static void a_volume_goes_by_name_or_by_place(void **state)
{
    expect_list(*state, true, 0, "{\"volume\": [\"store\"]}", "web");
    expect_list(*state, true, 0, "{\"volume\": [\"/srv\"]}", "web");
    expect_list(*state, true, 0, "{\"volume\": [\"sto\"]}", "");
}

static void a_network_goes_by_name(void **state)
{
    expect_list(*state, true, 0, "{\"network\": [\"host\"]}", "old");
    expect_list(*state, true, 0, "{\"network\": [\"none\"]}", "new web");
    expect_list(*state, true, 0, "{\"network\": [\"nowhere\"]}", "");
}

static void of_an_image_that_is_not_there_nothing_is_made(void **state)
{
    expect_list(*state, true, 0, "{\"ancestor\": [\"nothing\"]}", "");
}

static void different_filters_have_to_match_all(void **state)
{
    expect_list(*state, true, 0,
                "{\"label\": [\"tier\"], \"name\": [\"old\", \"new\"]}", "old");
}

static void an_unknown_filter_is_refused(void **state)
{
    expect_refusal(*state, "{\"colour\": [\"red\"]}", FAILURE_BAD_PARAMETER,
                   "Invalid filter 'colour'");
    expect_refusal(*state, "{\"name\": \"web\"}", FAILURE_BAD_PARAMETER,
                   "Invalid filter 'name'");
    expect_refusal(*state, "{\"name\": [1]}", FAILURE_BAD_PARAMETER,
                   "Invalid filter 'name'");
    expect_refusal(*state, "[1]", FAILURE_BAD_PARAMETER, "invalid filters");
}

static void an_item_has_dockers_members(void **state)
{
    struct scratch *s = *state;
    struct failure why;
    json_auto_t *list = container_list(&s->engine, false, 0, false, NULL, &why);
    const json_t *item = json_array_get(list, 0);
    const char *command, *kind, *image, *image_id;
    json_int_t created;

    assert_int_equal(
        json_unpack((json_t *)item,
                    "{s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
                    "Command", &command, "Created", &created, "State", &kind,
                    "Image", &image, "ImageID", &image_id, "Ports",
                    &(json_t *){NULL}, "Labels", &(json_t *){NULL},
                    "HostConfig", &(json_t *){NULL}, "NetworkSettings",
                    &(json_t *){NULL}, "Mounts", &(json_t *){NULL}),
        0);
    assert_string_equal(command, "sh -c 'echo hi'");
    assert_string_equal(kind, "running");
    assert_int_equal(created, 1769853600);
    /* There is no image of that name any more. */
    assert_string_equal(image, "sha256:11");
    assert_string_equal(image_id, "sha256:11");
    assert_null(json_object_get(item, "SizeRw"));
}

#define FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

const struct CMUnitTest list_tests[] = {
    cmocka_unit_test(one_that_runs_is_up),
    cmocka_unit_test(health_stands_behind_it),
    cmocka_unit_test(a_paused_one_is_up_and_says_so),
    cmocka_unit_test(one_that_ended_tells_how_and_when),
    cmocka_unit_test(others_have_one_word),
    cmocka_unit_test(durations_get_coarser),
    FIXTURE(only_those_that_run_are_listed),
    FIXTURE(all_are_listed_newest_first),
    FIXTURE(a_limit_is_for_the_newest_in_any_state),
    FIXTURE(a_name_without_its_container_is_not_listed),
    FIXTURE(one_that_has_no_name_is_not_listed),
    FIXTURE(both_shapes_of_filters_are_understood),
    FIXTURE(names_and_ids_are_expressions),
    FIXTURE(all_labels_have_to_match),
    FIXTURE(a_status_asks_for_those_that_do_not_run),
    FIXTURE(exited_is_for_those_that_have),
    FIXTURE(health_none_is_for_those_without_checks),
    FIXTURE(before_and_since_leave_out_the_named),
    FIXTURE(ports_have_protocols_and_ranges),
    FIXTURE(a_volume_goes_by_name_or_by_place),
    FIXTURE(a_network_goes_by_name),
    FIXTURE(of_an_image_that_is_not_there_nothing_is_made),
    FIXTURE(different_filters_have_to_match_all),
    FIXTURE(an_unknown_filter_is_refused),
    FIXTURE(an_item_has_dockers_members),
};

const size_t list_count = sizeof(list_tests) / sizeof(list_tests[0]);
