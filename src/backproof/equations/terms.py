"""Terms: what an equation says, once every letter has a meaning and every product a kind.

A tree says `a b`; a term says matrix product, or multiple.  Each term knows its shape in symbolic
sizes, so that whoever evaluates it (in index form, or entry by entry) has nothing left to decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import NamedTuple


class Layer(NamedTuple):
    """A layer number: `base` k with an offset, or, with no base, the offset itself."""

    base: str
    offset: int

    def __str__(self) -> str:
        if not self.base:
            return str(self.offset)
        return self.base + (f"{self.offset:+d}" if self.offset else "")

    def moved(self, by: int) -> "Layer":
        """Return the layer `by` further up."""
        return Layer(self.base, self.offset + by)


class Size(NamedTuple):
    """A size that is only a name: N, D_{k+1}, or 1.  `?` with a number is not yet known."""

    letter: str
    layer: Layer | None = None

    def __str__(self) -> str:
        if self.layer is None:
            return self.letter
        index = str(self.layer)
        return f"{self.letter}_{{{index}}}" if len(index) > 1 else f"{self.letter}_{index}"


ONE = Size("1")
BATCH = Size("N")
Shape = tuple[Size, Size]
SCALAR: Shape = (ONE, ONE)


def width(layer: Layer) -> Size:
    """Return D_k for layer k."""
    return Size("D", layer)


class Quantity(NamedTuple):
    """A named quantity: x, z, W, b with its layer, y, or a letter the author declared."""

    name: str
    layer: Layer | None = None

    def __str__(self) -> str:
        if self.layer is None:
            return self.name
        index = str(self.layer)
        return f"{self.name}_{{{index}}}" if len(index) > 1 else f"{self.name}_{index}"


class Index(NamedTuple):
    """An index that runs over the entries of a size."""

    name: str
    size: Size


TARGET = Quantity("y")
ONE_HOT = Quantity("one-hot")
"""The targets: numbers, or a column with a single 1 for each class label."""


@dataclass(frozen=True, slots=True)
class Term:
    """A quantity with its shape."""

    shape: Shape

    def children(self) -> Iterator["Term"]:
        """Yield the terms directly below."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Term):
                yield value
            elif isinstance(value, tuple):
                yield from _terms(value)

    def walk(self) -> Iterator["Term"]:
        """Yield this term and all below it."""
        yield self
        for child in self.children():
            yield from child.walk()


def _terms(values: tuple[object, ...]) -> Iterator[Term]:
    for value in values:
        if isinstance(value, Term):
            yield value
        elif isinstance(value, tuple):
            yield from _terms(value)


@dataclass(frozen=True, slots=True)
class Constant(Term):
    """A number, π as `pi`, or a size as a number."""

    value: Fraction | str | Size


@dataclass(frozen=True, slots=True)
class Variable(Term):
    """A named quantity."""

    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Loss(Term):
    """L, or with an index L_i, the loss of one example."""

    example: Index | None


@dataclass(frozen=True, slots=True)
class Plus(Term):
    """The sum of two of one shape; a bias column is spread over the examples first."""

    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Times(Term):
    """The product entry by entry of two of one shape, or of a number and anything."""

    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class MatMul(Term):
    """The matrix product."""

    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Transposed(Term):
    """The transpose."""

    arg: Term


@dataclass(frozen=True, slots=True)
class Power(Term):
    """A whole power, entry by entry; -1 is the reciprocal."""

    arg: Term
    exponent: int


@dataclass(frozen=True, slots=True)
class Call(Term):
    """A function of one number, entry by entry; `primes` counts its derivatives."""

    function: str
    primes: int
    arg: Term


@dataclass(frozen=True, slots=True)
class Positive(Term):
    """I[arg > 0], entry by entry."""

    arg: Term


@dataclass(frozen=True, slots=True)
class Equal(Term):
    """I[i = j] of two indices of one size."""

    left: Index
    right: Index


@dataclass(frozen=True, slots=True)
class Ones(Term):
    """All entries 1."""


@dataclass(frozen=True, slots=True)
class Identity(Term):
    """The identity matrix."""


@dataclass(frozen=True, slots=True)
class Diagonal(Term):
    """diag of a column."""

    arg: Term


@dataclass(frozen=True, slots=True)
class Entry(Term):
    """One entry; None where the size is 1."""

    arg: Term
    row: Index | None
    column: Index | None


@dataclass(frozen=True, slots=True)
class Column(Term):
    """One column."""

    arg: Term
    column: Index


@dataclass(frozen=True, slots=True)
class SumOver(Term):
    """The sum over all values of an index."""

    index: Index
    body: Term


@dataclass(frozen=True, slots=True)
class SumLayers(Term):
    """The sum, or the product, over the layers from `first` to `last`."""

    index: str
    first: Layer
    last: Layer
    body: Term
    product: bool


@dataclass(frozen=True, slots=True)
class Total(Term):
    """The sum of all entries."""

    arg: Term


@dataclass(frozen=True, slots=True)
class Literal(Term):
    """A matrix of given entries."""

    rows: tuple[tuple[Term, ...], ...]


@dataclass(frozen=True, slots=True)
class Derived(Term):
    """∂of/∂by, with `by` a variable, an entry or a column of one.

    Of a number: in the shape of `by`.  Of a column by a column: by the layout, with entry (j, i)
    the derivative of entry i by entry j if `denominator`, else its transpose.
    """

    of: Term
    by: Term
    denominator: bool


@dataclass(frozen=True, slots=True)
class Ceil(Term):
    """The smallest whole number that is not below."""

    arg: Term


def transposed(term: Term) -> Term:
    """Return the transpose; twice is nothing."""
    if isinstance(term, Transposed):
        return term.arg
    return Transposed(term.shape[::-1], term)


def negative(term: Term) -> Term:
    """Return -term."""
    return Times(term.shape, Constant(SCALAR, Fraction(-1)), term)


def complement(term: Term) -> Term:
    """Return 1 - term, for an indicator; twice is nothing."""
    if isinstance(term, Plus) and term == complement_of(term.right):
        return negative(term.right)
    return complement_of(term)


def complement_of(term: Term) -> Term:
    """Return 1 - term."""
    return Plus(term.shape, Ones(term.shape), negative(term))


def innermost(term: Term) -> Term:
    """Return what an entry, a column or a transpose is taken of."""
    while isinstance(term, Transposed | Column | Entry):
        term = term.arg
    return term
