"""Convolution with a stride, docs/zoo/convolution.md: an affine map of every patch of an image.

x is (C, A, B, N): C channels, A rows, B columns, N examples.  A patch is C * K * K numbers, the
weights W are (M, C * K * K), the biases b are (M, 1), one row for each of M channels that leave.
"""

from typing import Any

import numpy as np

Array = Any
Shape = tuple[int, ...]
Cache = tuple[Array, Array, Shape, int, int]


def forward(x: Array, W: Array, b: Array, K: int = 2, stride: int = 1) -> tuple[Array, Cache]:
    """Return z of shape (M, rows, columns, N): the map b + W X of the patches, and the cache."""
    patches = unfold(x, K, stride)
    X = patches.reshape(W.shape[1], -1)
    z = (b + W @ X).reshape(W.shape[0], *patches.shape[3:])
    return z, (X, W, x.shape, K, stride)


def backward(dz: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Return ∂L/∂x, ∂L/∂W and ∂L/∂b, of the shapes of x, W and b."""
    X, W, shape, K, stride = cache
    dZ = dz.reshape(W.shape[0], -1)
    db = dZ.sum(axis=1, keepdims=True)
    dW = dZ @ X.T
    dX = W.T @ dZ
    dx = fold(dX.reshape(shape[0], K, K, *dz.shape[1:]), shape, stride)
    return dx, dW, db


def unfold(x: Array, K: int, stride: int) -> Array:
    """Copy each K × K patch of x, one every `stride` places: (C, K, K, rows, columns, N)."""
    rows, columns = places(x.shape[1], K, stride), places(x.shape[2], K, stride)
    shifted = [x[:, *window(p, q, rows, columns, stride)] for p, q in np.ndindex(K, K)]
    return np.stack(shifted, axis=1).reshape(x.shape[0], K, K, rows, columns, x.shape[3])


def fold(patches: Array, shape: Shape, stride: int) -> Array:
    """Add each patch to where it was copied from, in an array of zeros of this shape."""
    _, K, _, rows, columns, _ = patches.shape
    x = np.zeros(shape, dtype=patches.dtype)
    for p, q in np.ndindex(K, K):
        x[:, *window(p, q, rows, columns, stride)] += patches[:, p, q]
    return x


def places(length: int, K: int, stride: int) -> int:
    """Return at how many places a window of K fits into this length, one every `stride`."""
    return (length - K) // stride + 1


def window(p: int, q: int, rows: int, columns: int, stride: int) -> tuple[slice, slice]:
    """Return where entry (p, q) of every patch lies in the image."""
    return slice(p, p + stride * rows, stride), slice(q, q + stride * columns, stride)
