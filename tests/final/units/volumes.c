/*
 * Volumes: as objects, and as what a container's request makes of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "mounts.h"
#include "volumes.h"

#define ID1 "1111111111111111111111111111111111111111111111111111111111111111"
#define ID2 "2222222222222222222222222222222222222222222222222222222222222222"

static char place[] = "/tmp/duct-volumes-XXXXXX";
static struct engine engine;
static struct failure why;

static int settle_in(void **state)
{
    (void)state;
    memset(place + strlen(place) - 6, 'X', 6);
    if (mkdtemp(place) == NULL)
        return -1;
    engine = (struct engine){.data = place, .run = place};
    engine.data_fd = engine.run_fd =
        open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return mkdirat(engine.data_fd, "containers", 0700) |
           mkdirat(engine.data_fd, "containers/" ID1, 0700) |
           mkdirat(engine.data_fd, "containers/" ID2, 0700);
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int move_out(void **state)
{
    (void)state;
    close(engine.data_fd);
    return nftw(place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_t *create(const char *request)
{
    json_auto_t *json = json_loads(request, 0, NULL);

    assert_non_null(json);
    why = (struct failure){0};
    return volume_create(&engine, json, &why);
}

static bool exists(const char *path)
{
    return faccessat(engine.data_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void a_volume_is_made_once(void **state)
{
    json_auto_t *one = create(
        "{\"Name\": \"v1\", \"Labels\": {\"a\": \"b\"}, \"Driver\": \"\"}");
    json_auto_t *again = create("{\"Name\": \"v1\"}");
    json_auto_t *plain = create("{\"Name\": \"v2\"}");
    char mountpoint[100];
    struct stat st;

    (void)state;
    assert_true(json_equal(one, again));
    snprintf(mountpoint, sizeof(mountpoint), "%s/volumes/v1/_data", place);
    assert_string_equal(text(one, "Mountpoint"), mountpoint);
    assert_string_equal(text(one, "Driver"), "local");
    assert_string_equal(text(one, "Scope"), "local");
    assert_string_equal(text(json_object_get(one, "Labels"), "a"), "b");
    assert_true(json_is_null(json_object_get(plain, "Labels")));
    assert_true(json_is_null(json_object_get(one, "Options")));
    assert_int_equal(strlen(text(one, "CreatedAt")), 20);
    assert_int_equal(stat(mountpoint, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
}

static void a_volume_without_a_name_gets_one(void **state)
{
    json_auto_t *one = create("{}");
    json_auto_t *other = create("{\"Name\": \"\"}");

    (void)state;
    assert_int_equal(strlen(text(one, "Name")), 64);
    assert_string_not_equal(text(one, "Name"), text(other, "Name"));
    assert_string_equal(
        text(json_object_get(one, "Labels"), "com.docker.volume.anonymous"),
        "");
}

static void a_request_that_is_nonsense_makes_nothing(void **state)
{
    static const char *const bad[][2] = {
        {"{\"Name\": \"../x\"}",
         "create ../x: \"../x\" includes invalid characters for a local volume "
         "name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you "
         "intended to pass a host directory, use absolute path"},
        {"{\"Name\": \"a\"}",
         "create a: volume name is too short, names should be at least two "
         "alphanumeric characters"},
        {"{\"Name\": \"v9\", \"Driver\": \"nfs\"}",
         "create v9: error looking up volume plugin nfs: plugin \"nfs\" not "
         "found"},
        {"{\"Name\": \"v9\", \"DriverOpts\": {\"foo\": \"x\"}}",
         "create v9: invalid option: \"foo\""},
        {"{\"Name\": \"v9\", \"DriverOpts\": {\"type\": \"none\"}}",
         "create v9: missing required option: \"device\""},
        {"{\"Name\": \"v9\", \"Labels\": {\"a\": 1}}",
         "Labels: \"a\" must have a text"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(create(bad[i][0]));
        assert_string_equal(why.message, bad[i][1]);
    }
    assert_false(exists("volumes/v9"));
}

static size_t listed(const char *filters)
{
    json_auto_t *json = json_loads(filters, 0, NULL);
    json_auto_t *list = volume_list(&engine, json, &why);

    return list == NULL ? 999
                        : json_array_size(json_object_get(list, "Volumes"));
}

static void a_list_shows_what_passes(void **state)
{
    json_decref(create("{\"Name\": \"red\", \"Labels\": {\"k\": \"v\"}}"));
    json_decref(create("{\"Name\": \"blue\", \"Labels\": {\"k\": \"w\"}}"));
    json_decref(create("{\"Name\": \"bred\"}"));

    (void)state;
    assert_int_equal(mkdirat(engine.data_fd, "volumes/.new-x", 0700), 0);
    assert_int_equal(mkdirat(engine.data_fd, "volumes/damaged", 0700), 0);
    assert_int_equal(listed("{}"), 3);
    assert_int_equal(listed("{\"name\": [\"red\"]}"), 2);
    assert_int_equal(listed("{\"name\": [\"^red$\"]}"), 1);
    assert_int_equal(listed("{\"name\": {\"red\": true, \"x\": true}}"), 2);
    assert_int_equal(listed("{\"label\": [\"k\"]}"), 2);
    assert_int_equal(listed("{\"label\": [\"k=v\"]}"), 1);
    assert_int_equal(listed("{\"label\": [\"k\", \"k=v\"]}"), 1);
    assert_int_equal(listed("{\"driver\": [\"local\"]}"), 3);
    assert_int_equal(listed("{\"driver\": [\"x\"]}"), 0);
    assert_int_equal(listed("{\"dangling\": [\"true\"]}"), 3);
    assert_int_equal(listed("{\"dangling\": [\"false\"]}"), 0);
    assert_int_equal(listed("{\"colour\": [\"red\"]}"), 999);
    assert_string_equal(why.message, "Invalid filter 'colour'");
}

/* -- containers ------------------------------------------------------------ */

static json_t *prepare(const char *id, const char *config)
{
    json_auto_t *json = json_loads(config, 0, NULL);
    json_t *points = NULL;

    assert_non_null(json);
    why = (struct failure){0};
    return volumes_prepare(&engine, id, json, &points, &why) == 0 ? points
                                                                  : NULL;
}

static const json_t *at(const json_t *points, const char *target)
{
    const json_t *point;
    size_t i;

    json_array_foreach(points, i, point)
        if (str_eq(text(point, "Destination"), target))
            return point;
    return NULL;
}

#define EVERYTHING                                                             \
    "{\"Config\": {\"Volumes\": {\"/anon\": {}, \"/named\": {}, \"rel\": {},"  \
    "                            \"/../../up\": {}, \"/t\": {}}},"             \
    " \"HostConfig\": {\"Binds\": [\"name:/named\","                           \
    "                             \"/tmp:/host:ro,rslave\"],"                  \
    "  \"Tmpfs\": {\"/t/\": \"size=1m\"},"                                     \
    "  \"Mounts\": [{\"Type\": \"bind\", \"Source\": \"/tmp\","                \
    "                \"Target\": \"/b\", \"ReadOnly\": true},"                 \
    "               {\"Type\": \"volume\", \"Target\": \"/v\","                \
    "                \"VolumeOptions\": {\"Labels\": {\"x\": \"y\"}}},"        \
    "               {\"Type\": \"tmpfs\", \"Target\": \"/b/deep\","            \
    "                \"TmpfsOptions\": {\"SizeBytes\": 65536, "                \
    "                                  \"Mode\": 448}}]}}"

static void a_request_becomes_points(void **state)
{
    json_auto_t *points = prepare(ID1, EVERYTHING);

    (void)state;
    assert_non_null(points);
    assert_int_equal(json_array_size(points), 8);
    assert_string_equal(text(at(points, "/named"), "Name"), "name");
    assert_string_equal(text(at(points, "/named"), "Mode"), "z");
    assert_string_equal(text(at(points, "/host"), "Type"), "bind");
    assert_string_equal(text(at(points, "/host"), "Source"), "/tmp");
    assert_string_equal(text(at(points, "/host"), "Mode"), "ro,rslave");
    assert_string_equal(text(at(points, "/host"), "Propagation"), "rslave");
    assert_true(json_is_false(json_object_get(at(points, "/host"), "RW")));
    assert_string_equal(text(at(points, "/b"), "Propagation"), "rprivate");
    assert_string_equal(text(at(points, "/b"), "Mode"), "");
    assert_int_equal(strlen(text(at(points, "/anon"), "Name")), 64);
    assert_string_equal(text(at(points, "/anon"), "Mode"), "");
    assert_non_null(at(points, "/up"));
    assert_non_null(at(points, "/rel"));
    assert_null(at(points, "/t"));
    json_auto_t *labelled =
        volume_inspect(&engine, text(at(points, "/v"), "Name"), &why);
    assert_string_equal(text(json_object_get(labelled, "Labels"), "x"), "y");
}

static void points_become_mounts(void **state)
{
    json_auto_t *config = json_loads(EVERYTHING, 0, NULL);
    json_auto_t *points = prepare(ID1, EVERYTHING);
    json_t *host = json_object_get(config, "HostConfig");
    struct mounts m = {0};
    size_t deep = SIZE_MAX; /* where it is in the list */

    (void)state;
    json_object_set_new(host, "ReadonlyRootfs", json_true());
    /* "/tmp" may be private here: that is another test's. */
    json_object_set_new(json_array_get(points, 1), "Propagation",
                        json_string("rprivate"));
    assert_int_equal(volumes_mounts(&engine, points, host, &m, &why), 0);
    assert_int_equal(m.count, 9);
    assert_true(m.read_only_root);
    for (size_t i = 0; i < m.count; i++)
        if (str_eq(m.list[i].target, "/b/deep"))
            deep = i;
        else
            assert_true(deep ==
                        SIZE_MAX); /* it is below another: it comes last */
    assert_true(deep < m.count);
    assert_int_equal(m.list[deep].type, MOUNT_TMPFS);
    assert_string_equal(m.list[deep].options, "size=65536,mode=700");
    for (size_t i = 0; i < m.count; i++) {
        const struct mount_request *r = &m.list[i];

        if (r->type == MOUNT_BIND)
            assert_int_equal(r->attributes, MOUNT_ATTR_NODEV);
        assert_int_equal(r->mark_fd >= 0, strstr(r->source ? r->source : "",
                                                 "/volumes/") != NULL);
    }
    mounts_release(&m);
}

static void a_request_that_is_nonsense_is_refused(void **state)
{
    static const char *const bad[][2] = {
        {"\"Binds\": [\"/tmp:/x\", \"name:/x/\"]", "Duplicate mount point: /x"},
        {"\"Binds\": [\"/tmp:/x\"], \"Tmpfs\": {\"/x\": \"\"}",
         "Duplicate mount point: /x"},
        {"\"Binds\": [\"/tmp:/proc/self\"]",
         "invalid mount point \"/proc/self\": it is inside /proc"},
        {"\"Binds\": [\"name:/x:rshared\"]",
         "invalid volume specification: 'name:/x:rshared': invalid mount "
         "config for type \"volume\": field BindOptions must not be specified"},
        {"\"Binds\": [\"n@me:/x\"]",
         "create n@me: \"n@me\" includes invalid characters for a local volume "
         "name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you "
         "intended to pass a host directory, use absolute path"},
        {"\"Mounts\": [{\"Type\": \"bind\", \"Source\": \"/no/such\", "
         "\"Target\": \"/x\"}]",
         "invalid mount config for type \"bind\": bind source path does not "
         "exist: /no/such"},
        {"\"Mounts\": [{\"Type\": \"bind\", \"Source\": \"tmp\", "
         "\"Target\": \"/x\"}]",
         "invalid mount config for type \"bind\": invalid mount path: 'tmp' "
         "mount path must be absolute"},
        {"\"Mounts\": [{\"Type\": \"bind\", \"Target\": \"/x\"}]",
         "invalid mount config for type \"bind\": field Source must not be "
         "empty"},
        {"\"Mounts\": [{\"Type\": \"what\", \"Target\": \"/x\"}]",
         "invalid mount config for type \"what\": mount type unknown"},
        {"\"Mounts\": [{\"Type\": \"tmpfs\", \"Target\": \"/\"}]",
         "invalid mount config for type \"tmpfs\": invalid specification: "
         "destination can't be '/'"},
        {"\"Mounts\": [{\"Type\": \"volume\", \"Target\": \"/x\", "
         "\"BindOptions\": {}}]",
         "invalid mount config for type \"volume\": field BindOptions must not "
         "be specified"},
        {"\"Mounts\": [{\"Type\": \"bind\", \"Source\": \"/tmp\", "
         "\"Target\": \"/x\", \"BindOptions\": {\"Propagation\": \"dev\"}}]",
         "invalid mount config for type \"bind\": invalid propagation mode: "
         "dev"},
        {"\"Tmpfs\": {\"/x\": \"loop\"}", "invalid tmpfs option [\"loop\"]"},
        {"\"VolumesFrom\": [\"x\"]", "VolumesFrom is not supported"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *config = NULL;

        /* The one without a name is made first, and has to go again. */
        assert_true(asprintf(&config, "{\"Config\": {}, \"HostConfig\": {%s}}",
                             bad[i][0]) > 0);
        assert_null(prepare(ID1, config));
        assert_string_equal(why.message, bad[i][1]);
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
        free(config);
    }
    assert_null(prepare(ID1, "{\"Config\": {}, \"HostConfig\": {\"Binds\": "
                             "[\"/anon\", \"a/b:/x\"]}}"));
    assert_int_equal(listed("{\"label\": [\"com.docker.volume.anonymous\"]}"),
                     0);
}

#define ONE_NAMED                                                              \
    "{\"Config\": {\"Volumes\": {\"/anon\": {}}},"                             \
    " \"HostConfig\": {\"Binds\": [\"keep:/keep\"]}}"

static void a_used_volume_is_not_removed(void **state)
{
    json_auto_t *one = prepare(ID1, ONE_NAMED);
    json_auto_t *two = prepare(ID2, ONE_NAMED);
    char anonymous[65];

    (void)state;
    snprintf(anonymous, sizeof(anonymous), "%s",
             text(at(one, "/anon"), "Name"));
    assert_int_equal(volume_remove(&engine, "keep", true, &why), -1);
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(why.message, "remove keep: volume is in use - ["));
    assert_non_null(strstr(why.message, ID1));
    assert_non_null(strstr(why.message, ID2));
    volumes_release(&engine, ID2, two, false);
    assert_int_equal(listed("{\"dangling\": [\"true\"]}"), 1);
    volumes_release(&engine, ID1, one, true);
    assert_int_equal(volume_remove(&engine, anonymous, false, &why), -1);
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_int_equal(volume_remove(&engine, "keep", false, &why), 0);
    assert_int_equal(volume_remove(&engine, "keep", false, &why), -1);
    assert_string_equal(why.message, "get keep: no such volume");
    assert_int_equal(volume_remove(&engine, "keep", true, &why), 0);
    assert_int_equal(volume_remove(&engine, "../containers", false, &why), -1);
    assert_true(exists("containers/" ID1));
}

static void a_container_that_was_never_finished_holds_nothing(void **state)
{
    json_auto_t *one = prepare(ID1, ONE_NAMED);

    (void)state;
    assert_non_null(one);
    assert_int_equal(unlinkat(engine.data_fd, "containers/" ID1, AT_REMOVEDIR),
                     0);
    assert_int_equal(volume_remove(&engine, "keep", false, &why), 0);
}

static void a_volume_named_by_others_stays(void **state)
{
    json_auto_t *one =
        prepare(ID1, "{\"Config\": {\"Volumes\": {\"/a\": {}}}}");
    char config[300];

    (void)state;
    snprintf(config, sizeof(config),
             "{\"HostConfig\": {\"Binds\": [\"%s:/b\"]}}",
             text(at(one, "/a"), "Name"));
    json_auto_t *two = prepare(ID2, config);
    volumes_release(&engine, ID1, one, true);
    volumes_release(&engine, ID2, two, true);
    assert_int_equal(listed("{}"), 1);
}

static void prune_takes_what_nobody_uses(void **state)
{
    json_auto_t *used = prepare(ID1, ONE_NAMED);
    json_auto_t *all = json_loads("{\"all\": [\"true\"]}", 0, NULL);

    (void)state;
    json_decref(create("{}"));
    json_decref(create("{\"Name\": \"named\"}"));
    cleanup_close int fd = openat(engine.data_fd, "volumes/named/_data/file",
                                  O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "12345", 5), 5);
    assert_int_equal(linkat(engine.data_fd, "volumes/named/_data/file",
                            engine.data_fd, "volumes/named/_data/same", 0),
                     0);
    assert_int_equal(mkdirat(engine.data_fd, "volumes/.new-x", 0700), 0);
    assert_int_equal(mkdirat(engine.data_fd, "volumes/.gone-x", 0700), 0);
    json_auto_t *first = volume_prune(&engine, NULL, &why);
    assert_int_equal(json_array_size(json_object_get(first, "VolumesDeleted")),
                     1);
    json_auto_t *second = volume_prune(&engine, all, &why);
    json_auto_t *expected = json_loads(
        "{\"VolumesDeleted\": [\"named\"], \"SpaceReclaimed\": 5}", 0, NULL);
    assert_true(json_equal(second, expected));
    assert_false(exists("volumes/.new-x") || exists("volumes/.gone-x"));
    assert_int_equal(listed("{}"), 2);
}

static void a_source_of_v_is_made_and_of_mount_is_not(void **state)
{
    char config[400];
    struct mounts m = {0};
    struct stat st;

    (void)state;
    snprintf(config, sizeof(config),
             "{\"HostConfig\": {\"Binds\": [\"%s/new/er:/x\"]}}", place);
    json_auto_t *points = prepare(ID1, config);
    mode_t mask = umask(077);
    assert_int_equal(volumes_mounts(&engine, points, NULL, &m, &why), 0);
    umask(mask);
    assert_int_equal(fstatat(engine.data_fd, "new/er", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    mounts_release(&m);

    snprintf(config, sizeof(config),
             "{\"HostConfig\": {\"Mounts\": [{\"Type\": \"bind\", \"Source\": "
             "\"%s/new/er\", \"Target\": \"/x\"}]}}",
             place);
    json_auto_t *json = json_loads(config, 0, NULL);
    json_auto_t *other = prepare(ID1, config);
    assert_int_equal(unlinkat(engine.data_fd, "new/er", AT_REMOVEDIR), 0);
    assert_int_equal(volumes_mounts(&engine, other,
                                    json_object_get(json, "HostConfig"), &m,
                                    &why),
                     -1);
    assert_non_null(strstr(why.message, "bind source path does not exist"));
    mounts_release(&m);
    assert_false(exists("new/er"));
}

/* Makers and removers of one name, killed at any moment. */
static void work_until_killed(int number)
{
    json_auto_t *request = json_pack("{s:s}", "Name", "busy");

    for (;;)
        if (number % 2 == 0)
            json_decref(volume_create(&engine, request, &why));
        else
            (void)volume_remove(&engine, "busy", true, &why);
}

static void killed_makers_leave_whole_volumes(void **state)
{
    (void)state;
    for (int round = 0; round < 40; round++) {
        pid_t children[4];

        for (int i = 0; i < 4; i++)
            if ((children[i] = fork()) == 0)
                work_until_killed(i);
        usleep(20000);
        for (int i = 0; i < 4; i++) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
        }
        assert_true(!exists("volumes/busy") ||
                    (exists("volumes/busy/_data") &&
                     exists("volumes/busy/users") &&
                     exists("volumes/busy/volume.json")));
    }
    json_decref(volume_prune(&engine, NULL, &why));
    assert_int_equal(volume_remove(&engine, "busy", true, &why), 0);
    assert_int_equal(unlinkat(engine.data_fd, "volumes", AT_REMOVEDIR), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settle_in, move_out)

const struct CMUnitTest volumes_tests[] = {
    TEST(a_volume_is_made_once),
    TEST(a_volume_without_a_name_gets_one),
    TEST(a_request_that_is_nonsense_makes_nothing),
    TEST(a_list_shows_what_passes),
    TEST(a_request_becomes_points),
    TEST(points_become_mounts),
    TEST(a_request_that_is_nonsense_is_refused),
    TEST(a_used_volume_is_not_removed),
    TEST(a_container_that_was_never_finished_holds_nothing),
    TEST(a_volume_named_by_others_stays),
    TEST(prune_takes_what_nobody_uses),
    TEST(a_source_of_v_is_made_and_of_mount_is_not),
    TEST(killed_makers_leave_whole_volumes),
};
const size_t volumes_count = sizeof(volumes_tests) / sizeof(volumes_tests[0]);
