"""Numbers that know their polynomial: a witness decides, the polynomial remembers.

Each entry is a fraction together with the polynomial it is the value of.  Arithmetic acts on both;
z > 0 looks at the fraction.  So the literal code takes its literal branches, and what comes out is
the polynomial that the code computes on the whole activation region of the witness.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from sympy.polys.domains import QQ

from backproof.arrays import Array


class Witnessed:
    """A fraction `value`, the `polynomial` it is the value of, and the `questions` asked so far.

    Every polynomial whose sign was asked for is added to `questions`, which all entries of a run
    share: what comes out holds where these signs are as they were.
    """

    __slots__ = ("polynomial", "questions", "value")

    def __init__(self, value: Fraction, polynomial: Any, questions: set[Any]) -> None:
        self.value, self.polynomial, self.questions = value, polynomial, questions

    def _with(self, value: Any, polynomial: Any) -> "Witnessed":
        return Witnessed(value, polynomial, self.questions)

    def __add__(self, other: Any) -> "Witnessed":
        return self._with(self.value + _value(other), self.polynomial + polynomial_of(other))

    def __neg__(self) -> "Witnessed":
        return self._with(-self.value, -self.polynomial)

    def __sub__(self, other: Any) -> "Witnessed":
        return self._with(self.value - _value(other), self.polynomial - polynomial_of(other))

    def __rsub__(self, other: Any) -> "Witnessed":
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> "Witnessed":
        return self._with(self.value * _value(other), self.polynomial * polynomial_of(other))

    __radd__, __rmul__ = __add__, __mul__

    def __gt__(self, other: Any) -> bool:
        if isinstance(other, Witnessed) or other != 0:
            raise TypeError(f"a witness is only ever compared as z > 0, not with {other!r}")
        if self.value == 0:
            raise ValueError("a witness on the boundary of two regions decides for neither")
        self.questions.add(self.polynomial)
        return self.value > 0

    def __repr__(self) -> str:
        return f"Witnessed({self.value}, {self.polynomial})"


def witnessed(values: Array, polynomials: Array, questions: set[Any]) -> Array:
    """Pair an array of fractions with an array of polynomials of the same shape."""
    return np.frompyfunc(lambda v, p: Witnessed(v, p, questions), 2, 1)(values, polynomials)


def polynomial_of(number: Any) -> Any:
    """Return the polynomial of an entry; a whole number or a fraction is its own."""
    if isinstance(number, Witnessed):
        return number.polynomial
    if isinstance(number, float):
        raise TypeError(f"{number!r} is a rounded number; a polynomial needs exact ones")
    exact = Fraction(number)
    return QQ(exact.numerator, exact.denominator)


def _value(number: Any) -> Any:
    return number.value if isinstance(number, Witnessed) else number
