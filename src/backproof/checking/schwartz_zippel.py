"""A randomised check of a whole gradient, for networks of any size, with its error bound."""

import math
import random
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from backproof import recursion
from backproof.activations import Activation, relu
from backproof.checking.named import (
    Backward,
    claimed_arrays,
    described,
    input_arrays,
    misfit,
    network_of,
)
from backproof.checking.verdict import Status, Verdict
from backproof.losses import squared_error
from backproof.network import Network, checked_widths
from backproof.numbers.indeterminate import SAMPLES, RandomPoint, SignedPoint, at_rest, direction

SIGNED_POINTS = 16
"""At how many points of real signs a backward pass is tried that failed at an arbitrary one."""


def schwartz_zippel(
    widths: Sequence[int],
    *,
    batch: int = 2,
    activation: Activation = relu,
    backward: Backward = recursion.backward,
    seed: Any = None,
) -> Verdict:
    """Check the gradient of the squared error at one random point, in integers of 61 bits.

    With G the gradient and v a random direction, ⟨G, v⟩ must be the derivative of L along v.
    Both sides are polynomials in parameters, data, targets, direction and indicators; if they
    were different ones, they would agree here only with the probability that is printed.

    A backward pass may be right and yet need that an indicator is 0 or 1.  So one that fails is
    tried again with the signs that z has; if it passes then, the verdict is `cannot tell`.

    >>> from backproof.checking.schwartz_zippel import schwartz_zippel
    >>> print(schwartz_zippel([3, 5, 4, 2], seed=1).status)
    agrees
    """
    trial = _Trial(RandomPoint(seed), checked_widths(widths), batch, activation, backward)
    scope = f"{described(trial.network, squared_error, batch)}; one random point"
    wrong_shape = misfit(trial.arrays, trial.claimed)
    if wrong_shape:
        return Verdict(Status.DIFFERS, "shapes of the gradient", scope, wrong_shape)
    if trial.agrees():
        exponent = math.ceil(math.log10(trial.risk()))
        risk = f"a wrong one would pass with probability at most 1e{exponent}"
        return Verdict(Status.AGREES, f"the whole gradient; {risk}", scope)
    seeds = random.Random(seed)  # noqa: S311  sampling, not a secret
    for _ in range(SIGNED_POINTS):  # several, since a unit that is off hides what it would show
        signed = SignedPoint(seeds.random())
        literal = _Trial(signed, checked_widths(widths), batch, activation, backward)
        if not literal.agrees():
            wrong = [name for name in literal.arrays if not literal.agrees_along(name)]
            return Verdict(Status.DIFFERS, ", ".join(f"∂L/∂{name}" for name in wrong), scope)
    reason = "it agrees with the signs of z, but not with an arbitrary function for the indicator"
    return Verdict(Status.CANNOT_TELL, "the whole gradient", scope, reason)


class _Trial:
    """One random network, its run, and what `backward` says its gradient is."""

    def __init__(
        self,
        point: RandomPoint,
        widths: list[int],
        batch: int,
        activation: Activation,
        backward: Backward,
    ) -> None:
        W = [point.array(rows, columns) for rows, columns in zip(widths[1:], widths, strict=False)]
        b = [point.array(rows, 1) for rows in widths[1:]]
        x, self.y = point.array(widths[0], batch), at_rest(point.array(widths[-1], batch))
        self.point, self.network = point, Network(b=b, W=W, activation=activation)
        self.arrays = input_arrays(self.network, x)
        tape = recursion.forward(self.network, x)
        self.L, start = squared_error(tape.output, self.y), squared_error.start(tape.output, self.y)
        self.claimed = claimed_arrays(backward, self.network, tape, start)

    @cached_property
    def inner(self) -> Any:
        """⟨G, v⟩, with G what `backward` claims and v the direction."""
        return sum(self._claimed_along(name) for name in self.arrays)

    def agrees(self) -> bool:
        """Return whether ⟨G, v⟩ is the derivative of L along v."""
        return bool(self.inner.value == self.L.tangent)

    def risk(self) -> float:
        """Bound the probability that a wrong gradient agrees at this point."""
        return _risk(max(self.inner.degree, self.L.degree), self.point.questions)

    def agrees_along(self, name: str) -> bool:
        """Return whether the derivative of L agrees when v moves the array `name` alone."""
        arrays = {n: a if n == name else at_rest(a) for n, a in self.arrays.items()}
        output = recursion.forward(network_of(arrays, self.network), arrays["x"]).output
        return bool(self._claimed_along(name).value == squared_error(output, self.y).tangent)

    def _claimed_along(self, name: str) -> Any:
        return (self.claimed[name] * direction(self.arrays[name])).sum()


def _risk(degree: int, questions: int) -> float:
    """Bound the probability that different polynomials of `degree` agree at the random point.

    The second term is for two different z of the same value, which would share an indicator.
    """
    return degree * (1 + math.comb(questions, 2)) / SAMPLES
