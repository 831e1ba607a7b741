"""What a console block of a lesson wants done, and what it wants to see."""
import re
import subprocess
from dataclasses import dataclass, field

from .terminal import PROMPT

OPTIONS = {"terminal", "timeout", "running", "single", "needs", "norun"}
JOB_NOTICE = re.compile(r"\[\d+\](\+|-| ) [^\d]")  # not "[1] 4321"
ELLIPSIS = re.compile(r"\.\.\.|…")


class LessonError(Exception):
    """The lesson itself is not in order."""


@dataclass
class Action:
    """Something done at a terminal, and what is to be seen then."""
    line: int
    kind: str          # "command", "key", or "output": nothing is done
    prompt: str
    typed: list
    expected: list = field(default_factory=list)
    goes_on: bool = False   # it is not waited for


def options_of(block):
    """The options of a console block as a dict."""
    found = {}
    for option in block.options:
        name, _, value = option.partition("=")
        if name not in OPTIONS:
            raise LessonError(f"{block.line}: unknown option {option!r}")
        if not value and name not in ("running", "single"):
            raise LessonError(f"{block.line}: {name}= needs a value")
        found[name] = value
    for name in ("terminal", "timeout"):
        if name in found and not found[name].isdecimal():
            raise LessonError(f"{block.line}: {name}={found[name]!r}")
    return found


def is_incomplete(lines):
    """Would a shell ask for more?"""
    told = subprocess.run(["bash", "-n", "-c", "\n".join(lines)], text=True,
                          stderr=subprocess.PIPE, env={"LANG": "C"},
                          check=False).stderr
    return lines[-1].endswith("\\") or \
        re.search(r"unexpected (end of file|EOF)|delimited by end", told)


def actions_of(block):
    """What a console block wants done, in order."""
    options, actions = options_of(block), []
    for number, text in enumerate(block.lines, block.line + 1):
        prompt = PROMPT.match(text + " ")
        if "single" in options and actions:
            prompt = None
        if prompt and not text[prompt.end():].strip():
            continue  # a prompt at which nothing is typed
        last = actions[-1] if actions else None
        if prompt:
            actions.append(Action(number, "command", prompt.group(),
                                  [text[prompt.end():]]))
        elif re.fullmatch(r"\^[CDZ]", text.strip()):
            actions.append(Action(number, "key", "", [text.strip()]))
            if last:
                last.goes_on = True
        elif text.startswith("> ") and last and last.kind == "command" and \
                not last.expected and is_incomplete(last.typed):
            last.typed.append(text[2:])
        elif last:
            last.expected.append(text)
        else:
            actions.append(Action(number, "output", "", [], [text]))
    if "running" in options and actions:
        actions[-1].goes_on = True
    return actions


# Comparing

def tidy(lines):
    """Lines without trailing blanks, and without blank lines at the end."""
    lines = [line.rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def pattern_of(lines):
    """A regular expression for expected lines, each with its newline."""
    pattern = ""
    for line in lines:
        if re.fullmatch(r"\s*(\.\.\.|…)", line):
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(map(re.escape, ELLIPSIS.split(line))) + \
                r"[ \t]*\n"
    return pattern


def printed_lines(text, expected):
    """What was printed, as lines to compare with those expected."""
    lines = tidy(text.split("\n"))
    if not any(JOB_NOTICE.match(line) for line in expected):
        lines = [line for line in lines if not JOB_NOTICE.match(line)]
    return lines


def is_as_expected(text, expected):
    found = "".join(line + "\n" for line in printed_lines(text, expected))
    return re.fullmatch(pattern_of(tidy(expected)), found) is not None


def first_difference(text, expected):
    """Index of the first expected line that was not printed."""
    found = "".join(line + "\n" for line in printed_lines(text, expected))
    expected = tidy(expected)
    for count in range(1, len(expected) + 1):
        if not re.match(pattern_of(expected[:count]), found):
            return count - 1
    return len(expected)
