"""What a check can miss, and a layer whose backward pass is often taken for nothing."""

from fractions import Fraction
from typing import Any

from backproof.exercises.answers import Answer, right, wrong

Array = Any


def hides_transpose(W: Array) -> Answer:
    """Judge whether W (2, 2), without a 0, is the same as its transpose."""
    if W.shape != (2, 2):
        return wrong("two rows and two columns are asked for.")
    if (W == 0).any():
        return wrong("there is a 0 in it.")
    if (W != W.T).any():
        return wrong(f"row 1, column 2 is {W[0, 1]}, and row 2, column 1 is {W[1, 0]}.")
    return right("W and its transpose are the same matrix")


def error_of_difference() -> Fraction:
    """Return by how much the central difference of s³ at 2 with step 1/10 exceeds the slope."""
    s, h = Fraction(2), Fraction(1, 10)
    return ((s + h) ** 3 - (s - h) ** 3) / (2 * h) - 3 * s**2


def centred(x: Array) -> Array:
    """Return x (D, N) less the mean of each row."""
    return x - x.mean(axis=1, keepdims=True)


def centred_backward(dout: Array) -> Array:
    """Return the gradient of x."""
    return dout - dout.mean(axis=1, keepdims=True)
