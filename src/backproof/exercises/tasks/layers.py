"""Layers with their backward passes, examples in columns: x is (D, N), W (M, D), b (M, 1)."""

from typing import Any

import numpy as np

Array = Any


def relu_layer(x: Array, W: Array, b: Array) -> tuple[Array, tuple[Array, ...]]:
    """Return relu(b + W x) of shape (M, N) and what the backward pass needs."""
    z = b + W @ x
    return np.where(z > 0, z, 0), (x, W, z)


def relu_layer_backward(dout: Array, cache: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return the gradients of x, W and b."""
    x, W, z = cache
    dz = (z > 0) * dout
    return W.T @ dz, dz @ x.T, dz.sum(axis=1, keepdims=True)


def two_layers(
    x: Array, W0: Array, b0: Array, W1: Array, b1: Array
) -> tuple[Array, tuple[Array, ...]]:
    """Return b1 + W1 relu(b0 + W0 x) of shape (M, N) and what the backward pass needs."""
    z = b0 + W0 @ x
    h = np.where(z > 0, z, 0)
    return b1 + W1 @ h, (x, z, h, W0, W1)


def two_layers_backward(dout: Array, cache: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return the gradients of x, W0, b0, W1 and b1."""
    x, z, h, W0, W1 = cache
    dz = (z > 0) * (W1.T @ dout)
    dW0, db0 = dz @ x.T, dz.sum(axis=1, keepdims=True)
    dW1, db1 = dout @ h.T, dout.sum(axis=1, keepdims=True)
    return W0.T @ dz, dW0, db0, dW1, db1
