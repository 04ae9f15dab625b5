"""How much memory a plan needs, known before it is made: docs/memory.md."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproof.activations import Activation, relu
from backproof.arrays import is_count
from backproof.planned.activations import keeps_z, room_for_zeros
from backproof.planned.order import Order, steps_of, store_all
from backproof.planned.slots import Name, placed

Widths = Sequence[int]


def heights(widths: Widths, activation: Activation, N: int) -> dict[Name, int]:
    """Return how many numbers an example x_k and ∂L/∂z_k have, for all that lives in slots.

    For a single example x_k has a 1 before it, and ∂L/∂z_k is ∂L/∂b_k, and lives there.
    """
    M, kept, one = len(widths) - 2, 2 if keeps_z(activation) else 1, int(N == 1)
    found: dict[Name, int] = {("x", k): one + kept * widths[k] for k in range(1, M + 1)}
    if N > 1:
        found |= {("dz", k): widths[k + 1] for k in range(M + 1)}
    return found


def planned_bytes(
    widths: Widths,
    N: int,
    *,
    dtype: Any = np.float64,
    activation: Activation = relu,
    order: Order = store_all,
) -> int:
    """Return the bytes of all batch-sized arrays of a plan: what grows with N.

    >>> from backproof.planned import planned_bytes, every
    >>> planned_bytes([64] * 101, N=256), planned_bytes([64] * 101, N=256, order=every(10))
    (13369344, 2752512)
    """
    _check_sizes(widths, N)
    M = len(widths) - 2
    _, sizes = placed(steps_of(order, M), heights(widths, activation, N))
    zeros = room_for_zeros(activation, max(widths[1:-1], default=0))
    copied = 1 + widths[0] if N == 1 else 0
    return int(N * (sum(sizes) + zeros + copied) * np.dtype(dtype).itemsize)


def _check_sizes(widths: Any, N: Any) -> None:
    if not isinstance(widths, Sequence) or len(widths) < 2 or not all(map(is_count, widths)):
        raise ValueError(
            "widths must be the sizes of all layers, from D_0 on, such as [784, 100, 10], but is "
            f"{widths!r}. Of a network they are network.widths."
        )
    if not is_count(N):
        raise ValueError(f"N must be a positive whole number, but is {N!r}.")
