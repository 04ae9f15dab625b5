"""Fractions: the numbers a float network holds, with nothing rounded from there on."""

from fractions import Fraction

import numpy as np

from backproof.arrays import Array


def as_fractions(array: Array) -> Array:
    """Return `array`, of floats or ints, with the same numbers as exact fractions.

    Every finite float is a fraction with a power of two below the line, so nothing is lost.
    """
    return np.frompyfunc(Fraction, 1, 1)(np.asarray(array, dtype=object))
