"""All b_k and W_k in one flat vector, so that an update is one operation."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from backproof.arrays import Array


class Flat:
    """A vector of all parameters of a network, and views of it in the shapes of W_k and b_k.

    `W[k]` is (D_{k+1}, D_k) and `b[k]` is (D_{k+1}, 1), in Fortran order: column after column,
    which is what the products of a plan read fastest.
    """

    def __init__(self, widths: Sequence[int], dtype: np.dtype[Any]) -> None:
        shapes = [(after, before) for before, after in pairwise(widths)]
        self.vector = np.zeros(sum(after * (before + 1) for after, before in shapes), dtype)
        self.W: list[Array] = []
        self.b: list[Array] = []
        first = 0
        for after, before in shapes:
            middle, last = first + after * before, first + after * (before + 1)
            self.W.append(self.vector[first:middle].reshape(before, after).T)
            self.b.append(self.vector[middle:last].reshape(1, after).T)
            first = last
