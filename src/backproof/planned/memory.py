"""How much memory a plan needs, known before it is made: docs/memory.md."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproof.activations import Activation, relu
from backproof.arrays import is_count
from backproof.losses import Loss, check_loss, squared_error
from backproof.network import Network, check_activation, checked_widths
from backproof.planned.activations import keeps_z, room_for_zeros
from backproof.planned.losses import room_for_loss
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
    loss: Loss = squared_error,
    input_gradient: bool = False,
) -> int:
    """Return the bytes of all batch-sized arrays of a plan: what grows with N.

    >>> from backproof.planned import planned_bytes, every
    >>> planned_bytes([64] * 101, N=256), planned_bytes([64] * 101, N=256, order=every(10))
    (13371392, 2754560)
    """
    widths = _checked_sizes(widths, N)
    check_activation(activation)
    check_loss(loss)
    N, M = int(N), len(widths) - 2
    _, sizes = placed(steps_of(order, M), heights(widths, activation, N))
    zeros = room_for_zeros(activation, max(widths[1:-1], default=0))
    ones = 1
    copied = 1 + widths[0] if N == 1 else 0
    dx = widths[0] if input_gradient else 0
    size: int = np.dtype(dtype).itemsize
    of_loss = room_for_loss(loss, widths[-1], N, size)
    return N * (sum(sizes) + zeros + ones + copied + dx) * size + of_loss


def _checked_sizes(widths: Any, N: Any) -> list[int]:
    if isinstance(widths, Network):
        raise TypeError("widths must be the sizes of all layers: pass network.widths.")
    if not is_count(N):
        raise ValueError(f"N must be a positive whole number, but is {N!r}.")
    return checked_widths(widths)
