"""What NumPy's functions mean on one or two SymPy entries.

A comparison is no answer but an entry, 1 where it is true and 0 elsewhere, made of `step`.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from backproof.numbers.exact_real import mp
from backproof.numbers.symbolic import relu, step


class Open(TypeError):  # noqa: N818  an answer, "it depends", not an error
    """The code asks what depends on the values of the symbols."""


def entry(value: Any) -> Any:
    """Return a number as an exact SymPy number, and an expression as it is.

    A float is read as the shortest decimal that gives it: 0.1 is a tenth, as its writer meant.
    """
    if isinstance(value, np.ndarray):  # np.array([x[0], x[1]]) holds arrays of no dimension
        return entry(value.view(np.ndarray)[()])
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    if isinstance(value, mp.mpf):
        return sympy.Float(str(value), 15)
    if isinstance(value, float | np.floating):
        return sympy.Rational(str(value)) if np.isfinite(value) else sympy.sympify(float(value))
    return sympy.sympify(int(value) if isinstance(value, bool | np.bool_ | np.integer) else value)


def maximum(a: Any, b: Any) -> Any:
    """Return the larger of two: b + relu(a - b), which is relu(a) where b is 0."""
    return relu(b) if a == 0 else b + relu(a - b)


def minimum(a: Any, b: Any) -> Any:
    """Return the smaller of two."""
    return a - relu(a - b)


def _equal(a: Any, b: Any) -> Any:
    difference = sympy.expand(a - b)
    if not difference.is_number:
        raise Open(f"whether {a} is {b} depends on their values")
    return sympy.Integer(int(difference == 0))


COMPARED: dict[str, Callable[..., Any]] = {
    "greater": lambda a, b: step(a - b),
    "less": lambda a, b: step(b - a),
    "greater_equal": lambda a, b: 1 - step(b - a),
    "less_equal": lambda a, b: 1 - step(a - b),
    "equal": _equal,
    "not_equal": lambda a, b: 1 - _equal(a, b),
    "logical_and": lambda a, b: a * b,
    "logical_or": lambda a, b: a + b - a * b,
    "logical_not": lambda a: 1 - a,
    "bitwise_and": lambda a, b: a * b,
    "bitwise_or": lambda a, b: a + b - a * b,
    "invert": lambda a: 1 - a,
}
"""The functions that give a truth value, by NumPy's name."""

COMPUTED: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "conjugate": lambda a: a,
    "square": lambda a: a**2,
    "reciprocal": lambda a: 1 / a,
    "absolute": sympy.Abs,
    "fabs": sympy.Abs,
    "sign": lambda a: step(a) - step(-a),
    "maximum": maximum,
    "minimum": minimum,
    "clip": lambda a, low, high: minimum(maximum(a, low), high),
    "exp": sympy.exp,
    "exp2": lambda a: 2**a,
    "expm1": lambda a: sympy.exp(a) - 1,
    "log": sympy.log,
    "log2": lambda a: sympy.log(a) / sympy.log(2),
    "log10": lambda a: sympy.log(a) / sympy.log(10),
    "log1p": lambda a: sympy.log(1 + a),
    "logaddexp": lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)),
    "expit": lambda a: 1 / (1 + sympy.exp(-a)),
    "sqrt": sympy.sqrt,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "arctan": sympy.atan,
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arcsinh": sympy.asinh,
    "erf": sympy.erf,
    "erfc": sympy.erfc,
}
"""The functions of numbers that are known, by NumPy's name."""


def chosen(mask: Any, yes: Any, no: Any) -> Any:
    """Return what np.where chooses: either one if the mask is a number, or else both of them."""
    if mask.is_number:
        return yes if mask != 0 else no
    if not (yes.is_finite is not False and no.is_finite is not False):
        raise Open("an infinite entry depends on the values")
    if isinstance(mask, step) and mask.args[0] == yes and no == 0:
        return relu(yes)
    return mask * yes + (1 - mask) * no


class Largest(sympy.Symbol):
    """A symbol for the largest of some entries; `formula` is what it stands for.

    Code subtracts a maximum so that no exponential overflows.  As long as it has a name of its own,
    it can be seen that the result does not depend on it.
    """

    formula: Any

    @classmethod
    def of(cls, entries: Any) -> Any:
        """Return the maximum of `entries`: itself if there is only one."""
        if len(entries) == 1:
            return entries[0]
        # The name holds all of the entries, so equal maxima are one symbol.
        made = cls(f"max({', '.join(map(str, entries))})", real=True)
        made.formula = entries[0]
        for each in entries[1:]:
            made.formula = maximum(made.formula, each)
        return made
