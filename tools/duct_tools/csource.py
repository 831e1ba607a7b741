"""Finds the named things in a C file: functions, structs, tables, macros.

This is no C parser. It knows what a file of this project may look like at
its outermost level, which is all that a lesson can name: comments,
preprocessor lines, and declarations that end in `;` or in a function's `}`.
"""
import re
from dataclasses import dataclass

TOKENS_TO_BLANK = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""",
    re.DOTALL | re.VERBOSE)
DIRECTIVE = re.compile(r"[ \t]*#(?:\\\n|[^\n])*")
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


@dataclass(frozen=True)
class Unit:
    """A definition or prototype; lines count from 1, both ends included."""
    name: str
    kind: str    # function, prototype, type, data, macro
    first: int   # of the comment right above it, if there is one
    start: int   # of the definition itself
    last: int


def blank(text):
    """The same text with spaces for comments, strings and characters."""
    def spaces(match):
        token = match.group()
        filled = re.sub(r"[^\n]", " ", token)
        if token[0] in "\"'":  # a string stays an operand
            filled = token[0] + filled[1:-1] + token[0]
        return filled
    return TOKENS_TO_BLANK.sub(spaces, text)


def code_lines(text):
    """Numbers of the lines that are neither blank nor only a comment."""
    return [number for number, line in enumerate(blank(text).split("\n"), 1)
            if line.strip()]


def banner(text):
    """(first, last) line of the file's opening comment, or None."""
    match = re.match(r"\s*(?:#pragma once\s+)?(/\*.*?\*/)", text, re.DOTALL)
    if not match:
        return None
    return (text.count("\n", 0, match.start(1)) + 1,
            text.count("\n", 0, match.end(1)) + 1)


def include_lines(text):
    """Numbers of the #include lines."""
    return [number for number, line in enumerate(text.split("\n"), 1)
            if re.match(r"\s*#\s*include\b", line)]


def _name_and_kind(declaration, is_function):
    """What a declaration declares, or None when nobody would name it."""
    flat = ATTRIBUTE.sub("", declaration)
    while re.search(r"{[^{}]+}", flat):
        flat = re.sub(r"{[^{}]+}", "{}", flat)
    flat = flat.split("=")[0]

    aggregate = re.match(
        r"\s*(?:struct|union|enum)\s*(\w*)\s*({})?\s*;?$", flat)
    if aggregate:
        if not aggregate.group(2):
            return None  # only "struct x;"
        first_member = re.search(r"{\s*(\w+)", declaration)
        return aggregate.group(1) or first_member.group(1), "type"
    if re.match(r"\s*_Static_assert\b", flat):
        return None
    called = re.search(r"(\w+)\s*\((\s*\*\s*(\w+))?", flat)
    if called and called.group(2):
        return called.group(3), "data"  # a pointer to a function
    if called:
        return called.group(1), "function" if is_function else "prototype"
    data = re.search(r"(\w+)\s*(?:\[[^;]*)?\s*;?\s*$", flat)
    return data and (data.group(1), "data")


def _declarations(code):
    """(start, end, is_function) offsets of what stands outermost."""
    position, depth, start, braced_parameters = 0, 0, None, False
    while position < len(code):
        char = code[position]
        if depth == 0 and start is None:
            if char.isspace() or char in ";}":
                position += 1
                continue
            start, braced_parameters = position, False
        if char in "({[":
            if char == "{" and depth == 0:
                head = ATTRIBUTE.sub("", code[start:position])
                braced_parameters = head.rstrip().endswith(")")
            depth += 1
        elif char in ")}]":
            depth -= 1
        ends = depth == 0 and (char == ";" or
                               (char == "}" and braced_parameters))
        position += 1
        if ends:
            yield start, position, char == "}"
            start = None


def units(text):
    """Every named thing of a C file, in the order of the file."""
    code, found = blank(text), []

    def line_of(offset):
        return text.count("\n", 0, offset) + 1

    for match in list(DIRECTIVE.finditer(code)):
        if match.start() and code[match.start() - 1] != "\n":
            continue
        macro = re.match(r"\s*#\s*define\s+(\w+)", match.group())
        if macro:
            found.append((macro.group(1), "macro", line_of(match.start()),
                          line_of(match.end())))
        code = (code[:match.start()] + re.sub(r"[^\n]", " ", match.group()) +
                code[match.end():])
    for start, end, is_function in _declarations(code):
        named = _name_and_kind(code[start:end], is_function)
        if named:
            found.append((*named, line_of(start), line_of(end - 1)))

    above = {}  # last line of a comment that stands alone: its first line
    for match in TOKENS_TO_BLANK.finditer(text):
        alone = not text[text.rfind("\n", 0, match.start()) + 1:
                         match.start()].strip()
        if match.group().startswith("/") and alone:
            first, last = line_of(match.start()), line_of(match.end())
            above[last] = above.pop(first - 1, first) \
                if match.group().startswith("//") else first
    opening = banner(text)
    result = []
    for name, kind, start, last in found:
        first = above.get(start - 1, start)
        if opening and first == opening[0]:
            first = start
        result.append(Unit(name, kind, first, start, last))
    return sorted(result, key=lambda unit: unit.start)


def unit_texts(text):
    """{(name, all of its lines)} of every unit."""
    lines = text.split("\n")
    return {(unit.name, "\n".join(lines[unit.first - 1:unit.last]))
            for unit in units(text)}


def unit_at(found, line):
    """The unit that a line belongs to, its comment included, or None."""
    return next((unit for unit in found if unit.first <= line <= unit.last),
                None)
