"""The network of the chapter on notation."""

from typing import Any

from backproof import Network

NETWORK = Network.he([4, 5, 3, 2], seed=0)


def shape() -> tuple[int, ...]:
    """Return the shape of W_1."""
    return tuple(NETWORK.W[1].shape)


def parameters() -> Any:
    """Return the number of all entries of W and b."""
    return sum(array.size for array in (*NETWORK.W, *NETWORK.b))
