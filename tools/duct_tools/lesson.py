"""Reads a lesson: headings, fenced blocks with what stands above, links."""
import re
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*([^`]*)$")
COMMENT = re.compile(r"^\s*<!--\s*(.*?)\s*-->\s*$")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")


@dataclass
class Block:
    """A fenced block; @line is that of its opening fence, from 1."""
    line: int
    language: str
    options: list
    comment: str    # of <!-- ... --> on the line above, else ""
    lines: list = field(default_factory=list)


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str


class Lesson:
    """A Markdown file, taken apart."""

    def __init__(self, path):
        self.path = Path(path)
        self.lines = self.path.read_text().split("\n")
        self.blocks, self.headings = [], []
        self.prose = []  # (line number, text) of all that is in no block
        self._parse()

    def _parse(self):
        block, fence = None, None
        for number, line in enumerate(self.lines, 1):
            match = FENCE.match(line)
            if block is not None:
                if match and match.group(2).startswith(fence) and \
                        not match.group(3):
                    block = None
                else:
                    block.lines.append(line)
                continue
            if match:
                fence = match.group(2)
                info = match.group(3).split()
                above = COMMENT.match(self.lines[number - 2]) \
                    if number > 1 else None
                block = Block(number, info[0] if info else "", info[1:],
                              above.group(1) if above else "")
                self.blocks.append(block)
                continue
            self.prose.append((number, line))
            heading = HEADING.match(line)
            if heading:
                self.headings.append(Heading(
                    number, len(heading.group(1)), heading.group(2)))
        if block is not None:
            raise ValueError(f"{self.path}:{block.line}: block without end")

    def section(self, title):
        """(first, last) line of a level-2 section, or None."""
        tops = [h for h in self.headings if h.level <= 2]
        for position, heading in enumerate(tops):
            if heading.level == 2 and is_titled(heading.text, title):
                follower = tops[position + 1:position + 2]
                return (heading.line, follower[0].line - 1 if follower
                        else len(self.lines))
        return None

    def anchors(self):
        """Every #name that a link may lead to, as GitHub makes them."""
        found, seen = set(), {}
        for heading in self.headings:
            slug = slug_of(heading.text)
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            found.add(f"{slug}-{count}" if count else slug)
        for _, text in self.prose:
            found.update(re.findall(r"""<a\s+(?:id|name)=["']([^"']+)""",
                                    text))
        return found

    def links(self):
        """(line, target) of each link and image."""
        for number, line in self.prose:
            line = re.sub(r"(`+).*?\1", "", line)
            for target in re.findall(r"\]\(<?([^)\s>]+)", line):
                yield number, target
            reference = re.match(r"\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$", line)
            if reference:
                yield number, reference.group(1)
            for target in re.findall(r"""(?:href|src)=["']([^"']+)""", line):
                yield number, target

    def mentions(self):
        """(line, text) of each `code span` in the prose."""
        for number, line in self.prose:
            for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", line):
                yield number, span.strip()


def is_titled(text, title):
    """Is this heading the wanted one, perhaps with an addition?"""
    return re.match(re.escape(title) + r"($|:| \()", text) is not None


def slug_of(text):
    """GitHub's anchor for a heading."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)  # links: the words
    text = re.sub(r"<[^>]+>", "", text)
    text = re.sub(r"[^\w\- ]", "", text.lower())
    return text.strip().replace(" ", "-")
