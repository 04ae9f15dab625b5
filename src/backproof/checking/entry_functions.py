"""Functions of one number as SymPy has them, and functions of which nothing is known."""

from functools import cache
from typing import Any

import sympy

from backproof.numbers.symbolic import relu, step

FUNCTIONS = {
    "relu": (relu, step, lambda _: sympy.Integer(0)),
    "identity": (lambda z: z, lambda _: sympy.Integer(1)),
    "tanh": (sympy.tanh,),
    "sigmoid": (lambda z: 1 / (1 + sympy.exp(-z)),),
    "softplus": (lambda z: sympy.log(1 + sympy.exp(z)),),
    **{name: (getattr(sympy, name),) for name in ("exp", "log", "sin", "cos", "sqrt", "erfc")},
}
"""Functions and, where SymPy should not find them itself, their derivatives."""


@cache
def unknown(name: str) -> Any:
    """Return a function of which nothing is known but that it has derivatives."""

    def fdiff(self: Any, argindex: int = 1) -> Any:  # noqa: ARG001  SymPy passes it
        return unknown(name + "'")(self.args[0])

    letter = name.rstrip("'")
    known = {"fdiff": fdiff, "is_real": True, "unknown": (letter, len(name) - len(letter))}
    return type(name, (sympy.Function,), known)


def polynomials(*expressions: Any) -> dict[str, Any]:
    """Return by its name what `concrete` puts in the place of each unknown function, at z."""
    letters = {call.unknown[0] for expression in expressions for call in _unknown(expression)}
    z = sympy.Symbol("z")
    return {letter: _polynomial(letter, 0)(z) for letter in sorted(letters)}


def _unknown(expression: Any) -> set[Any]:
    return {call for call in expression.atoms(sympy.Function) if hasattr(call, "unknown")}


def concrete(expression: Any) -> Any:
    """Put a polynomial in the place of each unknown function: what fails for it is false."""
    for call in sorted(_unknown(expression), key=str, reverse=True):
        expression = expression.replace(type(call), _polynomial(*call.unknown))
    return expression


def _polynomial(letter: str, primes: int) -> Any:
    z, seed = sympy.Dummy("z"), sum(map(ord, letter)) % 7
    cubic = (z**3 + (2 + seed) * z**2 + 3 * z + 5 + seed).diff(z, primes)
    return lambda argument: cubic.subs(z, argument)
