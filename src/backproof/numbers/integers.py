"""Small whole numbers in float64: the real float code, without rounding.

Sums and products of whole numbers are exact in float64 up to 2^53.  So on such a network the code
that trains can be held to Python's integers with `==`, and exact zeros, the kinks, are common.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproof.activations import Activation, relu
from backproof.arrays import Array
from backproof.network import Network, checked_widths


def small_integer_network(
    widths: Sequence[int], *, seed: Any, activation: Activation = relu
) -> Network:
    """Draw every weight and bias from -3, …, 3, as float64; 0 is as likely as the others."""
    generator, widths = np.random.default_rng(seed), checked_widths(widths)
    W = [small_integers((D, C), generator) for D, C in zip(widths[1:], widths, strict=False)]
    b = [small_integers((D, 1), generator) for D in widths[1:]]
    return Network(b=b, W=W, activation=activation)


def small_integers(shape: tuple[int, int], generator: np.random.Generator) -> Array:
    """Draw whole numbers from -3, …, 3, as float64."""
    return generator.integers(-3, 3, size=shape, endpoint=True).astype(float)


def as_integers(array: Array) -> Array:
    """Return `array`, of whole floats, as Python integers, which never round or overflow."""
    return np.frompyfunc(_whole, 1, 1)(array)


def _whole(number: float) -> int:
    if number != int(number):
        raise ValueError(f"{number} is no whole number; only whole floats have an exact twin.")
    return int(number)
