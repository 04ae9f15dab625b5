"""The first pass over a formula: brackets are paired, and sizes, spaces and labels dropped."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backproof.equations.layout import (
    APART,
    BARS,
    CLOSERS,
    CONDITION,
    GRIDS,
    NAMED,
    OPENS_WORDS,
    PAIRS,
    ROW_SPACING,
    ROWS,
    SHOWN,
    SIZES,
    SPACES,
    STYLE,
    WORDS,
    is_wide,
    joins,
)
from backproof.equations.refusal import Refusal
from backproof.equations.source import Token
from backproof.equations.tree import Span

MAX_DEPTH = 60
"""Brackets, braces and environments within one another."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A token with the number of brackets around it."""

    token: Token
    depth: int

    @property
    def text(self) -> str:
        """The text of the token."""
        return self.token.text


def _partner(opener: str) -> str:
    """Return what closes `opener`, as the author writes it."""
    closer = PAIRS.get(opener, rf"\end{{{opener}}}")
    return SHOWN.get(closer, closer)


class Brackets:
    """The first pass: pairs brackets and drops sizes, spaces and labels."""

    def __init__(self, pieces: Sequence[Token]) -> None:
        self.pieces = pieces
        self.at = 0
        self.open: list[Token] = []
        self.done: list[Piece] = []
        self.rules = {
            r"\begin": self._environment,
            r"\end": self._environment,
            r"\\": self._row,
            **dict.fromkeys(NAMED, self._drop),
            **dict.fromkeys(BARS, self._bar),
            **dict.fromkeys(PAIRS, self._opens),
            **dict.fromkeys(CLOSERS, self._closes),
        }

    def run(self) -> list[Piece]:
        """Return the tokens that are left, each with its depth."""
        while self.at < len(self.pieces):
            self._step()
        if self.open:
            opener = self.open[-1]
            raise Refusal("BP101", f"A closing {_partner(opener.text)} is missing.", opener.span)
        return self.done

    @property
    def _depth(self) -> int:
        return sum(opener.text not in ROWS for opener in self.open)

    def _step(self) -> None:
        """Deal with the token at hand, and what belongs to it."""
        token = self.pieces[self.at]
        text = token.text
        if text in ("&", *APART) and not self._depth:
            self._wide_run()
            return
        self.at += 1
        if SPACES.fullmatch(text) or STYLE.fullmatch(text) or text in APART:
            self._emit(Token(" ", token.span))
        else:
            self._rule(text)(token)

    def _rule(self, text: str) -> Callable[[Token], None]:
        """Return what is done with a token such as `text`."""
        if SIZES.fullmatch(text):
            return self._size
        return self._words if WORDS.fullmatch(text) else self.rules.get(text, self._emit)

    def _drop(self, token: Token) -> None:
        self._group(token)

    def _words(self, token: Token) -> None:
        words, span = self._group(token)
        self._emit(Token(rf"\text{{{words}}}", span))

    def _emit(self, token: Token) -> None:
        self.done.append(Piece(token, self._depth))

    def _row(self, token: Token) -> None:
        r"""End a row, without the [2pt] of \\[2pt]."""
        self._emit(token)
        following = "".join(piece.text for piece in self.pieces[self.at : self.at + 10])
        if match := ROW_SPACING.match(following):
            self.at += match.end()

    def _size(self, token: Token) -> None:
        following = self._next()
        if token.text == r"\middle" or following == ".":
            raise Refusal("BP101", "A bracket without its partner has no meaning here.", token.span)

    def _next(self) -> str:
        rest = (piece.text for piece in self.pieces[self.at :])
        return next((text for text in rest if not SPACES.fullmatch(text)), "")

    def _opens(self, token: Token) -> None:
        self._emit(token)
        self._push(token)

    def _push(self, token: Token) -> None:
        self.open.append(token)
        if len(self.open) > MAX_DEPTH:
            raise Refusal("BP104", f"Over {MAX_DEPTH} brackets within one another.", token.span)

    def _closes(self, token: Token) -> None:
        opener = self.open[-1].text if self.open else ""
        if token.text != PAIRS.get(opener):
            missing = f"A closing {_partner(opener)} is missing: " if opener else ""
            why = f"{missing}{token.text} closes nothing that is open here."
            raise Refusal("BP101", why, token.span)
        self.open.pop()
        self._emit(token)

    def _bar(self, token: Token) -> None:
        """Tell an opening bar from a closing one: the latter follows a quantity."""
        opener = BARS[token.text]
        last = next((piece.text for piece in reversed(self.done) if piece.text != " "), "")
        inside = bool(self.open) and self.open[-1].text == opener
        if inside and last not in PAIRS and not joins(last) and last not in ("-", ","):
            self._closes(Token(PAIRS[opener], token.span))
        else:
            self._opens(Token(opener, token.span))

    def _group(self, command: Token) -> tuple[str, Span]:
        """Take {words} after `command`; return the words and the span of it all."""
        while self.at < len(self.pieces) and self.pieces[self.at].text.isspace():
            self.at += 1
        start = self.at
        while self.at < len(self.pieces) and self.pieces[self.at].text != "}":
            self.at += 1
        inside = self.pieces[start : self.at]
        if not inside or inside[0].text != "{" or self.at == len(self.pieces):
            raise Refusal("BP101", f"{command.text} expects words in braces.", command.span)
        words = "".join(piece.text for piece in inside[1:])
        close = self.pieces[self.at].span
        self.at += 1
        if re.search(r"[{$]", words):
            mend = r"Close \text{…} before a formula and open another after it."
            raise Refusal("BP101", "Words hold no formula here.", command.span, mend)
        return words, Span(min(command.span.start, close.start), max(command.span.end, close.end))

    def _wide_run(self) -> None:
        """Take wide spaces and alignment marks, and the words beside a step if they follow."""
        start = self.at
        while self.at < len(self.pieces) and is_wide(self.pieces[self.at].text):
            self.at += 1
        run = self.pieces[start : self.at]
        end = self._cell_end(self.at)
        cell = "".join(piece.text for piece in self.pieces[self.at : end])
        marked = sum(piece.text == "&" for piece in run) > 1 or OPENS_WORDS.match(cell)
        if marked and WORDS.search(cell) and not CONDITION.match(cell):
            first, last = self.pieces[self.at].span, self.pieces[end - 1].span
            span = Span(min(first.start, last.start), max(first.end, last.end))
            self._emit(Token(f"&&{' '.join(cell.split())}\n", span))
            self.at = end
            return
        for piece in run:
            wide = piece.text == "&" or piece.text in APART
            self._emit(piece if wide else Token(" ", piece.span))

    def _cell_end(self, at: int) -> int:
        braces = 0
        while at < len(self.pieces):
            text = self.pieces[at].text
            if not braces and text in ("&", r"\\", r"\end"):
                break
            braces += (text == "{") - (text == "}")
            at += 1
        return at

    def _environment(self, token: Token) -> None:
        words, span = self._group(token)
        name = words.strip()
        whole = Token(rf"{token.text}{{{name}}}", span)
        rows = name.removesuffix("*")
        if rows not in ROWS and name not in GRIDS:
            raise Refusal("BP101", f"The environment {name} is not in the language.", span)
        if rows in ROWS and self._depth:
            raise Refusal("BP101", f"{name} stands within a formula.", span)
        if token.text == r"\end":
            if not self.open or self.open[-1].text != rows:
                raise Refusal("BP101", rf"\end{{{name}}} closes nothing that is open here.", span)
            self.open.pop()
        if name in GRIDS:
            self._emit(whole)
        if token.text == r"\begin":
            self._push(Token(rows, span))
