"""The gradient of one network on one batch, as each library would have it written.

Each peer is made from a network, x and y, and is two functions: `run`, which is timed, computes
L = ‖z_M - y‖² and its derivatives by W_0, b_0, W_1, …, and not that by x_0; `answer` runs it and
returns these as NumPy arrays, weights as (D_k, D_{k+1}) and biases as (D_{k+1},), for all peers
alike.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from backproof import Gradient, Network, Plan, backward, forward, squared_error
from backproof.arrays import Array


class Peer(NamedTuple):
    """One way to compute a gradient."""

    run: Callable[[], Any]
    answer: Callable[[], list[Array]]


def plan(network: Network, x: Array, y: Array) -> Peer:
    made = Plan(network, squared_error, batch_size=x.shape[1])
    return Peer(partial(made.gradient, x, y), lambda: in_rows(made.gradient(x, y)[1]))


def recursion(network: Network, x: Array, y: Array) -> Peer:
    def run() -> tuple[float, Gradient]:
        tape = forward(network, x)
        loss = squared_error(tape.output, y)
        return loss, backward(network, tape, squared_error.start(tape.output, y))

    return Peer(run, lambda: in_rows(run()[1]))


def products_only(network: Network, x: Array, y: Array) -> Peer:
    made = Plan(network, squared_error, batch_size=x.shape[1])
    made.gradient(x, y)
    calls = [call for call in made._sweep._calls if _is_product(call)]  # noqa: SLF001

    def run() -> None:
        for call in calls:
            call()

    return Peer(run, lambda: in_rows(made.gradient(x, y)[1]))


def _is_product(call: Any) -> bool:
    function = getattr(call, "func", call)
    if function.__name__ == "<lambda>":
        return True  # those by x_0, which is another each time
    return function.__name__ == "dot" and function.__self__.ndim == 2


def torch_eager(network: Network, x: Array, y: Array) -> Peer:
    return _torch(network, x, y, compiled=False)


def torch_compiled(network: Network, x: Array, y: Array) -> Peer:
    return _torch(network, x, y, compiled=True)


def _torch(network: Network, x: Array, y: Array, *, compiled: bool) -> Peer:
    import torch

    leaves = [torch.tensor(array).requires_grad_() for array in in_rows(network)]
    X, Y = torch.tensor(x.T.copy()), torch.tensor(y.T.copy())

    def loss(leaves: Sequence[Any]) -> Any:
        *hidden, (W, b) = _pairs(leaves)
        h = X
        for W_k, b_k in hidden:
            h = torch.relu(torch.addmm(b_k, h, W_k))
        return ((torch.addmm(b, h, W) - Y) ** 2).sum()

    function = torch.compile(loss) if compiled else loss

    def run() -> tuple[Any, Any]:
        value = function(leaves)
        return value, torch.autograd.grad(value, leaves)

    return Peer(run, lambda: [array.numpy() for array in run()[1]])


def jax_jit(network: Network, x: Array, y: Array) -> Peer:
    import jax

    jax.config.update("jax_enable_x64", network.dtype == np.float64)

    def loss(leaves: Sequence[Any], X: Any, Y: Any) -> Any:
        *hidden, (W, b) = _pairs(leaves)
        for W_k, b_k in hidden:
            X = jax.nn.relu(X @ W_k + b_k)
        return ((X @ W + b - Y) ** 2).sum()

    leaves = [jax.numpy.asarray(array) for array in in_rows(network)]
    X, Y = jax.numpy.asarray(x.T), jax.numpy.asarray(y.T)
    gradient = jax.jit(jax.value_and_grad(loss))

    def run() -> Any:
        return jax.block_until_ready(gradient(leaves, X, Y))

    return Peer(run, lambda: [np.asarray(array) for array in run()[1]])


def hips_autograd(network: Network, x: Array, y: Array) -> Peer:
    import autograd
    import autograd.numpy as anp

    X, Y = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)

    def loss(leaves: Sequence[Any]) -> Any:
        *hidden, (W, b) = _pairs(leaves)
        h = X
        for W_k, b_k in hidden:
            h = anp.maximum(anp.dot(h, W_k) + b_k, 0)
        return anp.sum((anp.dot(h, W) + b - Y) ** 2)

    run = partial(autograd.value_and_grad(loss), in_rows(network))
    return Peer(run, lambda: run()[1])


def scikit_learn(network: Network, x: Array, y: Array) -> Peer:
    from sklearn.neural_network import MLPRegressor

    X, Y = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)
    peer = MLPRegressor(hidden_layer_sizes=network.widths[1:-1], alpha=0.0, solver="sgd")
    peer.partial_fit(X, Y if Y.shape[1] > 1 else Y[:, 0])
    leaves = in_rows(network)
    peer.coefs_, peer.intercepts_ = leaves[::2], leaves[1::2]
    layers = [X, *(np.empty((len(X), width), X.dtype) for width in network.widths[1:])]
    deltas = [np.empty_like(layer) for layer in layers[1:]]
    gradients = [np.empty_like(leaf) for leaf in leaves]

    def run() -> tuple[Any, list[Array], list[Array]]:
        peer._forward_pass(layers)  # noqa: SLF001  there is no public gradient
        return peer._backprop(  # noqa: SLF001
            X, Y, None, layers, deltas, gradients[::2], gradients[1::2]
        )

    def answer() -> list[Array]:
        # Half the square, and a mean over the examples.
        _, dW, db = run()
        return [2 * len(X) * array for pair in zip(dW, db, strict=True) for array in pair]

    return Peer(run, answer)


def in_rows(holder: Any) -> list[Array]:
    """Return the W and b of a network or gradient as libraries have them: W_0ᵀ, b_0, W_1ᵀ, …."""
    pairs = zip(holder.W, holder.b, strict=True)
    return [np.ascontiguousarray(a) for W, b in pairs for a in (W.T, b[:, 0])]


def _pairs(leaves: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(leaves[::2], leaves[1::2], strict=True))


Maker = Callable[[Network, Array, Array], Peer]

PEERS: dict[str, tuple[Maker, str, str]] = {
    "products only": (products_only, "numpy", "the matrix products of the plan, nothing else"),
    "plan": (plan, "numpy", "`Plan.gradient`"),
    "recursion": (recursion, "numpy", "`forward` and `backward`, as on the pages"),
    "torch eager": (torch_eager, "torch", "`addmm`, `relu`, `torch.autograd.grad`"),
    "torch.compile": (torch_compiled, "torch", "the same loss, compiled"),
    "jax.jit": (jax_jit, "jax", "`jax.jit(jax.value_and_grad(loss))`"),
    "autograd": (hips_autograd, "autograd", "`autograd.value_and_grad(loss)`"),
    "scikit-learn": (scikit_learn, "scikit-learn", "`MLPRegressor._backprop`, no update"),
}
"""Each peer with the package whose version is told and how it is called."""
