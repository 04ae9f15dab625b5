"""Central differences without an error, in fractions."""

from fractions import Fraction
from typing import Any

import numpy as np

from backproof import recursion
from backproof.arrays import Array, real_matrix
from backproof.checking.lemmas import is_piecewise_linear
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
from backproof.network import Network
from backproof.numbers.rational import as_fractions
from backproof.recursion import Tape

SHRINK = Fraction(1, 2**20)


def exact_differences(
    network: Network, x: Any, y: Any, *, backward: Backward = recursion.backward
) -> Verdict:
    """Hold each entry of the gradient to an exact central difference, with `==`.

    As long as no ReLU switches, the squared error is a quadratic function of any one parameter,
    and the central difference of a quadratic is its derivative, whatever the step.  The step is
    shrunk until no unit switches, and the numbers are the network's floats as fractions.
    Raises ValueError if a unit stands on its kink, where there is no derivative to compare.

    >>> from backproof import Network
    >>> from backproof.checking.differences import exact_differences
    >>> exact_differences(Network.he([2, 3, 1], seed=1), [[0.5], [-1.5]], [[2.0]])
    agrees: all 15 entries equal an exact central difference with ==; 7 are not 0
      scope: 2-3-1, ReLU, squared error, batch of 1; this network and input
    """
    if not is_piecewise_linear(network.activation):
        raise TypeError(
            f"the activation {network.activation.name} is not linear on both sides of 0, so a "
            "difference is not exact. For a smooth one there is prove(tiny(...))."
        )
    x, y = as_fractions(real_matrix("x", x)), as_fractions(real_matrix("y", y))
    network = network.map(as_fractions)
    run = _Run(network, input_arrays(network, x), y)
    claimed = claimed_arrays(backward, network, run.tape, run.start)
    batch = run.tape.output.shape[1]
    scope = f"{described(network, squared_error, batch)}; this network and input"
    wrong_shape = misfit(run.arrays, claimed)
    if wrong_shape:
        return Verdict(Status.DIFFERS, "shapes of the gradient", scope, wrong_shape)
    total = nonzero = 0
    for name, array in run.arrays.items():
        for place in np.ndindex(array.shape):
            derivative = run.difference(name, place)
            if isinstance(claimed[name][place], float):
                reason = f"∂L/∂{name}{list(place)} is a float, {claimed[name][place]}, and rounded"
                return Verdict(Status.CANNOT_TELL, "the gradient in exact numbers", scope, reason)
            if claimed[name][place] != derivative:
                entry = f"∂L/∂{name}{list(place)}"
                values = f"is {float(derivative)}, backward says {float(claimed[name][place])}"
                return Verdict(Status.DIFFERS, entry, scope, f"{entry} {values}")
            total, nonzero = total + 1, nonzero + (derivative != 0)
    claim = f"all {total} entries equal an exact central difference with ==; {nonzero} are not 0"
    return Verdict(Status.AGREES, claim, scope)


class _Run:
    """A run in fractions, and what moving one of its entries does to the loss."""

    def __init__(self, network: Network, arrays: dict[str, Array], y: Array) -> None:
        self.network, self.arrays, self.y = network, arrays, y
        self.tape = recursion.forward(network, arrays["x"])
        self.start = squared_error.start(self.tape.output, y)
        self.pattern = _pattern(self.tape)
        _refuse_kinks(self.tape)

    def difference(self, name: str, place: tuple[int, ...]) -> Fraction:
        """Return [L(θ + h) - L(θ - h)] / 2h for the entry θ, no unit switching on the way."""
        h = SHRINK
        while True:
            ends = self._moved(name, place, h), self._moved(name, place, -h)
            # Signs equal at both ends are equal between: z_k is affine in θ once those below are.
            if all(_pattern(tape) == self.pattern for tape in ends):
                above, below = (squared_error(tape.output, self.y) for tape in ends)
                return Fraction(above - below) / (2 * h)
            h *= SHRINK

    def _moved(self, name: str, place: tuple[int, ...], step: Fraction) -> Tape:
        moved = self.arrays[name].copy()
        moved[place] += step
        arrays = self.arrays | {name: moved}
        return recursion.forward(network_of(arrays, self.network), arrays["x"])


def _pattern(tape: Tape) -> list[list[bool]]:
    return [(z > 0).tolist() for z in tape.z[:-1]]


def _refuse_kinks(tape: Tape) -> None:
    for k, z in enumerate(tape.z[:-1]):
        if (z == 0).any():
            raise ValueError(
                f"z[{k}] is 0 at {tuple(map(int, np.argwhere(z == 0)[0]))}: L has no derivative "
                "on a kink, only the convention ReLU'(0) = 0. Move b by a little."
            )
