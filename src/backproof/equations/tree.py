"""The tree of a displayed equation: what was written, and where.

The parser knows no letter: whether `z_k` is a layer or an entry, and `a b` a matrix product or a
multiple, is for the declarations to say (backproof.equations.meaning).  Two trees are equal when
they say the same, wherever they stand: spans do not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import NamedTuple


class Span(NamedTuple):
    """Where a node stands in the source of its equation: source[start:end]."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Node:
    """What every node has: its place in the source."""

    span: Span = field(compare=False, repr=False, kw_only=True)

    def children(self) -> Iterator["Node"]:
        """Yield the nodes directly below this one, from left to right."""
        for each in fields(self):
            yield from _nodes(getattr(self, each.name))

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all below it."""
        yield self
        for child in self.children():
            yield from child.walk()


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple) and not isinstance(value, Span):
        for part in value:
            yield from _nodes(part)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number in digits: 2, 0.5."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A letter or word, without its font: z, W, eta, softmax; `cal L`, `bb E`, `bar x` keep theirs.

    Bold, upright and italic are one font; blackboard, calligraphic and fraktur letters, and
    accents, make another name.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    r"""Words within a formula, \text{…}, standing for a quantity they describe."""

    words: str


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    r"""The dot in `x_{\cdot i}`: every row, of column i."""


@dataclass(frozen=True, slots=True)
class Script(Node):
    """A base with subscripts, a superscript, or both: z_k, (W_k)_{rs}, a^{[l]}, x^2.

    `bracket` is the bracket that a superscript is written in: "[", "(" or "".
    """

    base: Node
    sub: tuple[Node, ...] = ()
    sup: Node | None = None
    bracket: str = ""


@dataclass(frozen=True, slots=True)
class Transpose(Node):
    r"""W^{\mathsf T}, in any of its spellings."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Prime(Node):
    """f′: the derivative of a function of one number."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Apply(Node):
    r"""A function of arguments: f[z], \log x, \max(0, z), \operatorname{diag}(m)."""

    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Add(Node):
    """left + right."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Subtract(Node):
    """left - right."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """-arg."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Two factors side by side: of matrices, or of a number and anything."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Dot(Node):
    r"""A product with its sign, a \cdot b or a \times b: at least one of the two is a number."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Hadamard(Node):
    r"""left \odot right, entry by entry."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Quotient(Node):
    r"""\frac{numerator}{denominator}, or numerator / denominator."""

    numerator: Node
    denominator: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    r"""\sqrt{arg}."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    r"""\frac{\partial of}{\partial by}, \frac{\partial}{\partial by} of, or \nabla_{by} of."""

    of: Node
    by: Node


@dataclass(frozen=True, slots=True)
class Sum(Node):
    r"""\sum_{index=first}^{last} body; the bounds may be absent.  A product sign if `product`."""

    index: Node
    first: Node | None
    last: Node | None
    body: Node
    product: bool = False


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """left relation right, with the relation one of = ≠ < ≤ > ≥ written so."""

    relation: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Indicator(Node):
    r"""\mathbb{I}[condition], one where it holds and zero elsewhere."""

    condition: Compare


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """Rows of entries between brackets."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Tuple(Node):
    """(a, b, …): a column of numbers written flat."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """A value for each condition; None is `otherwise`."""

    values: tuple[Node, ...]
    conditions: tuple[Compare | None, ...]


@dataclass(frozen=True, slots=True)
class Norm(Node):
    r"""\| arg \|."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Absolute(Node):
    """|arg|."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Inner(Node):
    r"""\langle left, right \rangle."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Ceiling(Node):
    r"""\lceil arg \rceil."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Dots(Node):
    r"""\cdots, \dots: something left out."""


@dataclass(frozen=True, slots=True)
class Step(Node):
    """One step of a chain: the relation (= ≠ < ≤ > ≥ ← :=), its right side, and the reason."""

    relation: str
    side: Node
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """first = side = side …; no step at all for an expression that stands by itself."""

    first: Node
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Range(Node):
    r"""The values of an index: k = M, \dots, 1, or k \in \{1, \dots, M\}."""

    index: Node
    first: Node
    last: Node


@dataclass(frozen=True, slots=True)
class Display(Node):
    """All that one displayed equation says; `remarks` are words beside the formulas."""

    chains: tuple[Chain, ...]
    ranges: tuple[Range, ...] = ()
    remarks: tuple[str, ...] = field(default=(), compare=False)
