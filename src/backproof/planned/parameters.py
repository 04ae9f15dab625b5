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
    which is what the products of a plan read fastest.  b_k comes first, and the columns of W_k
    after it, so that `bW[k]`, (D_{k+1}, 1 + D_k), is both side by side.
    """

    def __init__(self, widths: Sequence[int], dtype: np.dtype[Any]) -> None:
        shapes = [(after, 1 + before) for before, after in pairwise(widths)]
        self.vector = np.zeros(sum(after * columns for after, columns in shapes), dtype)
        self.bW: list[Array] = []
        first = 0
        for after, columns in shapes:
            last = first + after * columns
            self.bW.append(self.vector[first:last].reshape(columns, after).T)
            first = last
        self.b = [bW[:, :1] for bW in self.bW]
        self.W = [bW[:, 1:] for bW in self.bW]
