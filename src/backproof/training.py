"""Stochastic gradient descent: docs/batch.md and docs/training.md."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.arrays import Array
from backproof.losses import Loss
from backproof.network import Network
from backproof.recursion import Gradient, backward, forward


def sgd(network: Network, gradient: Gradient, rate: Any) -> Network:
    """Return the network one step of size `rate` against `gradient`; `network` is unchanged.

    L is a sum over the batch, so for the mean of N examples pass `rate / N`.
    """
    if not rate > 0 or rate == math.inf:
        raise ValueError(f"rate must be a positive finite number, but is {rate}.")
    b, W = list(network.b), list(network.W)
    for k in range(network.maps):
        b[k] = b[k] - rate * gradient.b[k]  # sgd-bias
        W[k] = W[k] - rate * gradient.W[k]  # sgd-weight
    return Network(b=b, W=W, activation=network.activation)


@dataclass(frozen=True, eq=False, slots=True)
class Epoch:
    """One pass over the data: its `number` from 1, the `network` after it, the mean `loss`.

    The loss of an example is the one seen in its batch, before the step it drove.
    """

    number: int
    network: Network
    loss: float


def train(
    network: Network,
    x: Array,
    y: Array,
    loss: Loss,
    *,
    rate: float,
    batch_size: int,
    epochs: int,
    seed: Any,
) -> Iterator[Epoch]:
    """Yield an `Epoch` after each pass over shuffled batches of the examples.

    `x` is (D_0, N); `y` holds one target a column, or one label an example.  Each step follows
    the mean over its batch: the sum that the book's L is, times one scalar, `rate / N`.
    """
    x, y = network.checked_input(x), np.asanyarray(y)
    examples = x.shape[1]
    if y.shape[-1:] != (examples,):
        raise ValueError(f"y must have one target for each of {examples} examples: {y.shape}.")
    if not 1 <= batch_size <= examples:
        raise ValueError(f"batch_size must be one of 1, ..., {examples}, but is {batch_size}.")
    generator = np.random.default_rng(seed)

    def run(network: Network) -> Iterator[Epoch]:
        for number in range(1, epochs + 1):
            order, total = generator.permutation(examples), 0.0
            for first in range(0, examples, batch_size):
                batch = order[first : first + batch_size]
                value, gradient = _gradient(network, x[:, batch], y[..., batch], loss)
                network, total = sgd(network, gradient, rate / len(batch)), total + value
            yield Epoch(number, network, total / examples)

    return run(network)


def _gradient(network: Network, x: Array, y: Array, loss: Loss) -> tuple[float, Gradient]:
    tape = forward(network, x)
    return loss(tape.output, y), backward(network, tape, loss.start(tape.output, y))
