"""The text of an equation, each letter with its place in what the author wrote.

Macros are expanded and layout is dropped before the grammar reads a formula.  A caret has to point
at the author's own letters all the same, so every letter keeps the span that it came from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backproof.equations.tree import Span

MAX_LENGTH = 10_000
"""Letters in one equation, macros expanded; a displayed equation has some hundred."""

TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|%[^\n]*\n?|.", re.DOTALL)
"""A token of TeX: a control word or symbol, a comment, or one letter."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text with its place in the author's source."""

    text: str
    span: Span


def tokens(source: str) -> Iterator[Token]:
    """Yield the tokens of `source` in order, without comments."""
    for match in TOKEN.finditer(source):
        if not match[0].startswith("%"):
            yield Token(match[0], Span(*match.span()))


class Source:
    """A text made of tokens, which knows where each of its letters comes from."""

    def __init__(self, pieces: list[Token], length: int) -> None:
        """Join `pieces`; `length` is that of the author's source."""
        self.text = "".join(piece.text for piece in pieces)
        self._places = [_places(piece) for piece in pieces]
        self._spans = [span for places in self._places for span in places]
        self._end = Span(max(length - 1, 0), length)

    def span(self, start: int, end: int) -> Span:
        """Return where text[start:end] stands in the author's source."""
        if start >= len(self._spans):
            return self._end
        first, last = self._spans[start], self._spans[max(start, min(end, len(self._spans)) - 1)]
        return Span(min(first.start, last.start), max(first.end, last.end))


def _places(piece: Token) -> list[Span]:
    start, end = piece.span
    if end - start == len(piece.text):
        return [Span(at, at + 1) for at in range(start, end)]
    return [piece.span] * len(piece.text)
