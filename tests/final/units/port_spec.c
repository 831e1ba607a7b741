/*
 * port_spec: what -p and --expose become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "port_spec.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

/* What one -p becomes, as text; or what is wrong with it. */
static char *published(const char *text)
{
    json_auto_t *bindings = json_object();
    json_auto_t *exposed = json_object();
    struct failure why = {0};
    char *found = NULL;

    if (port_spec(bindings, exposed, text, &why) < 0)
        return strdup(why.message);
    assert_int_equal(json_object_size(exposed), json_object_size(bindings));
    const char *key;
    json_t *entry;
    FILE *out = open_memstream(&found, &(size_t){0});
    json_object_foreach(bindings, key, entry) {
        json_t *one = json_array_get(entry, 0);

        assert_non_null(json_object_get(exposed, key));
        assert_int_equal(json_array_size(entry), 1);
        fprintf(out, "[%s]%s>%s ",
                json_string_value(json_object_get(one, "HostIp")),
                json_string_value(json_object_get(one, "HostPort")), key);
    }
    fclose(out);
    return found;
}

static void ports_are_published_as_docker_does(void **state)
{
    static const struct {
        const char *text, *found;
    } rows[] = {
        {"80", "[]>80/tcp "},
        {"8080:80", "[]8080>80/tcp "},
        {"8080:80/udp", "[]8080>80/udp "},
        {"8080:80/TCP", "[]8080>80/tcp "},
        {"80/sctp", "[]>80/sctp "},
        {"80/", "[]>80/tcp "},
        {":80", "[]>80/tcp "},
        {"0:80", "[]0>80/tcp "},
        {"080:080", "[]80>80/tcp "},
        {"1.2.3.4::80", "[1.2.3.4]>80/tcp "},
        {"1.2.3.4:8080:80", "[1.2.3.4]8080>80/tcp "},
        {"[::1]:8080:80", "[::1]8080>80/tcp "},
        {"::1:8080:80", "[::1]8080>80/tcp "},
        {"80-82", "[]>80/tcp []>81/tcp []>82/tcp "},
        {"80-81:90-91/udp", "[]80>90/udp []81>91/udp "},
        {"8000-8010:80", "[]8000-8010>80/tcp "},
        {"80-80:90-90", "[]80>90/tcp "},
        {"published=80,target=90", "[]80>90/tcp "},
        {"published=80,target=90,protocol=udp", "[]80>90/udp "},
        {"", "no port specified: <empty>"},
        {"80:", "no port specified: 80:<empty>"},
        {"abc", "invalid containerPort: abc"},
        {" 80", "invalid containerPort:  80"},
        {"65536", "invalid containerPort: 65536"},
        {"82-80", "invalid containerPort: 82-80"},
        {"abc:80", "invalid hostPort: abc"},
        {"70000:80", "invalid hostPort: 70000"},
        {"1.2.3.4:80", "invalid hostPort: 1.2.3.4"},
        {"host:80:80", "invalid IP address: host"},
        {"80/foo", "invalid proto: foo"},
        {"80-82:80-81", "invalid ranges specified for container and host "
                        "Ports: 80-81 and 80-82"},
        {"1-65535", "invalid port range: 1-65535: more than 1024 ports"},
        {"1-1025", "invalid port range: 1-1025: more than 1024 ports"},
        {"published=80,x", "invalid publish opts format (should be "
                           "name=value but got 'x')"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cleanup_free char *found = published(rows[i].text);

        assert_string_equal(found, rows[i].found);
    }
}

static void a_range_may_have_1024_ports(void **state)
{
    json_auto_t *bindings = json_object();
    json_auto_t *exposed = json_object();
    struct failure why;

    (void)state;
    assert_int_equal(port_spec(bindings, exposed, "1-1024:2-1025", &why), 0);
    assert_int_equal(json_object_size(bindings), 1024);
    assert_non_null(json_object_get(exposed, "1025/tcp"));
}

static void one_port_of_a_container_may_be_published_twice(void **state)
{
    json_auto_t *bindings = json_object();
    json_auto_t *exposed = json_object();
    struct failure why;

    (void)state;
    assert_int_equal(port_spec(bindings, exposed, "80:80", &why), 0);
    assert_int_equal(port_spec(bindings, exposed, "81:80", &why), 0);
    assert_int_equal(json_array_size(json_object_get(bindings, "80/tcp")), 2);
}

static void exposed_ports_are_checked(void **state)
{
    static const char *const bad[] = {"",      "abc",    "80-70",  "70000",
                                      "80:90", "80/foo", "1-65535"};
    json_auto_t *exposed = json_object();
    struct failure why;

    (void)state;
    assert_int_equal(port_spec_expose(exposed, "80-82/udp", &why), 0);
    assert_int_equal(json_object_size(exposed), 3);
    assert_non_null(json_object_get(exposed, "82/udp"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(port_spec_expose(exposed, bad[i], &why), -1);
    assert_int_equal(json_object_size(exposed), 3);
}

const struct CMUnitTest port_spec_tests[] = {
    cmocka_unit_test(ports_are_published_as_docker_does),
    cmocka_unit_test(a_range_may_have_1024_ports),
    cmocka_unit_test(one_port_of_a_container_may_be_published_twice),
    cmocka_unit_test(exposed_ports_are_checked),
};
const size_t port_spec_count =
    sizeof(port_spec_tests) / sizeof(port_spec_tests[0]);
