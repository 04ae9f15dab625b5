"""Softmax, docs/zoo/softmax.md: positive numbers that sum to 1, for each example.

An example is a column.  z and p are (C, N).
"""

from typing import Any

import numpy as np

Array = Any


def forward(z: Array) -> tuple[Array, Array]:
    """Return p = exp(z) divided by its sum in each column, and the cache, which is p itself."""
    e = np.exp(z - z.max(axis=0, keepdims=True))  # the largest exponent is 0: nothing overflows
    p = e / e.sum(axis=0, keepdims=True)
    return p, p


def backward(dp: Array, cache: Array) -> Array:
    """Return ∂L/∂z of shape (C, N)."""
    p = cache
    return p * (dp - (p * dp).sum(axis=0, keepdims=True))
