"""steps/CHANGES: what each step is allowed to change of the one before.

    03-cgroups
        room     cgroup.c cgroup.h
        room     rootfs.c: grown, and why that is the lesson
        changed  container.c duct.c: why
        gone     old.c: why
"""
import re
from dataclasses import dataclass

VERBS = ("room", "changed", "gone")


@dataclass(frozen=True)
class Entry:
    line: int
    verb: str
    reason: str


class Changes:
    """@entries: {step: {file: Entry}}; @problems: lines not understood."""

    def __init__(self, root):
        self.path = root / "steps" / "CHANGES"
        self.entries, self.problems = {}, []
        text = self.path.read_text() if self.path.exists() else ""
        step = None
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if re.fullmatch(r"\d\d-\S+", line.rstrip()):
                step = line.strip()
                self.entries.setdefault(step, {})
                continue
            match = re.fullmatch(r"\s+(\w+)\s+([^:]+?)(?::\s*(.+?))?\s*", line)
            if not match or match.group(1) not in VERBS or step is None:
                self.problems.append(f"steps/CHANGES:{number}: not understood")
                continue
            for name in match.group(2).split():
                if name in self.entries[step]:
                    self.problems.append(f"steps/CHANGES:{number}: {name} "
                                         f"stands there twice")
                self.entries[step][name] = Entry(number, match.group(1),
                                                 match.group(3) or "")

    def of(self, step):
        return self.entries.get(step, {})
