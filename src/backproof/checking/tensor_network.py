"""Networks whose widths are left open, and the losses in a form that such a network can have."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from backproof.activations import Activation, relu
from backproof.losses import Loss, _log_sum_exp, _softmax
from backproof.numbers.tensors import Dim, ShapeMismatchError, Tensor, atom
from backproof.recursion import Tape

N = Dim("N")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TensorNetwork:
    """A network whose widths D_0, …, D_{M+1} are left open; see backproof.Network."""

    b: list[Tensor]
    W: list[Tensor]
    activation: Activation = relu

    @property
    def maps(self) -> int:
        """The number of affine maps, M + 1."""
        return len(self.W)

    @property
    def M(self) -> int:
        """The number of hidden layers."""
        return len(self.W) - 1

    def map(self, convert: Callable[[Tensor], Tensor]) -> "TensorNetwork":
        """Return the network whose arrays are `convert(array)`."""
        return replace(self, b=[convert(b) for b in self.b], W=[convert(W) for W in self.W])

    def checked_input(self, x: Tensor) -> Tensor:
        """Return `x`, a batch (D_0, N), or raise ShapeMismatchError."""
        return of_shape("x", x, self.W[0].columns, N)

    def checked_start(self, _tape: Tape, dz: Tensor) -> Tensor:
        """Return `dz`, of the shape of the output, or raise ShapeMismatchError."""
        return of_shape("dz_M", dz, self.W[-1].rows, N)


def of_shape(name: str, tensor: Any, rows: Dim, columns: Dim) -> Tensor:
    """Return `tensor` if it is one of this shape, or raise ShapeMismatchError naming it."""
    if not isinstance(tensor, Tensor) or (tensor.rows, tensor.columns) != (rows, columns):
        shape = getattr(tensor, "shape", "none")
        raise ShapeMismatchError(f"{name} must have shape ({rows}, {columns}), but has {shape}")
    return tensor


def tensor_network(
    maps: int, activation: Activation = relu, width: Callable[[int], Dim] = lambda k: Dim("D", k)
) -> TensorNetwork:
    """Return a network of `maps` affine maps; `width(k)` names the width D_k."""
    return TensorNetwork(
        b=[atom(("b", k), width(k + 1)) for k in range(maps)],
        W=[atom(("W", k), width(k + 1), width(k)) for k in range(maps)],
        activation=activation,
    )


def _weighted_cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    return _log_sum_exp(z).sum() - (y * z).sum()  # type: ignore[no-any-return]


def _weighted_cross_entropy_start(z: Tensor, y: Tensor) -> Tensor:
    return _softmax(z) - y  # type: ignore[no-any-return]


WEIGHTED_CROSS_ENTROPY = Loss(
    "softmax cross-entropy, log-sum-exp less ⟨y, z⟩",
    _weighted_cross_entropy,
    _weighted_cross_entropy_start,
    lambda _z, y: y,
)
"""The softmax cross-entropy without labels: they choose entries, which an open size has not."""

ARBITRARY = Loss("any start ∂L/∂z_M", lambda z, y: (z * y).sum(), lambda _z, y: y, lambda _z, y: y)
"""L = ⟨y, z⟩, whose derivative by z is y: whatever loss the output goes into."""
