r"""LaTeX files: displays as `\[ … \]`, `$$ … $$` and the environments of amsmath.

Comments, `verbatim` and listings are skipped; macros are collected; declarations are comments
that begin with `% backproof:`.  `\input` and `\include` are not followed: name those files too.
"""

import re
from collections.abc import Iterator

from backproof.equations.documents import Declaration, DocumentRefusal, Item
from backproof.equations.passages import (
    Starts,
    equation,
    refuse_hidden_displays,
    without_definitions,
)

BARE = ("equation", "displaymath")
"""Environments that hold one formula; the others, with rows, are kept with their \\begin."""

DISPLAYS = (*BARE, "align", "alignat", "flalign", "gather", "multline", "eqnarray", "dmath")
LITERAL = "verbatim|Verbatim|lstlisting|minted|comment|filecontents"
SKIPPED = re.compile(
    rf"\\begin\{{((?:{LITERAL})\*?)\}}.*?\\end\{{\1\}}"
    r"|\\verb\*?([^A-Za-z\s*]).*?\2|\\lstinline([^A-Za-z\s\[{]).*?\3"
    r"|\\(?!begin\b).|(?P<comment>%[^\n]*)",
    re.DOTALL,
)
DECLARES = re.compile(r"%+\s*backproof\s*:\s*(.*?)\s*")
OPENING = re.compile(
    rf"\\begin\{{((?:{'|'.join(DISPLAYS)})\*?)\}}|\\\[|\\\(|\$\$|\$|\\(?!begin\b).", re.DOTALL
)
CLOSING = {r"\[": r"\]", r"\(": r"\)", "$$": "$$", "$": "$"}


def passages(text: str, path: str) -> tuple[list[Item], str]:
    """Return the equations and declarations of `text` in reading order, and its macros.

    Raises DocumentRefusal where a formula is opened and not closed.
    """
    reader = _Reader(text, path)
    plain = SKIPPED.sub(reader.skipped, text)
    macros, plain = without_definitions(plain)
    refuse_hidden_displays(macros, path)
    for start, end, body in _displays(plain, reader):
        found, _ = equation(body, path, reader.starts(start, end))
        reader.items += [found] if found else []
    return sorted(reader.items, key=lambda item: (item.line, item.column)), macros


class _Reader:
    """One text, the places in it, and what was found so far."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path
        self.items: list[Item] = []

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of text[offset]."""
        line = self.text.count("\n", 0, offset) + 1
        return line, offset - self.text.rfind("\n", 0, offset)

    def starts(self, start: int, end: int) -> Starts:
        line, column = self.place(start)
        rows = self.text.count("\n", start, end)
        return ((line, column), *((line + row, 1) for row in range(1, rows + 1)))

    def skipped(self, match: re.Match[str]) -> str:
        """Return blanks for what TeX does not set as text, and keep what a comment declares."""
        comment = match["comment"]
        if comment is None and not match[0].startswith((r"\begin", r"\verb", r"\lstinline")):
            return match[0]
        if comment and (declares := DECLARES.fullmatch(comment)) and declares[1]:
            place = self.place(match.start() + declares.start(1))
            self.items.append(Declaration(declares[1], self.path, *place))
        return re.sub(r"[^\n]", " ", match[0])


def _displays(text: str, reader: _Reader) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and body of each display in `text`."""
    end = 0
    while match := OPENING.search(text, end):
        opening, name = match[0], match[1]
        closing = rf"\end{{{name}}}" if name else CLOSING.get(opening, "")
        end = match.end()
        if not closing:
            continue
        close = _closed(text, end, closing)
        if close < 0:
            place = (reader.path, *reader.place(match.start()))
            raise DocumentRefusal("BP402", f"{opening} is never closed by {closing}.", place)
        start, end = end, close + len(closing)
        if name and name.rstrip("*") not in BARE:
            yield match.start(), end, text[match.start() : end]
        elif opening not in ("$", r"\("):
            yield start, close, text[start:close]


def _closed(text: str, start: int, closing: str) -> int:
    """Return the place of `closing` at or after `start`, past what a backslash protects, or -1."""
    for match in re.compile(re.escape(closing) + r"|\\.", re.DOTALL).finditer(text, start):
        if match[0] == closing:
            return match.start()
    return -1
