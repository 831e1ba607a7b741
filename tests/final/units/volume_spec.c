/*
 * volume_spec: what -v and --mount become; and csv, which --mount is read as.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "csv.h"
#include "host_path.h"
#include "volume_spec.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

struct row {
    const char *text, *found;
};

static char *as_text(json_t *json, const struct failure *why)
{
    return json == NULL ? strdup(why->message)
                        : json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
}

static void mounts_become_docker_s(void **state)
{
    static const struct row rows[] = {
        {"dst=/a", "{\"Target\":\"/a\",\"Type\":\"volume\"}"},
        {"type=volume,source=v,destination=/a,readonly",
         "{\"ReadOnly\":true,\"Source\":\"v\",\"Target\":\"/a\",\"Type\":"
         "\"volume\"}"},
        {"type=volume,src=v,target=/a,ro=0",
         "{\"Source\":\"v\",\"Target\":\"/a\",\"Type\":\"volume\"}"},
        {"TYPE=BIND,SRC=/X,DST=/a,bind-propagation=RShared",
         "{\"BindOptions\":{\"Propagation\":\"rshared\"},\"Source\":\"/X\","
         "\"Target\":\"/a\",\"Type\":\"bind\"}"},
        {"type=tmpfs,dst=/a,tmpfs-mode=01777,tmpfs-size=1g",
         "{\"Target\":\"/a\",\"TmpfsOptions\":{\"Mode\":1023,\"SizeBytes\":"
         "1073741824},\"Type\":\"tmpfs\"}"},
        {"dst=/a,volume-label=x,volume-label=y=z,volume-nocopy",
         "{\"Target\":\"/a\",\"Type\":\"volume\",\"VolumeOptions\":{"
         "\"Labels\":{\"x\":\"\",\"y\":\"z\"},\"NoCopy\":true}}"},
        {"dst=/a,volume-driver=local,\"volume-opt=o=a,b\"",
         "{\"Target\":\"/a\",\"Type\":\"volume\",\"VolumeOptions\":{"
         "\"DriverConfig\":{\"Name\":\"local\",\"Options\":{\"o\":\"a,b\"}}}}"},
        {"type=bind,src=/x,dst=/a,ro,bind-recursive=readonly,"
         "bind-propagation=rprivate",
         "{\"BindOptions\":{\"Propagation\":\"rprivate\","
         "\"ReadOnlyForceRecursive\":true},\"ReadOnly\":true,\"Source\":"
         "\"/x\",\"Target\":\"/a\",\"Type\":\"bind\"}"},
        {"x", "invalid field 'x' must be a key=value pair"},
        {"", "invalid field '' must be a key=value pair"},
        {"dst=/a,", "invalid field '' must be a key=value pair"},
        {"dst", "invalid field 'dst' must be a key=value pair"},
        {"dst=/a,foo=b", "unexpected key 'foo' in 'foo=b'"},
        {"type=bind", "target is required"},
        {"dst=", "target is required"},
        {"type=,dst=/a", "type is required"},
        {"dst=/a,ro=x", "invalid value for ro: x"},
        {"dst=/a,readonly=", "invalid value for readonly: "},
        {"type=tmpfs,dst=/a,tmpfs-size=x", "invalid value for tmpfs-size: x"},
        {"type=tmpfs,dst=/a,tmpfs-mode=8", "invalid value for tmpfs-mode: 8"},
        {"type=tmpfs,dst=/a,tmpfs-mode=40000000000",
         "invalid value for tmpfs-mode: 40000000000"},
        {"type=bind,src=/x,dst=/a,volume-nocopy",
         "cannot mix 'volume-*' options with mount type 'bind'"},
        {"dst=/a,bind-propagation=rslave",
         "cannot mix 'bind-*' options with mount type 'volume'"},
        {"type=bind,src=/x,dst=/a,tmpfs-size=1",
         "cannot mix 'tmpfs-*' options with mount type 'bind'"},
        {"type=bind,src=/x,dst=/a,bind-recursive=readonly",
         "option 'bind-recursive=readonly' requires 'readonly' to be "
         "specified in conjunction"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        json_auto_t *mount = volume_spec_mount(rows[i].text, &why);
        cleanup_free char *found = as_text(mount, &why);

        assert_string_equal(found, rows[i].found);
    }
}

static void quotes_keep_commas(void **state)
{
    static const struct row rows[] = {
        {"a,b", "[\"a\",\"b\"]"},
        {"", "[\"\"]"},
        {",", "[\"\",\"\"]"},
        {"\"a,b\",c", "[\"a,b\",\"c\"]"},
        {"\"a\"\"b\"", "[\"a\\\"b\"]"},
        {"\"\"", "[\"\"]"},
        {"a,\"b",
         "parse error on line 1, column 5: extraneous or missing \" in "
         "quoted-field"},
        {"\"", "parse error on line 1, column 2: extraneous or missing \" in "
               "quoted-field"},
        {"\"a\"\"", "parse error on line 1, column 5: extraneous or missing \" "
                    "in quoted-field"},
        {"\"a\"b", "parse error on line 1, column 3: extraneous or missing \" "
                   "in quoted-field"},
        {"a,b\"c", "parse error on line 1, column 4: bare \" in "
                   "non-quoted-field"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        json_auto_t *fields = csv_fields(rows[i].text, &why);
        cleanup_free char *found = as_text(fields, &why);

        assert_string_equal(found, rows[i].found);
    }
}

static void short_volumes_become_binds(void **state)
{
    static const struct row rows[] = {
        {"/a", "{\"Volumes\":{\"/a\":{}}}"},
        {"v:/a", "{\"HostConfig\":{\"Binds\":[\"v:/a\"]}}"},
        {"/x:/a:ro,z,rshared",
         "{\"HostConfig\":{\"Binds\":[\"/x:/a:ro,z,rshared\"]}}"},
        {"", "invalid empty volume spec"},
        {":/a", "invalid spec: :/a: empty section between colons"},
        {"/a:", "invalid spec: /a:: empty section between colons"},
        {"/a::ro", "invalid spec: /a::ro: empty section between colons"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        json_auto_t *body = json_object();
        int status = volume_spec_bind(body, rows[i].text, &why);
        cleanup_free char *found = as_text(status < 0 ? NULL : body, &why);

        assert_string_equal(found, rows[i].found);
    }
}

static void relative_paths_begin_where_we_are(void **state)
{
    static const struct row rows[] = {
        {".", "/usr/bin"},
        {"./x", "/usr/bin/x"},
        {"../x", "/usr/x"},
        {"./a/../b/./c//", "/usr/bin/b/c"},
        {"../../../..", "/"},
        {".x", "/usr/bin/.x"},
        {"x", "x"},
        {"/a/../b", "/a/../b"},
        {"", ""},
    };
    cleanup_free char *before = getcwd(NULL, 0);

    (void)state;
    assert_int_equal(chdir("/usr/bin"), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cleanup_free char *found = host_path(rows[i].text);

        assert_string_equal(found, rows[i].found);
    }
    assert_int_equal(chdir(before), 0);
}

const struct CMUnitTest volume_spec_tests[] = {
    cmocka_unit_test(mounts_become_docker_s),
    cmocka_unit_test(quotes_keep_commas),
    cmocka_unit_test(short_volumes_become_binds),
    cmocka_unit_test(relative_paths_begin_where_we_are),
};
const size_t volume_spec_count =
    sizeof(volume_spec_tests) / sizeof(volume_spec_tests[0]);
