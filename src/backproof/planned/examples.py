"""What each example of a batch says, in memory taken once: docs/per-example.md.

The functions of `per_example.py` once more, and equal to them, compared by ==, where no sum is
rounded.  As in `sweep`, an example is a row inside.
"""

from functools import partial
from typing import Any

import numpy as np

from backproof.arrays import Array
from backproof.losses import Loss
from backproof.network import Network
from backproof.per_example import checked_bound
from backproof.planned.activations import Call, applied, keeps_z, pulled, room_for_zeros
from backproof.planned.losses import in_place
from backproof.planned.parameters import Flat
from backproof.planned.plan import Plan
from backproof.recursion import Gradient


class ExamplePlan(Plan):
    """A plan that finds the lengths of the gradients of its examples, and their clipped sum.

    Made and used like a `Plan`; beside the memory of one it holds the ∂L/∂z_k of all layers.

    >>> import numpy as np
    >>> from backproof import Network, squared_error
    >>> from backproof.planned import ExamplePlan
    >>> plan = ExamplePlan(Network.he([3, 8, 2], seed=0), squared_error, batch_size=5)
    >>> x, y = np.ones((3, 5)), np.zeros((2, 5))
    >>> value, q = plan.squared_norms(x, y)
    >>> q.shape
    (1, 5)
    >>> value, gradient = plan.clipped_gradient(x, y, bound=0.1)
    """

    def squared_norms(self, x: Array, y: Any) -> tuple[float, Array]:
        """Return L, and the squared length of the gradient of every L_i as a row (1, N).

        The row is the plan's own: the next call writes to it.  Raises as `gradient` does.
        """
        return self._run(self._examples.run, x, y), self._examples.q

    def clipped_gradient(self, x: Array, y: Any, *, bound: Any) -> tuple[float, Gradient]:
        """Return L, and the sum of the gradients of all L_i, each of the length `bound` at most.

        The arrays are those of `gradient`, and its `x` is None: the data are not trained.  Raises
        as `gradient` does, and if `bound` is no positive number.
        """
        bound = checked_bound(self.network, bound)
        value = self._run(self._examples.run, x, y, bound)
        return value, Gradient(self._gradient.b, self._gradient.W, None)

    def memory(self) -> int:
        """Return the bytes of all that grows with the batch size."""
        return super().memory() + self._examples.nbytes

    def _apart(self, array: Array) -> Array:
        array = super()._apart(array)
        return array.copy() if np.may_share_memory(array, self._examples.q) else array

    def _reserve(self, batch_size: int) -> None:
        super()._reserve(batch_size)
        self._examples = ExampleSweep(self.network, self._derivatives, self._loss, self.batch_size)


class ExampleSweep:
    """The deltas of all layers for batches of N examples, and what is made of them.

    `q` holds the squared lengths, (1, N), after `run`.  The parameters are read from `network`, and
    a sum is written to `derivatives`.
    """

    def __init__(self, network: Network, derivatives: Flat, loss: Loss, N: int) -> None:
        self._network, self._derivatives = network, derivatives
        widths, dtype, f = network.widths, network.dtype, network.activation
        self._x = [np.empty((N, D), dtype) for D in widths[1:-1]]  # from x_1 on: x_0 is given
        self._dz = [np.empty((N, D), dtype) for D in widths[1:]]
        self._z = [*(np.empty_like(x) if keeps_z(f) else x for x in self._x), self._dz[-1]]
        self._spare = np.empty(N * max(widths[1:-1], default=0), dtype)
        self._zeros = np.zeros(room_for_zeros(f, self._spare.size), dtype)
        self._of_dz, self._of_x = np.empty((2, network.maps, N), dtype)
        self.q, self._ones = np.empty((1, N), dtype), np.ones(N, dtype)
        self._c = np.empty((N, 1), dtype)
        self._turn = in_place(loss, self._dz[-1])
        self._ahead = [call for k in range(network.maps) for call in self._affine(k)]
        self._back = [call for k in range(network.M, 0, -1) for call in self._pull(k)]
        self._back += self._norms()
        self._sums = self._products()

    @property
    def nbytes(self) -> int:
        """The bytes of all arrays that grow with N."""
        kept = self._z[:-1] if keeps_z(self._network.activation) else []
        rows = [self.q, self._c, self._ones, self._of_dz, self._of_x]
        arrays = [*self._x, *self._dz, *kept, self._spare, self._zeros, *rows]
        return sum(array.nbytes for array in arrays)

    def run(self, x: Array, y: Array, bound: float | None = None) -> float:
        """Find all ∂L/∂z_k and the squared lengths, with a `bound` the clipped sum; return L."""
        self._x_0 = x.T
        for call in self._ahead:
            call()
        value = self._turn(y.T)
        for call in self._back:
            call()
        if bound is not None:
            self._bound = bound
            for call in self._sums:
                call()
        return value

    def _affine(self, k: int) -> list[Call]:
        WT, bT, z = self._network.W[k].T, self._network.b[k].T, self._z[k]
        product = partial(self._x[k - 1].dot, WT, z) if k else lambda: self._x_0.dot(WT, z)
        calls: list[Call] = [product, partial(np.add, z, bT, z)]
        if k == self._network.M:
            return calls
        return [*calls, *applied(self._network.activation, z, self._x[k], self._zeros)]

    def _pull(self, k: int) -> list[Call]:
        z, x, below = self._z[k - 1], self._x[k - 1], self._dz[k - 1]
        # Not to x, which is needed once more: for the lengths and for the sum.
        spare = self._like(x, self._spare)
        product = partial(self._dz[k].dot, self._network.W[k], below)
        return [product, *pulled(self._network.activation, z, x, below, spare)]

    def _norms(self) -> list[Call]:
        of_dz, of_x = self._of_dz, self._of_x
        return [
            lambda: np.vecdot(self._x_0, self._x_0, of_x[0]),
            *(partial(np.vecdot, x, x, of_x[k]) for k, x in enumerate(self._x, start=1)),
            *(partial(np.vecdot, dz, dz, of_dz[k]) for k, dz in enumerate(self._dz)),
            partial(np.add, of_x, 1, of_x),
            partial(np.multiply, of_dz, of_x, of_dz),
            partial(np.add.reduce, of_dz, axis=0, keepdims=True, out=self.q),
        ]

    def _products(self) -> list[Call]:
        c, db, dW = self._c, self._derivatives.b, self._derivatives.W
        calls: list[Call] = [
            partial(np.sqrt, self.q.T, c),
            lambda: np.maximum(c, self._bound, out=c),
            lambda: np.divide(self._bound, c, out=c),
        ]
        for k, dz in enumerate(self._dz):
            calls += [
                partial(np.multiply, dz, c, dz),
                partial(self._ones.dot, dz, db[k].reshape(-1)),
                partial(self._x[k - 1].T.dot, dz, dW[k].T) if k else self._product_0,
            ]
        return calls

    def _product_0(self) -> None:
        self._x_0.T.dot(self._dz[0], self._derivatives.W[0].T)

    @staticmethod
    def _like(x: Array, flat: Array) -> Array:
        return flat[: x.size].reshape(x.shape)
