"""The lengths of the gradients of all examples, and their clipped sum, beside one gradient.

Every call returns the squared lengths, a number for each example, or the derivatives of the sum.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from speed_peers import _pairs, in_rows

from backproof import Network, squared_error
from backproof.arrays import Array
from backproof.planned import ExamplePlan


def calls(network: Network, x: Array, y: Array) -> dict[str, Callable[[], Any]]:
    """Return each way by name; `plan` is one plain gradient."""
    made = ExamplePlan(network, squared_error, batch_size=x.shape[1])
    return {
        "plan": lambda: made.gradient(x, y),
        "squared norms": lambda: made.squared_norms(x, y)[1][0],
        "clipped sum": lambda: made.clipped_gradient(x, y, bound=1.0),
        "torch.func.vmap norms": _torch_norms(network, x, y),
    }


def _torch_norms(network: Network, x: Array, y: Array) -> Callable[[], Array]:
    import torch

    leaves = [torch.tensor(array) for array in in_rows(network)]
    X, Y = torch.tensor(x.T.copy()), torch.tensor(y.T.copy())

    def loss(leaves: list[Any], h: Any, y: Any) -> Any:
        *hidden, (W, b) = _pairs(leaves)
        for W_k, b_k in hidden:
            h = torch.relu(h @ W_k + b_k)
        return ((h @ W + b - y) ** 2).sum()

    gradients = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))

    def run() -> Array:
        parts = gradients(leaves, X, Y)
        return sum((part * part).flatten(1).sum(dim=1) for part in parts).numpy()

    return run


def hold_together(found: dict[str, Callable[[], Any]]) -> None:
    """Raise AssertionError unless both find the same lengths."""
    ours, theirs = found["squared norms"](), found["torch.func.vmap norms"]()
    if not np.allclose(ours, theirs, rtol=1e-2):
        raise AssertionError("the two find other lengths")
