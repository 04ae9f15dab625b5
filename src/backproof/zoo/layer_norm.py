"""Layer normalisation, docs/zoo/layer-norm.md: each example by its own mean and spread.

An example is a column.  x is (D, N), the parameters gamma and beta are columns (D, 1).
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, Array, Array]


def forward(x: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> tuple[Array, Cache]:
    """Return v = γ ⊙ u + β of shape (D, N), where u has mean 0 in each column, and the cache."""
    centred = x - x.mean(axis=0, keepdims=True)
    s = np.sqrt((centred**2).mean(axis=0, keepdims=True) + eps)
    u = centred / s
    return gamma * u + beta, (u, s, gamma)


def backward(dv: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Return ∂L/∂x of shape (D, N) and ∂L/∂gamma, ∂L/∂beta of shape (D, 1)."""
    u, s, gamma = cache
    dgamma = (dv * u).sum(axis=1, keepdims=True)
    dbeta = dv.sum(axis=1, keepdims=True)
    du = gamma * dv
    mean_du = du.mean(axis=0, keepdims=True)
    mean_du_u = (du * u).mean(axis=0, keepdims=True)
    dx = (du - mean_du - u * mean_du_u) / s
    return dx, dgamma, dbeta
