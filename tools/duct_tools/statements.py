"""Finds the statements of a C file that can be deleted one at a time.

clang says where statements begin and what they are; where they end follows
from the text. A statement is anything in a function's body that stands where
a statement may stand, at every level: an expression, declaration, return,
break, goto, a whole if, for, while, do or switch, and what hangs below them
or below a label. A block in braces is not one, only what is in it; nor is an
empty statement. Functions that come from macros are left out.
"""
import json
import re
import subprocess
from dataclasses import dataclass

from .csource import blank


@dataclass(frozen=True)
class Statement:
    """Offsets are bytes; lines count from 1; @text has blanks squeezed."""
    file: str
    function: str
    line: int
    start: int
    end: int
    text: str
    own_lines: frozenset    # those of statements hanging below left out
    hangs: bool             # below an if, else or loop, without braces

    def __str__(self):
        return f"{self.file}:{self.line}: {self.function}: {self.text}"


def read(path):
    """A source file, one character for each byte."""
    return path.read_bytes().decode("latin-1")


def without(source, statement):
    """The file's bytes with `;` in place of the statement, lines kept."""
    gone = source[statement.start:statement.end]
    return (source[:statement.start] + ";" + re.sub(r"[^\n]", " ", gone)[1:] +
            source[statement.end:]).encode("latin-1")


def marking(source, statements, mark):
    """The file's bytes with @mark(i), C code, run before each statement i."""
    pieces = []     # (offset, rank of those at one offset, text)
    for index, each in enumerate(statements):
        pieces.append((each.start, 1, f"{'{' * each.hangs}{mark(index)} "))
        if each.hangs:
            pieces.append((each.end, 0, "}"))
    for offset, _, text in sorted(pieces, key=lambda piece: piece[:2],
                                  reverse=True):
        source = source[:offset] + text + source[offset:]
    return source.encode("latin-1")


def statements_of(directory, name):
    """Every Statement of @directory/@name, in the order of the file."""
    source = read(directory / name)
    finder = _Finder(name, source)
    for node in _syntax_tree(directory, name).get("inner", []):
        location = node.get("loc", {})
        if node["kind"] == "FunctionDecl" and "offset" in location and \
                "includedFrom" not in location:
            for child in node.get("inner", []):
                if child["kind"] == "CompoundStmt":
                    finder.function = node["name"]
                    finder.block(child)
    return sorted(finder.found, key=lambda statement: statement.start)


def _syntax_tree(directory, name):
    """clang's view of a file, with the flags that its Makefile compiles with.
    """
    told = subprocess.run(
        ["make", "-nB", "-C", directory, name[:-2] + ".o"], text=True,
        check=True, stdout=subprocess.PIPE).stdout
    flags = re.findall(r"(?<=\s)-(?:std=|D|U|I|isystem)\S*", told)
    told = subprocess.run(
        ["clang", *flags, "-fsyntax-only", "-w", "-Xclang", "-ast-dump=json",
         name], cwd=directory, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(told)


def _offset(location):
    """Where something begins in the file; at the macro, if it is from one."""
    return location.get("expansionLoc", location)["offset"]


class _Finder:
    """Walks down a function; collects what can be deleted in @found."""

    def __init__(self, file, source):
        self.file, self.source, self.code = file, source, blank(source)
        self.function, self.found = "", []

    def block(self, node):
        for child in node.get("inner", []):
            self.statement(child)

    def statement(self, node, hangs=False):
        """Takes a node in a statement's place; returns where it ends."""
        kind = node["kind"]
        if kind == "CompoundStmt":
            self.block(node)
            return self.code.index("}", _offset(node["range"]["end"])) + 1
        if kind in ("CaseStmt", "DefaultStmt", "LabelStmt", "AttributedStmt"):
            return self.statement(node["inner"][-1])
        start = _offset(node["range"]["begin"])
        bodies_from = len(self.found)
        if kind == "NullStmt":
            return self.after_semicolon(start)
        if "expansionLoc" in node["range"]["begin"]:
            end = self.after_semicolon(start)  # looks like a simple one
        elif kind == "IfStmt":
            branches = node["inner"][-2 if node.get("hasElse") else -1:]
            ends = [self.statement(branch, True) for branch in branches]
            end = ends[-1]
        elif kind in ("ForStmt", "WhileStmt", "SwitchStmt"):
            end = self.statement(node["inner"][-1], True)
        elif kind == "DoStmt":
            end = self.after_semicolon(self.statement(node["inner"][0], True))
        else:
            end = self.after_semicolon(start)
        below = self.found[bodies_from:]
        own = set(range(self.line(start), self.line(end - 1) + 1))
        for other in below:
            own -= set(range(other.line, self.line(other.end - 1) + 1))
        first = min((other.start for other in below), default=end)
        text = " ".join(self.source[start:first].split())
        if below:
            text = re.sub(r"\s*{$", "", text) + " ..."
        self.found.append(Statement(self.file, self.function,
                                    self.line(start), start, end, text,
                                    frozenset(own | {self.line(start)}), hangs))
        return end

    def line(self, offset):
        return self.source.count("\n", 0, offset) + 1

    def after_semicolon(self, offset):
        """Just behind the next semicolon that is in no brackets."""
        depth = 0
        while self.code[offset] != ";" or depth:
            depth += {"(": 1, "[": 1, "{": 1,
                      ")": -1, "]": -1, "}": -1}.get(self.code[offset], 0)
            offset += 1
        return offset + 1
