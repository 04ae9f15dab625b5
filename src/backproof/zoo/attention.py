"""Scaled dot-product attention, docs/zoo/attention.md: each query takes a mean of the values.

Queries, keys and values are columns.  Q is (D, T), one query for each of T places; K is (D, S)
and V is (F, S), a key and a value for each of S places.
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, Array, Array, Array, float]


def forward(Q: Array, K: Array, V: Array) -> tuple[Array, Cache]:
    """Return O = V softmax(Kᵀ Q / √D) of shape (F, T), and the cache."""
    alpha = 1 / np.sqrt(Q.shape[0])
    Z = alpha * (K.T @ Q)
    P = _softmax(Z)
    return V @ P, (Q, K, V, P, alpha)


def _softmax(Z: Array) -> Array:
    # The largest entry of a column cancels in the quotient; without it the exponential overflows.
    exponentials = np.exp(Z - Z.max(axis=0, keepdims=True))
    return exponentials / exponentials.sum(axis=0, keepdims=True)


def backward(dO: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Return ∂L/∂Q, ∂L/∂K and ∂L/∂V, of the shapes of Q, K and V."""
    Q, K, V, P, alpha = cache
    dV = dO @ P.T
    dP = V.T @ dO
    dZ = P * (dP - (P * dP).sum(axis=0, keepdims=True))
    dQ = alpha * (K @ dZ)
    dK = alpha * (Q @ dZ.T)
    return dQ, dK, dV
