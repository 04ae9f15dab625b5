"""Forward and backward pass of a network with M hidden layers, one line an equation.

The letters, here and on every page of the book (docs/notation.md):

    M       hidden layers, so M + 1 affine maps, numbered k = 0, ..., M
    N       examples in the batch, one a column
    b[k]    (D_{k+1}, 1)     biases
    W[k]    (D_{k+1}, D_k)   weights
    x[k]    (D_k, N)         what affine map k receives; x[0] is the data
    z[k]    (D_{k+1}, N)     pre-activations, what affine map k returns
    dA      ∂L/∂A, in the shape of A, with L summed over the batch

The comment that ends a line is the label of its equation in the book.  Only `@ .T * +` and
`.sum` touch the numbers, so these lines run on floats, fractions, random integers, symbols and
counters alike: what is proved is what trains.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backproof.arrays import Array
    from backproof.network import Network


@dataclass(frozen=True, eq=False, slots=True)
class Tape:
    """What the forward pass stores because the backward pass needs it.

    `x[k]` is (D_k, N) and `z[k]` is (D_{k+1}, N), for k = 0, ..., M.
    """

    x: list["Array"]
    z: list["Array"]

    @property
    def output(self) -> "Array":
        """The network's output z[M], of shape (D_{M+1}, N)."""
        return self.z[-1]


@dataclass(frozen=True, eq=False, slots=True)
class Gradient:
    """The derivatives of L: `b[k]`, `W[k]` and `x` are ∂L/∂b_k, ∂L/∂W_k and ∂L/∂x_0.

    Each has the shape of what it is the derivative by.
    """

    b: "Sequence[Array]"
    W: "Sequence[Array]"
    x: "Array"


def forward(network: "Network", x_0: "Array") -> Tape:
    """Run `network` on the batch `x_0` of shape (D_0, N), :eq:`forward-first` onwards.

    Raises TypeError or ValueError, naming the argument, if `x_0` does not fit.
    """
    b, W, f = network.b, network.W, network.activation
    x, z = [None] * network.maps, [None] * network.maps
    x[0] = network.checked_input(x_0)
    z[0] = b[0] + W[0] @ x[0]  # forward-first
    for k in range(1, network.M + 1):
        x[k] = f(z[k - 1])  # forward-activation
        z[k] = b[k] + W[k] @ x[k]  # forward-affine
    return Tape(x, z)


def backward(network: "Network", tape: Tape, dz_M: "Array") -> Gradient:
    """Carry ∂L/∂z_M back through `network`, :eq:`grad-bias` to :eq:`grad-input`.

    `tape` is what `forward` returned; `dz_M`, of shape (D_{M+1}, N), is what a loss starts from
    (`loss.start(tape.output, y)`).  Raises TypeError or ValueError if `dz_M` does not fit.
    """
    W, df = network.W, network.activation.derivative
    db, dW = [None] * network.maps, [None] * network.maps
    dz = network.checked_start(tape, dz_M)
    x, z = tape.x, tape.z
    for k in range(network.M, 0, -1):
        db[k] = dz.sum(axis=1, keepdims=True)  # grad-bias
        dW[k] = dz @ x[k].T  # grad-weight
        dz = df(z[k - 1]) * (W[k].T @ dz)  # grad-preactivation
    db[0] = dz.sum(axis=1, keepdims=True)  # grad-bias-first
    dW[0] = dz @ x[0].T  # grad-weight-first
    dx_0 = W[0].T @ dz  # grad-input
    return Gradient(db, dW, dx_0)
