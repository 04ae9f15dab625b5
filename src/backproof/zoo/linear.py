"""The affine map, docs/zoo/linear.md: every example by the same matrix, plus the same bias.

An example is a column.  x is (D, N), the weights W are (M, D), the bias b is a column (M, 1).
"""

from typing import Any

Array = Any
Cache = tuple[Array, Array]


def forward(x: Array, W: Array, b: Array) -> tuple[Array, Cache]:
    """Return z = b + W x of shape (M, N), and the cache."""
    return b + W @ x, (x, W)


def backward(dz: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Return ∂L/∂x, ∂L/∂W and ∂L/∂b, of the shapes of x, W and b."""
    x, W = cache
    dx = W.T @ dz
    dW = dz @ x.T
    db = dz.sum(axis=1, keepdims=True)
    return dx, dW, db
