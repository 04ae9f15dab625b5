"""Losses in place: from z_M to L and ∂L/∂z_M in the same memory.

As in `activations`, an example is a row.
"""

from collections.abc import Callable
from typing import cast

import numpy as np

from backproof.arrays import Array
from backproof.losses import Loss, binary_cross_entropy, softmax_cross_entropy, squared_error

InPlace = Callable[[Array], float]
"""From the targets y to L; z, to which it is bound, becomes ∂L/∂z."""


def in_place(loss: Loss, z: Array) -> InPlace:
    """Return the loss for outputs in `z`, with the memory it needs."""
    if loss is squared_error:
        return _squared_error(z)
    if loss is softmax_cross_entropy:
        return _softmax_cross_entropy(z)
    if loss is binary_cross_entropy:
        return _binary_cross_entropy(z)
    return _of_its_own(loss, z)


def _squared_error(z: Array) -> InPlace:
    # NumPy takes four times as long to write a single number in place.
    difference = np.empty_like(z) if z.size == 1 else z
    flat = difference.reshape(-1)

    def run(y: Array) -> float:
        np.subtract(z, y, difference)
        value = flat.dot(flat)
        np.add(difference, difference, z)
        return float(value)

    return run


def _softmax_cross_entropy(z: Array) -> InPlace:
    examples, classes = z.shape
    flat, column = z.reshape(-1), np.empty((examples, 1), z.dtype)
    starts, places = np.arange(examples) * classes, np.empty(examples, np.intp)

    def run(y: Array) -> float:
        np.add(starts, y, places)
        np.maximum.reduce(z, axis=1, keepdims=True, out=column)
        np.subtract(z, column, z)
        picked = flat[places].sum()
        np.exp(z, z)
        np.add.reduce(z, axis=1, keepdims=True, out=column)
        np.divide(z, column, z)
        flat[places] -= 1
        np.log(column, column)
        return float(column.sum() - picked)

    return run


def _binary_cross_entropy(z: Array) -> InPlace:
    plus, minus, rest = (np.empty_like(z) for _ in range(3))

    def run(y: Array) -> float:
        np.subtract(1, y, rest)
        np.logaddexp(z, 0, plus)  # softplus(z)
        np.negative(z, z)
        np.logaddexp(z, 0, minus)  # softplus(-z)
        value = np.einsum("ij,ij->", y, minus) + np.einsum("ij,ij->", rest, plus)
        np.exp(np.negative(minus, minus), minus)  # sigmoid(z)
        np.exp(np.negative(plus, plus), plus)  # sigmoid(-z)
        np.multiply(rest, minus, z)
        np.multiply(y, plus, plus)
        np.subtract(z, plus, z)
        return float(value)

    return run


def _of_its_own(loss: Loss, z: Array) -> InPlace:
    """Return a loss that only its author knows: its own functions, which see columns."""

    def run(y: Array) -> float:
        value = loss(z.T, y.T)
        np.copyto(z.T, loss.start(z.T, y.T))
        return cast("float", value)

    return run
