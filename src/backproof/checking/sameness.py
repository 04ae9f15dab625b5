"""Are two expressions the same for all values of their symbols?  A proof, a witness, or neither."""

from dataclasses import dataclass
from typing import Any

import sympy

from backproof.checking.entry_functions import concrete
from backproof.checking.witness import witness
from backproof.checking.zero import is_zero, nonzero_point
from backproof.numbers.symbolic import relu, step

FEW = 6
"""Points that are tried before an expression is simplified, which takes long."""


HOLDS, FAILS = True, False


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an oracle says: True, False with a witness, or None if it cannot tell."""

    holds: bool | None
    scope: str = ""
    witness: str = ""
    sized: bool = False
    """Whether it speaks of given sizes only."""


def same(left: Any, right: Any) -> Opinion:
    """Ask whether two expressions are equal for all values of their symbols."""
    difference = left - right
    if difference.has(sympy.nan, sympy.zoo, sympy.oo):
        return Opinion(None, witness="a side of it is not defined")
    if difference == 0 or is_zero(difference):
        return Opinion(HOLDS)
    known = concrete(difference)
    point = nonzero_point(known, tries=FEW)
    if (
        point is None
        and known == difference
        and (_zero_by_signs(difference) or _simplified_to_zero(difference))
    ):
        return Opinion(HOLDS)
    point = point or nonzero_point(known)
    if point is not None:
        return Opinion(FAILS, witness=witness(left, right, point))
    return Opinion(None, witness="not shown equal, and no point found where they differ")


def _simplified_to_zero(difference: Any) -> bool:
    if difference.has(step):
        return False  # SymPy asks whether an indicator is true
    if sympy.simplify(difference.rewrite(sympy.exp)) == 0:
        return True
    # A real number whose exponential is 1 is 0.
    return bool(difference.is_real and sympy.simplify(sympy.exp(difference)) == 1)


def _zero_by_signs(difference: Any) -> bool:
    """Return whether an expression in one number is 0 where that is positive, 0 and negative."""
    names = difference.free_symbols
    if len(names) != 1 or not difference.has(relu, step):
        return False
    (name,) = names
    positive = sympy.Symbol("positive", positive=True)
    return all(
        is_zero(_decided(difference.subs(name, value)))
        for value in (positive, sympy.Integer(0), -positive)
    )


def _decided(expression: Any) -> Any:
    """Put in what relu and step are where the sign of their argument is known."""
    for _ in range(10):
        decided = expression.replace(relu, _clipped).replace(step, _indicated)
        if decided == expression:
            break
        expression = decided
    return sympy.sympify(expression)


def _clipped(z: Any) -> Any:
    z = sympy.sympify(z)
    return z if z.is_positive else sympy.Integer(0) if z.is_nonpositive else relu(z)


def _indicated(z: Any) -> Any:
    z = sympy.sympify(z)
    known = 1 if z.is_positive else 0 if z.is_nonpositive else None
    return step(z) if known is None else sympy.Integer(known)
