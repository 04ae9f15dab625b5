"""Verify the package: run every proof the book leans on and print the verdicts.

`python -m backproof.verify` exits 1 unless each of them holds.
"""

import sys
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from backproof.activations import (
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    sigmoid,
    softplus,
    tanh,
)
from backproof.checking.differences import exact_differences
from backproof.checking.every_size import prove_every_depth, prove_every_size
from backproof.checking.integers import float_is_exact
from backproof.checking.proof import prove
from backproof.checking.regions import prove_regions
from backproof.checking.schwartz_zippel import schwartz_zippel
from backproof.checking.tiny import tiny
from backproof.checking.verdict import Verdict
from backproof.losses import binary_cross_entropy, softmax_cross_entropy, squared_error
from backproof.network import Network
from backproof.numbers.integers import small_integer_network, small_integers

LOSSES = (squared_error, softmax_cross_entropy, binary_cross_entropy)
OTHER_ACTIVATIONS = (
    identity,
    leaky_relu(Fraction(1, 100)),
    tanh,
    sigmoid,
    softplus,
    gelu,
    gelu_tanh,
)


def verdicts() -> Iterator[Verdict]:
    """Yield the verdict of every check, each as soon as it stands."""
    for loss in LOSSES:
        yield prove(tiny(2, 3, 2, loss=loss))
        yield prove(tiny(2, 2, 2, 2, 2, loss=loss))
    yield prove(tiny(3, 2, batch=2))
    yield prove(tiny(2, 3, 2, batch=2))
    for activation in OTHER_ACTIVATIONS:
        yield prove(tiny(2, 2, 1, activation=activation))
    yield prove_regions([2, 3, 2])
    yield prove_regions([2, 2, 2, 1])
    yield schwartz_zippel([64, 128, 128, 10])
    for loss in LOSSES:
        yield prove_every_size(loss=loss)
    yield prove_every_size(depth=33, loss=None)
    yield prove_every_depth()
    yield exact_differences(_off_the_kinks([3, 5, 4, 2]), *_data(3, 2, batch=4))
    for widths in ([2, 3, 2], [64, 128, 128, 10], [3] * 12):
        network = small_integer_network(widths, seed=3)
        yield float_is_exact(network, *_data(widths[0], widths[-1], batch=4))


def _off_the_kinks(widths: list[int]) -> Network:
    """Return a network whose biases are no whole numbers, so that no pre-activation is 0."""
    return small_integer_network(widths, seed=2).map(lambda array: array + 1 / 3)


def _data(inputs: int, outputs: int, *, batch: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    return small_integers((inputs, batch), generator), small_integers((outputs, batch), generator)


def main() -> int:
    """Print every verdict and say how many hold; return 1 unless all do."""
    total = held = 0
    for verdict in verdicts():
        total, held = total + 1, held + bool(verdict)
        print(verdict)  # noqa: T201  this module is a command
    print(f"\n{held} of {total} checks hold.")  # noqa: T201  this module is a command
    return 0 if held == total > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
