"""The activations, docs/zoo/activations.md: one function, applied to every entry.

z and v have one shape, whichever it is.  Each derivative is written with what forward has at hand.
"""

from typing import Any

import numpy as np

Array = Any


def relu(z: Array) -> tuple[Array, Array]:
    """Return v = max(0, z) and the cache."""
    return np.where(z > 0, z, 0), z


def relu_backward(dv: Array, cache: Array) -> Array:
    """Return ∂L/∂z; at 0 the derivative is taken as 0."""
    return np.where(cache > 0, dv, 0)


def leaky_relu(z: Array, slope: float = 0.01) -> tuple[Array, tuple[Array, float]]:
    """Return z where it is positive and `slope` times z elsewhere, and the cache."""
    return np.where(z > 0, z, slope * z), (z, slope)


def leaky_relu_backward(dv: Array, cache: tuple[Array, float]) -> Array:
    """Return ∂L/∂z; at 0 the derivative is taken as the slope on the left."""
    z, slope = cache
    return np.where(z > 0, dv, slope * dv)


def sigmoid(z: Array) -> tuple[Array, Array]:
    """Return v = 1 / (1 + exp(-z)) and the cache, which is v itself."""
    v = 1 / (1 + np.exp(-z))
    return v, v


def sigmoid_backward(dv: Array, cache: Array) -> Array:
    """Return ∂L/∂z, from v alone."""
    return dv * cache * (1 - cache)


def tanh(z: Array) -> tuple[Array, Array]:
    """Return v = tanh(z) and the cache, which is v itself."""
    v = np.tanh(z)
    return v, v


def tanh_backward(dv: Array, cache: Array) -> Array:
    """Return ∂L/∂z, from v alone."""
    return dv * (1 - cache**2)


def softplus(z: Array) -> tuple[Array, Array]:
    """Return v = log(1 + exp(z)), written so that no large number is exponentiated."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))), z


def softplus_backward(dv: Array, cache: Array) -> Array:
    """Return ∂L/∂z: the slope of softplus is the sigmoid."""
    return dv / (1 + np.exp(-cache))


def gelu(z: Array) -> tuple[Array, tuple[Array, Array]]:
    """Return the usual approximation of the GELU by a hyperbolic tangent, and the cache."""
    t = np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))
    return z * (1 + t) / 2, (z, t)


def gelu_backward(dv: Array, cache: tuple[Array, Array]) -> Array:
    """Return ∂L/∂z, by the rule for products and the chain rule."""
    z, t = cache
    slope = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
    return dv * ((1 + t) + z * (1 - t**2) * slope) / 2


def silu(z: Array) -> tuple[Array, tuple[Array, Array]]:
    """Return v = z sigmoid(z) and the cache."""
    s = 1 / (1 + np.exp(-z))
    return z * s, (z, s)


def silu_backward(dv: Array, cache: tuple[Array, Array]) -> Array:
    """Return ∂L/∂z."""
    z, s = cache
    return dv * (s + z * s * (1 - s))
