"""Is the claim the derivative as a formula?  For sums, products and quotients this is decided.

Inside a region the code computes a quotient of polynomials in the inputs and the cotangents,
unless it uses a function such as exp.  Both sides are expanded, and equal means equal for all
values in the region.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from sympy.polys.domains import QQ
from sympy.polys.fields import field
from sympy.polys.rings import ring

from backproof.checking.functions.exact_run import ExactRun, flat
from backproof.numbers.exact_real import Real
from backproof.numbers.traced import Traced
from backproof.numbers.traced_sweep import reachable, values_of

TERMS, LETTERS = 3_000, 160
"""Polynomials of more terms or letters are not expanded: the check takes numbers instead."""


class NotRational(Exception):  # noqa: N818  an answer, not an error
    """The code uses more than sums, products and quotients, or the formula is too long."""


class Formulas:
    """Quotients of polynomials over the rational numbers."""

    def __init__(self, polynomials: Any) -> None:
        self._polynomials = polynomials

    def constant(self, value: Real) -> Any:
        """Return a constant polynomial."""
        if not isinstance(value, Fraction):
            raise NotRational
        return self._polynomials(QQ(value.numerator, value.denominator))

    def add(self, a: Any, b: Any) -> Any:
        """Return a + b."""
        return _short(a + b)

    def subtract(self, a: Any, b: Any) -> Any:
        """Return a - b."""
        return _short(a - b)

    def multiply(self, a: Any, b: Any) -> Any:
        """Return a b."""
        if _terms(a) * _terms(b) > 20 * TERMS:
            raise NotRational
        return _short(a * b)

    def divide(self, a: Any, b: Any) -> Any:
        """Return a / b; in polynomials, only by a constant."""
        if hasattr(b, "numer"):
            return _short(a / b)
        if not b.is_ground:
            raise NotRational
        return a * (1 / b.LC)

    def power(self, a: Any, exponent: Fraction) -> Any:
        """Return a to a whole power."""
        if exponent.denominator != 1 or abs(exponent) > 16:
            raise NotRational
        return _short(a ** int(exponent))

    def apply(self, name: str, a: Any) -> Any:
        """Refuse: no function is a quotient of polynomials."""
        raise NotRational(name, a)


def _terms(formula: Any) -> int:
    return len(formula.numer) + len(formula.denom) if hasattr(formula, "numer") else len(formula)


def _short(formula: Any) -> Any:
    if _terms(formula) > TERMS:
        raise NotRational
    return formula


def is_identity(run: ExactRun) -> bool:
    """Return whether every claimed entry is the derivative for all values in the region of `run`.

    Raises NotRational where that cannot be decided so.
    """
    entries = [entry for array in run.claimed.values() for entry in flat(array)]
    outputs = [entry for array in run.outputs for entry in flat(array)]
    places = run.coordinates
    if len(places) > LETTERS:
        raise NotRational
    make = field if _divides([*entries, *outputs]) else ring
    formulas, *letters = make([f"t{index}" for index in places], QQ)
    numbers = Formulas(formulas)
    inputs = dict(zip(places, letters, strict=True))
    value = values_of([*entries, *outputs], inputs, numbers)

    def known(operand: Any) -> Any:
        return inputs[operand.index] if _is_input(operand) else value(operand)

    true = run.derivative(known, numbers)
    return all(
        derivative == known(claim)
        for name, array in run.claimed.items()
        for derivative, claim in zip(np.asarray(true[name]).flat, flat(array), strict=True)
    )


def _is_input(operand: Any) -> bool:
    return isinstance(operand, Traced) and operand.operation == "input"


def _divides(entries: list[Any]) -> bool:
    return any(
        (entry.operation == "divide" and isinstance(entry.operands[1], Traced))
        or (entry.operation == "power" and entry.operands[1] < 0)
        for entry in reachable(entries)
    )
