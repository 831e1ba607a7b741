"""The steps, in order, and what differs between two of them."""
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

GENERATED = re.compile(r"(^duct|\.o|\.d|\.gcda|\.gcno|~|\.orig|\.rej)$")


@dataclass(frozen=True)
class DiffLine:
    """One line of a diff that shows the whole file."""
    tag: str    # "+", "-" or " "
    text: str
    old: int    # line number before, of the line or the one it stands behind
    new: int    # line number after, likewise


class Ladder:
    """The steps of the project whose top directory is @root."""

    def __init__(self, root):
        self.root = Path(root)
        self.steps = sorted(path.name for path in self.root.glob("steps/*")
                            if re.match(r"\d\d-", path.name) and path.is_dir())

    def find(self, wanted):
        """The full name of step "3", "03" or "03-cgroups"."""
        number = re.match(r"\d+", wanted)
        found = [step for step in self.steps
                 if step == wanted or
                 (number and number.group() == wanted and
                  int(step[:2]) == int(wanted))]
        if not found:
            raise LookupError(f"no step {wanted!r} in {self.root}/steps")
        return found[0]

    def before(self, step):
        """The step before, or None for the first."""
        position = self.steps.index(step)
        return self.steps[position - 1] if position else None

    def directory(self, step):
        return self.root / "steps" / step

    def files(self, step):
        """Names of a step's own files, those that a build makes left out."""
        if step is None:
            return []
        return sorted(path.name for path in self.directory(step).iterdir()
                      if path.is_file() and not path.name.startswith(".") and
                      not GENERATED.search(path.name))

    def text(self, step, name):
        """The file's text, "" where the step has no such file."""
        path = step and self.directory(step) / name
        return path.read_text() if path and path.is_file() else ""

    def diff(self, step, name):
        """What `diff -u` says of a file from the step before to this one."""
        return diff_lines(self.text(self.before(step), name),
                          self.text(step, name))


def diff_lines(old, new):
    """The DiffLines from one text to another, context included."""
    old_lines, new_lines = old.splitlines(), new.splitlines()
    result, position = [], [0, 0]

    def same_until(old_line):
        while position[0] < old_line:
            result.append(DiffLine(" ", old_lines[position[0]],
                                   position[0] + 1, position[1] + 1))
            position[0] += 1
            position[1] += 1

    for first, count, added in _hunks(old, new):
        # with a count of 0, diff names the line above the hunk
        same_until(first - 1 if count else first)
        for _ in range(count):
            result.append(DiffLine("-", old_lines[position[0]],
                                   position[0] + 1, position[1]))
            position[0] += 1
        for _ in range(added):
            result.append(DiffLine("+", new_lines[position[1]],
                                   position[0], position[1] + 1))
            position[1] += 1
    same_until(len(old_lines))
    return result


def _hunks(old, new):
    """(old line, lines removed, lines added) of each hunk of diff(1)."""
    with tempfile.NamedTemporaryFile("w") as old_file:
        old_file.write(old)
        old_file.flush()
        told = subprocess.run(["diff", "-U0", old_file.name, "-"], input=new,
                              stdout=subprocess.PIPE, text=True, check=False)
    if told.returncode > 1:
        raise RuntimeError("diff(1) failed")
    return [(int(first), int(removed or 1), int(added or 1))
            for first, removed, added in re.findall(
                r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@", told.stdout,
                re.MULTILINE)]


def fatal(message):
    """Ends a tool that cannot do its work."""
    print(f"{Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    sys.exit(2)
