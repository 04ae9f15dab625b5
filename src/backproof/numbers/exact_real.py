"""Real numbers without rounding that matters: fractions, and 60 digits where a function is met.

Sums, products and quotients of fractions are fractions.  exp, log, sqrt and their like leave the
rational numbers; from there on the value is a floating-point number of 60 decimal digits.  As in
NumPy, 1/0 is infinite and log(-1) is nan, and nothing is raised, because code such as
np.where(x > 0, np.log(x), 0) meets them and throws them away.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

DIGITS = 60

mp = mpmath.MPContext()  # a context of its own: nobody else's precision is changed
mp.dps = DIGITS

Real = Any
"""A Fraction, or an mpf of the context `mp`."""

NAN, INFINITY = mp.nan, mp.inf

_WHOLE = (bool, int, np.bool_, np.integer)


def exact(number: Any) -> Real:
    """Return `number` as a Fraction, or as it is if it has 60 digits already.

    A float is read as the shortest decimal that gives it: 0.1 is a tenth, as its writer meant.
    Raises TypeError for what is no real number.
    """
    if type(number) is Fraction or type(number) is mp.mpf:  # isinstance of a Fraction is slow
        return number
    if isinstance(number, _WHOLE):
        return Fraction(int(number))
    if isinstance(number, float | np.floating):
        return _decimal(number)
    raise TypeError(f"{number!r} is a {type(number).__name__}, which is no real number")


def _decimal(number: Any) -> Real:
    if not np.isfinite(number):
        return mp.mpf(float(number))
    return Fraction(str(number))


def is_finite(value: Real) -> bool:
    """Return whether `value` is neither infinite nor nan."""
    return type(value) is Fraction or bool(mp.isfinite(value))


def is_nan(value: Real) -> bool:
    """Return whether `value` is nan."""
    return type(value) is not Fraction and bool(mp.isnan(value))


def wide(value: Real) -> Any:
    """Return `value` as a number of 60 digits."""
    if type(value) is Fraction:
        return mp.mpf(value.numerator) / value.denominator
    return value


def bits(value: Real) -> int:
    """Return the power of two at which a number begins that is not 0, or one above."""
    if type(value) is Fraction:
        return value.numerator.bit_length() - value.denominator.bit_length() + 1
    return int(mp.mag(value))


def add(a: Real, b: Real) -> Real:
    """Return a + b."""
    return a + b if _fractions(a, b) else wide(a) + wide(b)


def subtract(a: Real, b: Real) -> Real:
    """Return a - b."""
    return a - b if _fractions(a, b) else wide(a) - wide(b)


def multiply(a: Real, b: Real) -> Real:
    """Return a b."""
    return a * b if _fractions(a, b) else wide(a) * wide(b)


def divide(a: Real, b: Real) -> Real:
    """Return a / b; infinite or nan where b is 0."""
    if b == 0:
        return NAN if a == 0 or is_nan(a) else INFINITY * (1 if a > 0 else -1)
    return a / b if _fractions(a, b) else wide(a) / wide(b)


def power(a: Real, exponent: Fraction) -> Real:
    """Return a to the power `exponent`; nan where a is negative and the exponent is not whole."""
    if exponent.denominator == 1:
        if a == 0 and exponent < 0:
            return divide(Fraction(1), a)
        return a ** int(exponent)
    if a < 0 or is_nan(a):
        return NAN
    if a == 0:
        return Fraction(0) if exponent > 0 else INFINITY
    if exponent.denominator == 2:
        return mp.sqrt(wide(a)) ** exponent.numerator
    return wide(a) ** wide(exponent)


def sign(value: Real, scale: Real = 0) -> int:
    """Return -1, 0 or 1; to 60 digits, what is 40 digits smaller than `scale` is 0."""
    if type(value) is Fraction:
        return (value.numerator > 0) - (value.numerator < 0)
    if abs(value) <= abs(wide(scale)) * mp.mpf("1e-40"):
        return 0
    return 1 if value > 0 else -1


def _positive(function: Callable[[Any], Any], at_zero: Any) -> Callable[[Any], Any]:
    def on_positive(x: Any) -> Any:
        if x > 0:
            return function(x)
        return at_zero if x == 0 else NAN

    return on_positive


def _inside(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: function(x) if -1 <= x <= 1 else NAN


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": _positive(mp.log, -INFINITY),
    "log1p": lambda x: mp.log1p(x) if x > -1 else (-INFINITY if x == -1 else NAN),
    "sqrt": _positive(mp.sqrt, Fraction(0)),
    "tanh": mp.tanh,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "arctan": mp.atan,
    "arcsin": _inside(mp.asin),
    "arccos": _inside(mp.acos),
    "arcsinh": mp.asinh,
    "erf": mp.erf,
}
"""The functions of one real variable that are known, by NumPy's name."""

_ONE_AT_ZERO, _NO_WHOLE_AT_ZERO = ("exp", "cosh", "cos"), ("log", "arccos")


def apply(name: str, value: Real) -> Real:
    """Return the function `name` at `value`, exactly where that is a whole number."""
    if is_nan(value):
        return NAN
    if value == 0 and name not in _NO_WHOLE_AT_ZERO:
        return Fraction(int(name in _ONE_AT_ZERO))
    if value == 1 and name in ("log", "sqrt"):
        return Fraction(int(name == "sqrt"))
    return FUNCTIONS[name](wide(value))


def _fractions(a: Real, b: Real) -> bool:
    return type(a) is Fraction and type(b) is Fraction
