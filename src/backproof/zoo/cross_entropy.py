"""Cross-entropy, docs/zoo/cross-entropy.md: how unlikely the right classes are held to be.

An example is a column.  z is (C, N), y holds N labels, whole numbers below C.  Both losses are sums
over the examples.
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, Array]


def forward(z: Array, y: Array) -> tuple[Array, Cache]:
    """Return L, the sum of -log p over the right classes, p the softmax of z, and the cache."""
    shifted = z - z.max(axis=0, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    return -log_p[y, np.arange(len(y))].sum(), (log_p, y)


def backward(dL: Array, cache: Cache) -> Array:
    """Return ∂L/∂z of shape (C, N): p, less 1 at the right classes."""
    log_p, y = cache
    dz = np.exp(log_p)
    dz[y, np.arange(len(y))] -= 1
    return dL * dz


def log_softmax(z: Array) -> tuple[Array, Array]:
    """Return log p of shape (C, N), p the softmax of z, and the cache, which is log p itself."""
    shifted = z - z.max(axis=0, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    return log_p, log_p


def log_softmax_backward(dlog_p: Array, cache: Array) -> Array:
    """Return ∂L/∂z of shape (C, N)."""
    return dlog_p - np.exp(cache) * dlog_p.sum(axis=0, keepdims=True)


def binary(z: Array, t: Array) -> tuple[Array, Cache]:
    """Return L, the cross-entropy of targets t from 0 to 1 and the sigmoid of z, and the cache."""
    return (np.maximum(z, 0) - t * z + np.log1p(np.exp(-np.abs(z)))).sum(), (z, t)


def binary_backward(dL: Array, cache: Cache) -> Array:
    """Return ∂L/∂z of the shape of z."""
    z, t = cache
    return dL * (1 / (1 + np.exp(-z)) - t)
