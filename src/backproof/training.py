"""Stochastic gradient descent: docs/batch.md and docs/training.md."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof import arrays
from backproof.arrays import Array
from backproof.losses import Loss
from backproof.network import Network, check_network
from backproof.recursion import Gradient, backward, forward


def sgd(network: Network, gradient: Gradient, rate: Any) -> Network:
    """Return the network one step of size `rate` against `gradient`; `network` is unchanged.

    L is a sum over the batch, so for the mean of N examples pass `rate / N`.
    """
    check_network(network)
    rate = _checked_rate(network, rate)
    gradient = _checked_gradient(network, gradient)
    b, W = list(network.b), list(network.W)
    for k in range(network.maps):
        b[k] = b[k] - rate * gradient.b[k]  # sgd-bias
        W[k] = W[k] - rate * gradient.W[k]  # sgd-weight
    return Network(b=b, W=W, activation=network.activation)


def _checked_rate(network: Network, rate: Any) -> Any:
    if isinstance(rate, bool | np.bool_ | np.ndarray) or not hasattr(rate, "__float__"):
        raise TypeError(f"rate must be a positive number, but is {rate!r}.")
    if not rate > 0 or rate == math.inf:
        raise ValueError(f"rate must be a positive finite number, but is {rate}.")
    if network.dtype != object:
        return float(rate)  # a float64 or a Fraction would take float32 with it
    if isinstance(rate, float | np.floating):
        raise TypeError(
            f"rate is {rate}, a float, but the network holds exact numbers. "
            "Pass a fractions.Fraction."
        )
    return rate


def _checked_gradient(network: Network, gradient: Any) -> Gradient:
    if not isinstance(gradient, Gradient):
        raise TypeError(
            f"gradient must be what backward returns, but is a {type(gradient).__name__}."
        )
    b, W = (_like_parameters(n, getattr(network, n), getattr(gradient, n)) for n in "bW")
    return Gradient(b, W, gradient.x)


def _like_parameters(name: str, parameters: Sequence[Array], derivatives: Any) -> list[Array]:
    """Return `derivatives` as arrays in the shapes of `parameters`, or raise naming the entry."""
    if len(derivatives) != len(parameters):
        raise ValueError(
            f"gradient.{name} must hold one array for each of {len(parameters)} affine maps, "
            f"but holds {len(derivatives)}."
        )
    checked = []
    for k, (parameter, derivative) in enumerate(zip(parameters, derivatives, strict=True)):
        entry = f"gradient.{name}[{k}]"
        array = arrays.real_matrix(entry, derivative)
        arrays.check_shape(entry, array, parameter.shape, f"that of {name}[{k}]")
        arrays.check_same_dtype(entry, array, "the network", parameter)
        checked.append(array)
    return checked


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
    check_network(network)
    x = network.checked_input(x)
    examples = x.shape[1]
    if not isinstance(loss, Loss):
        raise TypeError(f"loss must be a Loss, such as squared_error, but is {loss!r}.")
    like_outputs = np.broadcast_to(x[:1], (network.widths[-1], examples), subok=True)
    y = loss.checked_targets(like_outputs, y)
    if not arrays.is_count(batch_size) or batch_size > examples:
        raise ValueError(f"batch_size must be one of 1, ..., {examples}, but is {batch_size!r}.")
    if not arrays.is_count(epochs):
        raise ValueError(f"epochs must be a positive whole number, but is {epochs!r}.")
    rate = _checked_rate(network, rate)
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
