"""Losses in place: from z_M to L and ∂L/∂z_M in the same memory.

As in `activations`, an example is a row.
"""

from collections.abc import Callable

import numpy as np

from backproof.arrays import Array, checked_result
from backproof.losses import Loss, binary_cross_entropy, softmax_cross_entropy, squared_error

InPlace = Callable[[Array], float]
"""From the targets y to L; z, to which it is bound, becomes ∂L/∂z."""


def room_for_loss(loss: Loss, outputs: int, N: int, size: int) -> int:
    """Return the bytes that `in_place` needs for N examples, in floats of `size` bytes."""
    if loss is softmax_cross_entropy:
        return N * (3 * size + 2 * np.dtype(np.intp).itemsize)
    if loss is binary_cross_entropy:
        return N * 3 * outputs * size
    return 0


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
    logits, likely = np.empty((2, examples), z.dtype)  # of the classes that y names

    def run(y: Array) -> float:
        np.add(starts, y, places, casting="unsafe")  # for uint64; labels are small
        np.maximum.reduce(z, axis=1, keepdims=True, out=column)
        np.subtract(z, column, z)
        np.take(flat, places, None, logits, "clip")  # to "raise", it would need a copy
        np.exp(z, z)
        np.add.reduce(z, axis=1, keepdims=True, out=column)
        np.divide(z, column, z)
        np.take(flat, places, None, likely, "clip")
        np.subtract(likely, 1, likely)
        flat[places] = likely
        np.log(column, column)
        return float(column.sum() - logits.sum())

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
        value = float(loss.value(z.T, y.T))  # y has been through checked_targets
        start = checked_result(f"derivative of {loss!r}", loss.derivative(z.T, y.T), z.T)
        np.copyto(z.T, start)
        return value

    return run
