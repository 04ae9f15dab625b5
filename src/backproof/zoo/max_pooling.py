"""Max pooling, docs/zoo/max-pooling.md: of every window of an image the largest entry.

x is (C, A, B, N): C channels, A rows, B columns, N examples.
"""

from typing import Any

import numpy as np

from backproof.zoo.convolution import Shape, fold, unfold

Array = Any
Cache = tuple[Array, Shape, int]


def forward(x: Array, K: int = 2, stride: int = 2) -> tuple[Array, Cache]:
    """Return the maxima of the K × K windows, (C, rows, columns, N), and the cache."""
    patches = unfold(x, K, stride)
    entries = patches.reshape(x.shape[0], K * K, *patches.shape[3:])
    winner = entries.argmax(axis=1)
    mask = winner[:, None] == np.arange(K * K).reshape(-1, 1, 1, 1)
    return entries.max(axis=1), (mask.reshape(patches.shape), x.shape, stride)


def backward(dm: Array, cache: Cache) -> Array:
    """Return ∂L/∂x of the shape of x: each derivative goes to the entry that was the largest."""
    mask, shape, stride = cache
    return fold(mask * dm[:, None, None], shape, stride)
