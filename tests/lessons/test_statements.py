"""statements finds what can be deleted, and deletes exactly that."""
import shutil
import tempfile
import unittest
from pathlib import Path

from project import MAKEFILE
from duct_tools import statements

SOURCE = r"""
#include <stdio.h>
#define say(x) do { puts(x); } while (0)

static int header_like(void);

int f(int a, int b[])
{
    int i = 0, j[] = {1, 2};

    if (a > 0)
        say("a;b");
    else if (a < 0) {
        puts("ä"); /* ; */
        return 1;
    }
    for (i = 0; i < 2; i++)
        while (b[i]--)
            putchar(';');
    do {
        a--;
    } while (a);
    switch (a) {
    case 1:
        goto out;
    default:
        break;
    }
    {
        a = (a ? ({ int k = 2; k; }) : 3) +
            j[1];
    }
out:
    ;
    return a;
}
"""


@unittest.skipUnless(shutil.which("clang"), "needs clang")
class StatementsTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        (self.directory / "Makefile").write_text(MAKEFILE)
        (self.directory / "a.c").write_text(SOURCE)
        self.found = statements.statements_of(self.directory, "a.c")

    def test_all_are_found(self):
        self.assertEqual([each.text.encode("latin-1").decode()
                          for each in self.found], [
            "int i = 0, j[] = {1, 2};",
            "if (a > 0) ...",
            'say("a;b");',
            "if (a < 0) ...",
            'puts("ä");',
            "return 1;",
            "for (i = 0; i < 2; i++) ...",
            "while (b[i]--) ...",
            "putchar(';');",
            "do ...",
            "a--;",
            "switch (a) { case 1: ...",
            "goto out;",
            "break;",
            "a = (a ? ({ int k = 2; k; }) : 3) + j[1];",
            "return a;",
        ])
        self.assertEqual({each.function for each in self.found}, {"f"})

    def test_own_lines_leave_out_what_hangs_below(self):
        loop = next(each for each in self.found
                    if each.text.startswith("for"))
        self.assertEqual(loop.own_lines, {17})

    def test_deleting_keeps_all_else_where_it_was(self):
        source = statements.read(self.directory / "a.c")
        for each in self.found:
            gone = statements.without(source, each).decode("latin-1")
            self.assertEqual(len(gone), len(source))
            self.assertEqual(gone.count("\n"), source.count("\n"))
            self.assertEqual(gone[:each.start], source[:each.start])
            self.assertEqual(gone[each.start], ";")
            self.assertEqual(gone[each.start + 1:each.end].strip(), "")
            self.assertEqual(gone[each.end:], source[each.end:])

    def test_whole_statements_are_deleted(self):
        source = statements.read(self.directory / "a.c")
        ends = {source[each.end - 1] for each in self.found}
        self.assertEqual(ends, {";", "}"})
        do = next(each for each in self.found if each.text == "do ...")
        self.assertTrue(source[do.start:do.end].endswith("while (a);"))


if __name__ == "__main__":
    unittest.main()
