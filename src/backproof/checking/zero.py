"""Is this expression zero?  Rational identities are decided; for the rest a witness is sought.

A function value such as relu(z) or exp(z) stands for itself: equal ones become one symbol and
nobody looks inside.  What is left is a quotient of polynomials, zero exactly when its numerator
expands to 0.  So True is a proof, whatever the functions are, wherever no denominator is 0.
"""

import random
from typing import Any

import sympy


def is_zero(expression: Any) -> bool:
    """Return whether `expression` is 0 as a quotient of polynomials in its function values."""
    rational = _without_functions(sympy.sympify(expression), {})
    # Most quotients cancel term by term; only what is left is worth a common denominator.
    remainder = sympy.expand(rational)
    if remainder == 0 or not any(power.exp.is_negative for power in remainder.atoms(sympy.Pow)):
        return bool(remainder == 0)
    return bool(sympy.expand(sympy.fraction(sympy.together(remainder))[0]) == 0)


def _without_functions(expression: Any, names: dict[Any, Any]) -> Any:
    if expression.is_Atom:
        return expression
    if expression.is_Add or expression.is_Mul or (expression.is_Pow and expression.exp.is_Integer):
        return expression.func(*(_without_functions(part, names) for part in expression.args))
    if isinstance(expression, sympy.exp) and expression.args[0].could_extract_minus_sign():
        return 1 / names.setdefault(sympy.exp(-expression.args[0]), sympy.Dummy())
    return names.setdefault(expression, sympy.Dummy())


def nonzero_point(expression: Any, *, tries: int = 64) -> dict[Any, Any] | None:
    """Return small whole numbers for the symbols at which `expression` is not 0, if found.

    Sums, products, step and relu are evaluated exactly, other functions to 50 digits.  None
    means that no point among `tries` shows a difference, which proves nothing.
    """
    generator = random.Random(0)  # noqa: S311  a repeatable witness, not a secret
    names = sorted(expression.free_symbols, key=str)
    for attempt in range(tries):
        spread = 1 + attempt // 8  # small numbers first: they read well, and they meet the kinks
        point = {name: sympy.Integer(generator.randint(-spread, spread)) for name in names}
        point |= {name: 1 + abs(point[name]) for name in names if name.is_positive}
        value = sympy.N(expression.subs(point), 50)
        if value.is_comparable and abs(value) > sympy.Float("1e-30", 50):
            return point
    return None
