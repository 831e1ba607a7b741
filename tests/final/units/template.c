/*
 * template: what --format can say, on the record of a container.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "template.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

static const char record[] =
    "{\"Name\":\"/web\",\"Args\":[\"a\",\"b\"],\"Count\":3,"
    "\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":42},"
    "\"Config\":{\"Labels\":{\"b\":\"2\",\"a\":\"1<&>\"},\"Cmd\":null},"
    "\"Ports\":{\"80/tcp\":[{\"HostPort\":\"8080\"}],\"90/tcp\":null}}";

/* What a template becomes, or why it does not. */
static char *filled(const char *text)
{
    json_auto_t *data = json_loads(record, 0, NULL);
    struct failure why = {0};
    cleanup_free char *found = NULL;
    size_t size;
    FILE *out = open_memstream(&found, &size);
    struct template *t = template_parse(text, &why);
    int status = t == NULL ? -1 : template_run(t, out, data, &why);

    template_free(t);
    fclose(out);
    return strdup(status < 0 ? why.message : found);
}

struct row {
    const char *text, *found;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cleanup_free char *found = filled(rows[i].text);

        assert_string_equal(found, rows[i].found);
    }
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(*(rows)))

static void values_print_as_go_prints_them(void **state)
{
    static const struct row rows[] = {
        {"plain", "plain"},
        {"", ""},
        {"{{.Name}} {{.State.Pid}}", "/web 42"},
        {"{{.Args}} {{.State.Running}}", "[a b] true"},
        {"{{.Config.Labels}}", "map[a:1<&> b:2]"},
        {"{{.Config.Labels.zz}}", "<no value>"},
        {"{{.Config.Cmd}}", "<no value>"},
        {"{{json .Args}} {{json .Config.Cmd}}", "[\"a\",\"b\"] null"},
        {"{{\"q\\\"\\n\"}}{{`raw\\n`}}", "q\"\nraw\\n"},
        {"{{1.5}} {{1e3}} {{0x10}} {{true}}", "1.5 1000 16 true"},
    };

    (void)state;
    CHECK(rows);
}

static void space_is_trimmed_where_asked(void **state)
{
    static const struct row rows[] = {
        {"a {{- \"b\" -}} c", "abc"}, {"a \n {{- /* no */ -}} \n c", "ac"},
        {"a {{/* no */}} c", "a  c"}, {"{{-3}}", "-3"},
        {"{{ .Name }}", "/web"},
    };

    (void)state;
    CHECK(rows);
}

static void blocks_nest(void **state)
{
    static const struct row rows[] = {
        {"{{if .State.Running}}y{{else}}n{{end}}", "y"},
        {"{{if eq .Name \"x\"}}1{{else if eq .Count 3}}2{{else}}3{{end}}", "2"},
        {"{{if .State.Health}}y{{else}}n{{end}}", "n"},
        {"{{with .State}}{{.Pid}}{{end}}", "42"},
        {"{{with .Config.Cmd}}y{{else}}{{.Name}}{{end}}", "/web"},
        {"{{range .Args}}[{{.}}]{{end}}", "[a][b]"},
        {"{{range .Config.Cmd}}x{{else}}none{{end}}", "none"},
        {"{{range $i, $e := .Args}}{{if $i}}, {{end}}{{$e}}{{end}}", "a, b"},
        {"{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}",
         "a=1<&>;b=2;"},
        {"{{range $p, $c := .Ports}}{{$p}}{{range $c}}>{{.HostPort}}{{end}} "
         "{{end}}",
         "80/tcp>8080 90/tcp "},
        {"{{range .Args}}{{break}}x{{end}}-", "-"},
        {"{{range .Args}}{{continue}}x{{end}}-", "-"},
        {"{{range 3}}{{.}}{{end}}", "012"},
        {"{{$x := 1}}{{range .Args}}{{$x = 2}}{{end}}{{$x}}", "2"},
        {"{{$ = 1}}{{$}}", "1"},
        {"{{range .Args}}{{$.Name}}{{end}}", "/web/web"},
    };

    (void)state;
    CHECK(rows);
}

static void functions_do_what_docker_s_do(void **state)
{
    static const struct row rows[] = {
        {"{{index .Args 1}} {{index .Config.Labels \"a\"}}", "b 1<&>"},
        {"{{index .Config.Labels \"zz\"}}|", "|"},
        {"{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080"},
        {"{{index .Ports \"80/tcp\" 0 \"HostPort\"}}", "8080"},
        {"{{len .Args}} {{len .Name}} {{len .State}}", "2 4 3"},
        {"{{upper .Name}} {{lower \"AB\"}} {{title \"a bc\"}}", "/WEB ab A Bc"},
        {"{{join .Args \",\"}} {{split .Name \"e\"}}", "a,b [/w b]"},
        {"{{slice .Name 1 3}} {{slice .Args 1}}", "we [b]"},
        {"{{pad .Name 1 2}}| {{truncate .Name 2}}", " /web  | /w"},
        {"{{print 1 2 \"a\" \"b\" 3}} {{println 1 \"a\"}}", "1 2ab3 1 a\n"},
        {"{{.Name | upper | printf \"%s!\"}}", "/WEB!"},
        {"{{printf \"%5s|%-5s|%05d|%.2s|%q|%t|%6.2f\" \"a\" \"b\" 7 \"abc\" "
         "\"d\" true 1.5}}",
         "    a|b    |00007|ab|\"d\"|true|  1.50"},
        {"{{printf \"%.3d|%4d|%+d\" 7 8 9}}", "007|   8|+9"},
        {"{{printf \"%v %d\" .Args .Name}}", "[a b] %!d(string=/web)"},
        {"{{printf \"%s\"}} {{printf \"a\" 1}} {{printf \"%%\"}}",
         "%!s(MISSING) a%!(EXTRA int=1) %"},
        {"{{and 1 0 2}} {{or 0 \"\" 3}} {{not 1}}", "0 3 false"},
        {"{{eq .Name \"a\" \"/web\"}} {{ne 1 2}} {{lt 1 2}} {{ge 1 2}}",
         "true true true false"},
        {"{{if and .State.Running (gt .State.Pid 1)}}y{{end}}", "y"},
    };

    (void)state;
    CHECK(rows);
}

#define WRONG "template parsing error: template: :1"

static void mistakes_are_told_as_docker_tells_them(void **state)
{
    static const struct row rows[] = {
        {"{{.Name", WRONG ": unclosed action"},
        {"{{", WRONG ": unclosed action"},
        {"{{.Name}", WRONG ": bad character U+007D '}'"},
        {"{{foo .Name}}", WRONG ": function \"foo\" not defined"},
        {"{{end}}", WRONG ": unexpected {{end}}"},
        {"{{else}}", WRONG ": unexpected {{else}}"},
        {"{{range .Args}}x", WRONG ": unexpected EOF"},
        {"{{\"a", WRONG ": unterminated quoted string"},
        {"{{}}", WRONG ": missing value for command"},
        {"{{$y}}", WRONG ": undefined variable \"$y\""},
        {"{{range $y := .Args}}{{end}}{{$y}}",
         WRONG ": undefined variable \"$y\""},
        {"{{break}}", WRONG ": {{break}} outside {{range}}"},
        {"{{.Foo}}", WRONG ":2: executing \"\" at <.Foo>: map has no entry for "
                           "key \"Foo\""},
        {"{{.State.Foo}}", WRONG ":8: executing \"\" at <.State.Foo>: map has "
                                 "no entry for key \"Foo\""},
        {"{{.State.Health.Status}}",
         WRONG ":8: executing \"\" at <.State.Health.Status>: map has no entry "
               "for key \"Health\""},
        {"{{index .Args 5}}", WRONG ":2: executing \"\" at <index .Args 5>: "
                                    "error calling index: index out of range: "
                                    "5"},
        {"{{eq 1 \"a\"}}", WRONG ":2: executing \"\" at <eq 1 \"a\">: error "
                                 "calling eq: incompatible types for "
                                 "comparison"},
        {"{{len 3}}", WRONG ":2: executing \"\" at <len 3>: error calling len: "
                            "len of type int"},
    };

    (void)state;
    CHECK(rows);
}

static void a_template_can_not_take_all(void **state)
{
    static const char doubles[] = "{{$x := \"aaaaaaaaaaaaaaaa\"}}{{range 99}}"
                                  "{{$x = printf \"%s%s\" $x $x}}{{end}}";
    cleanup_free char *found = filled("{{range 99999}}{{range 99999}}"
                                      "{{end}}{{end}}");

    (void)state;
    assert_non_null(strstr(found, "it takes too long"));
    free(found);
    found = filled(doubles);
    assert_non_null(strstr(found, "the text gets too long"));
}

static void depth_and_length_have_bounds(void **state)
{
    cleanup_free char *deep = calloc(1, 4096);
    cleanup_free char *longer = calloc(1, 70000);

    (void)state;
    memset(deep, '{', 2);
    memset(deep + 2, '(', 1000);
    cleanup_free char *found = filled(deep);
    assert_string_equal(found, WRONG ": too deep");
    memset(longer, 'a', 69999);
    free(found);
    found = filled(longer);
    assert_string_equal(found, WRONG ": too long");
}

const struct CMUnitTest template_tests[] = {
    cmocka_unit_test(values_print_as_go_prints_them),
    cmocka_unit_test(space_is_trimmed_where_asked),
    cmocka_unit_test(blocks_nest),
    cmocka_unit_test(functions_do_what_docker_s_do),
    cmocka_unit_test(mistakes_are_told_as_docker_tells_them),
    cmocka_unit_test(a_template_can_not_take_all),
    cmocka_unit_test(depth_and_length_have_bounds),
};
const size_t template_count =
    sizeof(template_tests) / sizeof(template_tests[0]);
