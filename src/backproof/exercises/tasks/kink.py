"""What happens at zero: slopes of a function with a kink, and a leaky ReLU."""

from fractions import Fraction
from typing import Any

import numpy as np

from backproof import relu

Array = Any


def slopes() -> list[Fraction]:
    """Return the right, left and central difference quotients of L at 0, and the backward pass."""
    h = Fraction(1, 1000)

    def L(s: Fraction) -> Fraction:
        return 5 * max(s, Fraction(0)) + 2 * max(-s, Fraction(0))

    chosen = int(relu.derivative(np.zeros((1, 1))).item())
    right, left, central = L(h) / h, -L(-h) / h, (L(h) - L(-h)) / (2 * h)
    return [right, left, central, Fraction(5 * chosen - 2 * chosen)]


def leaky_relu(z: Array, alpha: float) -> tuple[Array, tuple[Array, float]]:
    """Return z where it is positive and alpha z elsewhere, of the shape of z, and the cache."""
    return np.where(z > 0, z, alpha * z), (z, alpha)


def leaky_relu_backward(dout: Array, cache: tuple[Array, float]) -> Array:
    """Return the gradient of z."""
    z, alpha = cache
    return np.where(z > 0, 1, alpha) * dout
