"""The matrix whose sizes are left open, with NumPy's operations; see backproof.numbers.tensors."""

from collections.abc import Callable
from fractions import Fraction
from numbers import Rational
from typing import Any

from backproof.numbers import index_algebra as algebra
from backproof.numbers.index_algebra import Terms
from backproof.numbers.index_facts import nonzero, positive
from backproof.numbers.index_form import COLUMN, ROW, UNIT, BeyondTensorsError, Dim, Index, interned
from backproof.numbers.index_functions import abstract, inverse, power
from backproof.numbers.index_functions import apply as apply_to_terms
from backproof.numbers.index_text import latex_of, text_of
from backproof.numbers.tensor_protocol import Unanswered


class ShapeMismatchError(ValueError):
    """Two shapes that do not fit for every size."""


class Size:
    """A size as code under judgement sees it: it can count, but it cannot be asked how large it is.

    An answer would be a branch taken for some sizes only.
    """

    def __init__(self, dim: Dim) -> None:
        self.dim = dim

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Size) and other.dim == self.dim:
            return True
        if self.dim == UNIT and isinstance(other, int):
            return other == 1
        raise BeyondTensorsError(f"whether the size {self} is {other} is left open")

    def __hash__(self) -> int:
        return hash(self.dim)

    def __mul__(self, other: Any) -> "Tensor":
        return counted(self.dim).__mul__(other)

    def __truediv__(self, other: Any) -> "Tensor":
        return counted(self.dim).__truediv__(other)

    def __rtruediv__(self, other: Any) -> "Tensor":
        return counted(self.dim).__rtruediv__(other)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise BeyondTensorsError(f"the size {self} is left open")

    def __repr__(self) -> str:
        return str(self.dim)


class Tensor(Unanswered):
    """A matrix of formulas: `rows` and `columns` are sizes, `terms` the entry at row and column.

    It has `@ .T * + - / **` with whole exponents, `.sum(axis=…, keepdims=True)`, `.sum()`, and
    `z > 0`; numbers are whole or fractions.  Only a size 1 is ever broadcast; shapes that do not
    fit for every size raise ShapeMismatchError.  What the theory has no answer for, such as any
    other comparison, raises BeyondTensorsError, a TypeError.  `assumed` are the conditions under
    which all of it is defined: what was divided by is not 0.
    """

    __slots__ = ("assumed", "columns", "rows", "terms")

    def __init__(
        self, rows: Dim, columns: Dim, terms: Terms, assumed: frozenset[str] = frozenset()
    ) -> None:
        self.rows, self.columns, self.terms, self.assumed = rows, columns, terms, assumed

    @property
    def shape(self) -> tuple[Size, Size]:
        """The two sizes, for code under judgement; a checker compares `rows` and `columns`."""
        return Size(self.rows), Size(self.columns)

    @property
    def ndim(self) -> int:
        """The number of dimensions, 2."""
        return 2

    @property
    def dtype(self) -> type:
        """The kind of the entries, which are exact."""
        return object

    @property
    def free(self) -> tuple[Index, ...]:
        """The named free indices that the entries depend on."""
        return tuple(Index.of(i) for i in algebra.labels(self.terms) if i not in (ROW, COLUMN))

    def like(self, terms: Terms) -> "Tensor":
        """Return a tensor of this shape with other entries."""
        return Tensor(self.rows, self.columns, terms, self.assumed)

    # Sums and products.

    def __add__(self, other: Any) -> "Tensor":
        return _entrywise(self, other, "+", algebra.add)

    def __radd__(self, other: Any) -> "Tensor":
        return _entrywise(other, self, "+", algebra.add)

    def __neg__(self) -> "Tensor":
        return _negative(self)

    def __sub__(self, other: Any) -> "Tensor":
        return self.__add__(_negative(tensor_of(other)))

    def __rsub__(self, other: Any) -> "Tensor":
        return _negative(self).__add__(other)

    def __mul__(self, other: Any) -> "Tensor":
        return _entrywise(self, other, "*", algebra.multiply)

    def __rmul__(self, other: Any) -> "Tensor":
        return _entrywise(other, self, "*", algebra.multiply)

    def __truediv__(self, other: Any) -> "Tensor":
        return self * _reciprocal(tensor_of(other))

    def __rtruediv__(self, other: Any) -> "Tensor":
        return _reciprocal(self).__mul__(other)

    def __pow__(self, exponent: Any) -> "Tensor":
        if not isinstance(exponent, int):
            raise BeyondTensorsError(f"the power {exponent!r}, which is no whole number")
        base = _reciprocal(self) if exponent < 0 else self
        return base.like(power(base.terms, abs(exponent)))

    def __matmul__(self, other: Any) -> "Tensor":
        if not isinstance(other, Tensor):
            raise BeyondTensorsError(f"a matrix product with {other!r}, which is no tensor")
        if self.columns != other.rows:
            raise ShapeMismatchError(f"{described(self)} @ {described(other)}")
        terms = _contracted(self, other)
        return Tensor(self.rows, other.columns, terms, self.assumed | other.assumed)

    @property
    def T(self) -> "Tensor":
        """The transpose."""
        terms = algebra.rename(self.terms, {ROW: COLUMN, COLUMN: ROW})
        return type(self)(self.columns, self.rows, terms, self.assumed)

    def sum(self, axis: int | None = None, *, keepdims: bool = False) -> "Tensor":
        """Return the sum of all entries, 1 by 1, or with `keepdims` along one axis."""
        if axis is None:
            return self.sum(axis=0, keepdims=True).sum(axis=1, keepdims=True)
        _check_axis(axis, keepdims)
        rows, columns = (UNIT, self.columns) if axis in (0, -2) else (self.rows, UNIT)
        label, gone = (ROW, self.rows) if axis in (0, -2) else (COLUMN, self.columns)
        terms = self.terms if gone == UNIT else algebra.sum_over(self.terms, label, gone)
        return Tensor(rows, columns, terms, self.assumed)

    def mean(self, axis: int | None = None, *, keepdims: bool = False) -> "Tensor":
        """Return the mean of all entries, or with `keepdims` along one axis."""
        gone = {0: [self.rows], 1: [self.columns], None: [self.rows, self.columns]}
        total = self.sum(axis, keepdims=keepdims)
        for size in gone[axis]:
            total = total / counted(size)
        return total

    def max(self, axis: int | None = None, *, keepdims: bool = False) -> "Tensor":
        """Return a number for each column, of which nothing is known but that it is one.

        The softmax subtracts the maximum so that no exponential overflows.  Which number goes
        out does not matter; where it does, there is no derivative (BeyondTensorsError).
        """
        _check_axis(axis, keepdims)
        rows, columns = (UNIT, self.columns) if axis in (0, -2) else (self.rows, UNIT)
        terms = _largest(self.terms, ROW if axis in (0, -2) else COLUMN)
        return Tensor(rows, columns, terms, self.assumed)

    def apply(self, name: str) -> "Tensor":
        """Return the function `name` of each entry; one that is not known is any function."""
        assumed = self.assumed
        if name in ("log", "sqrt") and not positive(self.terms):
            assumed |= {f"{self} > 0"}
        return Tensor(self.rows, self.columns, apply_to_terms(name, self.terms), assumed)

    def copy(self) -> "Tensor":
        """Return the tensor itself, which nothing can change."""
        return self

    def astype(self, dtype: Any) -> "Tensor":
        """Return the same entries as numbers, which an indicator then is too."""
        if dtype not in (float, object):
            raise BeyondTensorsError(f"the entries are exact numbers, not {dtype!r}")
        return Tensor(self.rows, self.columns, self.terms, self.assumed)

    # Entries.

    def entry(self, row: Index | None = None, column: Index | None = None) -> "Tensor":
        """Return the entry at named free indices, 1 by 1; a size 1 has no index (None)."""
        return self._at({ROW: (self.rows, row), COLUMN: (self.columns, column)})

    def column(self, index: Index) -> "Tensor":
        """Return the column at a named free index."""
        return self._at({COLUMN: (self.columns, index)})

    def row(self, index: Index) -> "Tensor":
        """Return the row at a named free index."""
        return self._at({ROW: (self.rows, index)})

    def _at(self, places: dict[int, tuple[Dim, Index | None]]) -> "Tensor":
        for size, index in places.values():
            if (index.dim if index else UNIT) != size:
                raise ShapeMismatchError(f"{index} does not run over {size}")
        names = {label: index.label for label, (_, index) in places.items() if index}
        rows = UNIT if ROW in places else self.rows
        columns = UNIT if COLUMN in places else self.columns
        return Tensor(rows, columns, algebra.rename(self.terms, names), self.assumed)

    def from_entry(self, row: Index | None = None, column: Index | None = None) -> "Tensor":
        """Return the matrix whose entry at `row`, `column` is this 1 by 1 tensor."""
        if (self.rows, self.columns) != (UNIT, UNIT):
            raise ShapeMismatchError(f"{described(self)} is no entry")
        if row is not None and row == column:
            raise ShapeMismatchError(f"{row} cannot be both the row and the column")
        chosen = {ROW: row, COLUMN: column}
        names = {index.label: label for label, index in chosen.items() if index}
        rows, columns = (index.dim if index else UNIT for index in (row, column))
        return Tensor(rows, columns, algebra.rename(self.terms, names), self.assumed)

    def sum_over(self, index: Index) -> "Tensor":
        """Return the sum over a named free index."""
        return self.like(algebra.sum_over(self.terms, index.label, index.dim))

    def __gt__(self, other: Any) -> "Indicator":
        if isinstance(other, Tensor) or other != 0:
            raise BeyondTensorsError(f"a tensor is only ever compared as z > 0, not with {other!r}")
        return Indicator(self.rows, self.columns, apply_to_terms("step", self.terms), self.assumed)

    def __repr__(self) -> str:
        return text_of(self.rows, self.columns, self.terms)

    def latex(self) -> str:
        """Return the entry at row r and column c in LaTeX, as sums over indices."""
        return latex_of(self.rows, self.columns, self.terms)


class Indicator(Tensor):
    """What z > 0 gives: a number 0 or 1 in products, and a truth value otherwise.

    NumPy's sums, differences and matrix products of truth values are not those of numbers, so
    they are refused.
    """

    __slots__ = ()

    def __mul__(self, other: Any) -> Tensor:
        result = super().__mul__(other)
        if not isinstance(other, Indicator):
            return result
        return Indicator(result.rows, result.columns, result.terms, result.assumed)

    def __add__(self, other: Any) -> Tensor:
        self._refuse_truth(other, "+")
        return super().__add__(other)

    def __sub__(self, other: Any) -> Tensor:
        self._refuse_truth(other, "-")
        return super().__sub__(other)

    def __matmul__(self, other: Any) -> Tensor:
        self._refuse_truth(other, "@")
        return super().__matmul__(other)

    def __neg__(self) -> Tensor:
        self._refuse_truth(self, "-")
        return super().__neg__()

    def _refuse_truth(self, other: Any, sign: str) -> None:
        if isinstance(other, Indicator | bool):
            raise BeyondTensorsError(f"NumPy's {sign} of truth values is not that of numbers")


def tensor_of(value: Any) -> Tensor:
    """Return a tensor as it is, and a whole number, a fraction or a size as one, 1 by 1."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Size):
        return counted(value.dim)
    if not isinstance(value, Rational):
        raise BeyondTensorsError(
            f"{value!r} among tensors, whose numbers are exact: pass an int or a Fraction"
        )
    exact = Fraction(int(value.numerator), int(value.denominator))
    return Tensor(UNIT, UNIT, algebra.constant(exact))


def counted(dim: Dim) -> Tensor:
    """Return a size as a number, 1 by 1."""
    return Tensor(UNIT, UNIT, algebra.constant(1) if dim == UNIT else algebra.of_size(dim))


def described(tensor: Tensor) -> str:
    """Return the shape of a tensor as it is written, (D, N)."""
    return f"({tensor.rows}, {tensor.columns})"


def _entrywise(first: Any, second: Any, sign: str, work: Callable[[Terms, Terms], Terms]) -> Tensor:
    first, second = tensor_of(first), tensor_of(second)
    sizes = (first.rows, second.rows), (first.columns, second.columns)
    if any(a != b and UNIT not in (a, b) for a, b in sizes):
        raise ShapeMismatchError(f"{described(first)} {sign} {described(second)}")
    rows, columns = (b if a == UNIT else a for a, b in sizes)
    assumed = first.assumed | second.assumed
    return Tensor(rows, columns, work(first.terms, second.terms), assumed)


def _negative(tensor: Tensor) -> Tensor:
    return tensor.like(algebra.scale(-1, tensor.terms))


def _reciprocal(tensor: Tensor) -> Tensor:
    assumed = tensor.assumed
    if not nonzero(tensor.terms):
        assumed |= {f"{tensor} ≠ 0"}
    return Tensor(tensor.rows, tensor.columns, inverse(tensor.terms), assumed)


def _contracted(first: Tensor, second: Tensor) -> Terms:
    if first.columns == UNIT:
        return algebra.multiply(first.terms, second.terms)
    return algebra.contract(first.terms, COLUMN, second.terms, ROW, first.columns)


def _largest(terms: Terms, label: int) -> Terms:
    """Return a factor in place of the largest entry along `label`."""
    form, indices = abstract(terms)
    if label not in indices:
        return terms
    slot = indices.index(label)
    dims = form.dims[:slot] + form.dims[slot + 1 :]
    others = indices[:slot] + indices[slot + 1 :]
    return algebra.single(interned("maximum", slot, dims, form), others)


def _check_axis(axis: int | None, keepdims: object) -> None:
    if axis not in (0, 1, -1, -2) or not keepdims:
        raise BeyondTensorsError("a flat array: a tensor has two dimensions, pass keepdims=True")
