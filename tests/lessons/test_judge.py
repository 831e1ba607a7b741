"""judge finds out a suite that notices too little."""
import os
import shutil
import unittest
from pathlib import Path

from project import ProjectTest

SUITE = "build/tests/02-farewell"


@unittest.skipUnless(os.geteuid() == 0, "needs root")
@unittest.skipUnless(shutil.which("clang"), "needs clang")
class JudgeTest(ProjectTest):
    """New in step 02 are two statements of main and three of farewell."""

    def outcomes(self):
        text = (self.project.root / "build/judge/02-farewell").read_text()
        return [line.split("\t") for line in text.splitlines()]

    def test_good_suite(self):
        status, printed = self.project.run("judge", "02")
        self.assertEqual(status, 0, printed)
        self.assertIn("step before: 2 of 2 trials of what is new fail\n"
                      "a statement is run by 3 of 3 trials", printed)
        self.assertIn("\ncaught 4 of 4 (100.0 %), 0 explained, 0 survivors\n",
                      printed)
        self.assertNotIn("not known", printed)
        self.assertEqual(
            [(verdict, told) for verdict, _, told in self.outcomes()],
            [("caught", "hello"), ("caught", "bye,end"),
             ("caught", "end"), ("caught", "bye"), ("does not compile", "")])

    def test_blind_suite(self):
        self.project.edit(SUITE, "judge end says good", "judge end true")
        self.refuses("judge", "02",
                     telling="caught 3 of 4 (75.0 %), 0 explained, 1 survivor"
                             '\nsurvivor: farewell.c:10: farewell: '
                             'puts("good");\n')

    def test_trial_of_the_feature_passes_before_it(self):
        self.project.edit(SUITE, "judge end says good",
                          "judge end says hello\njudge x says good")
        self.refuses("judge", "02", telling="step before: 1 of 2 trials of "
                     "what is new fail\n    end: pass\n")

    def test_explained(self):
        self.project.edit(SUITE, "judge end says good", "judge end true")
        self.project.write("tests/02-farewell/survivors",
                           '# why\nfarewell.c: farewell: puts("go...\n'
                           '    Nobody\n    listens.\n'
                           'farewell.c: farewell: puts("bye");\n    No.\n')
        self.refuses("judge", "02", telling="(75.0 %), 1 explained, "
                     "0 survivors\nexplained: farewell.c:10: farewell: "
                     'puts("good");\n    Nobody listens.\n'
                     'survivors:5: no survivor: farewell.c: farewell: '
                     'puts("bye");\n')

    def test_dead_code(self):
        self.project.edit("steps/02-farewell/farewell.c", "    puts(\"good\")",
                          "    (void)stdout;\n    puts(\"good\")")
        self.accepts("judge", "02", telling="caught 4 of 4 (100.0 %), "
                     "0 explained, 0 survivors\nsame machine code, not "
                     "counted: farewell.c:10: farewell: (void)stdout;")

    def test_suite_that_hangs_has_noticed(self):
        self.project.edit(SUITE, "judge end says good",
                          "says good || sleep 1000")
        _, printed = self.project.run("judge", "02", "--only", "farewell.c")
        self.assertIn("caught 2 of 2", printed)
        self.assertIn(["hung", 'farewell.c:10: farewell: puts("good");', ""],
                      self.outcomes())

    def test_trial_that_fails_now_and_then_proves_nothing(self):
        self.project.edit(SUITE, "judge end says good", "judge end at_times")
        self.project.edit(SUITE, "status=0",
                          "status=0\n"
                          'at_times() { says good; test -z "$FAILFAST"; }')
        self.refuses("judge", "02", telling='survivor: farewell.c:10: '
                     'farewell: puts("good"); (end fails now and then)')

    def test_step_that_does_not_pass_itself(self):
        self.project.edit(SUITE, "judge end says good", "judge end false")
        status, printed = self.project.run("judge", "02")
        self.assertEqual(status, 2)
        self.assertIn("does not pass for step 02-farewell itself", printed)

    def test_list_and_only(self):
        self.accepts("judge", "02", "--list",
                     telling="duct.c:17: main: greet();\n")
        self.accepts("judge", "02", "--only", "duct.c:main",
                     telling="caught 2 of 2")

    def test_copies_cannot_harm_the_machine(self):
        self.project.edit(SUITE, "status=0",
                          "status=0\n(echo x >/etc/duct-judge-was-here\n"
                          "mount -t tmpfs none /mnt\nhostname judged\n"
                          "mkdir /sys/fs/cgroup/*/duct-judge\n"
                          "sleep 987 &) 2>/dev/null")
        mounts = Path("/proc/self/mountinfo").read_text()
        name = os.uname().nodename
        self.accepts("judge", "02")
        self.assertFalse(os.path.exists("/etc/duct-judge-was-here"))
        self.assertEqual(Path("/proc/self/mountinfo").read_text(), mounts)
        self.assertEqual(os.uname().nodename, name)
        for directory, below, _ in os.walk("/sys/fs/cgroup"):
            self.assertNotIn("duct-judge", below, directory)


if __name__ == "__main__":
    unittest.main()
