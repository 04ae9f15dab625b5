"""Derivatives of expressions in index form, by one entry of an atom at a time.

The derivative of W[i, j] by W[r, s] is δ[i, r] δ[j, s]; products and functions follow by the
product rule and the chain rule.  Nothing here knows about matrices.
"""

from collections.abc import Callable
from fractions import Fraction

from backproof.numbers.index_algebra import (
    Terms,
    add,
    constant,
    kronecker,
    multiply,
    parameter,
    rename,
    scale,
    single,
    substituted,
)
from backproof.numbers.index_facts import PI
from backproof.numbers.index_form import BeyondTensorsError, Factor, Head
from backproof.numbers.index_functions import apply, inverse, opaque, power

SLOPES: dict[str, Callable[[Terms], Terms]] = {
    "relu": lambda e: apply("step", e),
    "step": lambda _: {},
    "exp": lambda e: apply("exp", e),
    "log": inverse,
    "sqrt": lambda e: scale(Fraction(1, 2), power(apply("sqrt", e), -1)),
    "tanh": lambda e: add(constant(1), scale(-1, power(opaque("tanh", e), 2))),
    "sin": lambda e: opaque("cos", e),
    "cos": lambda e: scale(-1, opaque("sin", e)),
    "erfc": lambda e: multiply(
        scale(-2, apply("exp", scale(-1, power(e, 2)))), power(apply("sqrt", single(PI)), -1)
    ),
}
"""The derivative of each function that is known."""


def slope(name: str, terms: Terms) -> Terms:
    """Return the derivative of the function `name` at an expression: f′(e)."""
    known = SLOPES.get(name)
    return known(terms) if known else opaque(f"{name}'", terms)


def derivative(terms: Terms, atom: Head, indices: tuple[int, ...]) -> Terms:
    """Return the derivative by the entry of `atom` at free `indices`.

    Raises BeyondTensorsError where the expression depends on the atom through a maximum.
    """
    by = {_by(slot): i for slot, i in enumerate(indices)}
    return rename(_derivative(terms, atom), by)


def _by(slot: int) -> int:
    """Return the free index of the entry by which is differentiated."""
    return -500 - slot


def _derivative(terms: Terms, atom: Head) -> Terms:
    total: Terms = {}
    for term, coefficient in terms.items():
        for position, (head, exponent, indices) in enumerate(term):
            inner = _slope_of(head, atom)
            if inner:
                beside: list[Factor] = [*term[:position], *term[position + 1 :]]
                if exponent != 1:
                    beside.append((head, exponent - 1, indices))
                number = coefficient * exponent
                total = add(total, substituted(number, inner, indices, beside, list(term)))
    return total


def _slope_of(head: Head, atom: Head) -> Terms:
    """Return the derivative of a factor by an entry of the atom, in parameters for its indices."""
    if atom not in head.slopes:
        head.slopes[atom] = _new_slope(head, atom)
    slopes: Terms = head.slopes[atom]
    return slopes


def _new_slope(head: Head, atom: Head) -> Terms:
    if head is atom:
        value = constant(1)
        for slot, dim in enumerate(head.dims):
            value = multiply(value, kronecker(dim, parameter(slot), _by(slot)))
        return value
    if head.form is None:
        return {}
    inner = _derivative(head.form.terms, atom)
    if inner and head.kind == "maximum":
        raise BeyondTensorsError("a derivative through a maximum that does not cancel")
    if not inner or head.kind == "sum":
        return inner
    return multiply(slope(head.name, head.form.terms), inner)
