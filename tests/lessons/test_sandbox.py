"""sandbox leaves nothing, also of those who were killed in it."""
import os
import subprocess
import sys
import unittest

from project import ROOT
from duct_tools import sandbox

KILLED = """\
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from duct_tools.sandbox import Sandbox
with Sandbox("/") as box:
    print(box.scratch, *box.cgroups)
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class SandboxTest(unittest.TestCase):

    def test_tells_the_status(self):
        with sandbox.Sandbox(ROOT) as box:
            self.assertEqual(box.run(["sh", "-c", "exit 7"]), 7)
            kept = [box.scratch, *box.cgroups]
        with sandbox.Sandbox(ROOT) as box:
            self.assertIsNone(box.run(["sleep", "1000"], timeout=0.5))
            kept += [box.scratch, *box.cgroups]
        self.assertGreater(len(kept), 2)
        self.assertEqual([path for path in kept if path.exists()], [])

    def test_what_cannot_be_entered_is_no_status(self):
        with sandbox.Sandbox(ROOT) as box:
            box.bind("/no/such/file", "/etc/passwd")
            with self.assertRaises(RuntimeError):
                box.run(["true"], stderr=subprocess.DEVNULL)

    def test_cgroups_look_like_a_machine_of_its_own(self):
        with sandbox.Sandbox(ROOT) as box:
            top = box.cgroups[0]
            place = next(each for each in sandbox.hierarchies()
                         if each.parent == top.parent)
            self.assertEqual(box.run(
                ["sh", "-ec", f"mkdir {place.mount}/made\n"
                 "! grep -Ev ':(/|/leaf)$' /proc/self/cgroup"]), 0)
            self.assertEqual(box.leftover_cgroups(), [top / "made"])

    def test_network_is_its_own(self):
        with sandbox.Sandbox(ROOT) as box:
            self.assertEqual(box.run(
                ["sh", "-ec", "[ $(cat /proc/sys/net/ipv4/ip_forward) = 0 ]\n"
                 "[ -z \"$(ls -A /run)\" ]\n"
                 "ip link add ductbox0 type bridge\n"
                 "[ -d /sys/class/net/ductbox0 ]\n"
                 "ip netns add other; ip netns exec other true"]), 0)
        self.assertFalse(os.path.exists("/sys/class/net/ductbox0"))
        self.assertFalse(os.path.exists("/run/netns/other"))

    def test_next_one_tidies_up_after_the_killed(self):
        told = subprocess.run(
            [sys.executable, "-c", KILLED, ROOT / "tools"], text=True,
            stdout=subprocess.PIPE, check=False).stdout.split()
        with sandbox.Sandbox(ROOT) as one, sandbox.Sandbox(ROOT) as other:
            self.assertTrue(one.scratch.exists())
            self.assertTrue(other.scratch.exists())
            self.assertEqual([path for path in told if os.path.exists(path)],
                             [])
        self.assertGreater(len(told), 1)


if __name__ == "__main__":
    unittest.main()
