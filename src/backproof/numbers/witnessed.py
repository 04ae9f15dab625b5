"""Numbers that know their polynomial: a witness decides, the polynomial remembers.

Each entry is a fraction together with the polynomial it is the value of.  Arithmetic acts on both;
z > 0 looks at the fraction.  So the literal code takes its literal branches, and what comes out is
the polynomial that the code computes on the whole activation region of the witness.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from backproof.arrays import Array


class Witnessed:
    """A fraction `value` and the `polynomial` it is the value of."""

    __slots__ = ("polynomial", "value")

    def __init__(self, value: Fraction, polynomial: Any) -> None:
        self.value, self.polynomial = value, polynomial

    def __add__(self, other: Any) -> "Witnessed":
        return Witnessed(self.value + _value(other), self.polynomial + _polynomial(other))

    def __sub__(self, other: Any) -> "Witnessed":
        return Witnessed(self.value - _value(other), self.polynomial - _polynomial(other))

    def __mul__(self, other: Any) -> "Witnessed":
        return Witnessed(self.value * _value(other), self.polynomial * _polynomial(other))

    __radd__, __rmul__ = __add__, __mul__

    def __gt__(self, other: Any) -> bool:
        if self.value == _value(other):
            raise ValueError("a witness on the boundary of two regions decides for neither")
        return bool(self.value > _value(other))

    def __repr__(self) -> str:
        return f"Witnessed({self.value}, {self.polynomial})"


def witnessed(values: Array, polynomials: Array) -> Array:
    """Pair an array of fractions with an array of polynomials of the same shape."""
    return np.frompyfunc(Witnessed, 2, 1)(values, polynomials)


def _value(number: Any) -> Any:
    return number.value if isinstance(number, Witnessed) else number


def _polynomial(number: Any) -> Any:
    return number.polynomial if isinstance(number, Witnessed) else int(number)
