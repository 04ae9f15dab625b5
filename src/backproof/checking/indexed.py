"""The second oracle: equations in index form, with every size left open.

A term becomes a sum of products of indexed letters; two sides that come to the same sum are equal
for every size.  It shares no code with the first oracle: see backproof.numbers.index_form.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from backproof.checking.setting import Setting, is_of_losses, setting
from backproof.equations import terms as t
from backproof.equations.lettering import letter
from backproof.equations.rewriting import rebuilt
from backproof.equations.terms import BATCH, ONE, Layer, Quantity, Size, Term
from backproof.numbers import index_algebra as algebra
from backproof.numbers.index_algebra import Terms
from backproof.numbers.index_derivative import derivative, slope
from backproof.numbers.index_facts import PI, shown_equal
from backproof.numbers.index_form import (
    COLUMN,
    ROW,
    UNIT,
    BeyondTensorsError,
    Dim,
    Head,
    Index,
    interned,
)
from backproof.numbers.index_functions import apply, power
from backproof.numbers.index_substitution import substitute
from backproof.numbers.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from backproof.checking.claims import Claim

FUNCTIONS = {"relu", "exp", "log", "tanh", "sin", "cos", "sqrt", "erfc", "sigmoid", "softplus"}


class Unsupported(Exception):  # noqa: N818  the other oracle is asked instead
    """The index form has no word for this."""


@dataclass(slots=True)
class Indexed:
    """Terms as expressions in index form; `cut` is what derivatives treat as a variable."""

    setting: Setting
    cut: Quantity | None = None
    argument: Quantity | None = None

    def equal(self, left: Term, right: Term) -> bool:
        """Return whether two terms are the same sum of products, for every size."""
        try:
            return shown_equal(self.values(left), self.values(right))
        except BeyondTensorsError as error:
            raise Unsupported(str(error)) from None

    def values(self, term: Term) -> Terms:
        """Return the expression of `term`, with ROW and COLUMN for its free row and column."""
        method: Callable[[Any], Terms] | None = getattr(
            self, f"_{type(term).__name__.lower()}", None
        )
        if method is None:
            raise Unsupported(f"no index form of {type(term).__name__.lower()}")
        return method(term)

    # Letters.

    def _constant(self, term: t.Constant) -> Terms:
        if isinstance(term.value, Fraction):
            return algebra.constant(term.value)
        if isinstance(term.value, Size):
            return algebra.of_size(_dim(term.value))
        return algebra.single(PI)

    def atom(self, quantity: Quantity, shape: t.Shape) -> Head:
        """Return the letter of a quantity that nothing determines here."""
        at = None if quantity.layer is None else _at(quantity.layer)
        dims = tuple(_dim(size) for size in shape if size != ONE)
        return interned("atom", (letter(quantity.name), at), dims)

    def _free(self, quantity: Quantity, shape: t.Shape) -> Terms:
        return algebra.single(self.atom(quantity, shape), _labels(shape))

    def _variable(self, term: t.Variable) -> Terms:
        quantity = term.quantity
        definition = self.setting.vocabulary.definition(quantity, batch=self.setting.batch)
        if quantity in (self.cut, self.argument):
            return self._free(quantity, term.shape)
        if definition is not None:
            return self._defined(term, definition)
        if quantity.name == "x" and not self.setting.is_free(quantity):
            return self._activated(term)
        if quantity.name == "z" and not self.setting.is_free(quantity):
            return self._affine(term)
        return self._free(quantity, term.shape)

    def _defined(self, term: t.Variable, definition: Any) -> Terms:
        value = self.values(definition.body)
        if not definition.indices:
            return value
        indices = {each.name: each for each in _indices(definition.body)}
        names = {
            _label(indices[name]): (ROW, COLUMN)[place]
            for name, place in definition.places(term.shape).items()
            if name in indices
        }
        return algebra.rename(value, names)

    def _activated(self, term: t.Variable) -> Terms:
        layer = term.quantity.layer
        assert layer is not None  # noqa: S101  x has a layer
        below = t.Variable(term.shape, Quantity("z", layer.moved(-1)))
        return self._applied(self.setting.activation, 0, self.values(below))

    def _affine(self, term: t.Variable) -> Terms:
        layer = term.quantity.layer
        assert layer is not None  # noqa: S101  z has a layer
        above, below = t.width(layer.moved(1)), t.width(layer)
        x = self.values(t.Variable((below, term.shape[1]), Quantity("x", layer)))
        W = self._free(Quantity("W", layer), (above, below))
        b = self._free(Quantity("b", layer), (above, ONE))
        return algebra.add(b, algebra.contract(W, COLUMN, x, ROW, _dim(below)))

    def _loss(self, term: t.Loss) -> Terms:
        definition = self.setting.loss
        of_losses = definition is not None and is_of_losses(definition.body)
        if definition is None or (of_losses and term.example is not None):
            return self._any_loss(term)
        if self.setting.batch and not definition.batch:
            raise Unsupported("the loss is said for one example, and asked for a batch")
        value = self.values(definition.body)
        if term.example is None and not definition.indices:
            return value
        if term.example is None or not definition.indices:
            raise Unsupported("the loss of one example and that of the batch are told apart here")
        own = next(each for each in _indices(definition.body) if each.name == definition.indices[0])
        return algebra.rename(value, {_label(own): _label(term.example)})

    def _any_loss(self, term: t.Loss) -> Terms:
        """Return Σ G ⊙ top, whose derivative by `top` is an arbitrary G: no more is needed."""
        top = self.setting.highest
        assert top is not None and top.layer is not None  # noqa: PT018, S101  a loss depends on one
        rows = t.width(top.layer.moved(1) if top.name == "z" else top.layer)
        shape = (rows, BATCH if self.setting.batch else ONE)
        start = self._free(Quantity(f"∂L/∂{top.name}", top.layer), shape)
        product = algebra.multiply(start, self.values(t.Variable(shape, top)))
        summed = algebra.sum_over(product, ROW, _dim(rows))
        if term.example is not None:
            return algebra.rename(summed, {COLUMN: _label(term.example)})
        return summed if shape[1] == ONE else algebra.sum_over(summed, COLUMN, _dim(BATCH))

    # Operations.

    def _plus(self, term: t.Plus) -> Terms:
        return algebra.add(self.values(term.left), self.values(term.right))

    def _times(self, term: t.Times) -> Terms:
        return algebra.multiply(self.values(term.left), self.values(term.right))

    def _matmul(self, term: t.MatMul) -> Terms:
        left, right = self.values(term.left), self.values(term.right)
        size = term.left.shape[1]
        if size == ONE:
            return algebra.multiply(left, right)
        return algebra.contract(left, COLUMN, right, ROW, _dim(size))

    def _transposed(self, term: t.Transposed) -> Terms:
        return algebra.rename(self.values(term.arg), {ROW: COLUMN, COLUMN: ROW})

    def _power(self, term: t.Power) -> Terms:
        return power(self.values(term.arg), term.exponent)

    def _call(self, term: t.Call) -> Terms:
        return self._applied(term.function, term.primes, self.values(term.arg))

    def _applied(self, name: str, primes: int, value: Terms) -> Terms:
        definition = self.setting.vocabulary.functions.get(name)
        if definition is not None:
            return self._own_function(definition, primes, value)
        if name == "identity":
            return value if primes == 0 else algebra.constant(int(primes == 1))
        if primes == 0:
            return apply(name, value)
        if primes == 1:
            return slope(name, value)
        if name in FUNCTIONS:
            raise Unsupported(f"the derivative number {primes} of {name}")
        return apply(name + "'" * primes, value)

    def _own_function(self, definition: Any, primes: int, value: Terms) -> Terms:
        argument = definition.argument
        body = Indexed(self.setting, self.cut, argument).values(definition.body)
        letter = self.atom(argument, (ONE, ONE))
        for _ in range(primes):
            body = derivative(body, letter, ())
        return substitute(body, {letter: ((), value)})

    def _positive(self, term: t.Positive) -> Terms:
        return apply("step", self.values(term.arg))

    def _equal(self, term: t.Equal) -> Terms:
        return algebra.kronecker(_dim(term.left.size), _label(term.left), _label(term.right))

    def _ones(self, _term: t.Ones) -> Terms:
        return algebra.constant(1)

    def _identity(self, term: t.Identity) -> Terms:
        return _on_diagonal(term.shape)

    def _diagonal(self, term: t.Diagonal) -> Terms:
        return algebra.multiply(self.values(term.arg), _on_diagonal(term.shape))

    def _entry(self, term: t.Entry) -> Terms:
        pairs = ((ROW, term.row), (COLUMN, term.column))
        names = {place: _label(index) for place, index in pairs if index is not None}
        return algebra.rename(self.values(term.arg), names)

    def _column(self, term: t.Column) -> Terms:
        return algebra.rename(self.values(term.arg), {COLUMN: _label(term.column)})

    def _sumover(self, term: t.SumOver) -> Terms:
        index = term.index
        return algebra.sum_over(self.values(term.body), _label(index), _dim(index.size))

    def _total(self, term: t.Total) -> Terms:
        total = self.values(term.arg)
        for place, size in zip((ROW, COLUMN), term.arg.shape, strict=True):
            if size != ONE:
                total = algebra.sum_over(total, place, _dim(size))
        return total

    # Derivatives.

    def _derived(self, term: t.Derived) -> Terms:
        variable: Term = term.by
        while isinstance(variable, t.Entry | t.Column):
            variable = variable.arg
        assert isinstance(variable, t.Variable)  # noqa: S101  the reading has looked
        of = Indexed(self.setting, cut=variable.quantity).values(term.of)
        letter = self.atom(variable.quantity, variable.shape)
        result = self._by_letter(of, letter, term)
        places = _labels(variable.shape)
        return substitute(result, {letter: (places, self.values(variable))})

    def _by_letter(self, of: Terms, letter: Head, term: t.Derived) -> Terms:
        by = _labels_by(term.by)
        if term.of.shape[0] == ONE:
            return derivative(of, letter, by)
        row = algebra.fresh()
        result = derivative(algebra.rename(of, {ROW: row}), letter, by)
        names = {row: COLUMN} if term.denominator else {row: ROW, ROW: COLUMN}
        return algebra.rename(result, names)


def _labels_by(by: Term) -> tuple[int, ...]:
    """Return the free indices of the entry of a letter by which is differentiated."""
    if isinstance(by, t.Entry):
        return tuple(_label(index) for index in (by.row, by.column) if index is not None)
    if isinstance(by, t.Column):
        return (*_labels((by.shape[0], ONE)), _label(by.column))
    return _labels(by.shape)


def _on_diagonal(shape: t.Shape) -> Terms:
    if shape[0] == ONE:
        return algebra.constant(1)
    return algebra.kronecker(_dim(shape[0]), ROW, COLUMN)


def _labels(shape: t.Shape) -> tuple[int, ...]:
    return tuple(label for label, size in zip((ROW, COLUMN), shape, strict=True) if size != ONE)


def _label(index: t.Index) -> int:
    return Index(index.name, _dim(index.size)).label


def _dim(size: Size) -> Dim:
    if size == ONE:
        return UNIT
    return Dim(size.letter, None if size.layer is None else _at(size.layer))


def _at(layer: Layer) -> Any:
    return (layer.base, layer.offset) if layer.base else layer.offset


def _indices(term: Term) -> list[t.Index]:
    found: list[t.Index] = []

    def note(value: Any) -> Any:
        if isinstance(value, t.Index):
            found.append(value)
        return value

    rebuilt(term, note)
    return found


def index_text(claim: "Claim") -> str:
    """Return the right side of a claim in index form, in LaTeX; nothing if it has none."""
    reading = claim.reading
    where = setting(
        (claim.left, claim.right),
        reading.vocabulary,
        batch=reading.batch,
        numbers=reading.sizes.numbers,
        span=claim.span,
    )
    try:
        terms = Indexed(where).values(claim.right)
        rows, columns = (_dim(size) for size in claim.right.shape)
        return Tensor(rows, columns, terms).latex()
    except (Unsupported, BeyondTensorsError, ZeroDivisionError):
        return ""
