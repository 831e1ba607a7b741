/*
 * listing: tables, JSON and templates of the same rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "listing.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

static const struct column columns[] = {
    {"ID", "CONTAINER ID"},
    {"Names", "NAMES"},
    {"Labels", "LABELS"},
    {NULL, NULL},
};

static const struct listing things = {
    .columns = columns,
    .table = "table {{.ID}}\t{{.Names}}",
    .quiet = "{{.ID}}",
};

static const char rows[] =
    "[{\"ID\":\"abc\",\"Names\":\"web\",\"Labels\":\"a=1,b=2\"},"
    "{\"ID\":\"\\u001b[2Jd\",\"Names\":\"\\u00e4\\u00e4\",\"Labels\":\"\"}]";

static char *listed(const char *json, const char *format, bool quiet)
{
    json_auto_t *list = json_loads(json, 0, NULL);
    struct failure why = {0};
    cleanup_free char *found = NULL;
    size_t size;
    FILE *out = open_memstream(&found, &size);
    int status = listing_print(out, &things, list, format, quiet, &why);

    fclose(out);
    return strdup(status < 0 ? why.message : found);
}

static void expect(const char *format, bool quiet, const char *text)
{
    cleanup_free char *found = listed(rows, format, quiet);

    assert_string_equal(found, text);
}

static void tables_are_aligned_by_characters(void **state)
{
    (void)state;
    expect(NULL, false,
           "CONTAINER ID   NAMES\n"
           "abc            web\n"
           "?[2Jd          \u00e4\u00e4\n");
    expect("table", false,
           "CONTAINER ID   NAMES\n"
           "abc            web\n"
           "?[2Jd          \u00e4\u00e4\n");
    expect("table {{.Names}}\\t{{.ID}}", false,
           "NAMES     CONTAINER ID\n"
           "web       abc\n"
           "\u00e4\u00e4        ?[2Jd\n");
    expect("table {{.ID}}\\t{{.Names}}\\t{{.ID}}", false,
           "CONTAINER ID   NAMES     CONTAINER ID\n"
           "abc            web       abc\n"
           "?[2Jd          \u00e4\u00e4        ?[2Jd\n");
    expect("table {{upper .Names}} {{.Label \"a\"}}", false,
           "NAMES a\nWEB 1\n\u00e4\u00e4 \n");
}

static void an_empty_table_has_its_header(void **state)
{
    cleanup_free char *found = listed("[]", NULL, false);

    (void)state;
    assert_string_equal(found, "CONTAINER ID   NAMES\n");
}

static void templates_and_json_have_no_header(void **state)
{
    (void)state;
    expect("{{.ID}}\\t{{.Names}}", false, "abc\tweb\n?[2Jd\t\u00e4\u00e4\n");
    expect("json", false,
           "{\"ID\":\"abc\",\"Labels\":\"a=1,b=2\",\"Names\":\"web\"}\n"
           "{\"ID\":\"\\u001B[2Jd\",\"Labels\":\"\",\"Names\":"
           "\"\\u00E4\\u00E4\"}\n");
    expect("{{.Label \"b\"}}", false, "2\n\n");
    expect("x", false, "x\nx\n");
}

static void quiet_shows_one_member(void **state)
{
    (void)state;
    expect(NULL, true, "abc\n?[2Jd\n");
    expect("{{.Names}}", true, "abc\n?[2Jd\n");
}

static void a_bad_template_prints_nothing(void **state)
{
    (void)state;
    expect("{{.Foo}}", false,
           "template parsing error: template: :1:2: executing \"\" at <.Foo>: "
           "map has no entry for key \"Foo\"");
    expect("{{.ID", false,
           "template parsing error: template: :1: unclosed action");
}

const struct CMUnitTest listing_tests[] = {
    cmocka_unit_test(tables_are_aligned_by_characters),
    cmocka_unit_test(an_empty_table_has_its_header),
    cmocka_unit_test(templates_and_json_have_no_header),
    cmocka_unit_test(quiet_shows_one_member),
    cmocka_unit_test(a_bad_template_prints_nothing),
};
const size_t listing_count = sizeof(listing_tests) / sizeof(listing_tests[0]);
