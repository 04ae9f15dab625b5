"""The derivative by the input alone, for one bit a hidden unit: docs/memory.md.

For ∂L/∂W_k the backward pass needs x_k, for ∂L/∂z_{k-1} only the indicator I[z_{k-1} > 0].  Who
wants ∂L/∂x_0 and no derivative by a parameter can forget the x_k and keep the indicators.
"""

from typing import Any

import numpy as np

from backproof.activations import entry_of
from backproof.arrays import Array
from backproof.losses import Loss, check_loss
from backproof.network import Network, check_network
from backproof.planned.memory import Widths


def input_gradient(network: Network, loss: Loss, x: Array, y: Any) -> tuple[float, Array]:
    """Return L and ∂L/∂x_0, of the shape (D_0, N) of `x`, keeping one bit for each hidden unit.

    Equal bit for bit to what `backward` returns.  Raises ValueError unless f' has two values, as
    for ReLU and leaky ReLU.

    >>> import numpy as np
    >>> from backproof import Network, squared_error
    >>> from backproof.planned import input_gradient
    >>> network = Network.he([3, 8, 8, 2], seed=0)
    >>> L, dx = input_gradient(network, squared_error, np.ones((3, 5)), np.ones((2, 5)))
    >>> dx.shape
    (3, 5)
    """
    check_network(network)
    check_loss(loss)
    slope = network.activation.slope
    if slope is None:
        raise ValueError(
            f"network must have an activation whose derivative is one bit, ReLU or leaky ReLU, "
            f"but has {network.activation.name}. Use Plan(..., input_gradient=True)."
        )
    z, bits = _forward(network, network.checked_input(x))
    value, dz = loss(z, y), loss.start(z, y)
    for k in range(network.M, 0, -1):
        dz = _scaled(network.W[k].T @ dz, bits.pop(), slope)
    return value, network.W[0].T @ dz


def sign_bytes(widths: Widths, N: int) -> int:
    """Return the bytes of all bits kept, each layer filling up its last byte."""
    return sum(-(-N * width // 8) for width in widths[1:-1])


def _forward(network: Network, x: Array) -> tuple[Array, list[Array]]:
    """Return z_M and, for each hidden layer, the packed bits of z > 0."""
    bits, f = [], network.activation
    z = network.b[0] + network.W[0] @ x
    for k in range(1, network.M + 1):
        bits.append(np.packbits(z > 0))
        z = network.b[k] + network.W[k] @ f(z)
    return z, bits


def _scaled(dx: Array, bits: Array, slope: Any) -> Array:
    """Return ∂L/∂x times f'(z), which is 1 where z > 0, and `slope` elsewhere."""
    positive = np.unpackbits(bits, count=dx.size).view(bool).reshape(dx.shape)
    if slope == 0:
        return np.multiply(positive, dx, out=dx)
    return np.where(positive, dx, entry_of(dx, slope) * dx)
