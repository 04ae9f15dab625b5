r"""The second pass over a formula: what rows, `&` and wide spaces between formulas amount to."""

from backproof.equations.brackets import Piece
from backproof.equations.layout import APART, RELATION, joins
from backproof.equations.refusal import Refusal
from backproof.equations.source import Token


class Rows:
    """The second pass: what `&`, `\\\\` and wide spaces between formulas mean."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.done: list[Token] = []

    def run(self) -> list[Token]:
        """Return the tokens, with each run of layout replaced by the sign that it amounts to."""
        at = 0
        while at < len(self.pieces):
            end = at
            while end < len(self.pieces) and self._layout(end):
                end += 1
            signs = [piece.text for piece in self.pieces[at:end] if piece.text != " "]
            if not signs:
                self.done.append(self.pieces[at].token)
                at += 1
            else:
                self._replace(signs, at, end)
                at = end
        return self.done

    def _layout(self, at: int) -> bool:
        piece = self.pieces[at]
        return not piece.depth and piece.text in (" ", "&", r"\\", *APART)

    def _row_end(self, at: int) -> int:
        while at < len(self.pieces) and (
            self.pieces[at].depth or self.pieces[at].text not in ("&", r"\\")
        ):
            at += 1
        return at

    def _replace(self, signs: list[str], at: int, end: int) -> None:
        place = self.pieces[at].token.span
        before = next((token.text for token in reversed(self.done) if token.text != " "), "")
        after = self.pieces[end].text if end < len(self.pieces) else ""
        if self._continues(signs, before, after, end):
            self.done.append(Token(" ", place))
        elif r"\\" in signs:
            self.done.append(Token(r"\\", place))
        else:
            self.done.append(Token(r"\quad", place))
        self.done.append(Token(" ", place))

    def _continues(self, signs: list[str], before: str, after: str, end: int) -> bool:
        """Whether the formula goes on after the run of layout, rather than a new one begins."""
        if not before or not after or joins(after) or joins(before) or before == "-":
            return True
        if after != "-" or before in (",", ";", "."):
            return False
        if "&" not in signs and r"\\" in signs:
            return False
        row = self.pieces[end : self._row_end(end)]
        if any(not piece.depth and RELATION.fullmatch(piece.text) for piece in row):
            mend = "Write a comma before a new formula, or the = of a chain first."
            why = "This minus may go on with the row above or begin a new formula."
            raise Refusal("BP205", why, row[0].token.span, mend)
        return True
