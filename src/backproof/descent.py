"""One step of gradient descent, and the steps that `train` takes: docs/batch.md."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from backproof import arrays
from backproof.arrays import Array
from backproof.losses import Loss
from backproof.network import Network, check_network, checked_rate
from backproof.optimisers import SGD, Optimiser, State
from backproof.planned import Plan
from backproof.recursion import Gradient, backward, forward


def sgd(network: Network, gradient: Gradient, rate: Any) -> Network:
    """Return the network one step of size `rate` against `gradient`; `network` is unchanged.

    L is a sum over the batch, so for the mean of N examples pass `rate / N`.
    """
    check_network(network)
    rate = checked_rate(network, rate)
    gradient = _checked_gradient(network, gradient)
    b, W = list(network.b), list(network.W)
    for k in range(network.maps):
        b[k] = b[k] - rate * gradient.b[k]  # sgd-bias
        W[k] = W[k] - rate * gradient.W[k]  # sgd-weight
    return Network(b=b, W=W, activation=network.activation)


class Planned:
    """The steps of a network of floats: a plan, and batches gathered into memory it keeps.

    `x` is (D_0, N) and `y` what the loss takes, of all examples.  No step asks for memory that
    grows with the batch.
    """

    def __init__(
        self, network: Network, loss: Loss, x: Array, y: Array, *, batch_size: int, by: Optimiser
    ) -> None:
        self._plan = Plan(network, loss, batch_size=batch_size)
        self._optimiser = by
        self.states: list[State] = [by.state(self._plan.theta)]
        # An example is a row here, so that a batch is gathered by whole rows.
        self._x, self._y = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)
        self._places = {batch_size: self._place(self._plan)}

    def _place(self, plan: Plan) -> tuple[Plan, Array, Array]:
        x, y = (np.empty((plan.batch_size, *a.shape[1:]), a.dtype) for a in (self._x, self._y))
        return plan, x, y

    def step(self, batch: Array, rate: float) -> float:
        """Step by `rate` against the mean of a batch, given by its numbers; return L before it."""
        N = len(batch)
        if N not in self._places:  # the last batch of an epoch may be smaller
            self._places[N] = self._place(self._plan.resized(N))
        plan, x, y = self._places[N]
        np.take(self._x, batch, axis=0, out=x, mode="clip")  # to "raise", it would need a copy
        np.take(self._y, batch, axis=0, out=y, mode="clip")
        if type(self._optimiser) is SGD:
            return plan.step(x.T, y.T, rate / N)
        value, _ = plan.gradient(x.T, y.T)
        np.divide(plan.dtheta, N, out=plan.dtheta)
        self._optimiser.step(self.states[0], plan.theta, plan.dtheta, rate)
        return value

    def network(self) -> Network:
        """Return a copy of the network as it is now."""
        return self._plan.network.map(np.copy)

    def restore(self, network: Network) -> None:
        """Take the parameters of `network`."""
        own = self._plan.network
        for mine, given in zip([*own.b, *own.W], [*network.b, *network.W], strict=True):
            np.copyto(mine, given)


class Exact:
    """The steps of a network of any other numbers: the recursion, and new arrays for each step."""

    def __init__(self, network: Network, loss: Loss, x: Array, y: Array, *, by: Optimiser) -> None:
        self._network, self._loss, self._x, self._y, self._optimiser = network, loss, x, y, by
        self.states: list[State] = [by.state(array) for array in [*network.b, *network.W]]

    def step(self, batch: Array, rate: Any) -> Any:
        """Step by `rate` against the mean of a batch, given by its numbers; return L before it."""
        network, x, y = self._network, self._x[:, batch], self._y[..., batch]
        tape = forward(network, x)
        gradient = backward(network, tape, self._loss.start(tape.output, y))
        if type(self._optimiser) is SGD:
            self._network = sgd(network, gradient, rate / len(batch))
        else:
            self._network = self._stepped(gradient, rate, len(batch))
        return self._loss(tape.output, y)

    def _stepped(self, gradient: Gradient, rate: Any, N: int) -> Network:
        after = self.network().map(np.copy)
        arrays_of = zip(self.states, [*after.b, *after.W], [*gradient.b, *gradient.W], strict=True)
        for state, theta, g in arrays_of:
            self._optimiser.step(state, theta, g * Fraction(1, N), rate)
        return after

    def network(self) -> Network:
        """Return the network as it is now; no step changes it."""
        return self._network


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
