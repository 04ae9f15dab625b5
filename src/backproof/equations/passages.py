r"""What the readers of all formats share: exact places, and what TeX itself does not see.

An equation is kept letter for letter, so that a caret can be set below any letter of the file.
What has no meaning (`\label{…}`, comments, definitions of macros) becomes blanks, which keeps
every place.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from backproof.equations.documents import Declaration, DocumentRefusal, Equation, Item

Starts = tuple[tuple[int, int], ...]
"""Line and column, counted from 1, at which each line of a passage starts in its file."""

DEFINES = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|(?:re)?newenvironment)\*?\s*"
    r"(?:\{\s*\\?[A-Za-z]+\s*\}|\\(?:[A-Za-z]+|.))\s*(?:\[[^\]]*\]\s*)*(?=\{)"
    r"|\\def\s*\\(?:[A-Za-z]+|.)[^{}\n]*(?=\{)"
)
UNSEEN = re.compile(r"\\label\s*\{([^{}]*)\}|\\tag\*?\s*\{[^{}]*\}|\\nonumber\b|\\notag\b")
COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(%(?!\s*backproof:)[^\n]*)")
OPENS_DISPLAY = re.compile(r"\\begin\s*\{|\\\[|\$\$")


def place(passage: str, lines: Sequence[str], row: int, column: int = 0) -> Starts | None:
    """Find `passage` at or after lines[row][column:], whatever stands before each of its lines.

    The first line of `passage` must not be blank.  Returns None if it is nowhere.
    """
    parts = passage.split("\n")
    for first in range(row, len(lines) - len(parts) + 1):
        starts = _starts(parts, lines, first, column if first == row else 0)
        if starts:
            return starts
    return None


def _starts(parts: list[str], lines: Sequence[str], first: int, column: int) -> Starts | None:
    starts = []
    for number, part in enumerate(parts):
        text, begin = part.strip(), column if number == 0 else 0
        at = lines[first + number].find(text, begin)
        if at < 0:
            return None
        blank = len(part) - len(part.lstrip())
        # A tab that a list takes for its own may leave more blanks than the file has letters.
        starts.append((first + number + 1, at - blank + 1 if text else 1))
    return tuple(starts)


def line_by_line(passage: str, row: int, column: int = 0) -> Starts:
    """Return the starts of a passage that cannot be found: from (row, column), line by line."""
    return tuple(
        (row + number + 1, 1 if number else column + 1) for number in range(passage.count("\n") + 1)
    )


def equation(raw: str, path: str, starts: Starts, label: str = "") -> tuple[Equation | None, str]:
    """Return the equation that `raw` displays, or None, and the macros defined within it.

    `starts` says where each line of `raw` starts.  What holds definitions only is no equation.
    """
    macros, text = without_definitions(raw)
    if macros and not text.strip():
        return None, macros
    text, starts = trimmed(text, starts)
    labels = [label, *UNSEEN.findall(text)]
    text = COMMENT.sub(lambda match: _blank(match[0], match.start(1) - match.start()), _ended(text))
    text = UNSEEN.sub(lambda match: _blank(match[0]), text)
    text, starts = trimmed(text, starts)
    label = next(filter(None, labels), "")
    return Equation(text, path, *starts[0], label, starts=starts), macros


def trimmed(text: str, starts: Starts) -> tuple[str, Starts]:
    """Drop the white space around `text`, and the starts of the lines that go with it."""
    lead = len(text) - len(text.lstrip())
    if lead == len(text):
        return "", starts[:1]
    dropped = text.count("\n", 0, lead)
    within = lead - (text.rfind("\n", 0, lead) + 1)
    line, column = starts[dropped]
    text = text.strip()
    return text, ((line, column + within), *starts[dropped + 1 :][: text.count("\n")])


def _ended(text: str) -> str:
    r"""Write `\\` on the blank lines that end a formula outside every environment.

    Sphinx sets what a blank line separates on lines of their own, as `\\` does.
    """
    lines, depth = text.split("\n"), 0
    for number, line in enumerate(lines):
        depth += line.count(r"\begin") - line.count(r"\end")
        before = "\n".join(lines[:number]).rstrip()
        if not line.strip() and depth == 0 and not before.endswith(r"\\"):
            lines[number] = r"\\"
    return "\n".join(lines)


def without_definitions(text: str) -> tuple[str, str]:
    r"""Split `text` into its definitions of macros, one a line, and the rest with blanks for them.

    Of `\newcommand{\T}{^\top} A\T` the rest is A\T, where it stood.
    """
    found, kept, end = [], "", 0
    while match := DEFINES.search(text, end):
        close = _close(text, match.end())
        if "environment" in match[0]:
            close = _close(text, text.find("{", close)) if close > 0 else close
        if close < 0:
            break
        found.append(text[match.start() : close])
        kept += text[end : match.start()] + _blank(found[-1])
        end = close
    return "\n".join(found), kept + text[end:]


def _close(text: str, opening: int) -> int:
    """Return the place after the brace that closes text[opening], or -1."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, max(opening, 0)):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return -1


def refuse_hidden_displays(macros: str, path: str) -> None:
    r"""Raise DocumentRefusal if a macro opens a display: what it displays would never be read."""
    for line in macros.split("\n"):
        if match := OPENS_DISPLAY.search(line, 1):
            raise DocumentRefusal(
                "BP105",
                f"a macro that holds {match[0]} hides the equations displayed with it: {line}",
                (path, 1, 1),
                "Write the delimiters out.",
            )


def _blank(text: str, start: int = 0) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:])


def declarations(text: str, path: str, lines: Sequence[str], row: int) -> list[Declaration]:
    """Return a declaration for each line of `text` that says something, found from `row` on."""
    found = []
    for part in filter(None, (line.strip() for line in text.split("\n"))):
        starts = place(part, lines, row) or ((row + 1, 1),)
        row = starts[0][0] - 1
        found.append(Declaration(part, path, *starts[0]))
    return found


def shifted(items: Sequence[Item], inner: list[str], outer: Sequence[str], row: int) -> list[Item]:
    """Move what was found in the lines `inner` to where they stand: outer[row] and after it."""

    def moved(line: int, column: int) -> tuple[int, int]:
        whole = outer[row + line - 1] if row + line <= len(outer) else ""
        return row + line, column + max(0, whole.find(inner[line - 1]))

    return [_moved(item, moved) for item in items]


def _moved(item: Item, moved: Callable[[int, int], tuple[int, int]]) -> Item:
    line, column = moved(item.line, item.column)
    if isinstance(item, Declaration):
        return replace(item, line=line, column=column)
    starts = tuple(moved(*start) for start in item.starts)
    return replace(item, line=line, column=column, starts=starts)
