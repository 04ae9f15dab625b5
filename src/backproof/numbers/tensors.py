"""Matrices whose sizes are left open, with NumPy's operations: what is proved is for every size.

A `Tensor` is a matrix of shape (rows, columns), each size a name such as D_3 or N, or 1.  Its
entries are sums of products of indexed factors, kept in one canonical form
(backproof.numbers.index_form), so that equality is decided by comparing.  The code that trains
runs on tensors unchanged; what it computes is then a formula for every width and batch size.

    >>> from backproof.numbers.tensors import Dim, atom, equal, grad
    >>> D, E, N = Dim("D"), Dim("E"), Dim("N")
    >>> W, X, G = atom("W", E, D), atom("X", D, N), atom("G", E, N)
    >>> grad((G * (W @ X)).sum(), W)
    Σ_n G_{rn} X_{cn}
    >>> equal(grad((G * (W @ X)).sum(), W), G @ X.T)
    True
"""

from collections.abc import Hashable
from typing import Any

from backproof.numbers import index_algebra as algebra
from backproof.numbers.index_derivative import derivative
from backproof.numbers.index_facts import facts, shown_equal
from backproof.numbers.index_form import COLUMN, ROW, UNIT, BeyondTensorsError, Dim, Index, interned
from backproof.numbers.tensor import (
    Indicator,
    ShapeMismatchError,
    Size,
    Tensor,
    counted,
    described,
    tensor_of,
)

__all__ = [
    "UNIT",
    "BeyondTensorsError",
    "Dim",
    "Index",
    "Indicator",
    "ShapeMismatchError",
    "Size",
    "Tensor",
    "apply",
    "atom",
    "derivative_entry",
    "diag",
    "dim",
    "equal",
    "facts",
    "grad",
    "hadamard",
    "identity",
    "indicator_equal",
    "jacobian",
    "ones",
    "scalar",
]


def atom(key: Hashable, rows: Dim = UNIT, columns: Dim = UNIT) -> Tensor:
    """Return a matrix of variables, named `key`: "W", or a name with its subscript, ("W", 3)."""
    labels = [(ROW, rows), (COLUMN, columns)]
    places = [(label, size) for label, size in labels if size != UNIT]
    variable = interned("atom", key, tuple(size for _, size in places))
    return Tensor(rows, columns, algebra.single(variable, tuple(label for label, _ in places)))


def scalar(number: Any) -> Tensor:
    """Return a whole number or a fraction as a tensor, 1 by 1."""
    return tensor_of(number)


def dim(size: Dim) -> Tensor:
    """Return a size as a number, 1 by 1."""
    return counted(size)


def apply(name: str, tensor: Tensor) -> Tensor:
    """Return a function of each entry: exp, log, sqrt, tanh, sigmoid, relu, step, ….

    Of a name that is not built in (`facts`), such as f, nothing is known; its derivative is f'.
    """
    return tensor.apply(name)


def ones(rows: Dim, columns: Dim) -> Tensor:
    """Return the matrix of ones."""
    return Tensor(rows, columns, algebra.constant(1))


def identity(size: Dim) -> Tensor:
    """Return the identity matrix."""
    if size == UNIT:
        return ones(UNIT, UNIT)
    return Tensor(size, size, algebra.kronecker(size, ROW, COLUMN))


def diag(column: Tensor) -> Tensor:
    """Return the matrix with a column on its diagonal and zeros elsewhere."""
    if column.columns != UNIT:
        raise ShapeMismatchError(f"diag of {described(column)}, which is no column")
    return identity(column.rows) * column


def indicator_equal(i: Index, j: Index) -> Tensor:
    """Return one where two named free indices are equal, zero elsewhere."""
    if i.dim != j.dim:
        raise ShapeMismatchError(f"{i.name} runs over {i.dim}, {j.name} over {j.dim}")
    return Tensor(UNIT, UNIT, algebra.kronecker(i.dim, i.label, j.label))


def hadamard(first: Tensor, second: Tensor) -> Tensor:
    """Return the product entry by entry of two tensors of exactly the same shape."""
    if (first.rows, first.columns) != (second.rows, second.columns):
        raise ShapeMismatchError(f"{described(first)} ⊙ {described(second)}")
    return first * second


def equal(first: Tensor, second: Tensor) -> bool:
    """Return whether two tensors are shown to be equal, for all sizes and entries.

    True is a proof, under what both assume.  False may also mean that no proof was found.
    """
    if (first.rows, first.columns) != (second.rows, second.columns):
        return False
    return shown_equal(first.terms, second.terms)


# Derivatives.


def grad(of: Tensor, by: Tensor) -> Tensor:
    """Return ∂of/∂by in the shape of `by`: `of` is 1 by 1, `by` a matrix of variables.

    `by` may be transposed, or one entry at named free indices.
    """
    if (of.rows, of.columns) != (UNIT, UNIT):
        raise ShapeMismatchError(f"the derivative of {described(of)}, which is no number")
    variable, indices = _variable(by)
    terms = derivative(of.terms, variable, indices)
    return Tensor(by.rows, by.columns, terms, of.assumed)


def jacobian(of: Tensor, by: Tensor) -> Tensor:
    """Return ∂of/∂by of one column by another, in denominator layout: entry j, i is ∂of_i/∂by_j."""
    if of.columns != UNIT or by.columns != UNIT:
        raise ShapeMismatchError(f"the derivative of {described(of)} by {described(by)}")
    variable, indices = _variable(by)
    terms = derivative(algebra.rename(of.terms, {ROW: COLUMN}), variable, indices)
    return Tensor(by.rows, of.rows, terms, of.assumed)


def derivative_entry(
    of: Tensor, by: Tensor, row: Index | None = None, column: Index | None = None
) -> Tensor:
    """Return ∂of/∂by[row, column], 1 by 1, with named free indices."""
    return grad(of, by.entry(row, column))


def _variable(by: Tensor) -> tuple[Any, tuple[int, ...]]:
    """Return the head and the indices of a matrix of variables."""
    if len(by.terms) == 1:
        ((term, coefficient),) = by.terms.items()
        if coefficient == 1 and len(term) == 1 and term[0][0].kind == "atom" and term[0][1] == 1:
            return term[0][0], term[0][2]
    raise BeyondTensorsError(f"a derivative by {by}, which is no variable")
