"""Numbers about how weights begin, from runs of networks."""

from fractions import Fraction
from typing import Any

import numpy as np

from backproof import Network, backward, forward, relu, squared_error


def mean_square() -> Any:
    """Return the mean of the squares of the six numbers after the ReLU."""
    return (relu(np.array([[-4.0, -2.0, -1.0, 1.0, 2.0, 4.0]])) ** 2).mean()


def moved_from_zero() -> int:
    """Return how many entries of the gradient are not 0 where all parameters are."""
    network = Network.he([3, 4, 4, 2], seed=0).map(np.zeros_like)
    tape = forward(network, np.arange(1.0, 16.0).reshape(3, 5))
    gradient = backward(network, tape, squared_error.start(tape.output, np.ones((2, 5))))
    return sum(int(np.count_nonzero(array)) for array in (*gradient.W, *gradient.b))


def factors() -> list[Fraction]:
    """Return by what z_4 and ∂L/∂z_0 are multiplied if every weight is, by 3."""
    network = Network(W=[np.array([[2.0]])] * 5, b=[np.zeros((1, 1))] * 5)
    before, after = (_passes(each) for each in (network, network.map(lambda array: 3 * array)))
    return [Fraction(last) / Fraction(first) for first, last in zip(before, after, strict=True)]


def _passes(network: Network) -> tuple[float, float]:
    tape = forward(network, [[1.0]])
    return float(tape.output.item()), float(backward(network, tape, [[1.0]]).b[0].item())
