"""The gradient of one network for batches of one size, without an allocation: docs/plan.md.

The recursion of `recursion.py` once more, and equal to it, compared by ==, where no sum is rounded.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Self

import numpy as np

from backproof.activations import Activation
from backproof.arrays import FLOATS, Array, is_count
from backproof.losses import (
    Loss,
    binary_cross_entropy,
    check_loss,
    softmax_cross_entropy,
    squared_error,
)
from backproof.network import Network, check_network, check_numpy, checked_rate
from backproof.planned.memory import planned_bytes
from backproof.planned.order import Order, store_all
from backproof.planned.parameters import Flat
from backproof.planned.sweep import Sweep
from backproof.recursion import Gradient


class Plan:
    """A network, a loss and a batch size, with all the memory that a gradient needs.

    The parameters of `network` are copied.  `order` says which activations are kept
    (`store_all`, `every(maps)`, `binomial(snapshots)`); with `input_gradient` the derivative by x_0
    is computed too.  One plan serves one thread at a time.

    >>> import numpy as np
    >>> from backproof import Network, squared_error
    >>> from backproof.planned import Plan
    >>> plan = Plan(Network.he([3, 8, 2], seed=0), squared_error, batch_size=5)
    >>> x, y = np.ones((3, 5)), np.zeros((2, 5))
    >>> before = plan.step(x, y, rate=0.01)
    >>> after, gradient = plan.gradient(x, y)
    >>> after < before, gradient.W[0].shape
    (True, (8, 3))
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        *,
        batch_size: int,
        order: Order = store_all,
        input_gradient: bool = False,
    ) -> None:
        check_network(network)
        check_numpy(
            network,
            "a plan writes in place, to arrays of NumPy",
            ", or write the loop with sgd",
        )
        check_loss(loss)
        if network.dtype not in FLOATS:
            raise TypeError(
                f"network has dtype {network.dtype}, but a plan runs on float32 or float64. "
                "For exact numbers use forward and backward."
            )
        self._loss, self._order, self._input_gradient = loss, order, input_gradient
        self._lock = Lock()  # one for all that `resized` makes of it: they share the parameters
        self._parameters = Flat(network.widths, network.dtype)
        self._derivatives = Flat(network.widths, network.dtype)
        for name in "bW":
            for own, given in zip(
                getattr(self._parameters, name), getattr(network, name), strict=True
            ):
                np.copyto(own, given)
        self.network = _fixed(self._parameters, network.activation)
        self._reserve(batch_size)

    def _reserve(self, batch_size: int) -> None:
        if not is_count(batch_size):
            raise ValueError(f"batch_size must be a positive whole number, but is {batch_size!r}.")
        N, network, derivatives = int(batch_size), self.network, self._derivatives
        dx: Array = None
        if self._input_gradient:
            dx = np.empty((network.widths[0], N), network.dtype, order="F")
        self.batch_size, self._dtype = N, network.dtype
        self._shapes = (network.widths[0], N), (network.widths[-1], N)
        self._gradient = Gradient(tuple(derivatives.b), tuple(derivatives.W), dx)
        self._sweep = Sweep(
            network, self._parameters, derivatives, self._loss, N, order=self._order, dx=dx
        )

    @property
    def theta(self) -> Array:
        """The vector of all parameters, of which the arrays of `network` are views."""
        return self._parameters.vector

    @property
    def dtheta(self) -> Array:
        """The vector of their derivatives, of which the arrays of a gradient are views."""
        return self._derivatives.vector

    def gradient(self, x: Array, y: Any) -> tuple[float, Gradient]:
        """Return L and its gradient for a batch `x` of shape (D_0, N) and targets `y`.

        The arrays of the gradient are the plan's own: the next call writes to them.  Its `x` is
        None unless the plan was made with `input_gradient=True`.  Raises TypeError or ValueError,
        naming the argument, if `x` or `y` does not fit; NaN and infinity are not looked for.
        """
        return self._run(self._sweep.run, x, y, None), self._gradient

    def step(self, x: Array, y: Any, rate: float) -> float:
        """Take a step of size `rate` against the gradient, as `sgd` does; return L before it.

        What `dtheta` then holds is `rate` times the gradient: the step.
        """
        return self._run(self._descend, x, y, checked_rate(self.network, rate))

    def resized(self, batch_size: int) -> Self:
        """Return a plan for another batch size that shares `theta` and `dtheta` with this one."""
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        other._reserve(batch_size)
        return other

    def memory(self) -> int:
        """Return the bytes of all that grows with the batch size, see `planned_bytes`.

        A loss or an activation of your own may ask for more.
        """
        network = self.network
        return planned_bytes(
            network.widths,
            self.batch_size,
            dtype=network.dtype,
            activation=network.activation,
            order=self._order,
            loss=self._loss,
            input_gradient=self._input_gradient,
        )

    def __repr__(self) -> str:
        return f"<plan for {self.network!r}, {self._loss.name}, batches of {self.batch_size}>"

    def _descend(self, x: Array, y: Array, rate: float) -> float:
        value = self._sweep.run(x, y, rate)
        np.subtract(self.theta, self.dtheta, out=self.theta)
        return value

    def _run(self, work: Callable[..., float], x: Array, y: Any, *more: Any) -> float:
        x, y = self._checked(x, y)
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(
                "this plan, or one that shares its memory by resized, is at work in another "
                "thread. Make one for each thread."
            )
        try:
            return work(x, y, *more)
        finally:
            self._lock.release()

    def _checked(self, x: Any, y: Any) -> tuple[Array, Array]:
        """Look at shapes and dtypes; what does not fit is worded by the doors of the package."""
        of_inputs, of_outputs = self._shapes
        if not self._fits(x, of_inputs):
            N = self.batch_size
            x = self.network.checked_input(x)
            if x.shape != of_inputs:
                raise ValueError(
                    f"x must have {N} columns, one an example, as the plan is for batches of {N}, "
                    f"but has shape {x.shape}. plan.resized({x.shape[1]}) is a plan for such."
                )
        if not self._is_target(y):
            y = self._loss.checked_targets(np.zeros(of_outputs, self._dtype), y)
            if not isinstance(y, np.ndarray):
                raise TypeError(
                    f"{self._loss!r}: checked_targets must return an array of NumPy, but returned "
                    f"a {type(y).__name__}."
                )
        return self._apart(x), self._apart(y)

    def _apart(self, array: Array) -> Array:
        """Return the array, or a copy if it is a part of `dtheta`, which is written to."""
        if array.base is None or not np.may_share_memory(array, self.dtheta):
            return array
        return array.copy()

    def _is_target(self, y: Any) -> bool:
        if self._loss is squared_error:
            return self._fits(y, self._shapes[1])
        if self._loss is binary_cross_entropy:
            return self._fits(y, self._shapes[1]) and bool(0 <= y.min() <= y.max() <= 1)
        return (
            self._loss is softmax_cross_entropy
            and type(y) is np.ndarray
            and y.dtype.kind in "iu"
            and y.shape == (self.batch_size,)
            and bool(0 <= y.min() <= y.max() < self._shapes[1][0])
        )

    def _fits(self, array: Any, shape: tuple[int, int]) -> bool:
        return type(array) is np.ndarray and array.shape == shape and array.dtype == self._dtype


def _fixed(parameters: Flat, activation: Activation) -> Network:
    """Return the network of these arrays, which can be written to but not exchanged."""
    network = Network(b=parameters.b, W=parameters.W, activation=activation)
    for name in "bW":
        object.__setattr__(network, name, tuple(getattr(network, name)))
    return network
