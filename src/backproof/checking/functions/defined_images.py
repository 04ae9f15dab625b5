"""Definitions of convolution and pooling: see `definitions`."""

from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from backproof.checking.functions.definitions import Array, Entry, define, define_columns, table


@define("max pooling", "x: N C 4 4")
def max_pooling(x: Array, *, size: Any = 2, stride: Any = None) -> Array:
    """out[n, c, i, j] = the largest x[n, c, stride i + p, stride j + q], p and q below size.

    The stride is the size unless declared.
    """
    count = len(x.shape) - 2
    sizes, strides = _each(size, count), _each(size if stride is None else stride, count)

    def entry(n: int, c: int, *place: int) -> Entry:
        window = product(*map(range, sizes))
        return reduce(max, (x[n, c, *_shifted(place, strides, at)] for at in window))

    return table((*x.shape[:2], *_windows(x.shape[2:], sizes, strides)), entry)


@define("convolution", "x: N C 3 4, w: M C 2 2, b: M")
def convolution(x: Array, w: Array, b: Array = None, *, stride: Any = 1, padding: Any = 0) -> Array:
    """out[n, m, i, j] = b[m] + the sum over c, p, q of w[m, c, p, q] times x[n, c] there.

    There is row stride i + p - padding and column stride j + q - padding; outside of x are zeros.
    With one axis instead of two, the columns are left out.
    """
    spatial, kernel = x.shape[2:], w.shape[2:]
    strides, paddings = _each(stride, len(spatial)), _each(padding, len(spatial))
    padded = tuple(size + 2 * more for size, more in zip(spatial, paddings, strict=True))

    def entry(n: int, m: int, *place: int) -> Entry:
        products = [
            w[m, c, *at] * x[n, c, *there]
            for c, *at in np.ndindex(*w.shape[1:])
            if _inside(there := _shifted(place, strides, at, paddings), spatial)
        ]
        return sum(products) if b is None else b[m] + sum(products)

    return table((x.shape[0], w.shape[0], *_windows(padded, kernel, strides)), entry)


def _each(value: Any, count: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (int(value),) * count


def _windows(sizes: Any, kernel: Any, strides: Any) -> tuple[int, ...]:
    return tuple((s - k) // step + 1 for s, k, step in zip(sizes, kernel, strides, strict=True))


def _shifted(place: Any, strides: Any, at: Any, paddings: Any = (0, 0)) -> tuple[int, ...]:
    moves = zip(place, strides, at, paddings, strict=False)
    return tuple(i * step + p - more for i, step, p, more in moves)


def _inside(place: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    return all(0 <= i < size for i, size in zip(place, sizes, strict=True))


define_columns("max pooling", "x: C 4 4 N")


@define("convolution, columns", "x: C 3 4 N, W: M 4*C, b: M 1")
def convolution_of_columns(
    x: Array, W: Array, b: Array = None, *, K: Any = 2, stride: Any = 1, padding: Any = 0
) -> Array:
    """z[m, i, j, n] = b[m] + the sum over c, p, q of W[m, K K c + K p + q] times x[c, n] there.

    There is row stride i + p - padding and column stride j + q - padding; outside of x are zeros.
    """
    w = W.reshape(W.shape[0], x.shape[0], K, K)
    bias = None if b is None else b.reshape(-1)
    z = convolution(np.moveaxis(x, -1, 0), w, bias, stride=stride, padding=padding)
    return np.moveaxis(z, 0, -1)
