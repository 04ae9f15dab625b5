"""Where two expressions differ, in words from which a reader can compute both sides again."""

import re
from typing import Any

import sympy

from backproof.checking.entry_functions import concrete, polynomials
from backproof.equations.vocabulary import BEND, SLOPE

COEFFICIENT = re.compile(rf"(?P<of>{SLOPE}|{BEND}) (?P<entry>.+)")
"""A symbol that a loss of which nothing is known is made of: see `stated_loss`."""


def witness(left: Any, right: Any, point: dict[Any, Any]) -> str:
    """Return the values of both sides, the point, and what the loss and f were taken to be."""
    functions = polynomials(left, right)
    left, right = concrete(left), concrete(right)
    point = completed(point, left, right)
    sides = f"{_value(left, point)} is not {_value(right, point)}"
    values = {str(name): value for name, value in point.items()}
    letters = [f"{name} = {value}" for name, value in values.items() if not _coefficient(name)]
    taken = [*stated_loss(values), *(f"{name}[z] = {_power(f)}" for name, f in functions.items())]
    at = f" at {', '.join(letters)}" if letters else ""
    return f"{sides}{at}" + (f", where {' and '.join(taken)}" if taken else "")


def completed(point: dict[Any, Any], left: Any, right: Any) -> dict[Any, Any]:
    """Return the point with a number for what cancels in the difference, but stands in a side."""
    rest = sorted((left.free_symbols | right.free_symbols) - point.keys(), key=str)
    for number in (0, 1, 2):
        whole = point | {name: sympy.Integer(number + bool(name.is_positive)) for name in rest}
        if all(sympy.N(side.subs(whole)).is_comparable for side in (left, right)):
            return {name: whole[name] for name in sorted(whole, key=str)}
    return point


def stated_loss(values: dict[str, Any]) -> list[str]:
    """Return the quadratic that the loss was taken to be, as L = z1_1 - 2 z1_1^2, if there is one.

    An unknown loss has a slope and a bend for each entry of what it depends on.
    """
    found = [(match, values[name]) for name in values if (match := _coefficient(name))]
    terms = [
        _term(value, match["entry"] + ("^2" if match["of"] == BEND else ""))
        for match, value in sorted(found, key=lambda pair: pair[0]["of"], reverse=True)
        if value
    ]
    text = " ".join(terms).removeprefix("+ ")
    text = "-" + text.removeprefix("- ") if text.startswith("- ") else text
    return [f"L = {text or 0}"] if found else []


def _coefficient(name: str) -> re.Match[str] | None:
    return COEFFICIENT.fullmatch(name)


def _term(value: Any, entry: str) -> str:
    sign, size = "-" if value < 0 else "+", abs(value)
    return f"{sign} {entry}" if size == 1 else f"{sign} {size} {entry}"


def _power(expression: Any) -> str:
    return str(expression).replace("**", "^").replace("*", " ")


def _value(side: Any, point: dict[Any, Any]) -> Any:
    value = side.subs(point)
    return value if value.is_Rational else sympy.N(value, 6)
