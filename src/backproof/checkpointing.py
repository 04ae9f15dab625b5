"""The same gradient with less memory, for some work done twice: docs/cost.md."""

from collections.abc import Callable
from functools import partial

from backproof.activations import Activation
from backproof.arrays import Array, is_count
from backproof.network import Network
from backproof.recursion import Gradient, backward, forward


def checkpointed(
    network: Network, x_0: Array, start: Callable[[Array], Array], *, every: int
) -> Gradient:
    """Return the gradient of `backward`, bit for bit, storing only every `every`-th x_k.

    `start` maps the output z_M to ∂L/∂z_M.  The network is cut into segments of `every` affine
    maps.  The first sweep keeps what enters each segment; then, last segment first, a segment is
    run again for its tape and carried back.  All but the last run forward twice.

    >>> import numpy as np
    >>> from backproof import Network, backward, forward, squared_error
    >>> from backproof.checkpointing import checkpointed
    >>> network = Network.he([3, 4, 4, 4, 4, 2], seed=0)
    >>> x, y = np.ones((3, 5)), np.ones((2, 5))
    >>> tape = forward(network, x)
    >>> stored = backward(network, tape, squared_error.start(tape.output, y))
    >>> less = checkpointed(network, x, lambda z: squared_error.start(z, y), every=2)
    >>> all((a == b).all() for a, b in zip(stored.W + stored.b, less.W + less.b))
    True
    """
    if not is_count(every) or every > network.maps:
        raise ValueError(
            f"every must be one of 1, ..., {network.maps}, the number of affine maps, "
            f"but is {every!r}."
        )
    if not callable(start):
        raise TypeError(
            f"start must be a function of the output, such as lambda z: loss.start(z, y), "
            f"but is a {type(start).__name__}."
        )
    every = int(every)  # a NumPy integer of few bits would overflow below
    f, firsts = network.activation, range(0, network.maps, every)
    x = {0: x_0}
    for first in firsts[:-1]:
        x[first + every] = f(forward(_segment(network, first, every), x[first]).output)
    db: list[Array] = [None] * network.maps
    dW: list[Array] = [None] * network.maps
    for first in reversed(firsts):
        gradient = _gradient(_segment(network, first, every), x.pop(first), start)
        db[first : first + every], dW[first : first + every] = gradient.b, gradient.W
        start = partial(_across_the_seam, f, gradient.x)
    return Gradient(db, dW, gradient.x)


def _segment(network: Network, first: int, every: int) -> Network:
    maps = slice(first, first + every)
    return Network(b=network.b[maps], W=network.W[maps], activation=network.activation)


def _gradient(segment: Network, x: Array, start: Callable[[Array], Array]) -> Gradient:
    # A function of its own: its tape goes when it returns, so no two are alive at once.
    tape = forward(segment, x)
    return backward(segment, tape, start(tape.output))


def _across_the_seam(f: Activation, dx: Array, z: Array) -> Array:
    """Return ∂L/∂z at the end of a segment, from ∂L/∂x at the beginning of the next."""
    return f.derivative(z) * dx
