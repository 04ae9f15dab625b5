"""Time the recursion of the book on a GPU, beside the products it consists of, and print a table.

    python benchmarks/gpu.py                    PyTorch on CUDA; JAX and CuPy too if they are there
    python benchmarks/gpu.py --device cpu       the same on the processor
    python benchmarks/gpu.py --small            tiny sizes, to see that it runs

Needs PyTorch.  A gradient is the start of squared error, every ∂L/∂b_k and ∂L/∂W_k, and ∂L/∂x_0.
Every round times each candidate, and waits for the device before it looks at the clock; the table
has the median of the ratios, round by round.  First of all each library is held to NumPy with `==`,
on whole numbers.
"""

import argparse
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import torch
from paired import compare, ratio

from backproof import Network, backward, forward, squared_error
from backproof.numbers.integers import small_integer_network, small_integers

CASES = [([784, 512, 512, 10], 128), ([1024] * 5, 1024), ([4096] * 9, 4096), ([64] * 51, 256)]
SMALL = [([6, 5, 4, 3], 8)]

Run = Callable[[], Any]


@dataclass(frozen=True)
class Library:
    """How arrays of a library are made on the device, and how one waits for the device."""

    convert: Callable[[Any], Any]
    wait: Callable[[Any], Any]
    back: Callable[[Any], Any]
    prepare: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function


def gradient(W: list[Any], b: list[Any], x: Any, y: Any) -> list[Any]:
    """Return the gradient of the book, in whatever library the arguments are of."""
    network = Network(W=W, b=b)
    tape = forward(network, x)
    found = backward(network, tape, squared_error.start(tape.output, y))
    return [*found.W, *found.b, found.x]


def libraries(device: str) -> dict[str, Library]:
    """Return the libraries that are there and can use the device."""

    def torch_wait(_: Any) -> None:
        if device == "cuda":
            torch.cuda.synchronize()

    found = {
        "torch": Library(
            lambda array: torch.asarray(array, device=device),
            torch_wait,
            lambda array: array.cpu().numpy(),
        )
    }
    if device == "cuda" and importlib.util.find_spec("cupy"):
        import cupy

        found["cupy"] = Library(
            cupy.asarray, lambda _: cupy.cuda.Device().synchronize(), cupy.asnumpy
        )
    if importlib.util.find_spec("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own signature
        if (jax.default_backend() == "gpu") == (device == "cuda"):
            found["jax.jit"] = Library(
                jax.numpy.asarray, jax.block_until_ready, np.asarray, jax.jit
            )
    return found


def numbers(widths: list[int], N: int, dtype: Any) -> tuple[Network, Any, Any]:
    """Return a network of random numbers and a batch, as NumPy arrays."""
    generator = np.random.default_rng(0)
    network = Network.he(widths, seed=1).map(lambda array: array.astype(dtype))
    x, y = (generator.standard_normal((D, N)).astype(dtype) for D in (widths[0], widths[-1]))
    return network, x, y


def candidate(library: Library, network: Network, x: Any, y: Any) -> Run:
    """Return the gradient of the book as a call without arguments."""
    there = network.map(library.convert)
    arguments = there.W, there.b, library.convert(x), library.convert(y)
    compiled = library.prepare(gradient)
    return lambda: compiled(*arguments)


def autograd(device: str, network: Network, x: Any, y: Any) -> Run:
    """Return the same gradient as PyTorch derives it from the forward pass."""
    there = network.map(lambda array: torch.asarray(array, device=device))
    W, b = ([array.requires_grad_() for array in arrays] for arrays in (there.W, there.b))
    x, y = torch.asarray(x, device=device).requires_grad_(), torch.asarray(y, device=device)

    def run() -> Any:
        z = b[0] + W[0] @ x
        for k in range(1, len(W)):
            z = b[k] + W[k] @ torch.relu(z)
        return torch.autograd.grad(((z - y) ** 2).sum(), [*W, *b, x])

    return run


def products(device: str, widths: list[int], N: int, dtype: Any) -> Run:
    """Return the three matrix products of every layer, and nothing else."""

    def ones(*shape: int) -> Any:
        return torch.ones(shape, dtype=dtype, device=device)

    layers = [(ones(D, C), ones(C, N), ones(D, N)) for C, D in pairwise(widths)]
    return lambda: [(W @ x, dz @ x.T, W.T @ dz) for W, x, dz in layers]


def check(library: Library, dtype: Any) -> bool:
    """Return whether the gradient on small whole numbers is NumPy's, entry for entry."""
    generator = np.random.default_rng(2)
    network = small_integer_network([3, 5, 4, 2], seed=1).map(lambda array: array.astype(dtype))
    x, y = (small_integers((D, 7), generator).astype(dtype) for D in (3, 2))
    found = candidate(library, network, x, y)()
    expected = gradient(list(network.W), list(network.b), x, y)
    return all(map(np.array_equal, map(library.back, found), expected))


def measure(device: str, widths: list[int], N: int, dtype: Any, rounds: int) -> dict[str, float]:
    """Return the milliseconds of the products, and for each gradient its ratio to them."""
    network, x, y = numbers(widths, N, dtype)
    there = libraries(device)
    wait = there["torch"].wait
    single = torch.float32 if dtype is np.float32 else torch.float64
    runs: dict[str, Run] = {"products": waited(products(device, widths, N, single), wait)}
    for name, each in there.items():
        runs[name] = waited(candidate(each, network, x, y), each.wait)
    runs["autograd"] = waited(autograd(device, network, x, y), wait)
    seconds = compare(runs, rounds=rounds, samples=1, clock=perf_counter)
    ratios = {name: ratio(seconds, name, "products")[1] for name in runs if name != "products"}
    return {"products": 1000 * median(seconds["products"]), **ratios}


def waited(run: Run, wait: Callable[[Any], Any]) -> Run:
    """Return a call that ends when the device has."""
    return lambda: wait(run())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--rounds", type=int, default=21)
    asked = parser.parse_args()
    if asked.device == "cuda" and not torch.cuda.is_available():
        parser.error("PyTorch finds no CUDA here; for the processor pass --device cpu")
    named = torch.cuda.get_device_name() if asked.device == "cuda" else "the processor"
    print(f"PyTorch {torch.__version__} on {named}")
    for name, library in libraries(asked.device).items():
        exact = [check(library, dtype) for dtype in (np.float32, np.float64)]
        print(f"{name}: equal to NumPy on whole numbers: {all(exact)}")
    print("products in milliseconds, then each gradient as a multiple of them")
    for widths, N in SMALL if asked.small else CASES:
        for dtype in (np.float32, np.float64):
            row = measure(asked.device, widths, N, dtype, asked.rounds)
            shape = f"{widths[0]}-...-{widths[-1]} x{len(widths) - 1}, N {N}, {dtype.__name__}"
            shown = "  ".join(f"{name} {figure:.3g}" for name, figure in row.items())
            print(f"{shape:36}  {shown}")


if __name__ == "__main__":
    main()
