/*
 * What has changed in an overlay, and how much it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "diff.h"
#include "tree.h"
#include "tree_size.h"

/* In a child, where cmocka's own can't be used. */
#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: not so: %s (%s)\n", __FILE__, __LINE__,    \
                    #condition, strerrorname_np(errno));                       \
            _exit(1);                                                          \
        }                                                                      \
    } while (0)

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void make(const char *path)
{
    CHECK(mkdir(path, 0755) == 0);
}

/* Two layers below, of which the upper one has removed something too. */
static void settle_in(void)
{
    CHECK(unshare(CLONE_NEWNS) == 0);
    CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    CHECK(mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0);
    CHECK(chdir("/mnt") == 0);
    make("low"), make("low/etc"), make("low/old"), make("low/old/sub");
    put("low/old/a", "a"), put("low/old/sub/b", "b"), put("low/gone", "x");
    put("low/same", "x"), put("low/etc/passwd", "x"), put("low/old/top", "x");
    make("mid"), make("mid/old");
    CHECK(mknod("mid/gone", S_IFCHR, 0) == 0);
    CHECK(mknod("mid/old/top", S_IFCHR, 0) == 0);
    make("low/op"), put("low/op/x", "x"), make("mid/op");
    CHECK(setxattr("mid/op", "trusted.overlay.opaque", "y", 1, 0) == 0);
    make("up"), make("work"), make("all");
    CHECK(mount("overlay", "all", "overlay", 0,
                "lowerdir=mid:low,upperdir=up,workdir=work") == 0);
}

static bool has(const char *expected)
{
    static char low[] = "/mnt/low";
    static char mid[] = "/mnt/mid";
    char *const lowers[] = {mid, low, NULL};
    struct failure why = {0};
    cleanup_close int fd = open("/mnt/up", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    json_auto_t *list = diff_find(fd, lowers, &why);
    cleanup_free char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const json_t *change;
    size_t i;

    CHECK(list != NULL);
    json_array_foreach(list, i, change)
        fprintf(out, "%c%s ",
                "CAD"[json_integer_value(json_object_get(change, "Kind"))],
                json_string_value(json_object_get(change, "Path")));
    fclose(out);
    if (!str_eq(text, expected))
        fprintf(stderr, "found    %s\nexpected %s\n", text, expected);
    return str_eq(text, expected);
}

static void in_an_overlay(void (*body)(void))
{
    int status;

    if (geteuid() != 0)
        skip(); /* needs root */
    pid_t child = fork();
    if (child == 0) {
        settle_in();
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void change_things(void)
{
    CHECK(has(""));
    put("all/new", "x"), make("all/dir"), put("all/dir/in", "x");
    put("all/etc/passwd", "y");
    CHECK(unlink("all/same") == 0);
    put("all/gone", "again");
    CHECK(has("A/dir A/dir/in C/etc C/etc/passwd A/gone A/new D/same "));
}

static void changes_are_told_with_the_directories_they_are_in(void **state)
{
    (void)state;
    in_an_overlay(change_things);
}

static void make_again(void)
{
    CHECK(unlink("all/old/sub/b") == 0 && rmdir("all/old/sub") == 0);
    CHECK(unlink("all/old/a") == 0 && rmdir("all/old") == 0);
    CHECK(has("D/old "));
    make("all/old"), put("all/old/c", "x");
    CHECK(has("C/old D/old/a A/old/c D/old/sub "));
    make("all/old/sub");
    CHECK(has("C/old D/old/a A/old/c C/old/sub D/old/sub/b "));
}

static void a_directory_made_again_has_lost_what_it_had(void **state)
{
    (void)state;
    in_an_overlay(make_again);
}

static void add_below_opaque(void)
{
    CHECK(access("all/op/x", F_OK) < 0);
    put("all/op/x", "x");
    CHECK(has("C/op A/op/x "));
}

static void what_a_layer_below_has_hidden_is_new(void **state)
{
    (void)state;
    in_an_overlay(add_below_opaque);
}

static void make_our_own(void)
{
    make("all/proc"), make("all/dev"), put("all/etc/hosts", "");
    CHECK(has(""));
    put("all/etc/hosts", "mine");
    CHECK(has("C/etc A/etc/hosts "));
}

static void mount_points_of_the_engine_are_no_changes(void **state)
{
    (void)state;
    in_an_overlay(make_our_own);
}

static void lead_astray(void)
{
    CHECK(symlink("/mnt/low", "all/link") == 0);
    put("all/\xff\x01\"", "x");
    CHECK(has("A/link A/?\x01\" "));
}

static void links_and_strange_names_are_only_names(void **state)
{
    (void)state;
    in_an_overlay(lead_astray);
}

static void a_tree_is_as_big_as_its_files(void **state)
{
    char place[] = "/tmp/duct-usage-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(place));
    cleanup_close int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    assert_int_equal(tree_size(AT_FDCWD, place), 0);
    assert_int_equal(mkdirat(fd, "d", 0700), 0);
    assert_int_equal(mkdirat(fd, "d/e", 0700), 0);
    assert_int_equal(mkdirat(fd, "d/e/f", 0700), 0);
    cleanup_close int one =
        openat(fd, "d/e/f/one", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(one, 1000), 0);
    assert_int_equal(tree_size(AT_FDCWD, place), 1000);
    assert_int_equal(linkat(fd, "d/e/f/one", fd, "two", 0), 0);
    assert_int_equal(tree_size(AT_FDCWD, place), 1000);
    assert_int_equal(symlinkat("/usr", fd, "usr"), 0);
    assert_int_equal(tree_size(AT_FDCWD, place), 1004);
    assert_int_equal(tree_size(fd, "usr"), 4);
    assert_int_equal(tree_size(fd, "none"), -1);
    tree_remove(AT_FDCWD, place);
}

/* Deeper than we may have descriptors. */
static void a_tree_too_deep_is_counted_as_far_as_it_goes(void **state)
{
    char place[] = "/tmp/duct-usage-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(place));
    pid_t child = fork();
    if (child == 0) {
        CHECK(chdir(place) == 0);
        put("file", "12345");
        for (int i = 0; i < 2000; i++)
            CHECK(mkdir("d", 0700) == 0 && chdir("d") == 0);
        put("file", "12345");
        CHECK(tree_size(AT_FDCWD, place) == 5);
        /* From the bottom up: nobody else can. */
        CHECK(unlink("file") == 0);
        for (int i = 0; i < 2000; i++)
            CHECK(chdir("..") == 0 && rmdir("d") == 0);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    tree_remove(AT_FDCWD, place);
}

const struct CMUnitTest diff_tests[] = {
    cmocka_unit_test(changes_are_told_with_the_directories_they_are_in),
    cmocka_unit_test(a_directory_made_again_has_lost_what_it_had),
    cmocka_unit_test(what_a_layer_below_has_hidden_is_new),
    cmocka_unit_test(mount_points_of_the_engine_are_no_changes),
    cmocka_unit_test(links_and_strange_names_are_only_names),
    cmocka_unit_test(a_tree_is_as_big_as_its_files),
    cmocka_unit_test(a_tree_too_deep_is_counted_as_far_as_it_goes),
};
const size_t diff_count = sizeof(diff_tests) / sizeof(diff_tests[0]);
