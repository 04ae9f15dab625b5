"""Root mean square normalisation, docs/zoo/rms-norm.md: each example by its own size.

An example is a column.  x is (D, N), the parameter gamma is a column (D, 1).
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, Array, Array]


def forward(x: Array, gamma: Array, eps: float = 1e-5) -> tuple[Array, Cache]:
    """Return v = γ ⊙ u of shape (D, N), where u = x / r column by column, and the cache."""
    r = np.sqrt((x**2).mean(axis=0, keepdims=True) + eps)
    u = x / r
    return gamma * u, (u, r, gamma)


def backward(dv: Array, cache: Cache) -> tuple[Array, Array]:
    """Return ∂L/∂x of shape (D, N) and ∂L/∂gamma of shape (D, 1)."""
    u, r, gamma = cache
    dgamma = (dv * u).sum(axis=1, keepdims=True)
    du = gamma * dv
    dx = (du - u * (du * u).mean(axis=0, keepdims=True)) / r
    return dx, dgamma
