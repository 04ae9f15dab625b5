"""A randomised check of a whole gradient, for networks of any size, with its error bound."""

import math
from collections.abc import Sequence
from typing import Any

from backproof import recursion
from backproof.activations import Activation, relu
from backproof.arrays import Array
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
from backproof.numbers.indeterminate import SAMPLES, RandomPoint, at_rest, direction


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

    >>> from backproof.checking.schwartz_zippel import schwartz_zippel
    >>> print(schwartz_zippel([3, 5, 4, 2], seed=1).status)
    agrees
    """
    point, widths = RandomPoint(seed), checked_widths(widths)
    W = [point.array(rows, columns) for rows, columns in zip(widths[1:], widths, strict=False)]
    b = [point.array(rows, 1) for rows in widths[1:]]
    x, y = point.array(widths[0], batch), at_rest(point.array(widths[-1], batch))
    network = Network(b=b, W=W, activation=activation)
    scope = f"{described(network, squared_error, batch)}; one random point"

    tape = recursion.forward(network, x)
    arrays = input_arrays(network, x)
    claimed = claimed_arrays(backward, network, tape, squared_error.start(tape.output, y))
    wrong_shape = misfit(arrays, claimed)
    if wrong_shape:
        return Verdict(Status.DIFFERS, "shapes of the gradient", scope, wrong_shape)
    L = squared_error(tape.output, y)
    inner = sum((claimed[name] * direction(arrays[name])).sum() for name in arrays)
    if inner.value != L.tangent:
        wrong = [n for n in arrays if not _agrees_along(n, network, arrays, claimed, y)]
        return Verdict(Status.DIFFERS, ", ".join(f"∂L/∂{name}" for name in wrong), scope)
    risk = _risk(max(inner.degree, L.degree), point.questions)
    claim = f"the whole gradient; a wrong one would pass with probability below {risk:.0e}"
    return Verdict(Status.AGREES, claim, scope)


def _agrees_along(
    name: str, network: Network, arrays: dict[str, Array], claimed: dict[str, Array], y: Array
) -> bool:
    """Return whether the derivative of L agrees when `name` alone is moved."""
    moved = {other: array if other == name else at_rest(array) for other, array in arrays.items()}
    output = recursion.forward(network_of(moved, network), moved["x"]).output
    inner = (claimed[name] * direction(arrays[name])).sum()
    return bool(inner.value == squared_error(output, y).tangent)


def _risk(degree: int, questions: int) -> float:
    """Bound the probability that different polynomials of `degree` agree at the random point.

    The second term is for two different z of the same value, which would share an indicator.
    """
    return degree * (1 + math.comb(questions, 2)) / SAMPLES
