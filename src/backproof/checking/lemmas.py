"""Facts about one variable that a proof for a whole network leans on."""

from typing import Any

import numpy as np
import sympy

from backproof.activations import Activation
from backproof.checking.verdict import Status, Verdict
from backproof.checking.zero import nonzero_point
from backproof.numbers.symbolic import SymbolicArray, entrywise, relu, step, symbol, symbols

Z = symbol("z")


class _derivative(sympy.Function):  # noqa: N801  printed as a function
    """The derivative of `_function`, of which nothing else is known."""


class _function(sympy.Function):  # noqa: N801  printed as a function
    """A differentiable function of which nothing else is known."""

    def fdiff(self, argindex: int = 1) -> Any:  # noqa: ARG002  SymPy passes it
        return _derivative(self.args[0])


def named_function() -> Activation:
    """Return an activation f with derivative f′ and no other property.

    What is proved with it holds for every differentiable activation.
    """
    return Activation("f", entrywise(_function), entrywise(_derivative))


def is_smooth(activation: Activation) -> bool:
    """Return whether `activation` is written without any comparison of z with 0."""
    return not _formula(activation.function).has(step, relu)


def is_piecewise_linear(activation: Activation) -> bool:
    """Return whether `activation` is linear on either side of 0 and continuous there."""
    formula = _formula(activation.function)
    return not objection(activation) and all(
        sympy.Poly(side, Z).degree() <= 1 if side.is_polynomial(Z) else False
        for side in _sides(formula)
    )


def prove_activation(activation: Activation) -> Verdict:
    """Prove that `activation.derivative` is the derivative of `activation.function`.

    With a kink at 0 the claim is about z ≠ 0; at 0 the derivative is a convention.
    """
    claim = f"the derivative of {activation.name}"
    scope = "every real z" if is_smooth(activation) else "every real z but 0"
    reason = objection(activation)
    if reason:
        return Verdict(Status.CANNOT_TELL, claim, scope, reason)
    f, df = _formula(activation.function), _formula(activation.derivative)
    residual = sympy.simplify(sympy.diff(f, Z) - df)
    if residual == 0:
        return Verdict(Status.PROVED, claim, scope)
    point = nonzero_point(residual)
    if point is None:
        return Verdict(Status.CANNOT_TELL, claim, scope, f"the difference is {residual}")
    derivative, claimed = (sympy.N(side.subs(point), 6) for side in (sympy.diff(f, Z), df))
    witness = f"at z = {point[Z]} it is {derivative}, the code says {claimed}"
    return Verdict(Status.DIFFERS, claim, scope, witness)


def objection(activation: Activation) -> str:
    """Return why nothing is proved about `activation`, or an empty string."""
    f, df = _formula(activation.function), _formula(activation.derivative)
    if not all(map(_is_entrywise, (activation.function, activation.derivative))):
        return "it does not act on each entry by itself"
    if not all(_is_total(side) for formula in (f, df) for side in _sides(formula)):
        return "it may not be defined for every real z"
    if any(call.args[0] != Z for formula in (f, df) for call in formula.atoms(step, relu)):
        return "it has a kink elsewhere than at 0"
    on, off = _sides(f)
    if on.subs(Z, 0) != off.subs(Z, 0):
        return "it jumps at 0"
    return ""


def _formula(function: Any) -> Any:
    return sympy.sympify(function(SymbolicArray.of([[Z]]))[0, 0])


def _sides(formula: Any) -> tuple[Any, Any]:
    """Return the formula where z > 0, and where it is not."""
    on = formula.replace(relu, lambda z: z).replace(step, lambda _: sympy.Integer(1))
    off = formula.replace(relu, lambda _: sympy.Integer(0)).replace(
        step, lambda _: sympy.Integer(0)
    )
    return sympy.sympify(on), sympy.sympify(off)


def _is_entrywise(function: Any) -> bool:
    """Return whether a 2 x 2 array of different symbols gives entry by entry what each gives."""
    z = symbols("z", 2, 2)
    alone = [[function(SymbolicArray.of([[entry]]))[0, 0] for entry in row] for row in z]
    together = function(z)
    return np.shape(together) == z.shape and bool(np.array_equal(together, np.array(alone)))


def _is_total(formula: Any) -> bool:
    """Return whether no quotient and no logarithm in `formula` can fail for a real z."""
    quotients = [power.base for power in formula.atoms(sympy.Pow) if not power.exp.is_positive]
    roots = [power.base for power in formula.atoms(sympy.Pow) if not power.exp.is_integer]
    logarithms = [call.args[0] for call in formula.atoms(sympy.log)]
    return all(argument.is_positive for argument in quotients + roots + logarithms)
