"""check-lessons refuses each way in which a lesson is not the step."""
import unittest

from project import ProjectTest

LESSON = "lessons/02-farewell.md"


class CheckLessonsTest(ProjectTest):

    def test_right(self):
        self.accepts("check-lessons", telling="2 lessons checked, 0 problems")

    def refuses_edit(self, old, new, telling, file=LESSON):
        self.project.edit(file, old, new)
        self.refuses("check-lessons", telling=telling)

    # Quoted code

    def test_quotation_differs(self):
        self.refuses_edit('    puts("good");', '    puts("Good");',
                          '02-farewell.md:24: not so, or not here, in '
                          'farewell.c: farewell: puts("Good");')

    def test_quotation_with_other_indentation(self):
        self.refuses_edit('    puts("good");', '  puts("good");',
                          "not so, or not here")

    def test_quotation_leaves_out_a_line_silently(self):
        self.refuses_edit("...\n", "", "not so, or not here")

    def test_quotation_in_another_order(self):
        self.refuses_edit('    puts("good");\n    puts("bye");',
                          '    puts("bye");\n    ...\n    puts("good");',
                          "not so, or not here")

    def test_quotation_from_elsewhere_in_the_file(self):
        self.refuses_edit("...\n", "...\n#include <stdio.h>\n",
                          "not so, or not here")

    def test_source_changes(self):
        self.refuses_edit('puts("good")', 'puts("better")',
                          "not so, or not here",
                          "steps/02-farewell/farewell.c")

    def test_unknown_name(self):
        self.refuses_edit("farewell.c: farewell -->", "farewell.c: adieu -->",
                          "steps/02-farewell/farewell.c has no adieu")

    def test_unknown_file(self):
        self.refuses_edit("02-farewell/farewell.c:", "02-farewell/adieu.c:",
                          "no adieu.c in steps/02-farewell")

    def test_unknown_step(self):
        self.refuses_edit("<!-- steps/02-farewell", "<!-- steps/03-farewell",
                          "there is no steps/03-farewell")

    def test_block_without_source(self):
        self.refuses_edit("Nothing.", "```c\nint x;\n```\n",
                          "c block without a source")

    def test_block_that_needs_none(self):
        self.project.edit(LESSON, "Nothing.",
                          "<!-- not from a step -->\n```c\nint x;\n```\n")
        self.accepts("check-lessons")

    def test_block_without_end(self):
        self.refuses_edit("Everything.", "```c\nint x;\n",
                          "block without end")

    def test_source_not_understood(self):
        self.refuses_edit("farewell.c: farewell -->", "farewell.c, main -->",
                          "not understood")

    def test_commands_outside_of_console(self):
        self.refuses_edit("Nothing.", "```sh\nls\n```\n",
                          "commands stand in console blocks")

    def test_diff_differs(self):
        self.refuses_edit("+    greet();", "+    greet(1);",
                          "in the diff of duct.c: +    greet(1);")

    def test_diff_leaves_out_a_line_silently(self):
        self.refuses_edit("-    return greet();\n", "", "in the diff of")

    def test_diff_without_a_change(self):
        self.refuses_edit("-    return greet();\n+    greet();\n"
                          "+    return farewell();\n }\n", "",
                          "shows no changed line")

    def test_mention_of_an_unknown_name(self):
        self.refuses_edit("Everything.", "`farewell.c: farewell, adieu`",
                          "farewell.c has no adieu")

    def test_mention_of_an_unknown_file(self):
        self.refuses_edit("Everything.", "`adieu.c: adieu`",
                          "no adieu.c in 02-farewell or 01-greeting")

    # Every hunk

    def test_new_function_is_not_dealt_with(self):
        self.refuses_edit("}\n", "}\n\nint adieu(void)\n{\n    return 1;\n}\n",
                          "not dealt with: `farewell.c: adieu`",
                          "steps/02-farewell/farewell.c")

    def test_changed_function_is_not_dealt_with(self):
        self.refuses_edit('puts("hello")', 'puts("Hello")',
                          "not dealt with: `duct.c: greet`",
                          "steps/02-farewell/duct.c")

    def test_changed_makefile_is_not_dealt_with(self):
        self.refuses_edit("-O2", "-O1", "not dealt with: `Makefile`",
                          "steps/02-farewell/Makefile")

    def test_changed_banner_is_not_dealt_with(self):
        self.refuses_edit("duct: greets.", "duct: greets twice.",
                          "not dealt with: `duct.c` (lines outside",
                          "steps/02-farewell/duct.c")

    def test_gone_function_is_not_dealt_with(self):
        self.refuses_edit("int main", "int gone(void)\n{\n}\n\nint main",
                          "not dealt with: `duct.c: gone`",
                          "steps/01-greeting/duct.c")

    def test_neighbour_of_a_gone_function_is_the_same(self):
        last = "\n    puts(\"x\");\n    return 0;\n}\n"
        for step in ("01-greeting", "02-farewell"):
            self.project.edit(f"steps/{step}/duct.c", "int main", "int kept("
                              "void)\n{" + last + "\nint main")
        self.project.edit("steps/01-greeting/duct.c", "int main", "int gone("
                          "void)\n{" + last + "\nint main")
        self.project.edit("lessons/01-greeting.md", "`duct.c: greet",
                          "`duct.c: kept, gone, greet")
        self.project.edit(LESSON, "is new:", "is new; `duct.c: gone` went:")
        self.accepts("check-lessons")

    def test_mention_outside_of_the_diff_is_not_enough(self):
        self.project.edit("steps/02-farewell/duct.c", 'puts("hello")',
                          'puts("Hello")')
        self.refuses_edit("Everything.", "`duct.c: greet`",
                          "not dealt with: `duct.c: greet`")

    def test_mention_is_enough(self):
        self.project.edit("steps/02-farewell/duct.c", 'puts("hello")',
                          'puts("Hello")')
        self.project.edit(LESSON, "is new:", "is new; `duct.c: greet`:")
        self.accepts("check-lessons")

    def test_first_step_is_new_as_a_whole(self):
        self.refuses_edit("`duct.c: greet, main`", "`duct.c: main`",
                          "not dealt with: `duct.c: greet`",
                          "lessons/01-greeting.md")

    # Form

    def test_section_is_missing(self):
        self.refuses_edit("## Break it\n", "## Brake it\n",
                          "no section ## Break it")

    def test_sections_in_another_order(self):
        self.project.edit(LESSON, "## By hand", "## x")
        self.project.edit(LESSON, "## Break it", "## By hand")
        self.refuses_edit("## x", "## Break it", "stands too early")

    def test_section_without_commands(self):
        self.refuses_edit("```console\n$ false", "```text\n$ false",
                          "## Break it has no console block")

    def test_hints(self):
        self.refuses_edit("Hint 2", "Hint 4", "Hint 4 where Hint 2 belongs")
        self.refuses_edit("<details><summary>Hint 4</summary>", "<details>",
                          "2 hints, at least 3 wanted")

    def test_question_without_answer(self):
        self.refuses_edit("<summary>Answer</summary>", "",
                          "question without")

    def test_too_few_questions(self):
        self.refuses_edit("3. Where?", "Where?", "2 questions, at least 3")

    def test_fold_is_never_closed(self):
        self.refuses_edit("</details>\n", "", "<details> is never closed")

    def test_links(self):
        self.refuses_edit("#the-diff)", "#the-difference)",
                          "no such heading")
        self.refuses_edit("01-greeting.md", "01-grunting.md",
                          "no such file")

    def test_anchor_of_a_suite(self):
        self.refuses_edit('"#the-diff"', '"#the-fifth"',
                          "suite.c:2: lessons/02-farewell.md has no heading "
                          "for #the-fifth", "tests/02-farewell/suite.c")
        self.refuses_edit('01-greeting.md#by-hand', '01-greeting.md#by-foot',
                          "has no heading for #by-foot",
                          "tests/02-farewell/suite.c")

    def test_anchor_given_by_hand(self):
        self.project.edit("tests/02-farewell/suite.c", '"#the-diff"',
                          '"#pivot_root"')
        self.project.edit(LESSON, "## Break it",
                          '<a id="pivot_root"></a>\n\n## Break it')
        self.accepts("check-lessons")

    def test_lesson_is_missing(self):
        (self.project.root / LESSON).unlink()
        self.refuses("check-lessons", telling="02-farewell.md: is missing")


if __name__ == "__main__":
    unittest.main()
