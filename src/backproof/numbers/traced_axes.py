"""Functions that take rows one by one, or entries in their order, on traced numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

# Not np.array: while code runs on traced numbers, that name is taken.
from numpy import asarray as _asarray
from numpy import empty as _empty

from backproof.numbers.traced import Traced
from backproof.numbers.traced_array import TracedArray, plain, traced_array


def _rows(a: Any, axis: int) -> Any:
    return np.moveaxis(a, axis, -1)


def apply_along_axis(function: Any, axis: int, arr: Any, *more: Any, **options: Any) -> Any:
    """Return what `function` gives for every row along `axis`."""
    rows = _rows(arr, axis)
    places = list(np.ndindex(np.shape(rows)[:-1]))
    found = np.stack([_asarray(plain(function(rows[p], *more, **options))) for p in places])
    result, more_axes = found.reshape(np.shape(rows)[:-1] + found.shape[1:]), found.ndim - 1
    first = axis % np.ndim(arr)
    return np.moveaxis(result, range(-more_axes, 0), range(first, first + more_axes))


def piecewise(x: Any, conditions: Any, functions: Any, *more: Any, **options: Any) -> Any:
    """Return for every entry what the last function gives whose condition holds there."""
    one = not isinstance(conditions[0], list | np.ndarray) and np.ndim(x) != 0
    masks = [_asarray(mask) for mask in ([conditions] if one else conditions)]
    if len(functions) == len(masks) + 1:
        masks.append(~np.logical_or.reduce(masks))
    result = np.zeros_like(x)
    for mask, function in zip(masks, functions, strict=True):
        there = function(x[mask], *more, **options) if callable(function) else function
        result[mask] = there
    return result


def median(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """Return the entry in the middle, or the mean of the two that are."""
    rows = np.sort(np.ravel(a) if axis is None else _rows(a, axis), axis=-1)
    size = np.shape(rows)[-1]
    result = (rows[..., (size - 1) // 2] + rows[..., size // 2]) / 2
    if keepdims:
        shape = (1,) * np.ndim(a) if axis is None else np.shape(np.expand_dims(result, axis))
        result = np.reshape(result, shape)
    if out is None:
        return result
    out[...] = result
    return out


def ptp(a: Any, axis: Any = None, **options: Any) -> Any:
    """Return how far the largest is above the smallest."""
    return np.max(a, axis=axis, **options) - np.min(a, axis=axis, **options)


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """Return the sum of the weights of each whole number."""
    total = np.zeros_like(weights, shape=max(minlength, int(np.max(x, initial=-1)) + 1))
    np.add.at(total, x, weights)
    return total


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Return the sum of the trapezoids under `y`."""
    wide = dx if x is None else np.diff(x, axis=axis if np.ndim(x) > 1 else -1)
    rows = _rows(y, axis)
    return np.sum(wide * (rows[..., 1:] + rows[..., :-1]) / 2, axis=-1)


def nansum(a: Any, axis: Any = None, **options: Any) -> Any:
    """Return the sum of what is a number."""
    return np.sum(np.nan_to_num(a), axis=axis, **options)


ALONG: dict[str, Callable[..., Any]] = {
    "apply_along_axis": apply_along_axis,
    "piecewise": piecewise,
    "median": median,
    "ptp": ptp,
    "bincount": bincount,
    "trapezoid": trapezoid,
    "nansum": nansum,
    # Sorted is partitioned, about every entry.
    "partition": lambda a, _, axis=-1, **__: np.sort(a, axis=axis),
    "argpartition": lambda a, _, axis=-1, **__: np.argsort(a, axis=axis),
}


class Joined:
    """`np.r_` and `np.c_` for code that puts traced numbers into them."""

    def __init__(self, original: Any, *, columns: bool) -> None:
        self.original, self.columns = original, columns

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        traced = any(isinstance(part, TracedArray | Traced) for part in parts)
        if not traced or any(isinstance(part, str) for part in parts):
            return self.original[key]
        arrays = [self._part(part) for part in parts]
        if self.columns:
            return np.concatenate([a[:, None] if np.ndim(a) == 1 else a for a in arrays], axis=-1)
        return np.concatenate(arrays, axis=0)

    def _part(self, part: Any) -> Any:
        if isinstance(part, slice):
            return np.asarray(self.original[part]).ravel()
        if np.ndim(part):
            return part
        single = _empty(1, dtype=object)
        single[0] = part
        return traced_array(single)
