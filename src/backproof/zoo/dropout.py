"""Dropout with a given mask, docs/zoo/dropout.md: some entries are set to 0, the others enlarged.

x and mask have one shape; mask holds zeros and ones; keep is the probability of a one.
"""

from typing import Any

Array = Any
Cache = tuple[Array, float]


def forward(x: Array, mask: Array, keep: float = 0.5) -> tuple[Array, Cache]:
    """Return v = mask ⊙ x / keep, whose mean over all masks is x, and the cache."""
    return mask * x / keep, (mask, keep)


def backward(dv: Array, cache: Cache) -> Array:
    """Return ∂L/∂x of the shape of x, with the same mask and the same factor."""
    mask, keep = cache
    return mask * dv / keep
