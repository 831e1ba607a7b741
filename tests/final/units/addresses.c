/*
 * addresses: subnets, leases and ports, in a directory made for the test.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "bindings.h"
#include "ports.h"
#include "tree.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

static void a_subnet_leaves_out_its_first_and_last(void **state)
{
    struct subnet s;

    (void)state;
    assert_int_equal(subnet_parse(&s, "10.33.0.129/25"), 0);
    assert_int_equal(s.network, 0x0a210080);
    assert_int_equal(s.gateway, 0x0a210081);
    assert_int_equal(s.first, 0x0a210081);
    assert_int_equal(s.last, 0x0a2100fe);
}

static void nonsense_is_no_subnet(void **state)
{
    static const char *const wrong[] = {
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/0",
        "10.0.0.0/31",
        "10.0.0.0/33",
        "10.0.0.0/8x",
        "10.0.0/8",
        "/8",
        "::/8",
        "10.0.0.256/8",
        "10.0.0.0/-8",
        "10.0.0.0/8/8",
        "1111111111111111111111111111/8",
    };
    struct subnet s;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(subnet_parse(&s, wrong[i]), -1);
}

static void overlap_does_not_depend_on_who_is_larger(void **state)
{
    struct subnet large, small, other;

    (void)state;
    assert_int_equal(subnet_parse(&large, "10.0.0.0/8"), 0);
    assert_int_equal(subnet_parse(&small, "10.9.8.0/24"), 0);
    assert_int_equal(subnet_parse(&other, "11.0.0.0/24"), 0);
    assert_true(subnets_overlap(&large, &small));
    assert_true(subnets_overlap(&small, &large));
    assert_false(subnets_overlap(&large, &other));
    assert_false(subnets_overlap(&other, &small));
}

static void ports_are_read_within_bounds(void **state)
{
    static const char *const wrong[] = {
        "",    "0",   "65536", "80/",       "80/sctp", "81-80", "-80",
        "80-", "+80", " 80",   "80-90-100", "1-65535", "x",     "80/tcp/udp",
    };
    struct port_range range;

    (void)state;
    assert_int_equal(ports_parse(&range, "8000-8010/udp"), 0);
    assert_int_equal(range.first, 8000);
    assert_int_equal(range.last, 8010);
    assert_string_equal(range.protocol, "udp");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(ports_parse(&range, wrong[i]), -1);
}

struct place {
    char path[256];
    int fd;
    struct addresses all;
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    struct failure why;

    snprintf(place->path, sizeof(place->path), "%s/units-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : P_tmpdir);
    assert_non_null(mkdtemp(place->path));
    place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(addresses_lock(&place->all, place->fd, "net", &why), 0);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;

    addresses_unlock(&place->all);
    close(place->fd);
    (void)tree_remove(AT_FDCWD, place->path);
    free(place);
    return 0;
}

static void take_any(const struct place *place, const struct subnet *s,
                     struct address *a)
{
    struct failure why;

    assert_true(address_find(a, &place->all, s));
    assert_int_equal(address_take(a->text, &place->all, "me", &why), 0);
}

static void each_address_is_given_away_once(void **state)
{
    struct subnet s;
    struct address a;

    assert_int_equal(subnet_parse(&s, "10.0.0.0/29"), 0);
    for (uint32_t i = 2; i <= 6; i++) {
        take_any(*state, &s, &a);
        assert_int_equal(a.number, 0x0a000000 + i);
    }
    assert_false(address_find(&a, &((struct place *)*state)->all, &s));
}

static void one_given_back_comes_last(void **state)
{
    struct place *place = *state;
    struct subnet s;
    struct address a;

    assert_int_equal(subnet_parse(&s, "10.0.0.0/29"), 0);
    take_any(place, &s, &a);
    address_drop("10.0.0.2", &place->all, "me");
    for (uint32_t i = 3; i <= 6; i++) {
        take_any(place, &s, &a);
        assert_int_equal(a.number, 0x0a000000 + i);
    }
    take_any(place, &s, &a);
    assert_string_equal(a.text, "10.0.0.2");
}

static void nobody_drops_what_is_anothers(void **state)
{
    struct place *place = *state;
    struct failure why;
    char owner[16];

    assert_int_equal(address_take("10.0.0.2", &place->all, "me", &why), 0);
    address_drop("10.0.0.2", &place->all, "you");
    assert_true(
        address_owner("10.0.0.2", place->fd, "net", owner, sizeof(owner)));
    assert_string_equal(owner, "me");
    assert_int_equal(address_take("10.0.0.2", &place->all, "you", &why), -1);
    assert_string_equal(why.message, "Address already in use");
    assert_false(addresses_are_free(&place->all));
    address_drop("10.0.0.2", &place->all, "me");
    assert_true(addresses_are_free(&place->all));
}

static json_t *config_of(const char *host)
{
    return json_pack("{s:{s:{s:{}}}, s:o}", "Config", "ExposedPorts", "90/udp",
                     "HostConfig", json_loads(host, 0, NULL));
}

static void bindings_are_those_of_a_create_request(void **state)
{
    json_t *config = config_of(
        "{\"PublishAllPorts\": true, \"PortBindings\": {\"80/tcp\": ["
        "{\"HostIp\": \"127.0.0.1\", \"HostPort\": \"8000-8010\"}]}}");
    struct failure why;
    struct ports ports;

    (void)state;
    assert_int_equal(bindings_read(&ports, config, &why), 0);
    assert_int_equal(ports.count, 2);
    assert_int_equal(ports.list[0].host, 8000);
    assert_int_equal(ports.list[0].host_last, 8010);
    assert_int_equal(ports.list[0].container, 80);
    assert_int_equal(ports.list[1].host, 0);
    assert_int_equal(ports.list[1].container, 90);
    assert_string_equal(ports.list[1].protocol, "udp");
    ports_release(&ports);
    json_decref(config);
}

static void nonsense_is_no_binding(void **state)
{
    static const char *const wrong[] = {
        "{\"PortBindings\": {\"80/sctp\": []}}",
        "{\"PortBindings\": {\"80-81/tcp\": []}}",
        "{\"PortBindings\": {\"80/tcp\": [{\"HostPort\": \"99999\"}]}}",
        "{\"PortBindings\": {\"80/tcp\": [{\"HostPort\": \"80/tcp\"}]}}",
        "{\"PortBindings\": {\"80/tcp\": [{\"HostIp\": \"1.2.3\"}]}}",
        "{\"PortBindings\": {\"80/tcp\": [{\"HostIp\": \"::1\"}]}}",
    };
    struct failure why;
    struct ports ports;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        json_t *config = config_of(wrong[i]);

        assert_int_equal(bindings_read(&ports, config, &why), -1);
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
        ports_release(&ports);
        json_decref(config);
    }
}

#define in_place(test)                                                         \
    cmocka_unit_test_setup_teardown(test, make_place, remove_place)

const struct CMUnitTest addresses_tests[] = {
    cmocka_unit_test(a_subnet_leaves_out_its_first_and_last),
    cmocka_unit_test(nonsense_is_no_subnet),
    cmocka_unit_test(overlap_does_not_depend_on_who_is_larger),
    cmocka_unit_test(ports_are_read_within_bounds),
    in_place(each_address_is_given_away_once),
    in_place(one_given_back_comes_last),
    in_place(nobody_drops_what_is_anothers),
    cmocka_unit_test(bindings_are_those_of_a_create_request),
    cmocka_unit_test(nonsense_is_no_binding),
};
const size_t addresses_count =
    sizeof(addresses_tests) / sizeof(addresses_tests[0]);
