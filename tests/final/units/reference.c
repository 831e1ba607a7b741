/*
 * reference: which texts are names of images, and what they are in full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "cleanup.h"
#include "reference.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TAG128                                                                 \
    "0123456789012345678901234567890123456789012345678901234567890123"         \
    "0123456789012345678901234567890123456789012345678901234567890123"

static const struct {
    const char *text;
    const char *whole; /* NULL: it is none */
    const char *familiar;
} names[] = {
    {"busybox", "docker.io/library/busybox:latest", "busybox:latest"},
    {"busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"},
    {"me/web", "docker.io/me/web:latest", "me/web:latest"},
    {"docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"},
    {"index.docker.io/busybox", "docker.io/library/busybox:latest",
     "busybox:latest"},
    {"docker.io/library/x", "docker.io/library/x:latest", "x:latest"},
    {"localhost/x", "localhost/x:latest", "localhost/x:latest"},
    {"localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest"},
    {"a.b/x:t", "a.b/x:t", "a.b/x:t"},
    {"Upper/x", "Upper/x:latest", "Upper/x:latest"},
    {"[::1]:5000/x:t", "[::1]:5000/x:t", "[::1]:5000/x:t"},
    {"[::1]/x", "[::1]/x:latest", "[::1]/x:latest"},
    {"a.b/c/d/e", "a.b/c/d/e:latest", "a.b/c/d/e:latest"},
    {"a__b", "docker.io/library/a__b:latest", "a__b:latest"},
    {"a---b.c_d", "docker.io/library/a---b.c_d:latest", "a---b.c_d:latest"},
    {"x:" TAG128, "docker.io/library/x:" TAG128, "x:" TAG128},
    {"x:_T.-", "docker.io/library/x:_T.-", "x:_T.-"},
    {"x@sha256:" HEX, "docker.io/library/x@sha256:" HEX, "x@sha256:" HEX},
    {"x:tag@sha256:" HEX, "docker.io/library/x@sha256:" HEX, "x@sha256:" HEX},
    {"me/" HEX, "docker.io/me/" HEX ":latest", "me/" HEX ":latest"},
    {"me/scratch", "docker.io/me/scratch:latest", "me/scratch:latest"},
    {"index.docker.io/a.b/x", "docker.io/a.b/x:latest",
     "docker.io/a.b/x:latest"},
    {"", NULL, NULL},
    {":", NULL, NULL},
    {"x:", NULL, NULL},
    {":t", NULL, NULL},
    {"/x", NULL, NULL},
    {"x/", NULL, NULL},
    {"a//b", NULL, NULL},
    {"a.b/", NULL, NULL},
    {"A", NULL, NULL},
    {"me/Web", NULL, NULL},
    {"a___b", NULL, NULL},
    {"a..b", NULL, NULL},
    {"a._b", NULL, NULL},
    {"-a", NULL, NULL},
    {"a-", NULL, NULL},
    {".a", NULL, NULL},
    {"_a", NULL, NULL},
    {"../x", NULL, NULL},
    {"a/../b", NULL, NULL},
    {"./x", NULL, NULL},
    {"a b", NULL, NULL},
    {"a\nb", NULL, NULL},
    {"x:-t", NULL, NULL},
    {"x:.t", NULL, NULL},
    {"x:a/b", NULL, NULL},
    {"x:" TAG128 "0", NULL, NULL},
    {"-a.b/x", NULL, NULL},
    {"a.b-/x", NULL, NULL},
    {"a..b/x", NULL, NULL},
    {"a.b:/x", NULL, NULL},
    {"a.b:5x/x", NULL, NULL},
    {"[::1/x", NULL, NULL},
    {"[]/x", NULL, NULL},
    {"[gg]/x", NULL, NULL},
    {"x@", NULL, NULL},
    {"x@sha256", NULL, NULL},
    {"x@sha256:12", NULL, NULL},
    {"x@md5:" HEX, NULL, NULL},
    {"x@sha256:" HEX "0", NULL, NULL},
    {"x@sha256:../../../../../../../../etc/passwd", NULL, NULL},
    {"@sha256:" HEX, NULL, NULL},
    {HEX, NULL, NULL},
    {"scratch", NULL, NULL},
    {"scratch:1", NULL, NULL},
};

static void a_name_is_read_as_docker_reads_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct failure why = {.kind = FAILURE_ENGINE};
        cleanup_free char *whole = reference_parse(names[i].text, &why);

        if (names[i].whole == NULL) {
            if (whole != NULL)
                fail_msg("\"%s\" became %s", names[i].text, whole);
            assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
            continue;
        }
        if (whole == NULL)
            fail_msg("\"%s\": %s", names[i].text, why.message);
        assert_string_equal(whole, names[i].whole);
        assert_string_equal(reference_familiar(whole), names[i].familiar);
    }
}

static void what_is_printed_is_read_again_as_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct failure why;

        if (names[i].whole == NULL)
            continue;
        cleanup_free char *whole = reference_parse(names[i].whole, &why);
        cleanup_free char *again = reference_parse(names[i].familiar, &why);
        assert_non_null(whole);
        assert_non_null(again);
        assert_string_equal(whole, names[i].whole);
        assert_string_equal(again, names[i].whole);
    }
}

static void a_name_may_have_255_bytes_with_its_host(void **state)
{
    char text[300];
    struct failure why;

    (void)state;
    memset(text, 'a', sizeof(text));
    text[255 - strlen("docker.io/library/")] = '\0';
    cleanup_free char *longest = reference_parse(text, &why);
    assert_non_null(longest);
    text[255 - strlen("docker.io/library/")] = 'a';
    text[256 - strlen("docker.io/library/")] = '\0';
    cleanup_free char *longer = reference_parse(text, &why);
    assert_null(longer);
}

static void a_repository_ends_before_its_tag_or_digest(void **state)
{
    (void)state;
    assert_int_equal(reference_repository("h:5000/x:t"), strlen("h:5000/x"));
    assert_int_equal(reference_repository("h:5/x@sha256:" HEX),
                     strlen("h:5/x"));
    assert_true(reference_has_digest("x@sha256:" HEX));
    assert_false(reference_has_digest("x:t"));
}

const struct CMUnitTest reference_tests[] = {
    cmocka_unit_test(a_name_is_read_as_docker_reads_it),
    cmocka_unit_test(what_is_printed_is_read_again_as_the_same),
    cmocka_unit_test(a_name_may_have_255_bytes_with_its_host),
    cmocka_unit_test(a_repository_ends_before_its_tag_or_digest),
};
const size_t reference_count =
    sizeof(reference_tests) / sizeof(reference_tests[0]);
