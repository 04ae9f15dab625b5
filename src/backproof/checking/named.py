"""One way to name what is checked: the run, its arrays x, b[0], W[0], …, and their gradients."""

from collections.abc import Callable, Sequence

import numpy as np

from backproof.arrays import Array
from backproof.losses import Loss
from backproof.network import Network
from backproof.recursion import Gradient, Tape

Backward = Callable[[Network, Tape, Array], Gradient]
"""What is judged: a function with the signature of `backproof.backward`."""


def described(network: Network, loss: Loss, batch: int) -> str:
    """Return widths, activation, loss and batch size, in words."""
    widths = "-".join(map(str, network.widths))
    return f"{widths}, {network.activation.name}, {loss.name}, batch of {batch}"


def input_arrays(network: Network, x: Array) -> dict[str, Array]:
    """Return what L depends on, by name: `x`, then `b[k]` and `W[k]` for each k."""
    return _named(x, network.b, network.W)


def claimed_arrays(
    backward: Backward, network: Network, tape: Tape, start: Array
) -> dict[str, Array]:
    """Return what `backward` says the gradient is, under the names of `input_arrays`.

    It is given copies: what it overwrites must not become what it is judged by.
    """
    copied = Tape([x.copy() for x in tape.x], [z.copy() for z in tape.z])
    gradient = backward(network.map(lambda array: array.copy()), copied, start.copy())
    if not isinstance(gradient, Gradient):
        raise TypeError(
            "backward must return Gradient(b, W, x), from backproof.recursion, "
            f"but returned {gradient!r}."
        )
    counts = len(gradient.b), len(gradient.W)
    if counts != (network.maps, network.maps):
        raise ValueError(
            f"backward must return {network.maps} arrays in b and in W, one for each affine map, "
            f"but returned {counts[0]} and {counts[1]}."
        )
    return gradient_arrays(gradient)


def gradient_arrays(gradient: Gradient) -> dict[str, Array]:
    """Return the derivatives of L under the names of what they are derivatives by."""
    return _named(gradient.x, gradient.b, gradient.W)


def misfit(arrays: dict[str, Array], claimed: dict[str, Array]) -> str:
    """Return which claimed gradient has not the shape of its array, or nothing."""
    for name, array in arrays.items():
        if np.shape(claimed[name]) != array.shape:
            return f"∂L/∂{name} has shape {np.shape(claimed[name])}, but {name} has {array.shape}"
    return ""


def network_of(arrays: dict[str, Array], like: Network) -> Network:
    """Return the network with the `b[k]` and `W[k]` of `arrays` and the activation of `like`."""
    b, W = ([arrays[f"{name}[{k}]"] for k in range(like.maps)] for name in "bW")
    return Network(b=b, W=W, activation=like.activation)


def _named(x: Array, b: Sequence[Array], W: Sequence[Array]) -> dict[str, Array]:
    named = {"x": x}
    for k, (b_k, W_k) in enumerate(zip(b, W, strict=True)):
        named |= {f"b[{k}]": b_k, f"W[{k}]": W_k}
    return named
