"""csource names what stands at the outermost level of a C file."""
import unittest

import project  # noqa: F401 (finds the tools)
from duct_tools import csource
from duct_tools.ladder import diff_lines


class UnitsTest(unittest.TestCase):

    def named(self, text):
        return [(unit.name, unit.kind) for unit in csource.units(text)]

    def test_every_kind_of_definition(self):
        for text, expected in [
                ("int f(void)\n{\n    if (1) { g(); }\n}\n",
                 ("f", "function")),
                ("static const char *f(int a,\n    bool (*g)(int))\n{\n}\n",
                 ("f", "function")),
                ("int f(const char *format, ...)\n"
                 "    __attribute__((format(printf, 1, 2)));\n",
                 ("f", "prototype")),
                ("__attribute__((noreturn)) void f(void)\n{\n}\n",
                 ("f", "function")),
                ("struct s {\n    int (*call)(void);\n};\n", ("s", "type")),
                ("enum { FIRST = 1, SECOND };\n", ("FIRST", "type")),
                ("static struct row {\n    int a;\n} rows[] = {{1}, {2}};\n",
                 ("rows", "data")),
                ("static int (*handler)(int);\n", ("handler", "data")),
                ("static const char text[] = \"a;b{\"\n    \"c\";\n",
                 ("text", "data")),
                ("int count = (1 + 2);\n", ("count", "data")),
                ("#define MAX(a, b) \\\n    ((a) > (b))\n",
                 ("MAX", "macro"))]:
            with self.subTest(text):
                self.assertEqual(self.named(text), [expected])

    def test_what_has_no_name_of_its_own(self):
        self.assertEqual(self.named(
            "#include <stdio.h>\nstruct s;\n_Static_assert(1, \"x\");\n"
            "/* int f(void) {} */\n"), [])

    def test_lines(self):
        text = ("/*\n * banner\n */\n#include <a.h>\n\n/* above\n * it */\n"
                "int f(void)\n{\n}\n\n// one\n// two\nint g(void) { }\n")
        f, g = csource.units(text)
        self.assertEqual((f.first, f.start, f.last), (6, 8, 10))
        self.assertEqual((g.first, g.start, g.last), (12, 14, 14))
        self.assertEqual(csource.banner(text), (1, 3))
        self.assertEqual(csource.code_lines(text), [4, 8, 9, 10, 14])

    def test_quotes_in_comments_and_comments_in_quotes(self):
        text = "int a = '\"'; /* \" */\nchar *b = \"/*\";\nint c; // */\n"
        self.assertEqual([name for name, _ in self.named(text)],
                         ["a", "b", "c"])


class DiffTest(unittest.TestCase):

    def test_all_lines_are_there_with_their_numbers(self):
        lines = diff_lines("a\nb\nc\n", "a\nx\nc\nd\n")
        self.assertEqual([(each.tag, each.text, each.old, each.new)
                          for each in lines],
                         [(" ", "a", 1, 1), ("-", "b", 2, 1),
                          ("+", "x", 2, 2), (" ", "c", 3, 3),
                          ("+", "d", 3, 4)])

    def test_new_and_gone_files(self):
        self.assertEqual([each.tag for each in diff_lines("", "a\nb\n")],
                         ["+", "+"])
        self.assertEqual([each.tag for each in diff_lines("a\n", "")], ["-"])


if __name__ == "__main__":
    unittest.main()
