"""The network: its parameters φ = (b_k, W_k), k = 0, …, M, and how they begin.

See docs/notation.md for the letters and docs/initialisation.md for the variances.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from backproof import arrays
from backproof.activations import Activation, relu
from backproof.arrays import Array
from backproof.recursion import Tape


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Network:
    """M + 1 affine maps z ↦ b_k + W_k x with an activation between them.

    `b[k]` has shape (D_{k+1}, 1) and `W[k]` has shape (D_{k+1}, D_k).  Arrays are kept, not
    copied; a list of lists becomes an array.  Raises TypeError or ValueError, naming the array,
    for a shape that does not chain, an integer or mixed dtype, a NaN or an infinity.
    """

    b: Sequence[Array]
    W: Sequence[Array]
    activation: Activation = relu

    def __post_init__(self) -> None:
        """Accept the parameters as they are, or refuse them by name."""
        for name, value in (("W", self.W), ("b", self.b)):
            if not isinstance(value, list | tuple):
                raise TypeError(
                    f"{name} must be a list of arrays, one for each affine map, "
                    f"but is a {type(value).__name__}. For one map pass [{name}]."
                )
        if len(self.W) != len(self.b) or not self.W:
            raise ValueError(
                f"W and b must hold one array for each affine map, at least one, "
                f"but len(W) is {len(self.W)} and len(b) is {len(self.b)}."
            )
        if not isinstance(self.activation, Activation):
            raise TypeError(
                f"activation must be an Activation, which carries its derivative, "
                f"but is {self.activation!r}. Use backproof.relu, or build Activation(name, f, df)."
            )
        set_field = object.__setattr__  # the dataclass is frozen for everyone else
        set_field(self, "W", [arrays.real_matrix(f"W[{k}]", W) for k, W in enumerate(self.W)])
        set_field(self, "b", [arrays.real_matrix(f"b[{k}]", b) for k, b in enumerate(self.b)])
        self._check_chain()

    def _check_chain(self) -> None:
        for k, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            arrays.check_same_dtype(f"W[{k}]", W, "W[0]", self.W[0])
            arrays.check_same_dtype(f"b[{k}]", b, "W[0]", self.W[0])
            if k > 0:
                below = self.W[k - 1].shape
                because = f"as wide as W[{k - 1}], of shape {below}, is tall"
                arrays.check_length(f"W[{k}]", W, 1, below[0], because)
            because = f"a column as tall as W[{k}], of shape {W.shape}"
            arrays.check_shape(f"b[{k}]", b, (W.shape[0], 1), because)

    @property
    def maps(self) -> int:
        """The number of affine maps, M + 1."""
        return len(self.W)

    @property
    def M(self) -> int:
        """The number of hidden layers."""
        return len(self.W) - 1

    @property
    def widths(self) -> list[int]:
        """The widths D_0, …, D_{M+1}."""
        return [self.W[0].shape[1], *(W.shape[0] for W in self.W)]

    @property
    def dtype(self) -> Any:
        """The one dtype of all parameters."""
        return self.W[0].dtype

    @property
    def size(self) -> int:
        """The number of parameters, weights and biases."""
        return sum(math.prod(array.shape) for array in [*self.b, *self.W])

    def __repr__(self) -> str:
        widths = "-".join(map(str, self.widths))
        return f"<network {widths}, {self.activation.name}, {self.dtype}, {self.size} parameters>"

    def map(self, convert: Callable[[Array], Array]) -> "Network":
        """Return the network whose arrays are `convert(array)`; the activation stays."""
        b, W = [convert(b) for b in self.b], [convert(W) for W in self.W]
        return Network(b=b, W=W, activation=self.activation)

    def checked_input(self, x: Any) -> Array:
        """Return `x` as a batch (D_0, N) for this network, or raise naming `x`."""
        x = arrays.real_matrix("x", x)
        because = f"as tall as W[0], of shape {self.W[0].shape}, is wide, one column an example"
        arrays.check_length("x", x, 0, self.widths[0], because)
        arrays.check_same_dtype("x", x, "the network", self.W[0])
        return x

    def checked_start(self, tape: Tape, dz: Any) -> Array:
        """Return `dz` as ∂L/∂z_M for the run on `tape`, or raise naming what does not fit."""
        check_tape(tape)
        widths = [tape.x[0].shape[0], *(z.shape[0] for z in tape.z)]
        if widths != self.widths:
            raise ValueError(
                f"tape comes from a network with widths {widths}, "
                f"but this one has {self.widths}. Pass the tape of forward(network, x)."
            )
        arrays.check_same_dtype("tape.output", tape.output, "the network", self.W[0])
        dz = arrays.real_matrix("dz_M", dz)
        arrays.check_shape("dz_M", dz, tape.output.shape, "that of the output z[M]")
        arrays.check_same_dtype("dz_M", dz, "the network", self.W[0])
        return dz

    @classmethod
    def he(cls, widths: Sequence[int], *, seed: Any, activation: Activation = relu) -> "Network":
        """Draw weights of variance 2 / D_k, which ReLU layers need, and zero biases.

        `widths` are D_0, …, D_{M+1}; `seed` is an int or a numpy Generator.
        """
        return cls._drawn(widths, seed, activation, _he_variance)

    @classmethod
    def glorot(
        cls, widths: Sequence[int], *, seed: Any, activation: Activation = relu
    ) -> "Network":
        """Draw weights of variance 2 / (D_k + D_{k+1}), a compromise of both directions.

        `widths` are D_0, …, D_{M+1}; `seed` is an int or a numpy Generator.
        """
        return cls._drawn(widths, seed, activation, _glorot_variance)

    @classmethod
    def _drawn(
        cls,
        widths: Sequence[int],
        seed: Any,
        activation: Activation,
        variance: Callable[[int, int], float],
    ) -> "Network":
        generator = np.random.default_rng(seed)
        shapes = [(after, before) for before, after in pairwise(checked_widths(widths))]
        W = [generator.standard_normal(s) * np.sqrt(variance(s[1], s[0])) for s in shapes]
        b = [np.zeros((rows, 1)) for rows, _ in shapes]
        return cls(b=b, W=W, activation=activation)


def check_network(network: Any) -> None:
    """Raise TypeError unless `network` is a Network."""
    if isinstance(network, Network):
        return
    held = isinstance(getattr(network, "network", None), Network)  # a tiny network holds one
    raise TypeError(
        f"network must be a Network, but is a {type(network).__name__}. "
        + ("Pass its .network." if held else "It is the first argument.")
    )


def check_activation(activation: Any) -> None:
    """Raise TypeError unless `activation` is an Activation."""
    if not isinstance(activation, Activation):
        raise TypeError(
            "activation must be an Activation, such as relu or leaky_relu(0.1), "
            f"but is {activation!r}."
        )


def check_tape(tape: Any) -> None:
    """Raise TypeError unless `tape` is a Tape."""
    if not isinstance(tape, Tape):
        raise TypeError(
            f"tape must be what forward returns, but is a {type(tape).__name__}. "
            "Pass forward(network, x)."
        )


def check_numpy(network: Network, because: str, instead: str = "") -> None:
    """Raise TypeError, saying why and what else can be done, unless the arrays are of NumPy."""
    if not isinstance(network.W[0], np.ndarray):
        raise TypeError(
            f"network holds arrays of {type(network.W[0]).__module__}, but {because}. "
            f"Pass network.map(numpy.asarray){instead}."
        )


def checked_widths(widths: Sequence[int]) -> list[int]:
    """Return `widths` as a list D_0, …, D_{M+1} of positive ints, or raise ValueError."""
    listed = list(widths) if isinstance(widths, Iterable) else []
    if len(listed) < 2 or not all(map(arrays.is_count, listed)):
        raise ValueError(
            f"widths must be D_0, ..., D_{{M+1}}: at least two positive whole numbers, "
            f"such as [2, 16, 1], but is {widths!r}."
        )
    return list(map(int, listed))


def _he_variance(D_in: int, _D_out: int) -> float:
    return 2 / D_in  # he-variance


def _glorot_variance(D_in: int, D_out: int) -> float:
    return 2 / (D_in + D_out)  # glorot-variance


def checked_rate(network: Network, rate: Any) -> Any:
    """Return `rate` as a number that does not round with those of `network`, or raise."""
    if isinstance(rate, bool | np.bool_ | np.ndarray) or not hasattr(rate, "__float__"):
        raise TypeError(f"rate must be a positive number, but is {rate!r}.")
    if not rate > 0 or rate == math.inf:
        raise ValueError(f"rate must be a positive finite number, but is {rate}.")
    if network.dtype != object:
        return float(rate)  # a float64 or a Fraction would take float32 with it
    if isinstance(rate, float | np.floating):
        raise TypeError(
            f"rate is {rate}, a float, but the network holds exact numbers. "
            "Pass a fractions.Fraction."
        )
    return rate
