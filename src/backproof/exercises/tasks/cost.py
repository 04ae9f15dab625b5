"""Counts, each of a run on numbers that count."""

from typing import Any

import numpy as np

from backproof import backward, cost, forward
from backproof.numbers.counting import Tally, count
from backproof.numbers.integers import small_integer_network

WIDTHS, N = [6, 5, 4, 2], 3


def forward_multiplications() -> int:
    """Return the multiplications of the forward pass."""
    tally = Tally()
    network, x, _ = _counted(tally)
    return count(lambda: forward(network, x), tally).multiplications


def backward_multiplications() -> int:
    """Return the multiplications of the backward pass."""
    tally = Tally()
    network, x, dz = _counted(tally)
    tape = forward(network, x)
    return count(lambda: backward(network, tape, dz), tally).multiplications


def both_orders() -> list[int]:
    """Return the multiplications of A (B v) and of (A B) v."""
    tally = Tally()
    A, B, v = (tally.counted(np.ones(shape)) for shape in ((6, 5), (5, 4), (4, 1)))
    orders = (lambda: A @ (B @ v), lambda: (A @ B) @ v)
    return [count(order, tally).multiplications for order in orders]


def tape() -> int:
    """Return how many numbers a forward pass keeps."""
    kept = forward(small_integer_network(WIDTHS, seed=0), np.ones((WIDTHS[0], N)))
    return sum(array.size for array in kept.x + kept.z)


def checkpointed() -> int:
    """Return how many numbers are held with a checkpoint at every 6th of 60 maps."""
    return cost.checkpointed_numbers(1, 60, 1, 6)


def _counted(tally: Tally) -> tuple[Any, Any, Any]:
    network = small_integer_network(WIDTHS, seed=0).map(tally.counted)
    return network, *(tally.counted(np.ones((D, N))) for D in (WIDTHS[0], WIDTHS[-1]))
