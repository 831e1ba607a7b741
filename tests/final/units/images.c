/*
 * images: names, users and removals, in a store of JSON texts without layers.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "image.h"
#include "image_list.h"
#include "image_remove.h"
#include "index.h"
#include "json_file.h"
#include "tree.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

struct place {
    char path[sizeof("/tmp/duct-unit-XXXXXX")];
    int fd;
    struct store store;
};

static int make_place(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    struct failure why;

    snprintf(p->path, sizeof(p->path), "/tmp/duct-unit-XXXXXX");
    if (mkdtemp(p->path) == NULL)
        return -1;
    p->fd = open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *state = p;
    return store_open(&p->store, p->path, p->fd, STORE_CHANGE, &why);
}

static int remove_place(void **state)
{
    struct place *p = *state;

    store_close(&p->store);
    close(p->fd);
    int status = tree_remove(AT_FDCWD, p->path);
    free(p);
    return status;
}

static const char *hex(char letter)
{
    static char text[2][DIGEST_DIGITS + 1];
    static int turn;

    turn = !turn;
    memset(text[turn], letter, DIGEST_DIGITS);
    return text[turn];
}

/* Puts an image into the store whose id is all of one letter, and whose
 * manifest's digest of another. Nobody hashes what is in the store. */
static void add(struct place *p, char id, char manifest, const char *name)
{
    struct failure why;
    struct digest digest;
    json_auto_t *config = json_pack(
        "{s:s, s:{s:{s:s}}, s:{s:[]}}", "created", "2026-01-02T03:04:05Z",
        "config", "Labels", "of", (char[]){id, 0}, "rootfs", "diff_ids");
    json_auto_t *whole = json_pack(
        "{s:i, s:{s:o, s:i}, s:[]}", "schemaVersion", 2, "config", "digest",
        json_sprintf("sha256:%s", hex(id)), "size", 1, "layers");
    json_auto_t *descriptor =
        json_pack("{s:o, s:i}", "digest",
                  json_sprintf("sha256:%s", hex(manifest)), "size", 1);

    assert_int_equal(
        json_file_write(p->store.blobs_fd, hex(id), config, false, &why), 0);
    assert_int_equal(
        json_file_write(p->store.blobs_fd, hex(manifest), whole, false, &why),
        0);
    memset(&digest, 0, sizeof(digest));
    memset(digest.hex, id, DIGEST_DIGITS);
    json_auto_t *images =
        json_pack("[o]", index_named(descriptor, &digest, name));
    assert_int_equal(store_commit(&p->store, images, &why), 0);
}

/* The letter of what a user calls so; 0: there is none, '?': several. */
static char found(struct place *p, const char *text)
{
    cleanup_image struct image image = {0};
    struct failure why = {.kind = FAILURE_ENGINE};

    if (image_find(&image, &p->store, text, &why) == 0)
        return image.id.hex[0];
    return why.kind == FAILURE_NOT_FOUND ? 0 : '?';
}

static json_t *removed(struct place *p, const char *text, bool force,
                       struct failure *why)
{
    return image_remove(
        &p->store, &(struct image_removal){.reference = text, .force = force},
        why);
}

static void reopen(struct place *p)
{
    struct failure why;

    store_close(&p->store);
    assert_int_equal(store_open(&p->store, p->path, p->fd, STORE_CHANGE, &why),
                     0);
}

static bool has_blob(struct place *p, char letter)
{
    return faccessat(p->store.blobs_fd, hex(letter), F_OK, 0) == 0;
}

static void an_image_is_found_by_name_digest_id_and_its_beginning(void **state)
{
    struct place *p = *state;
    char text[200];

    add(p, 'a', '1', "docker.io/library/x:latest");
    add(p, 'b', '2', "docker.io/me/y:t");
    assert_int_equal(found(p, "x"), 'a');
    assert_int_equal(found(p, "docker.io/x:latest"), 'a');
    assert_int_equal(found(p, "me/y:t"), 'b');
    assert_int_equal(found(p, "me/y"), 0);
    assert_int_equal(found(p, "bb"), 'b');
    assert_int_equal(found(p, "sha256:aaaa"), 'a');
    assert_int_equal(found(p, hex('b')), 'b');
    assert_int_equal(found(p, "c"), 0);
    assert_int_equal(found(p, ""), '?');
    assert_int_equal(found(p, "X"), '?');
    snprintf(text, sizeof(text), "x@sha256:%s", hex('1'));
    assert_int_equal(found(p, text), 'a');
    snprintf(text, sizeof(text), "x:any@sha256:%s", hex('1'));
    assert_int_equal(found(p, text), 'a');
    snprintf(text, sizeof(text), "y@sha256:%s", hex('1'));
    assert_int_equal(found(p, text), 0);
}

static void who_is_not_there_is_missed_in_dockers_words(void **state)
{
    cleanup_image struct image image = {0};
    struct place *p = *state;
    struct failure why;

    assert_int_equal(image_find(&image, &p->store, "nginx", &why), -1);
    assert_string_equal(why.message, "No such image: nginx:latest");
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
}

static void a_name_means_one_image_and_the_other_stays_without(void **state)
{
    struct place *p = *state;
    struct failure why;

    add(p, 'a', '1', "docker.io/library/x:latest");
    add(p, 'b', '2', "docker.io/library/x:latest");
    assert_int_equal(found(p, "x"), 'b');
    assert_int_equal(found(p, "aaa"), 'a');
    json_auto_t *filters = json_pack("{s:[s]}", "dangling", "true");
    json_auto_t *list =
        image_list(&p->store, &(struct image_query){.filters = filters}, &why);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(
        json_string_value(json_array_get(
            json_object_get(json_array_get(list, 0), "RepoTags"), 0)),
        "<none>:<none>");
}

static void a_tag_is_a_second_name(void **state)
{
    struct place *p = *state;
    struct failure why;

    add(p, 'a', '1', "docker.io/library/x:latest");
    assert_int_equal(image_tag(&p->store, "x", "me/y:t", &why), 0);
    assert_int_equal(found(p, "me/y:t"), 'a');
    assert_int_equal(image_tag(&p->store, "z", "me/y:t", &why), -1);
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_int_equal(image_tag(&p->store, "x", "Y", &why), -1);
    assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
    json_auto_t *some = removed(p, "x", false, &why);
    assert_int_equal(json_array_size(some), 1);
    json_auto_t *rest = removed(p, "me/y:t", false, &why);
    assert_int_equal(json_array_size(rest), 2);
    reopen(p);
    assert_false(has_blob(p, 'a'));
    assert_false(has_blob(p, '1'));
}

static void an_id_with_two_names_has_to_be_forced(void **state)
{
    struct place *p = *state;
    struct failure why;

    add(p, 'a', '1', "docker.io/library/x:latest");
    assert_int_equal(image_tag(&p->store, "x", "y", &why), 0);
    assert_null(removed(p, "aaaa", false, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_string_equal(why.message,
                        "conflict: unable to delete aaaaaaaaaaaa (must be "
                        "forced) - image is referenced in multiple "
                        "repositories");
    json_auto_t *told = removed(p, "aaaa", true, &why);
    assert_int_equal(json_array_size(told), 3);
}

static void make_container(struct place *p, const char *id)
{
    char path[100];

    (void)mkdirat(p->fd, "containers", 0700);
    snprintf(path, sizeof(path), "containers/%s", id);
    assert_int_equal(mkdirat(p->fd, path, 0700), 0);
}

static void an_image_with_a_container_stays(void **state)
{
    struct place *p = *state;
    struct digest id = {{0}};
    struct failure why;

    add(p, 'a', '1', "docker.io/library/x:latest");
    memset(id.hex, 'a', DIGEST_DIGITS);
    assert_int_equal(image_pin(&p->store, &id, "0123456789abcdef", &why), 0);
    make_container(p, "0123456789abcdef");
    assert_null(removed(p, "x", false, &why));
    assert_string_equal(why.message,
                        "conflict: unable to remove repository reference "
                        "\"x\" (must force) - container 0123456789ab is using "
                        "its referenced image aaaaaaaaaaaa");
    assert_null(removed(p, "aaa", false, &why));
    assert_string_equal(why.message,
                        "conflict: unable to delete aaaaaaaaaaaa (must be "
                        "forced) - image is being used by stopped container "
                        "0123456789ab");
    /* Forced, it has no name any more, but the container can be started. */
    json_auto_t *told = removed(p, "x", true, &why);
    assert_non_null(told);
    reopen(p);
    assert_int_equal(found(p, "x"), 0);
    cleanup_image struct image image = {0};
    char text[100];
    snprintf(text, sizeof(text), "sha256:%s", hex('a'));
    assert_int_equal(image_find_id(&image, &p->store, text, &why), 0);
    /* Until it is gone. */
    assert_int_equal(
        unlinkat(p->fd, "containers/0123456789abcdef", AT_REMOVEDIR), 0);
    assert_int_equal(image_unpin(&p->store, &id, "0123456789abcdef", &why), 0);
    reopen(p);
    assert_false(has_blob(p, 'a'));
}

static void a_pin_without_a_container_keeps_nothing(void **state)
{
    struct place *p = *state;
    struct digest id = {{0}};
    struct failure why;

    add(p, 'a', '1', "docker.io/library/x:latest");
    memset(id.hex, 'a', DIGEST_DIGITS);
    assert_int_equal(image_pin(&p->store, &id, "0123456789abcdef", &why), 0);
    json_auto_t *told = removed(p, "x", false, &why);
    assert_int_equal(json_array_size(told), 2);
    reopen(p);
    assert_false(has_blob(p, 'a'));
    assert_int_equal(faccessat(p->store.fd, "users", F_OK, 0), 0);
    assert_int_equal(image_unpin(&p->store, &id, "0123456789abcdef", &why), 0);
}

static bool always(const char *container, void *argument)
{
    (void)container;
    (void)argument;
    return true;
}

static void under_a_running_container_not_even_force_helps(void **state)
{
    struct place *p = *state;
    struct digest id = {{0}};
    struct failure why;

    add(p, 'a', '1', "docker.io/library/x:latest");
    memset(id.hex, 'a', DIGEST_DIGITS);
    assert_int_equal(image_pin(&p->store, &id, "0123456789abcdef", &why), 0);
    make_container(p, "0123456789abcdef");
    struct image_removal removal = {
        .reference = "aaa", .force = true, .is_running = always};
    assert_null(image_remove(&p->store, &removal, &why));
    assert_non_null(strstr(why.message, "(cannot be forced)"));
    /* By name it loses that, and stays. */
    removal.reference = "x";
    json_auto_t *told = image_remove(&p->store, &removal, &why);
    assert_int_equal(json_array_size(told), 1);
    assert_int_equal(found(p, "aaa"), 'a');
}

static void pruning_takes_what_has_no_name(void **state)
{
    struct place *p = *state;
    struct failure why;

    add(p, 'a', '1', "docker.io/library/x:latest");
    add(p, 'b', '2', "docker.io/library/x:latest");
    json_auto_t *told = image_prune(&p->store, NULL, &why);
    assert_int_equal(json_array_size(json_object_get(told, "ImagesDeleted")),
                     1);
    assert_int_equal(found(p, "aaa"), 0);
    assert_int_equal(found(p, "x"), 'b');
    json_auto_t *all = json_pack("{s:[s]}", "dangling", "false");
    json_auto_t *more = image_prune(&p->store, all, &why);
    assert_int_equal(json_array_size(json_object_get(more, "ImagesDeleted")),
                     2);
    assert_int_equal(found(p, "x"), 0);
}

static size_t listed(struct place *p, const char *filter, const char *value)
{
    struct failure why;
    json_auto_t *filters = json_pack("{s:{s:b}}", filter, value, 1);
    json_auto_t *list =
        image_list(&p->store, &(struct image_query){.filters = filters}, &why);

    return list == NULL ? 99 : json_array_size(list);
}

static void a_list_shows_what_filters_ask_for(void **state)
{
    struct place *p = *state;

    add(p, 'a', '1', "docker.io/library/x:latest");
    add(p, 'b', '2', "docker.io/me/y:t");
    assert_int_equal(listed(p, "reference", "x"), 1);
    assert_int_equal(listed(p, "reference", "*:latest"), 1);
    assert_int_equal(listed(p, "reference", "*"), 1); /* no slash */
    assert_int_equal(listed(p, "reference", "me/*"), 1);
    assert_int_equal(listed(p, "reference", "z"), 0);
    assert_int_equal(listed(p, "label", "of"), 2);
    assert_int_equal(listed(p, "label", "of=a"), 1);
    assert_int_equal(listed(p, "label", "of=c"), 0);
    assert_int_equal(listed(p, "dangling", "false"), 2);
    assert_int_equal(listed(p, "dangling", "true"), 0);
    assert_int_equal(listed(p, "dangling", "perhaps"), 99);
    assert_int_equal(listed(p, "colour", "red"), 99);
    assert_int_equal(listed(p, "before", "nobody"), 99);
    assert_int_equal(listed(p, "since", "x"), 0);
}

#define IN_PLACE(test)                                                         \
    cmocka_unit_test_setup_teardown(test, make_place, remove_place)

const struct CMUnitTest images_tests[] = {
    IN_PLACE(an_image_is_found_by_name_digest_id_and_its_beginning),
    IN_PLACE(who_is_not_there_is_missed_in_dockers_words),
    IN_PLACE(a_name_means_one_image_and_the_other_stays_without),
    IN_PLACE(a_tag_is_a_second_name),
    IN_PLACE(an_id_with_two_names_has_to_be_forced),
    IN_PLACE(an_image_with_a_container_stays),
    IN_PLACE(a_pin_without_a_container_keeps_nothing),
    IN_PLACE(under_a_running_container_not_even_force_helps),
    IN_PLACE(pruning_takes_what_has_no_name),
    IN_PLACE(a_list_shows_what_filters_ask_for),
};
const size_t images_count = sizeof(images_tests) / sizeof(images_tests[0]);
