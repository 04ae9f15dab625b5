"""The residual connection, docs/zoo/residual.md: what a branch computes is added to what came in.

An example is a column.  x is (D, N); the branch is W relu(x) with W of shape (D, D).
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, Array, Array]


def forward(x: Array, W: Array) -> tuple[Array, Cache]:
    """Return v = x + W relu(x) of shape (D, N), and the cache."""
    h = np.where(x > 0, x, 0)
    return x + W @ h, (x, h, W)


def backward(dv: Array, cache: Cache) -> tuple[Array, Array]:
    """Return ∂L/∂x and ∂L/∂W: the gradient takes both ways, and is added where they meet."""
    x, h, W = cache
    dW = dv @ h.T
    dh = W.T @ dv
    dx = dv + np.where(x > 0, dh, 0)
    return dx, dW
