/*
 * copy_rules: what cp makes of names; and paths, which it is made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cleanup.h"
#include "commit.h"
#include "copy_rules.h"
#include "paths.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

static void a_colon_parts_container_and_path(void **state)
{
    static const char *const words[][3] = {
        {"c1:/a:b", "c1", "/a:b"},  {"/c1:/a", NULL, "/c1:/a"},
        {"./c1:a", NULL, "./c1:a"}, {"file", NULL, "file"},
        {"c1:", "c1", ""},          {"-", NULL, "-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cleanup_free char *container = NULL;

        assert_string_equal(copy_split(words[i][0], &container), words[i][2]);
        if (words[i][1] == NULL)
            assert_null(container);
        else
            assert_string_equal(container, words[i][1]);
    }
}

static void paths_keep_their_end(void **state)
{
    static const char *const paths[][4] = {
        {"/a//b/../c", "/a/c", "/a", "c"},
        {"/a/", "/a/", "/", "a"},
        {"/a/.", "/a/.", "/a", "."},
        {"/", "/", "/", "/"},
        {".", ".", ".", "."},
        {"/../../x", "/x", "/", "x"},
        {"a", "a", ".", "a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        cleanup_free char *clean = paths_clean(paths[i][0]);
        cleanup_free char *kept = paths_keep_end(clean, paths[i][0]);
        cleanup_free char *directory = NULL;
        cleanup_free char *base = NULL;

        assert_string_equal(kept, paths[i][1]);
        assert_int_equal(paths_split(kept, &directory, &base), 0);
        assert_string_equal(directory, paths[i][2]);
        assert_string_equal(base, paths[i][3]);
    }
}

/* Each kind of destination for each kind of source. */
static void copies_go_where_docker_puts_them(void **state)
{
    static const struct {
        struct copy_end from, to;
        const char *directory, *name; /* or what is wrong */
    } rules[] = {
        {{"/s/f", NULL, true, false}, {"/d", NULL, true, true}, "/d", "f"},
        {{"/s/f", NULL, true, false}, {"/d/x", NULL, true, false}, "/d", "x"},
        {{"/s/f", NULL, true, false}, {"/d/x", NULL, false, false}, "/d", "x"},
        {{"/s/f", NULL, true, false},
         {"/d/x/", NULL, false, false},
         NULL,
         "no such directory"},
        {{"/s/d", NULL, true, true}, {"/d", NULL, true, true}, "/d", "d"},
        {{"/s/d/.", NULL, true, true}, {"/d", NULL, true, true}, "/d", "."},
        {{"/s/d/.", NULL, true, true}, {"/n", NULL, false, false}, "/", "n"},
        {{"/s/d", NULL, true, true},
         {"/d/x", NULL, true, false},
         NULL,
         "cannot copy directory"},
        {{"/", NULL, true, true}, {"/d", NULL, true, true}, "/d", "."},
        {{"/s/t", "link", true, false}, {"/d", NULL, true, true}, "/d", "link"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        cleanup_free char *directory = NULL;
        cleanup_free char *name = NULL;
        struct failure why;
        int status =
            copy_settle(&rules[i].from, &rules[i].to, &directory, &name, &why);

        assert_int_equal(status, rules[i].directory == NULL ? -1 : 0);
        assert_string_equal(status < 0 ? why.message : name, rules[i].name);
        if (status == 0)
            assert_string_equal(directory, rules[i].directory);
    }
}

static char *settled(const char *container, const char *change)
{
    json_auto_t *config = json_loads(container, 0, NULL);
    json_auto_t *changes = change == NULL ? NULL : json_pack("[s]", change);
    struct failure why;
    json_auto_t *settings = commit_settings(config, changes, &why);

    return settings == NULL
               ? strdup(why.message)
               : json_dumps(settings, JSON_COMPACT | JSON_SORT_KEYS);
}

static void a_new_entrypoint_drops_the_command(void **state)
{
    static const char container[] =
        "{\"Hostname\":\"h\",\"Cmd\":[\"a\"],\"Entrypoint\":[\"e\"],"
        "\"Labels\":{},\"User\":\"\"}";
    cleanup_free char *same = settled(container, NULL);
    cleanup_free char *other = settled(container, "ENTRYPOINT [\"x\"]");
    cleanup_free char *command = settled(container, "CMD [\"x\"]");

    (void)state;
    assert_string_equal(same, "{\"Cmd\":[\"a\"],\"Entrypoint\":[\"e\"]}");
    assert_string_equal(other, "{\"Entrypoint\":[\"x\"]}");
    assert_string_equal(command, "{\"Cmd\":[\"x\"],\"Entrypoint\":[\"e\"]}");
}

const struct CMUnitTest copy_rules_tests[] = {
    cmocka_unit_test(a_colon_parts_container_and_path),
    cmocka_unit_test(paths_keep_their_end),
    cmocka_unit_test(copies_go_where_docker_puts_them),
    cmocka_unit_test(a_new_entrypoint_drops_the_command),
};
const size_t copy_rules_count =
    sizeof(copy_rules_tests) / sizeof(copy_rules_tests[0]);
