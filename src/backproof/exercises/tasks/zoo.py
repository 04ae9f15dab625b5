"""Layers of the zoo in small, examples in columns; each backward pass is a model answer."""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, ...]


def dropout(x: Array, mask: Array, keep: float) -> tuple[Array, tuple[Array, float]]:
    """Return x (D, N) where the mask is 1, scaled by 1 / keep, and 0 elsewhere."""
    return x * mask / keep, (mask, keep)


def dropout_backward(dout: Array, cache: tuple[Array, float]) -> Array:
    """Return the gradient of x."""
    mask, keep = cache
    return dout * mask / keep


def embedding(table: Array, index: Array) -> tuple[Array, tuple[Array, Array]]:
    """Return the rows of table (V, D) that index (N,) names, of shape (N, D)."""
    return table[index], (table, index)


def embedding_backward(dout: Array, cache: tuple[Array, Array]) -> Array:
    """Return the gradient of the table."""
    table, index = cache
    dtable = np.zeros_like(table)
    np.add.at(dtable, index, dout)
    return dtable


def softmax(z: Array) -> tuple[Array, Array]:
    """Return the softmax of each column of z (D, N), twice: as the output and as the cache."""
    e = np.exp(z - z.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    return p, p


def softmax_backward(dout: Array, p: Array) -> Array:
    """Return the gradient of z."""
    return p * (dout - (dout * p).sum(axis=0, keepdims=True))


def rms_norm(x: Array) -> tuple[Array, tuple[Array, Array]]:
    """Return x (D, N), each column divided by its root mean square, and the cache."""
    s = np.sqrt((x**2).mean(axis=0, keepdims=True) + 1e-5)
    u = x / s
    return u, (u, s)


def rms_norm_backward(dout: Array, cache: tuple[Array, Array]) -> Array:
    """Return the gradient of x."""
    u, s = cache
    return (dout - u * (dout * u).mean(axis=0, keepdims=True)) / s


def attention(q: Array, k: Array, v: Array) -> tuple[Array, Cache]:
    """Return for each query in q (D, N) a mean of v (E, K), weighted by the keys k (D, K)."""
    scale = np.sqrt(len(q))
    S = k.T @ q / scale
    e = np.exp(S - S.max(axis=0, keepdims=True))
    P = e / e.sum(axis=0, keepdims=True)
    return v @ P, (q, k, v, P, scale)


def attention_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Return the gradients of q, k and v."""
    q, k, v, P, scale = cache
    dP, dv = v.T @ dout, dout @ P.T
    dS = P * (dP - (dP * P).sum(axis=0, keepdims=True)) / scale
    return k @ dS, q @ dS.T, dv
