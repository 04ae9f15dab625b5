"""The L2 penalty, docs/zoo/l2-penalty.md: large weights cost something.

W is an array of any shape, strength is a number.
"""

from typing import Any

Array = Any
Cache = tuple[Array, Any]


def forward(W: Array, strength: Any) -> tuple[Array, Cache]:
    """Return L, half of `strength` times the sum of the squares of W, and the cache."""
    return strength * (W * W).sum() / 2, (W, strength)


def backward(dL: Array, cache: Cache) -> Array:
    """Return ∂L/∂W of the shape of W."""
    W, strength = cache
    return dL * strength * W
