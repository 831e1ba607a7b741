"""run-lesson refuses what a reader would not see."""
import os
import tempfile
import unittest

from project import ProjectTest
from duct_tools import console


class ComparisonTest(unittest.TestCase):

    def compare(self, expected, text, same=True):
        with self.subTest(expected=expected, text=text):
            self.assertEqual(console.is_as_expected(
                text, expected.split("\n") if expected else []), same)

    def test_same(self):
        self.compare("", "")
        self.compare("a\nb", "a\nb\n")
        self.compare("a", "a")
        self.compare("a", "a  \n\n")
        self.compare("...", "")
        self.compare("...", "a\nb\n")
        self.compare("a\n...\nd", "a\nb\nc\nd\n")
        self.compare("a\n...\nd", "a\nd\n")
        self.compare("pid ... is … now", "pid 12 is 3 now\n")
        self.compare("(a.c)*", "(a.c)*\n")
        self.compare("a", "a\n[1]+  Done   sleep 1\n")
        self.compare("a\n[1]+ ...", "a\n[1]+  Done   sleep 1\n")

    def test_different(self):
        for expected, text in [
                ("", "a\n"), ("a", ""), ("a", "b\n"), ("a", "a\nb\n"),
                ("a\nb", "a\n"), ("a\nb", "b\na\n"), ("a.c", "abc\n"),
                ("a\n...\nd", "a\nb\n"), ("x ... z", "x\nz\n"),
                ("a", " a\n"), ("a\n[1]+ ...", "a\n")]:
            self.compare(expected, text, same=False)

    def test_first_difference_is_told(self):
        self.assertEqual(console.first_difference(
            "a\nb\nx\n", ["a", "...", "c", "d"]), 2)
        self.assertEqual(console.first_difference("a\nb\n", ["a"]), 1)


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class RunLessonTest(ProjectTest):

    def lesson(self, *blocks):
        """Writes a lesson; a block is text, perhaps after (options, )."""
        text = "# Lesson\n"
        for block in blocks:
            options, lines = block if isinstance(block, tuple) else ("", block)
            text += f"\n```console {options}\n{lines}\n```\n"
        self.project.write("lessons/02-farewell.md", text)
        return str(self.project.root / "lessons/02-farewell.md")

    def passes(self, *blocks, telling):
        self.accepts("run-lesson", self.lesson(*blocks), telling=telling)

    def fails(self, *blocks, telling):
        self.refuses("run-lesson", self.lesson(*blocks), telling=telling)

    def test_all(self):
        self.accepts("run-lesson", "--all",
                     telling="8 passed, 0 failed, 0 skipped")

    def test_users_share_a_built_project(self):
        self.passes("$ id\n"
                    "uid=1000(student) gid=1000(student) "
                    "groups=1000(student)\n"
                    "$ steps/02-farewell/duct | tail -1\nbye\n"
                    "# id -un\nroot\n"
                    "# touch mine; ls -d rootfs/* mine\n"
                    "mine  rootfs/busybox\n"
                    "$ touch steps/yours; echo ~\n.../home/student",
                    telling="5 passed, 0 failed, 0 skipped")

    def test_wrong_output(self):
        self.fails("$ echo a\nb\n$ true", telling="FAILED  lessons/"
                   "02-farewell.md:4: $ echo a\n    expected:\n"
                   "  >>    b\n    found:\n        a\n")

    def test_output_that_is_not_told(self):
        self.fails("$ echo a", telling="expected: nothing")

    def test_stops_or_goes_on(self):
        lesson = self.lesson("$ echo a\n$ echo b\nb\n$ echo c")
        self.refuses("run-lesson", lesson,
                     telling="0 passed, 1 failed, 0 skipped")
        self.refuses("run-lesson", "-k", lesson,
                     telling="1 passed, 2 failed, 0 skipped")

    def test_shells_remember(self):
        self.passes("# cd /tmp; x=1\n$ x=2", "# echo $PWD $x\n/tmp 1\n"
                    "$ echo $x\n2", ("terminal=2", "# echo $x$PWD\n/var..."),
                    telling="5 passed")

    def test_several_lines(self):
        self.passes("$ for i in 1 2; do\n>     echo $i\n> done\n1\n2\n"
                    "# cat <<E\n> a # b\n> E\na # b\n"
                    "$ echo a \\\n> b\na b\n"
                    "$ sh\n$ echo 'c\n> d'\nc\nd", telling="5 passed")

    def test_output_like_a_prompt(self):
        self.passes(("single", "$ printf '# a\\n$ b\\n> c\\n'\n# a\n$ b\n> c"),
                    telling="1 passed")
        self.passes("$ echo '> c'\n> c", telling="1 passed")

    def test_shell_within(self):
        self.passes("# unshare --uts sh\n# hostname within; hostname\nwithin",
                    ("terminal=2", "# hostname | grep -c within\n0"),
                    "# exit\n$ bash\nstudent@...$ echo $BASH_SUBSHELL\n0\n"
                    "student@...$ exit\nexit\n$ echo $?\n0",
                    telling="8 passed, 0 failed, 0 skipped")

    def test_prompt_with_nothing_is_nothing(self):
        self.passes("$ sh\n$ echo a\na\n$ ", telling="2 passed")

    def test_keys(self):
        self.passes("$ sleep 1000\n^C\n$ echo $?\n130\n"
                    "$ cat -n\n^D\n$ echo $?\n0", telling="6 passed")

    def test_command_that_goes_on(self):
        self.passes(("running", "$ echo a; sleep 1000; echo b\na"),
                    ("terminal=2", "# pkill -x sleep"),
                    "...\nb\n$ echo $?\n0", telling="3 passed, 0 failed")

    def test_command_that_should_go_on_ends(self):
        self.fails(("running", "$ echo a\na"),
                   telling="it has ended, and was to go on")

    def test_command_that_should_end_goes_on(self):
        self.fails(("timeout=1", "$ echo a; sleep 1000\na"),
                   telling="no end within 1 s")
        self.fails(("timeout=1", "$ sleep 1000"),
                   telling="FAILED  lessons/02-farewell.md:4: $ sleep 1000\n"
                           "    no end within 1 s")

    def test_lesson_that_stalls_is_run_again(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
            self.passes(("timeout=1", f"# [ -e {directory}/x ] || "
                         f"{{ touch {directory}/x; sleep 1000; }}"),
                        telling="sleep 1000")
            os.unlink(f"{directory}/x")
            self.passes(("timeout=1", f"# [ -e {directory}/x ] || "
                         f"{{ touch {directory}/x; sleep 1000; }}"),
                        telling="1 passed, 0 failed, 0 skipped")

    def test_shell_of_the_terminal_ends(self):
        self.fails("$ exit", telling="the terminal's own shell has ended")

    def test_slow_output_is_waited_for(self):
        self.passes("$ sh\n$ sleep 0.7; echo a\na\n"
                    "$ echo -n '# '; sleep 0.1; echo b\n...b\n$ echo c\nc",
                    telling="4 passed")

    def test_skipped(self):
        self.passes(("norun=needs-macos", "$ a\n$ b"),
                    ("needs=cmd:no-such", "$ c"), ("needs=debian", "$ d"),
                    ("needs=cmd:true", "$ true"),
                    telling="skipped lessons/02-farewell.md:3: needs-macos\n"
                            "skipped lessons/02-farewell.md:8: needs "
                            "cmd:no-such\n"
                            "skipped lessons/02-farewell.md:12: needs "
                            "debian\n"
                            "02-farewell.md: 1 passed, 0 failed, 4 skipped")

    def test_options_not_understood(self):
        for options, telling in [
                ("norun", "norun= needs a value"),
                ("terminal=x", "terminal='x'"),
                ("needs=luck", "needs=luck: not known"),
                ("quickly", "unknown option 'quickly'")]:
            with self.subTest(options):
                self.fails((options, "$ true"), telling=telling)

    def test_output_before_any_command(self):
        self.fails("a", telling="nothing runs in terminal 1 yet")

    def test_nothing_is_left(self):
        self.passes("# touch /tmp/duct-was-here; mount -t tmpfs none /mnt\n"
                    "# mkdir -p /var/lib/duct/x; hostname here\n"
                    "# touch /etc/x\n...Read-only...\n"
                    "# setsid -f sleep 987", telling="4 passed")
        self.assertNotIn("duct-was-here", os.listdir("/tmp"))
        self.assertFalse(os.path.exists("/var/lib/duct/x"))
        self.assertFalse(os.path.ismount("/mnt"))
        self.assertNotEqual(os.uname().nodename, "here")

    def test_cgroup_left_behind(self):
        self.fails("# mkdir $(ls -d /sys/fs/cgroup/pids /sys/fs/cgroup "
                   "| tail -1)/left", telling="left behind: /sys/fs/cgroup")


if __name__ == "__main__":
    unittest.main()
