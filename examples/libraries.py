"""The same recursion on arrays of several libraries, each held to NumPy's: docs/arrays.md."""

import os
from typing import Any

os.environ.setdefault("JAX_ENABLE_X64", "1")

import dask.array
import jax.numpy
import numpy as np
import torch

from backproof import Network, backward, forward, squared_error
from backproof.numbers.integers import small_integer_network, small_integers


def gradient(network: Network, x: Any, y: Any) -> list[Any]:
    """Return every ∂L/∂W_k and ∂L/∂b_k, as arrays of the library that the arguments are of."""
    tape = forward(network, x)
    found = backward(network, tape, squared_error.start(tape.output, y))
    return [*found.W, *found.b]


LIBRARIES = {
    "numpy": np.asarray,
    "torch": torch.asarray,
    "jax": jax.numpy.asarray,
    "dask": dask.array.asarray,
}


def main() -> None:
    """Print for each library what came back, and whether it is equal to NumPy's."""
    generator = np.random.default_rng(0)
    network = small_integer_network([3, 5, 4, 2], seed=1)
    x, y = small_integers((3, 64), generator), small_integers((2, 64), generator)
    expected = gradient(network, x, y)
    for name, convert in LIBRARIES.items():
        found = gradient(network.map(convert), convert(x), convert(y))
        equal = all(map(np.array_equal, map(np.asarray, found), expected))
        print(f"{name:6} {type(found[0]).__name__:10} {found[0].dtype!s:14} equal: {equal}")


if __name__ == "__main__":
    main()
