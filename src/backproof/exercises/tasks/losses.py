"""The mean softmax cross-entropy of examples in rows."""

from typing import Any

import numpy as np

Array = Any


def softmax_loss(z: Array, y: Array) -> Array:
    """Return the mean loss of logits z (N, C) and classes y (N,), a number."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


def softmax_loss_gradient(z: Array, y: Array) -> Array:
    """Return the gradient of z, of the shape (N, C)."""
    N = len(y)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(N), y] -= 1
    return p / N
