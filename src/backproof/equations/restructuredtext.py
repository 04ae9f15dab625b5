"""reStructuredText: `.. math::` directives, wherever indentation puts them.

Read by indentation and not by docutils, which does not know the directives of Sphinx, and drops
what an unknown directive holds.  Literal blocks, code and comments are left alone; declarations
stand in comments that begin with `.. backproof:`.  A directive within a table is not found.
"""

import re
from collections.abc import Sequence

from backproof.equations.documents import DocumentRefusal, Item
from backproof.equations.passages import declarations, equation

VERBATIM = frozenset(
    re.findall(
        r"\S+",
        """code code-block code-cell sourcecode literalinclude highlight raw parsed-literal doctest
        testcode testoutput testsetup testcleanup mermaid graphviz digraph graph plot ipython pycon
        jupyter-execute csv-table toctree include bibliography contents index prompt""",
    )
)
"""Directives whose content is no text of the page."""

MARKS = r"\s*(?:(?:[-*+•]|(?:\d+|#|[a-zA-Z])[.)]|\((?:\d+|#|[a-zA-Z])\))\s+)*"
MARKED = re.compile(MARKS + r"(?=\.\.(?:\s|$))")
EXPLICIT = re.compile(r"(\s*)\.\.(?:\s+(.*)|$)")
DIRECTIVE = re.compile(r"(?:\|[^|]+\|\s+)?([\w:.+-]+?)\s?::(?:\s+(.*)|$)")
TARGET = re.compile(r"_|\[|\|")
DECLARES = re.compile(r"backproof\s*:(?!:)\s*(.*)")
OPTION = re.compile(r"\s*:([\w-]+):\s*(.*)")


def passages(text: str, path: str) -> tuple[list[Item], str]:
    """Return the equations and declarations of `text` in reading order, and its macros."""
    reader = _Reader(text.split("\n"), path)
    row = 0
    while row < len(reader.lines):
        row = reader.step(row)
    return reader.items, "\n".join(reader.macros)


class _Reader:
    """What was found so far in one text."""

    def __init__(self, lines: Sequence[str], path: str) -> None:
        self.lines = [_unmarked(line) for line in lines]
        self.written, self.path = lines, path
        self.items: list[Item] = []
        self.macros: list[str] = []

    def step(self, row: int) -> int:
        """Read what begins on this row; return the row to go on with."""
        line = self.lines[row]
        match = EXPLICIT.fullmatch(line)
        if match:
            return self.explicit(row, len(match[1]), match[2] or "")
        if line.rstrip().endswith("::"):
            return self.end(row, _text_column(line))
        return row + 1

    def explicit(self, row: int, indentation: int, text: str) -> int:
        """Read a directive, a comment or a target."""
        end = self.end(row, indentation)
        if text.startswith("backproof::"):
            message = "with two colons this is a directive, which is not known."
            place = (self.path, row + 1, indentation + 1)
            raise DocumentRefusal("BP206", message, place, "Write `.. backproof:` with one colon.")
        if match := DECLARES.fullmatch(text):
            self.declare(row, end, match[1])
            return end
        if match := DIRECTIVE.fullmatch(text):
            name, argument = match[1].rpartition(":")[2], match[2] or ""
            if name == "math":
                self.math(row, end, argument)
            return end if name == "math" or name in VERBATIM else row + 1
        alone = not text and not "".join(self.lines[row + 1 : row + 2]).strip()
        return row + 1 if alone or TARGET.match(text) else end

    def end(self, row: int, indentation: int) -> int:
        """Return the row after the lines below `row` that are indented more, or blank."""
        for below in range(row + 1, len(self.written)):
            line = self.written[below]
            if line.strip() and _indentation(line) <= indentation:
                return below
        return len(self.written)

    def declare(self, row: int, end: int, first: str) -> None:
        self.items += declarations(first, self.path, self.written, row)
        body = "\n".join(self.written[row + 1 : end])
        self.items += declarations(body, self.path, self.written, row + 1)

    def math(self, row: int, end: int, argument: str) -> None:
        """Read a math directive: argument, options, a blank line, content."""
        label, rows = "", list(range(row + 1, end))
        for number in tuple(rows):
            match = OPTION.fullmatch(self.written[number])
            if not match:
                break
            label = match[2].strip() if match[1] in ("label", "name") else label
            rows.remove(number)
        text = "\n".join([argument, *(self.written[number] for number in rows)])
        begins = self.written[row].find("::") + 2
        first = self.written[row].find(argument, begins) if argument else begins
        starts = ((row + 1, first + 1), *((number + 1, 1) for number in rows))
        found, macros = equation(text, self.path, starts, label)
        if found:
            self.items.append(found)
        if macros:
            self.macros.append(macros)


def _unmarked(line: str) -> str:
    """Return `line` with blanks for the marks of lists before a directive that begins on it."""
    return MARKED.sub(lambda match: " " * len(match[0]), line, count=1)


def _text_column(line: str) -> int:
    match = re.match(MARKS, line)
    return len(match[0]) if match else 0


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
