"""The embedding, docs/zoo/embedding.md: a column of a table for each index.

The table E is (D, V), one column for each of V words; index holds N whole numbers below V.
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, tuple[int, ...]]


def forward(E: Array, index: Array) -> tuple[Array, Cache]:
    """Return v of shape (D, N), the columns of E that `index` names, and the cache."""
    return E[:, index], (index, E.shape)


def backward(dv: Array, cache: Cache) -> Array:
    """Return ∂L/∂E of shape (D, V): a word that stands twice collects twice."""
    index, shape = cache
    dE = np.zeros(shape, dtype=dv.dtype)
    np.add.at(dE.T, index, dv.T)
    return dE
