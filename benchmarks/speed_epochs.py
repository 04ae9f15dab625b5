"""One epoch of stochastic gradient descent, as each library would have it written.

Every peer goes through the same batches in the same order with softmax cross-entropy and plain
SGD, and its `answer` is the mean loss over a first epoch, which is the same for all.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from speed_peers import _pairs, in_rows

from backproof import Network, Plan, softmax_cross_entropy
from backproof.arrays import Array


class Epoch(NamedTuple):
    """The data, an example a row, the batches, and the rate for the mean of a batch."""

    x: Array
    y: Array
    batches: Array
    rate: float


class Trained(NamedTuple):
    """One way to train: `run` goes through an epoch and returns the mean loss."""

    run: Callable[[], float]


def plan(network: Network, epoch: Epoch) -> Trained:
    N = epoch.batches.shape[1]
    made = Plan(network, softmax_cross_entropy, batch_size=N)
    batch = np.empty((N, network.widths[0]), network.dtype)

    def run() -> float:
        total = 0.0
        for places in epoch.batches:
            np.take(epoch.x, places, axis=0, out=batch, mode="clip")
            total += made.step(batch.T, epoch.y[places], epoch.rate / N)
        return total / epoch.batches.size

    return Trained(run)


def torch_sgd(network: Network, epoch: Epoch) -> Trained:
    import torch

    layers: list[Any] = []
    for W, b in _pairs(in_rows(network)):
        linear = torch.nn.Linear(*W.shape, dtype=torch.float32)
        linear.weight.data, linear.bias.data = torch.tensor(W.T.copy()), torch.tensor(b)
        layers += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimiser = torch.optim.SGD(model.parameters(), lr=epoch.rate)
    x, y, batches = map(torch.tensor, (epoch.x, epoch.y, epoch.batches))

    def run() -> float:
        total = torch.zeros(())
        for places in batches:
            optimiser.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(model(x[places]), y[places])
            loss.backward()
            optimiser.step()
            total += loss.detach()
        return float(total) / len(batches)

    return Trained(run)


def jax_step(network: Network, epoch: Epoch) -> Trained:
    import jax

    x, y, batches = map(jax.numpy.asarray, epoch[:3])
    leaves = [jax.numpy.asarray(array) for array in in_rows(network)]

    def loss(leaves: list[Any], X: Any, labels: Any) -> Any:
        *hidden, (W, b) = _pairs(leaves)
        for W_k, b_k in hidden:
            X = jax.nn.relu(X @ W_k + b_k)
        log_p = jax.nn.log_softmax(X @ W + b)
        return -jax.numpy.take_along_axis(log_p, labels[:, None], axis=1).mean()

    @partial(jax.jit, donate_argnums=0)
    def step(leaves: list[Any], places: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(leaves, x[places], y[places])
        return value, [leaf - epoch.rate * g for leaf, g in zip(leaves, gradients, strict=True)]

    def run() -> float:
        nonlocal leaves
        values = []
        for places in batches:
            value, leaves = step(leaves, places)
            values.append(value)
        jax.block_until_ready(leaves)
        return float(sum(values)) / len(batches)

    return Trained(run)


EPOCHS: dict[str, tuple[Callable[[Network, Epoch], Trained], str]] = {
    "plan": (plan, "`np.take` and `Plan.step`"),
    "torch": (torch_sgd, "`nn.Sequential`, `loss.backward()`, `optim.SGD.step()`"),
    "jax.jit": (jax_step, "one jitted step with donated parameters, called batch by batch"),
}
