"""Facts about one variable that a proof for a whole network leans on."""

from typing import Any

import sympy

from backproof.activations import Activation
from backproof.checking.verdict import Status, Verdict
from backproof.checking.zero import nonzero_point
from backproof.numbers.symbolic import SymbolicArray, entrywise, relu, step, symbol


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
    z = SymbolicArray.of([[symbol("z")]])
    return not sympy.sympify(activation(z)[0, 0]).has(step, relu)


def prove_activation(activation: Activation) -> Verdict:
    """Prove that `activation.derivative` is the derivative of `activation.function`.

    With a kink at 0 the claim is about z ≠ 0; at 0 the derivative is a convention.
    """
    z = symbol("z")
    f, df = (g(SymbolicArray.of([[z]]))[0, 0] for g in (activation, activation.derivative))
    residual = sympy.simplify(sympy.diff(f, z) - df)
    claim = f"the derivative of {activation.name}"
    scope = "every real z" if is_smooth(activation) else "every real z but 0"
    if residual == 0:
        return Verdict(Status.PROVED, claim, scope)
    point = nonzero_point(residual)
    if point is None:
        return Verdict(Status.CANNOT_TELL, claim, scope, f"the difference is {residual}")
    derivative, claimed = (sympy.N(side.subs(point), 6) for side in (sympy.diff(f, z), df))
    witness = f"at z = {point[z]} it is {derivative}, the code says {claimed}"
    return Verdict(Status.DIFFERS, claim, scope, witness)
