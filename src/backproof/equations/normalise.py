r"""What TeX needs and mathematics does not: sizes, spaces, labels and alignment are dropped here.

The grammar then reads a formula without layout.  On the way brackets are paired, so that a
missing one is named as such, and depth is bounded.  Three things keep a sign of their own, which
the grammar expects: a row that ends (`\\`), formulas set apart (`\quad`), and the reason beside a
step of a derivation (`&&` up to a newline).
"""

from collections.abc import Sequence

from backproof.equations.brackets import Brackets
from backproof.equations.rows import Rows
from backproof.equations.source import Source, Token


def normalise(pieces: Sequence[Token], length: int) -> Source:
    """Return `pieces` without layout, for the grammar; `length` is that of the author's source.

    Raises Refusal BP101 for a bracket without its partner or an unknown environment, BP104 for
    brackets too deep, BP205 for a row that can be read in two ways.
    """
    return Source(Rows(Brackets(pieces).run()).run(), length)
