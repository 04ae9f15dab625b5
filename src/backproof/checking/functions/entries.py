"""Entries for the inputs: fractions that are floats too, unlike one another, of many styles."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.checking.functions.declarations import Input, size_of


def made(each: Input, sizes: Mapping[str, int], generator: Any, style: str) -> Any:
    """Return entries for one input."""
    if each.kind == "fixed":
        return each.bound.copy() if isinstance(each.bound, np.ndarray) else each.bound
    shape = tuple(size_of(size, sizes) for size in each.sizes)
    if each.kind == "whole":
        return _whole(shape, size_of(each.bound, sizes), generator, style)
    if each.kind == "choice":
        return generator.permuted(np.resize(np.array(each.bound), shape))
    return _real(each, shape, generator, style)


def _whole(shape: tuple[int, ...], below: int, generator: Any, style: str) -> Any:
    if style == "all repeated":
        return np.full(shape, below - 1)
    drawn = generator.integers(0, below, size=shape)
    if style == "repeats" and drawn.size > 1:
        drawn.flat[1] = drawn.flat[0]
    return drawn if shape else int(drawn)


def _real(each: Input, shape: tuple[int, ...], generator: Any, style: str) -> Any:
    """Return fractions, no two of them equal, half of them negative where that is allowed."""
    count = int(np.prod(shape, dtype=int))
    unit = max(8, 1 << int(count // 2).bit_length())
    whole = generator.permutation(np.arange(2, count + 2))
    signs = generator.permutation(np.resize([1, -1], count))
    drawn = [Fraction(16 * int(k) + 5, 16 * unit) for k in whole]  # no threshold is such a number
    if each.kind == "interval" or style == "unit":
        low, high = each.bound if each.kind == "interval" else (Fraction(0), Fraction(1))
        span = 1 << int(count + 3).bit_length()
        drawn = [low + (high - low) * Fraction(int(k), span) for k in whole]
    elif each.kind == "real" and style == "negative":
        drawn = [-value for value in drawn]
    elif each.kind == "real" and style != "positive":
        drawn = [value * int(sign) for value, sign in zip(drawn, signs, strict=True)]
    return _styled(each, np.array([*drawn, None], dtype=object)[:-1].reshape(shape), style)


def _styled(each: Input, drawn: Any, style: str) -> Any:
    if each.kind == "interval":
        return drawn
    if style == "tiny":
        return np.asarray(drawn / 2**20, dtype=object)
    if style == "large":
        return np.asarray(drawn * 8, dtype=object)
    if style == "equal":
        drawn[...] = Fraction(5, 8)
    if each.kind == "real" and style == "zeros":
        drawn[...] = Fraction(0)
    if each.kind == "real" and style == "zero row" and drawn.ndim:
        drawn[0] = Fraction(0)
    return drawn


def apart(made: dict[str, Any]) -> dict[str, Any]:
    """Move each array by a little of its own, so that no entry equals one of another array."""
    for index, (name, value) in enumerate(made.items()):
        if isinstance(value, np.ndarray) and value.dtype == object:
            factor = 1 + Fraction(index, 256)
            made[name] = np.asarray(value * factor, dtype=object)
    return made
