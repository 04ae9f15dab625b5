"""One gradient as a list of calls of NumPy, each bound to its arrays beforehand: docs/plan.md.

Inside, an example is a row: the memory of a matrix of columns in Fortran order, so that `x.T` is a
view, and the slowest of the three products, that by Wᵀ, is the one that map 0 can skip.

For a single example a call costs more than its arithmetic, so there is a call less for each map:
x_k has a 1 before it, and b_k + W_k x_k is the one product [b_k W_k] [1; x_k].
"""

from functools import partial
from typing import Any, cast

import numpy as np

from backproof.arrays import Array
from backproof.losses import Loss
from backproof.network import Network
from backproof.planned.activations import Call, applied, keeps_z, pulled, room_for_zeros
from backproof.planned.losses import in_place
from backproof.planned.memory import heights
from backproof.planned.order import Make, Order, Turn, steps_of
from backproof.planned.parameters import Flat
from backproof.planned.slots import Placed, placed


class Sweep:
    """The arrays and calls of a gradient for batches of N examples.

    It reads `parameters`, those of `network`, and writes to `derivatives` and, if there is one, to
    `dx`, of shape (D_0, N).
    """

    def __init__(
        self,
        network: Network,
        parameters: Flat,
        derivatives: Flat,
        loss: Loss,
        N: int,
        *,
        order: Order,
        dx: Array | None,
    ) -> None:
        self._network, self._parameters, self._derivatives = network, parameters, derivatives
        self._N, self._dx = N, dx
        widths, dtype = network.widths, network.dtype
        steps, sizes = placed(steps_of(order, network.M), heights(widths, network.activation, N))
        self._slots = [np.ones(size * N, dtype) for size in sizes]
        self._one_x_0 = np.ones((int(N == 1), 1 + widths[0]), dtype)  # none for larger batches
        self._inputs = self._one_x_0[:, 1:]
        largest = max(widths[1:-1], default=0) * N
        self._zeros = np.zeros(room_for_zeros(network.activation, largest), dtype)
        self._ones = np.ones(N, dtype)
        self._loss = loss
        self._shared: dict[tuple[object, ...], Any] = {}
        calls_of = {step: self._calls_of(step) for step in dict.fromkeys(steps)}
        self._calls = [call for step in steps for call in calls_of[step]]
        if N == 1:
            self._calls.insert(0, self._take_in)

    def run(self, x: Array, y: Array, rate: float | None) -> float:
        """Write the gradient for `x` and `y`, times `rate` if there is one, and return L."""
        self._x, self._y, self._rate = x.T, y.T, rate
        for call in self._calls:
            call()
        return self._value

    def _take_in(self) -> None:
        np.positive(self._x, self._inputs)  # a copy, cheaper than by copyto

    def _calls_of(self, place: Placed) -> list[Call]:
        step = place.step
        if isinstance(step, Make):
            return self._make(step.k, place.x, cast("int", place.result))
        if isinstance(step, Turn):
            return self._turn(place.x, place.result)
        return self._back(step.k, place.x, place.dz, place.result)

    def _make(self, k: int, below: int | None, slot: int) -> list[Call]:
        z, x = self._z_and_x(k, slot)
        act = applied(self._network.activation, z, x, self._zeros)
        act = self._once(act, applied, slot, x.shape)
        return [*self._affine(k - 1, below, z), *act]

    def _affine(self, k: int, slot: int | None, z: Array) -> list[Call]:
        if self._N == 1:
            bWT = self._once(self._parameters.bW[k].T, "bWT", k)
            return [partial(self._one_x(k, slot).dot, bWT, z)]
        WT = self._once(self._parameters.W[k].T, "WT", k)
        bT = self._once(self._parameters.b[k].T, "bT", k)
        if slot is None:
            product: Call = lambda: self._x.dot(WT, z)  # noqa: E731  x_0 is another each time
        else:
            x = self._z_and_x(k, slot)[1]
            product = partial(self._once(x.dot, "x", slot, x.shape), WT, z)
        return [product, partial(np.add, z, bT, z)]

    def _turn(self, below: int | None, slot: int | None) -> list[Call]:
        M = self._network.M
        z = self._dz(M, slot)
        loss = in_place(self._loss, z)

        def start() -> None:
            self._value = loss(self._y)
            if self._rate is not None:  # all that follows is linear in it
                np.multiply(z, self._rate, out=z)

        return [*self._affine(M, below, z), start]

    def _back(self, k: int, slot: int | None, above: int | None, result: int | None) -> list[Call]:
        dz, W = self._dz(k, above), self._parameters.W[k]
        calls: list[Call] = []
        if self._N > 1:  # for a single example, dz is db
            calls.append(partial(self._ones.dot, dz, self._derivatives.b[k].reshape(-1)))
        dWT = self._derivatives.W[k].T
        if slot is None:
            of_one = partial(self._inputs.T.dot, dz, dWT)
            calls.append(of_one if self._N == 1 else lambda: self._x.T.dot(dz, dWT))
            return calls if self._dx is None else [*calls, partial(dz.dot, W, self._dx.T)]
        z, x = self._z_and_x(k, slot)
        below = self._dz(k - 1, result)
        calls.append(partial(self._once(x.T.dot, "x.T", slot, x.shape), dz, dWT))
        calls.append(partial(dz.dot, W, below))
        pull = pulled(self._network.activation, z, x, below, x)
        return [*calls, *self._once(pull, pulled, slot, result, x.shape, k * (result is None))]

    def _one_x(self, k: int, slot: int | None) -> Array:
        """Return the row of a 1 and x_k."""
        if slot is None:
            return self._one_x_0
        width = 1 + self._network.widths[k]
        return self._once(self._slots[slot][:width].reshape(1, width), "one", slot, width)

    def _z_and_x(self, k: int, slot: int) -> tuple[Array, Array]:
        """Return z_{k-1} and x_k in a slot; both are the same memory unless z is kept."""
        if not keeps_z(self._network.activation):
            x = self._in_slot(slot, self._network.widths[k])
            return x, x
        both = self._in_slot(slot, 2 * self._network.widths[k]).reshape(2, self._N, -1)
        z, x = self._once((both[1], both[0]), "both", slot, both.shape)
        return z, x

    def _dz(self, k: int, slot: int | None) -> Array:
        """Return ∂L/∂z_k; for a single example it is ∂L/∂b_k, and lives there."""
        if slot is None:
            return self._derivatives.b[k].T
        return self._in_slot(slot, self._network.widths[k + 1])

    def _in_slot(self, slot: int, width: int) -> Array:
        """Return the rows of N examples, `width` numbers each; for one they stand behind a 1."""
        numbers = self._slots[slot][1:] if self._N == 1 else self._slots[slot]
        rows = numbers[: self._N * width].reshape(self._N, width)
        return self._once(rows, "rows", slot, width)

    def _once(self, made: Any, *key: object) -> Any:
        """Return what was first made for a key: ten slots have ten views, not one for each map."""
        return self._shared.setdefault(key, made)
