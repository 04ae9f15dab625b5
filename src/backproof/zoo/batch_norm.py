"""Batch normalisation, docs/zoo/batch-norm.md: each unit by its mean and spread over the batch.

An example is a column.  x is (D, N), the parameters gamma and beta are columns (D, 1).
This is the layer as it is in training, where the mean and the spread are those of the batch.
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, Array, Array]


def forward(x: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> tuple[Array, Cache]:
    """Return v = γ ⊙ u + β of shape (D, N), where u has mean 0 in each row, and the cache."""
    centred = x - x.mean(axis=1, keepdims=True)
    s = np.sqrt((centred**2).mean(axis=1, keepdims=True) + eps)
    u = centred / s
    return gamma * u + beta, (u, s, gamma)


def backward(dv: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Return ∂L/∂x of shape (D, N) and ∂L/∂gamma, ∂L/∂beta of shape (D, 1)."""
    u, s, gamma = cache
    N = dv.shape[1]
    dgamma = (dv * u).sum(axis=1, keepdims=True)
    dbeta = dv.sum(axis=1, keepdims=True)
    dx = gamma / s * (dv - dbeta / N - u * dgamma / N)
    return dx, dgamma, dbeta
