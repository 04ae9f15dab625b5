"""A recorded graph in SymPy's terms: its entries as formulas, its questions as relations."""

import operator
from fractions import Fraction
from typing import Any

import sympy

from backproof.numbers.symbolic_functions import COMPUTED, entry
from backproof.numbers.traced import Condition
from backproof.numbers.traced_sweep import Values

_RELATIONS = {
    ">": (sympy.Gt, sympy.Le),
    ">=": (sympy.Ge, sympy.Lt),
    "<": (sympy.Lt, sympy.Ge),
    "<=": (sympy.Le, sympy.Gt),
    "==": (sympy.Eq, sympy.Ne),
    "!=": (sympy.Ne, sympy.Eq),
}


def relation(condition: Condition, value: Values) -> Any:
    """Return what was asked, as it was answered: a relation of formulas."""
    yes, no = _RELATIONS[condition.operator]
    return (yes if condition.answer else no)(value(condition.difference), 0)


class Formulas:
    """The arithmetic of SymPy, in which a recorded graph is computed."""

    constant = staticmethod(entry)
    add, subtract = staticmethod(operator.add), staticmethod(operator.sub)
    multiply, divide = staticmethod(operator.mul), staticmethod(operator.truediv)

    @staticmethod
    def power(a: Any, exponent: Fraction) -> Any:
        """Return a to a constant power."""
        return a ** entry(exponent)

    @staticmethod
    def apply(name: str, a: Any) -> Any:
        """Return the function `name` of a."""
        return COMPUTED[name](a)
