"""Linear algebra and convolution on traced numbers, done by hand: NumPy's code takes floats only.

Solutions and determinants are rational functions of the entries, so nothing is asked about them:
the pivot is chosen by its value, and another one gives the same function.
"""

from collections.abc import Callable
from functools import reduce
from itertools import combinations
from typing import Any

import numpy as np

from backproof.numbers import traced
from backproof.numbers.exact_real import exact, wide
from backproof.numbers.traced import Unsupported, value_of
from backproof.numbers.traced_array import Array, plain, traced_array

LARGEST_DETERMINANT = 9
"""Up to this size a determinant is expanded, which is exact where elimination divides by 0."""


def _of_each(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of every matrix in a stack of matrices (…, n, n)."""

    def of_stack(a: Any) -> Any:
        _square(a)
        if np.ndim(a) == 2:
            return function(a)
        return np.stack([of_stack(part) for part in a])

    return of_stack


def _square(a: Any) -> None:
    shape = np.shape(a)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")


def _identity(size: int) -> Array:
    return traced_array(np.frompyfunc(exact, 1, 1)(np.identity(size, dtype=int)))


def _eliminated(a: Array, b: Array) -> Array:
    """Return the X with A X = B; raises LinAlgError where A is singular."""
    size = len(a)
    table = np.concatenate([a, b], axis=1)
    for k in range(size):
        row = max(range(k, size), key=lambda r: abs(wide(value_of(plain(table)[r, k]))))
        if value_of(plain(table)[row, k]) == 0:
            raise np.linalg.LinAlgError("Singular matrix")
        table[[k, row]] = table[[row, k]]
        table[k] = table[k] / table[k, k]
        for other in range(size):
            if other != k:
                table[other] = table[other] - table[other, k] * table[k]
    return table[:, size:]


def solve(a: Any, b: Any) -> Any:
    """Return the solution x of a x = b; b is a vector, or a stack of matrices."""
    _square(a)
    if np.ndim(b) == 1:
        return solve(a, np.expand_dims(b, 1))[..., 0]
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return _eliminated(a, b)
    stack = np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2])
    left = np.broadcast_to(a, stack + np.shape(a)[-2:])
    right = np.broadcast_to(b, stack + np.shape(b)[-2:])
    return np.stack([solve(*pair) for pair in zip(left, right, strict=True)])


def _determinant(a: Array) -> Any:
    """Return the determinant, expanded by the first row, every minor once."""
    entries = plain(a)
    minors: dict[tuple[int, ...], Any] = {(): exact(1)}
    for row in reversed(range(len(a))):
        minors = {
            columns: _expanded(entries[row], columns, minors)
            for columns in _choices(len(a), len(a) - row)
        }
    return minors[tuple(range(len(a)))]


def _choices(size: int, count: int) -> list[tuple[int, ...]]:
    if size > LARGEST_DETERMINANT:
        raise Unsupported(f"np.linalg.det of more than {LARGEST_DETERMINANT} rows")
    return list(combinations(range(size), count))


def _expanded(row: Any, columns: tuple[int, ...], minors: Any) -> Any:
    total: Any = exact(0)
    for place, column in enumerate(columns):
        rest = columns[:place] + columns[place + 1 :]
        term = traced.multiply(row[column], minors[rest])
        total = traced.subtract(total, term) if place % 2 else traced.add(total, term)
    return total


def _cholesky(a: Array) -> Array:
    """Return the lower triangular L with L Lᵀ = A, of the lower half of A."""
    size = len(a)
    lower = _identity(size) * 0
    for j in range(size):
        rest = a[j, j] - np.sum(lower[j, :j] * lower[j, :j])
        if not value_of(rest) > 0:
            raise np.linalg.LinAlgError("Matrix is not positive definite")
        lower[j, j] = traced.function("sqrt", rest)
        for i in range(j + 1, size):
            lower[i, j] = (a[i, j] - np.sum(lower[i, :j] * lower[j, :j])) / lower[j, j]
    return lower


inv = _of_each(lambda a: _eliminated(a, _identity(len(a))))
det = _of_each(_determinant)
_lower = _of_each(_cholesky)


def cholesky(a: Any, *, upper: bool = False) -> Any:
    """Return the Cholesky factor, of which the other half of `a` is no part."""
    return np.matrix_transpose(_lower(np.matrix_transpose(a))) if upper else _lower(a)


def slogdet(a: Any) -> tuple[Any, Any]:
    """Return the sign of the determinant and the logarithm of its absolute value."""
    value = det(a)
    return np.sign(value), np.log(np.abs(value))


def matrix_power(a: Any, n: int) -> Any:
    """Return a multiplied n times with itself; the inverse is, where n is negative."""
    _square(a)
    factors = [a if n > 0 else inv(a)] * abs(n)
    return reduce(np.matmul, factors, np.broadcast_to(_identity(np.shape(a)[-1]), np.shape(a)))


def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """Return the product of matrices; the order of the products changes nothing here."""
    product = reduce(np.dot, arrays)
    if out is None:
        return product
    out[...] = product
    return out


def full_convolution(a: Any, kernel: Any) -> Any:
    """Return the sum of the products of all entries of two arrays of the same number of axes."""
    around = [(size - 1, size - 1) for size in np.shape(kernel)]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(a, around), np.shape(kernel))
    axes = list(range(np.ndim(a)))
    return np.tensordot(windows, np.flip(kernel), axes=([np.ndim(a) + k for k in axes], axes))


def middle(full: Any, sizes: Any) -> Any:
    """Return the entries in the middle of every axis, this many; of two middles the first."""
    starts = [(have - want) // 2 for have, want in zip(np.shape(full), sizes, strict=True)]
    return full[tuple(slice(s, s + want) for s, want in zip(starts, sizes, strict=True))]


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Return the convolution of two sequences."""
    full = full_convolution(a, v)
    long, short = max(len(a), len(v)), min(len(a), len(v))
    sizes = {"full": len(full), "same": long, "valid": long - short + 1}
    return middle(full, [sizes[mode]])


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Return the sums of products of one sequence, shifted along the other."""
    if len(v) > len(a):
        return np.flip(correlate(v, a, mode))
    return convolve(a, np.flip(v), mode)


LINEAR: dict[str, Callable[..., Any]] = {
    "solve": solve,
    "inv": inv,
    "det": det,
    "slogdet": slogdet,
    "cholesky": cholesky,
    "matrix_power": matrix_power,
    "multi_dot": multi_dot,
    "convolve": convolve,
    "correlate": correlate,
}
