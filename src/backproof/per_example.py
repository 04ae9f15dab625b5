"""What each example of a batch says by itself: docs/per-example.md.

The columns of ∂L/∂z_k never mix, so one sweep for the batch is a sweep for every example.  The
gradients of the examples, the lengths of these, and their sum with each clipped all come from it.
"""

import math
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from backproof.arrays import Array, namespace
from backproof.network import Network, check_tape
from backproof.recursion import Gradient, Tape


def deltas(network: Network, tape: Tape, dz_M: Array) -> list[Array]:
    """Return ∂L/∂z_k, of shape (D_{k+1}, N), for k = 0, …, M; column i is of example i alone.

    `tape` and `dz_M` are those of `backward`, and are refused as there.
    """
    return [dz for _, dz in _sweep(network, tape, dz_M)][::-1]


def per_example_gradient(network: Network, tape: Tape, dz_M: Array) -> Gradient:
    """Return the gradient of every L_i, along a first axis of length N.

    `b[k][i]`, `W[k][i]` and `x[i]` are what `backward` returns for example i alone, so `W[k]` has
    shape (N, D_{k+1}, D_k): N times the memory of a gradient.  `tape` and `dz_M` are those of
    `backward`, and are refused as there.
    """
    db: list[Array] = [None] * network.maps
    dW: list[Array] = [None] * network.maps
    for k, dz in _sweep(network, tape, dz_M):
        db[k] = _columns(dz)
        dW[k] = _columns(dz) * _rows(tape.x[k])
    return Gradient(db, dW, _columns(network.W[0].T @ dz))


def squared_norms(network: Network, tape: Tape, dz_M: Array) -> Array:
    """Return the sum of the squares of all derivatives of L_i by b and W, as a row (1, N).

    No gradient is formed, and on exact entries the result is exact.  `tape` and `dz_M` are those
    of `backward`, and are refused as there.
    """
    check_tape(tape)
    return _summed_squares(tape.x, _sweep(network, tape, dz_M))


def clipped_gradient(network: Network, tape: Tape, dz_M: Array, *, bound: Any) -> Gradient:
    """Return the sum of the gradients of all L_i, each shortened to the length `bound` if longer.

    The length of a gradient is that over all of b and W together.  The `x` of what is returned is
    None: the data are not trained.  Raises TypeError or ValueError, naming the argument, if `bound`
    is no positive number, if the entries have no square root, and where `backward` does.
    """
    dz = deltas(network, tape, dz_M)
    bound = checked_bound(network, bound)
    q = _summed_squares(tape.x, enumerate(dz))
    return _weighted(dz, tape.x, _factors(q, bound))


def _sweep(network: Network, tape: Tape, dz_M: Array) -> Iterator[tuple[int, Array]]:
    """Yield k and ∂L/∂z_k for k = M, …, 0, by :eq:`grad-preactivation` and nothing else."""
    W, df = network.W, network.activation.derivative
    dz = network.checked_start(tape, dz_M)
    z = tape.z
    yield network.M, dz
    for k in range(network.M, 0, -1):
        dz = df(z[k - 1]) * (W[k].T @ dz)
        yield k - 1, dz


def _columns(array: Array) -> Array:
    return array.T[:, :, None]


def _rows(array: Array) -> Array:
    return array.T[:, None, :]


def _squares(array: Array) -> Array:
    return (array * array).sum(axis=0, keepdims=True)


def _summed_squares(x: list[Array], deltas: Iterable[tuple[int, Array]]) -> Array:
    q: list[Array] = [None] * len(x)
    for k, dz in deltas:
        q[k] = _squares(dz) * (1 + _squares(x[k]))  # per-example-norm
    return reduce(add, q)


def _factors(q: Array, bound: Any) -> Array:
    # Not min(1, bound / root): a gradient of length 0 would divide by it.
    xp, root = namespace(q), _root(q)
    return bound / xp.where(root - bound > 0, root, bound)  # clip-factor


def _root(q: Array) -> Array:
    without = [entry for entry in q.flat if not hasattr(entry, "sqrt")] if q.dtype == object else []
    if without and namespace(q) is np:
        raise TypeError(
            f"network holds exact numbers ({type(without[0]).__name__}), which have no square "
            "root, and clipping needs it. Pass floats; squared_norms is exact without a root."
        )
    return namespace(q).sqrt(q)


def _weighted(deltas: list[Array], x: list[Array], c: Array) -> Gradient:
    """Return the sum over the examples of c_i times the gradient of L_i, for a row `c`."""
    db: list[Array] = [None] * len(deltas)
    dW: list[Array] = [None] * len(deltas)
    for k, dz in enumerate(deltas):
        rescaled = c * dz
        db[k] = rescaled.sum(axis=1, keepdims=True)  # clipped-bias
        dW[k] = rescaled @ x[k].T  # clipped-weight
    return Gradient(db, dW, None)


def checked_bound(network: Network, bound: Any) -> Any:
    """Return `bound` as a number like those of `network`, or raise naming `bound`."""
    if isinstance(bound, bool | np.bool_ | np.ndarray) or not hasattr(bound, "__float__"):
        raise TypeError(f"bound must be a positive number, but is {bound!r}.")
    if not 0 < bound < math.inf:
        raise ValueError(f"bound must be a positive finite number, but is {bound}.")
    # A float64 would take float32 with it.
    return bound if network.dtype == object else float(bound)
