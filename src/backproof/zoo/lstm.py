"""The cell of a long short-term memory, docs/zoo/lstm.md: one step in time.

Examples are columns.  x is (D, N); the output h and the memory c are (H, N).  The maps of the
gates stand below one another: V is (4H, D), U is (4H, H) and b is (4H, 1), in the order input,
forget and output gate, candidate.
"""

from typing import Any

import numpy as np

Array = Any
Cache = tuple[Array, ...]


def forward(  # noqa: PLR0917  the cell has six inputs
    x: Array, h: Array, c: Array, V: Array, U: Array, b: Array
) -> tuple[tuple[Array, Array], Cache]:
    """Return the new output and the new memory, each of shape (H, N), and the cache."""
    i_bar, f_bar, o_bar, g_bar = np.split(b + V @ x + U @ h, 4)
    i, f, o, g = sigmoid(i_bar), sigmoid(f_bar), sigmoid(o_bar), np.tanh(g_bar)
    c_hat = f * c + i * g
    t = np.tanh(c_hat)
    h_hat = o * t
    return (h_hat, c_hat), (x, h, c, V, U, i, f, o, g, t)


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + e^-z) entry by entry, in a form that does not overflow."""
    return (1 + np.tanh(z / 2)) / 2


def backward(douts: tuple[Array, Array], cache: Cache) -> tuple[Array, ...]:
    """Return ∂L/∂x, ∂L/∂h, ∂L/∂c, ∂L/∂V, ∂L/∂U and ∂L/∂b, each of the shape of its input.

    `douts` holds r and q, the derivatives by the new output and by the new memory as they come
    from above and from the next step.
    """
    r, q = douts
    x, h, c, V, U, i, f, o, g, t = cache
    dc_hat = q + r * o * (1 - t * t)
    di_bar = i * (1 - i) * g * dc_hat
    df_bar = f * (1 - f) * c * dc_hat
    do_bar = o * (1 - o) * t * r
    dg_bar = (1 - g * g) * i * dc_hat
    ds = np.concatenate([di_bar, df_bar, do_bar, dg_bar])
    dx, dh, dc = V.T @ ds, U.T @ ds, f * dc_hat
    dV, dU, db = ds @ x.T, ds @ h.T, ds.sum(axis=1, keepdims=True)
    return dx, dh, dc, dV, dU, db
