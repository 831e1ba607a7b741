/*
 * manifest: what strangers may say of an image, and what not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "blob.h"
#include "cleanup.h"
#include "manifest.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

#define A                                                                      \
    "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B                                                                      \
    "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

#define CONFIG                                                                 \
    "{'rootfs':{'type':'layers','diff_ids':['" B "']},'config':{'Env':"        \
    "['A=1'],'Cmd':null}}"
#define LAYER                                                                  \
    "{'mediaType':'application/vnd.oci.image.layer.v1.tar','digest':'" A       \
    "','size':1}"
#define MANIFEST                                                               \
    "{'schemaVersion':2,'config':{'digest':'" A "','size':3},'layers':[" LAYER \
    "]}"

/* With ' for ". */
static json_t *json(const char *text)
{
    cleanup_free char *copy = strdup(text);
    struct failure why;

    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    json_t *value = blob_parse(copy, strlen(copy), "a test", &why);
    if (value == NULL)
        fail_msg("%s: %s", text, why.message);
    return value;
}

static int read_both(const char *manifest, const char *config)
{
    cleanup_image struct image image = {0};
    struct failure why;

    image.manifest = json(manifest);
    image.config = json(config);
    return manifest_config(image.manifest, &why) != NULL &&
                   manifest_read_config(&image, &why) == 0 &&
                   manifest_read(&image, &why) == 0
               ? (int)image.layers
               : -1;
}

static void a_manifest_and_its_config_say_the_same(void **state)
{
    (void)state;
    assert_int_equal(read_both(MANIFEST, CONFIG), 1);
    assert_int_equal(read_both("{'schemaVersion':2,'config':{},'layers':[]}",
                               "{'rootfs':{'diff_ids':[]}}"),
                     0);
    assert_int_equal(read_both("{'schemaVersion':2,'config':{},'layers':[]}",
                               "{'rootfs':{'diff_ids':null}}"),
                     0);
}

static void what_is_missing_or_of_another_kind_is_refused(void **state)
{
    static const char *const manifests[] = {
        "[]",
        "{}",
        "{'schemaVersion':1,'config':{},'layers':[" LAYER "]}",
        "{'schemaVersion':'2','config':{},'layers':[" LAYER "]}",
        "{'schemaVersion':2,'layers':[" LAYER "]}",
        "{'schemaVersion':2,'config':[],'layers':[" LAYER "]}",
        "{'schemaVersion':2,'config':{}}",
        "{'schemaVersion':2,'config':{},'layers':{}}",
        "{'schemaVersion':2,'config':{},'layers':[]}",
        "{'schemaVersion':2,'config':{},'layers':[" LAYER "," LAYER "]}",
        "{'schemaVersion':2,'config':{},'layers':['" A "']}",
        "{'schemaVersion':2,'config':{},'layers':[{'digest':'" A "'}]}",
        "{'schemaVersion':2,'config':{},'layers':[{'size':1}]}",
        "{'schemaVersion':2,'config':{},'layers':[{'digest':'" A
        "','size':-1}]}",
        "{'schemaVersion':2,'config':{},'layers':[{'digest':'" A
        "','size':1.5}]}",
        "{'schemaVersion':2,'config':{},'layers':[{'digest':'" A
        "','size':'1'}]}",
        "{'schemaVersion':2,'config':{},'layers':[{'digest':'sha512:ab',"
        "'size':1}]}",
        "{'schemaVersion':2,'config':{},'layers':[{'digest':'sha256:../x',"
        "'size':1}]}",
        "{'schemaVersion':2,'config':{},'layers':[{'mediaType':'text/html',"
        "'digest':'" A "','size':1}]}",
        "{'schemaVersion':2,'config':{'mediaType':'text/html'},'layers':[" LAYER
        "]}",
        "{'schemaVersion':2,'mediaType':'text/html','config':{},"
        "'layers':[" LAYER "]}",
        "{'schemaVersion':2,'mediaType':7,'config':{},'layers':[" LAYER "]}",
        "{'schemaVersion':2,'manifests':[],'config':{},'layers':[" LAYER "]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++)
        if (read_both(manifests[i], CONFIG) != -1)
            fail_msg("read: %s", manifests[i]);
}

static void layers_without_a_good_diff_id_are_refused(void **state)
{
    static const char *const configs[] = {
        "{}",
        "[]",
        "{'rootfs':null}",
        "{'rootfs':{}}",
        "{'rootfs':{'diff_ids':{}}}",
        "{'rootfs':{'diff_ids':[null]}}",
        "{'rootfs':{'diff_ids':['']}}",
        "{'rootfs':{'diff_ids':['sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAA']}}",
        "{'rootfs':{'diff_ids':['" B "','" B "']}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
        if (read_both(MANIFEST, configs[i]) != -1)
            fail_msg("read: %s", configs[i]);
}

static void an_image_has_at_most_127_layers(void **state)
{
    cleanup_image struct image image = {0};
    struct failure why;

    (void)state;
    image.config = json("{'rootfs':{'diff_ids':[]}}");
    json_t *list =
        json_object_get(json_object_get(image.config, "rootfs"), "diff_ids");
    for (int i = 0; i < BOUND_LAYERS; i++)
        json_array_append_new(list, json_string(A));
    assert_int_equal(manifest_read_config(&image, &why), 0);
    assert_int_equal(image.layers, BOUND_LAYERS);
    json_array_append_new(list, json_string(A));
    assert_int_equal(manifest_read_config(&image, &why), -1);
}

static int check(const char *config)
{
    json_auto_t *value = json(config);
    struct failure why;

    return manifest_check_config(value, &why);
}

static void who_runs_an_image_may_rely_on_types(void **state)
{
    static const char *const bad[] = {
        "{'config':[]}",
        "{'config':{'Env':'A=1'}}",
        "{'config':{'Env':[1]}}",
        "{'config':{'Env':['A']}}",
        "{'config':{'Env':['=1']}}",
        "{'config':{'Cmd':'sh'}}",
        "{'config':{'Cmd':[null]}}",
        "{'config':{'Entrypoint':{}}}",
        "{'config':{'User':0}}",
        "{'config':{'WorkingDir':[]}}",
        "{'config':{'Labels':[]}}",
        "{'config':{'Labels':{'a':1}}}",
        "{'config':{'Volumes':[]}}",
        "{'config':{'ExposedPorts':['80/tcp']}}",
        "{'config':{'Healthcheck':'x'}}",
    };

    (void)state;
    assert_int_equal(check(CONFIG), 0);
    assert_int_equal(check("{}"), 0);
    assert_int_equal(check("{'config':null}"), 0);
    assert_int_equal(check("{'config':{'Env':null,'Labels':{'a':''}}}"), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (check(bad[i]) == 0)
            fail_msg("passed: %s", bad[i]);
}

static bool is_read(const char *text, size_t length)
{
    struct failure why;
    json_auto_t *value = blob_parse(text, length, "a test", &why);

    return value != NULL;
}

static void a_text_that_could_mean_two_things_is_refused(void **state)
{
    char deep[200];

    (void)state;
    assert_true(is_read("{\"a\":\"[[{\\\"\"}", 13));
    assert_false(is_read("{\"a\":1,\"a\":2}", 13));
    assert_false(is_read("[\"\\u0000\"]", 10));
    assert_false(is_read("[\"\\ud800\"]", 10));
    assert_false(is_read("[\"\xff\"]", 5));
    assert_false(is_read("[1] x", 5));
    assert_false(is_read("", 0));
    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    assert_true(is_read(deep, 128));
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    assert_false(is_read(deep, 130));
}

static void a_text_has_at_most_4_mebibytes(void **state)
{
    cleanup_free char *text = malloc(BOUND_JSON + 1);

    (void)state;
    memset(text, ' ', BOUND_JSON + 1);
    text[0] = '[';
    text[1] = ']';
    assert_true(is_read(text, BOUND_JSON));
    assert_false(is_read(text, BOUND_JSON + 1));
}

const struct CMUnitTest manifest_tests[] = {
    cmocka_unit_test(a_manifest_and_its_config_say_the_same),
    cmocka_unit_test(what_is_missing_or_of_another_kind_is_refused),
    cmocka_unit_test(layers_without_a_good_diff_id_are_refused),
    cmocka_unit_test(an_image_has_at_most_127_layers),
    cmocka_unit_test(who_runs_an_image_may_rely_on_types),
    cmocka_unit_test(a_text_that_could_mean_two_things_is_refused),
    cmocka_unit_test(a_text_has_at_most_4_mebibytes),
};
const size_t manifest_count =
    sizeof(manifest_tests) / sizeof(manifest_tests[0]);
