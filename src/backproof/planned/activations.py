"""Activations in place: x_k takes the memory of z_{k-1}, and f' is read off x_k where it can be.

Arrays are in rows here, an example a row: the memory of a matrix of columns in Fortran order.  A
function of NumPy writes to its last argument: a tenth of a microsecond cheaper than by name.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from backproof.activations import Activation, identity, relu, sigmoid, softplus, tanh
from backproof.arrays import Array, check_shape, checked_result

Call = Callable[[], object]
"""A function of NumPy bound to its arrays."""

_WHOLE = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}


def keeps_z(activation: Activation) -> bool:
    """Return whether f' needs z: then z_{k-1} is kept beside x_k."""
    return activation not in (identity, relu, tanh)


def room_for_zeros(activation: Activation, numbers: int) -> int:
    """Return how many zeros `applied` needs for arrays of at most so many numbers."""
    return numbers if activation is relu else 0


def applied(activation: Activation, z: Array, x: Array, zeros: Array) -> list[Call]:
    """Return the calls that compute x = f(z); `x` is `z` itself unless z is kept.

    `zeros` is a vector of `room_for_zeros`.
    """
    if activation is relu:
        # The bits of a float, read as a whole number, have its sign, and −0.0 is the least of all:
        # the larger of them and 0 is z where z > 0, and +0.0 elsewhere.  A NaN with its sign bit
        # set becomes +0.0, as in `where`; another stays NaN.
        bits, nothing = _bits(z), _bits(zeros[: z.size].reshape(z.shape))
        return [partial(np.fmax, bits, nothing, bits)]
    if activation in _APPLIED:
        return _APPLIED[activation](z, x)
    slope = _bounded_slope(activation)
    if slope is not None:
        return [partial(np.multiply, z, slope, x), partial(np.maximum, z, x, out=x)]
    return [partial(_apply_own, activation, z.T, x.T)]


def pulled(activation: Activation, z: Array, x: Array, dz: Array, spare: Array) -> list[Call]:
    """Return the calls that multiply `dz`, which holds ∂L/∂x, by f'(z).

    They may overwrite `spare`, an array like `x`, which may be `x` itself.
    """
    if activation is relu:
        # x is +0.0 or positive, so the sign of its bits is I[z > 0]; times the bits of ∂L/∂x.
        sign, bits = _bits(spare), _bits(dz)
        read = sign if spare is x else _bits(x)  # NumPy is slow if the same memory has two names
        return [partial(np.sign, read, sign), partial(np.multiply, bits, sign, bits)]
    if activation in _PULLED:
        return _PULLED[activation](z, x, dz, spare)
    slope = _bounded_slope(activation)
    if slope is not None:
        return [
            partial(np.heaviside, z, 0, spare),
            partial(np.maximum, spare, slope, out=spare),
            partial(np.multiply, spare, dz, dz),
        ]
    return [partial(_pull_own, activation, z.T, dz.T)]


def _apply_own(activation: Activation, z: Array, x: Array) -> None:
    np.copyto(x, checked_result(f"function of {activation!r}", activation.function(z), z))


def _pull_own(activation: Activation, z: Array, dz: Array) -> None:
    df = activation.derivative(z)
    check_shape(f"derivative of {activation!r}", df, z.shape, "that of z")
    np.multiply(df, dz, dz)


def _bounded_slope(activation: Activation) -> float | None:
    """Return the slope below 0 if f(z) is the larger of z and the slope times z."""
    slope = activation.slope
    return float(slope) if slope is not None and 0 <= slope <= 1 else None


def _pulled_tanh(_z: Array, x: Array, dz: Array, spare: Array) -> list[Call]:
    return [
        partial(np.multiply, x, x, spare),
        partial(np.subtract, 1, spare, spare),
        partial(np.multiply, spare, dz, dz),
    ]


def _pulled_sigmoid(z: Array, x: Array, dz: Array, spare: Array) -> list[Call]:
    by_x = partial(np.multiply, x, dz, dz)  # at first, as `spare` may be x
    return [by_x, *_sigmoid_of_minus(z, spare), partial(np.multiply, spare, dz, dz)]


def _pulled_softplus(z: Array, _x: Array, dz: Array, spare: Array) -> list[Call]:
    minus_z = partial(np.negative, z, spare)
    return [minus_z, *_sigmoid_of_minus(spare, spare), partial(np.multiply, spare, dz, dz)]


def _sigmoid_of_minus(z: Array, into: Array) -> list[Call]:
    """Return the calls for exp(-softplus(z)), as `backproof.activations` has it."""
    return [
        partial(np.logaddexp, z, 0, into),
        partial(np.negative, into, into),
        partial(np.exp, into, into),
    ]


def _bits(array: Array) -> Array:
    return array.view(_WHOLE[array.dtype])


_APPLIED: dict[Activation, Callable[[Array, Array], list[Call]]] = {
    identity: lambda _z, _x: [],
    tanh: lambda z, x: [partial(np.tanh, z, x)],
    sigmoid: lambda z, x: [partial(np.negative, z, x), *_sigmoid_of_minus(x, x)],
    softplus: lambda z, x: [partial(np.logaddexp, z, 0, x)],
}
_PULLED: dict[Activation, Callable[[Array, Array, Array, Array], list[Call]]] = {
    identity: lambda _z, _x, _dz, _spare: [],
    tanh: _pulled_tanh,
    sigmoid: _pulled_sigmoid,
    softplus: _pulled_softplus,
}
