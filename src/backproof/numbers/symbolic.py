"""SymPy entries: the recursion run on names instead of numbers.

`step` and `relu` are functions of our own because SymPy's have traps: `Heaviside(0)` is 1/2,
`Max` rewrites itself, and a `Piecewise` doubles with every unit.  Here step(z) is I[z > 0], zero
at zero; relu(z) is z step(z), and its derivative is step(z).  Two facts are built in, since right
backward passes are written with them: step(z)² = step(z), and step(relu(z)) = step(z).
"""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy

from backproof.arrays import Array
from backproof.numbers.uninterpreted import UninterpretedArray

SHIFT = "shift_"
"""How the free symbols begin that stand for the maximum of a column."""


class step(sympy.Function):  # noqa: N801  lower case is SymPy's habit for functions
    """The indicator I[z > 0]: one where z > 0, zero elsewhere, so zero at zero."""

    is_real = True

    @classmethod
    def eval(cls, z: Any) -> Any:
        """Decide the indicator of a number; relu(z) is positive exactly where z is."""
        if z.is_number and z.is_extended_real:
            return sympy.Integer(1) if z > 0 else sympy.Integer(0)
        return step(z.args[0]) if isinstance(z, relu) else None

    def __bool__(self) -> bool:
        raise TypeError("an indeterminate entry is neither true nor false")

    def _eval_power(self, exponent: Any) -> Any:
        # 0 and 1 are their own powers.
        return self if exponent.is_Integer and exponent.is_positive else None

    def fdiff(self, argindex: int = 1) -> Any:  # noqa: ARG002  SymPy passes it
        """Return the derivative of a step: 0, off the kink and by convention on it."""
        return sympy.Integer(0)

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{I}}\left[{printer.doprint(self.args[0])} > 0\right]"


class relu(sympy.Function):  # noqa: N801  lower case is SymPy's habit for functions
    """The rectified linear unit z step(z), with derivative step(z)."""

    is_real = True

    @classmethod
    def eval(cls, z: Any) -> Any:
        """Clip a number at zero; leave anything else alone."""
        if z.is_number and z.is_extended_real:
            return z if z > 0 else sympy.Integer(0)
        return None

    def fdiff(self, argindex: int = 1) -> Any:  # noqa: ARG002  SymPy passes it
        """Return the derivative, step(z)."""
        return step(self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\operatorname{{ReLU}}{power}\left[{printer.doprint(self.args[0])}\right]"


class SymbolicArray(UninterpretedArray):
    """An array of SymPy expressions."""

    def max(self, *, axis: int, keepdims: bool) -> Array:  # type: ignore[override]  # noqa: ARG002  only ever by columns
        """Return a free symbol for each column in place of its maximum.

        The softmax subtracts the maximum so that no exponential overflows.  Which number goes
        out does not matter, and a free symbol says so: what is proved holds for any number.
        """
        return SymbolicArray.of([[symbol(f"{SHIFT}{i + 1}") for i in range(self.shape[1])]])


class Entry(sympy.Symbol):
    """A real symbol that names an entry: W0_12 is row 1, column 2 of W_0, in LaTeX W_{0,12}."""

    def _latex(self, _printer: Any) -> str:
        letter, *numbers = re.findall(r"[A-Za-z]+|\d+", self.name)
        return f"{letter}_{{{','.join(numbers)}}}" if numbers else letter


def symbol(name: str) -> Any:
    """Return the real symbol `name`; the same name is the same symbol."""
    return Entry(name, real=True)


def symbols(name: str, rows: int, columns: int) -> Array:
    """Return a (rows, columns) array of real symbols `name_ij`; a column has one index.

    Past nine the indices are written `name_i_j`, or 1, 11 and 11, 1 would be one symbol.
    """
    if columns == 1:
        return SymbolicArray.of([[symbol(f"{name}_{i}")] for i in range(1, rows + 1)])
    between = "" if max(rows, columns) < 10 else "_"
    return SymbolicArray.of(
        [
            [symbol(f"{name}_{i}{between}{j}") for j in range(1, columns + 1)]
            for i in range(1, rows + 1)
        ]
    )


def _where(mask: Any, yes: Any, no: Any) -> Any:
    if isinstance(mask, step) and mask.args[0] == yes and no == 0:
        return relu(yes)
    return mask * yes + (1 - mask) * no


def entrywise(function: Callable[..., Any], arguments: int = 1) -> Any:
    """Return `function`, of SymPy expressions, as a function of arrays that broadcasts."""
    return np.frompyfunc(lambda *entries: function(*map(sympy.sympify, entries)), arguments, 1)


SymbolicArray.functions = SimpleNamespace(
    indicator=entrywise(step),
    where=entrywise(_where, 3),
    ones_like=np.ones_like,
    max=lambda z, *, axis, keepdims: z.max(axis=axis, keepdims=keepdims),
    exp=entrywise(sympy.exp),
    log=entrywise(sympy.log),
    sqrt=entrywise(sympy.sqrt),
    tanh=entrywise(sympy.tanh),
    cos=entrywise(sympy.cos),
    erfc=entrywise(sympy.erfc),
    logaddexp=entrywise(lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)), 2),
    pi=sympy.pi,
)
