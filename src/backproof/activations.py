"""Activations, each beside its derivative: docs/activations.md.

Both act entry by entry, so f(z) and f'(z) have the shape of z.  At the kink of ReLU the
derivative is 0, because the indicator I[z > 0] is 0 there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np

from backproof import libraries
from backproof.arrays import Array, namespace


@dataclass(frozen=True, slots=True)
class Activation:
    """An entrywise function with its derivative; calling it applies the function.

    `slope` is for a function that is z where z > 0, and `slope` times z elsewhere.
    """

    name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    slope: float | Fraction | None = None

    def __call__(self, z: Array) -> Array:
        """Return f(z), of the shape of `z`."""
        namespace(z)  # or TypeError: the identity would hand back whatever it is given
        return self.function(z)

    def __repr__(self) -> str:
        return f"<activation {self.name}>"


def _identity(z: Array) -> Array:
    return z  # identity


def _identity_derivative(z: Array) -> Array:
    return namespace(z).ones_like(z)  # identity-derivative


def _relu(z: Array) -> Array:
    return namespace(z).where(z > 0, z, 0)  # relu


def _relu_derivative(z: Array) -> Array:
    return z > 0  # relu-derivative


def _tanh(z: Array) -> Array:
    return namespace(z).tanh(z)  # tanh


def _tanh_derivative(z: Array) -> Array:
    return 1 - _tanh(z) * _tanh(z)  # tanh-derivative


def _softplus(z: Array) -> Array:
    return namespace(z).logaddexp(z, 0)  # softplus


def _sigmoid(z: Array) -> Array:
    # No quotient: e^z / (1 + e^z) overflows on one side, 1 / (1 + e^-z) on the other.
    return namespace(z).exp(-_softplus(-z))  # sigmoid


def _sigmoid_derivative(z: Array) -> Array:
    # Not s(z) (1 - s(z)): for large z the difference has no correct digit left.
    return _sigmoid(z) * _sigmoid(-z)  # sigmoid-derivative


def _softplus_derivative(z: Array) -> Array:
    return _sigmoid(z)  # softplus-derivative


def _normal_cdf(z: Array) -> Array:
    return _erfc(-z / _root(2, z)) / 2  # normal-cdf


def _normal_density(z: Array) -> Array:
    return namespace(z).exp(-z * z / 2) / _root(2 * namespace(z).pi, z)  # normal-density


def _gelu(z: Array) -> Array:
    return z * _normal_cdf(z)  # gelu


def _gelu_derivative(z: Array) -> Array:
    return _normal_cdf(z) + z * _normal_density(z)  # gelu-derivative


def _gelu_inner(z: Array) -> Array:
    return (z + 44715 * z * z * z / 10**6) * _root(2 / namespace(z).pi, z)  # gelu-inner


def _gelu_inner_derivative(z: Array) -> Array:
    slope = 1 + 3 * 44715 * z * z / 10**6
    return slope * _root(2 / namespace(z).pi, z)  # gelu-inner-derivative


def _gelu_tanh(z: Array) -> Array:
    return z * (1 + _tanh(_gelu_inner(z))) / 2  # gelu-tanh


def _gelu_tanh_derivative(z: Array) -> Array:
    u, du = _gelu_inner(z), _gelu_inner_derivative(z)
    return (1 + _tanh(u) + z * _tanh_derivative(u) * du) / 2  # gelu-tanh-derivative


def leaky_relu(slope: float | Fraction) -> Activation:
    """Return the leaky ReLU: z where z > 0, and `slope` times z elsewhere, with 0 < slope < 1.

    At the kink its derivative is `slope`, one of the subgradients slope, …, 1.
    """
    if not isinstance(slope, float | Rational):
        raise TypeError(f"slope must be a float or a fraction, but is {slope!r}.")
    if not 0 < slope < 1:
        raise ValueError(
            f"slope must lie strictly between 0 and 1, but is {slope}. "
            "For slope 0 use relu, for slope 1 identity."
        )

    def function(z: Array) -> Array:
        return namespace(z).where(z > 0, z, entry_of(z, slope) * z)  # leaky-relu

    def derivative(z: Array) -> Array:
        xp = namespace(z)
        return xp.where(z > 0, xp.ones_like(z), entry_of(z, slope))  # leaky-relu-derivative

    return Activation(f"leaky ReLU({slope})", function, derivative, slope)


def entry_of(z: Array, number: float | Fraction) -> Any:
    """Return `number` as one like the entries of `z`."""
    # A fraction among floats would make objects of them; a float among fractions would round.
    if z.dtype != object:
        return float(number)
    return Fraction(number) if namespace(z) is np else number


def _root(number: float, z: Array) -> Array:
    # As an array like z, so that float32 stays float32 and a symbol stays exact.
    xp = namespace(z)
    return xp.sqrt(number * xp.ones_like(z))


def _erfc(z: Array) -> Array:
    # The complement erfc, not 1 - erf: far to the left 1 - erf has no correct digit left.
    xp = namespace(z)
    return xp.erfc(z) if hasattr(xp, "erfc") else libraries.erfc(z)


identity = Activation("identity", _identity, _identity_derivative, slope=1)
relu = Activation("ReLU", _relu, _relu_derivative, slope=0)
tanh = Activation("tanh", _tanh, _tanh_derivative)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_derivative)
softplus = Activation("softplus", _softplus, _softplus_derivative)
gelu = Activation("GELU", _gelu, _gelu_derivative)
gelu_tanh = Activation("GELU (tanh form)", _gelu_tanh, _gelu_tanh_derivative)
