"""check-ladder refuses each way in which a step is not the step before."""
import unittest

from project import ProjectTest


class CheckLadderTest(ProjectTest):

    def test_right(self):
        self.accepts("check-ladder", telling="2 steps checked, 0 problems")

    def refuses_edit(self, name, old, new, telling):
        self.project.edit(name, old, new)
        self.refuses("check-ladder", "--no-build", telling=telling)

    def test_unlisted_change(self):
        self.refuses_edit("steps/02-farewell/Makefile", "-O2", "-O1",
                          "changed  Makefile: why")

    def test_unlisted_new_file(self):
        self.project.write("steps/02-farewell/more.c", "/* more */\n")
        self.refuses("check-ladder", "--no-build", telling="room     more.c")

    def test_unlisted_gone_file(self):
        self.project.write("steps/01-greeting/old.c", "/* old */\n")
        self.refuses("check-ladder", "--no-build",
                     telling="gone     old.c: why")

    def test_listed_but_the_same(self):
        self.refuses_edit("steps/CHANGES", "changed  duct.c",
                          "changed  duct.c Makefile",
                          "Makefile is the same, not changed")

    def test_listed_but_not_there(self):
        self.refuses_edit("steps/CHANGES", "farewell.h", "farewell.h x.c",
                          "neither 01-greeting nor 02-farewell has x.c")

    def test_new_is_not_changed(self):
        self.refuses_edit("steps/CHANGES", "room     farewell.c",
                          "changed  farewell.c",
                          "CHANGES:3: farewell.c is new, not changed")

    def test_reason_is_missing(self):
        self.refuses_edit("steps/CHANGES", ": says goodbye as well", "",
                          "duct.c needs a reason")

    def test_unknown_step(self):
        self.project.edit("steps/CHANGES", "02-farewell",
                          "09-x\n    room y.c\n02-farewell")
        self.refuses("check-ladder", "--no-build",
                     telling="there is no steps/09-x")

    def test_nonsense_line(self):
        self.refuses_edit("steps/CHANGES", "changed  duct.c",
                          "altered  duct.c", "CHANGES:4: not understood")

    def test_too_large(self):
        self.refuses_edit("steps/02-farewell/farewell.c", "    return 0",
                          "    puts(\"\");\n" * 1000 + "    return 0",
                          "02-farewell: the room has")
        self.refuses_edit("steps/02-farewell/duct.c", "    greet();",
                          "    greet();\n" * 1000,
                          "02-farewell: the wiring has")

    def test_comments_do_not_make_a_room_large(self):
        self.project.edit("steps/02-farewell/farewell.c", "    return 0",
                          "    /* a */\n\n" * 400 + "    return 0")
        self.accepts("check-ladder", "--no-build")

    def test_include_from_outside(self):
        self.refuses_edit("steps/02-farewell/farewell.c", '"farewell.h"',
                          '"../01-greeting/farewell.h"',
                          "is not in this folder")

    def test_makefile_leads_out(self):
        self.refuses_edit("steps/01-greeting/Makefile", "CFLAGS",
                          "include ../common.mk\nCFLAGS",
                          "leads out of its folder")

    def test_banners(self):
        self.refuses_edit("steps/02-farewell/farewell.c", "/*", "\n/*",
                          "has to start with a banner")
        self.refuses_edit("steps/02-farewell/farewell.h", "#pragma once\n",
                          "", "has to start with #pragma once")

    def test_does_not_build_elsewhere(self):
        self.project.edit("steps/02-farewell/farewell.c", "{\n",
                          "{\n    int unused;\n\n")
        self.refuses("check-ladder", telling="unused variable")


if __name__ == "__main__":
    unittest.main()
