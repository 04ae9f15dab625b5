"""How long the checks take: `python benchmarks/checks.py`.

Each is run three times in a process that has imported everything; the fastest run is printed, with
its ratio to one forward and backward pass of the same network in float64.
"""

from collections.abc import Callable
from functools import partial
from time import process_time

import numpy as np
from sympy.core.cache import clear_cache

from backproof import (
    Loss,
    Network,
    backward,
    binary_cross_entropy,
    forward,
    prove,
    softmax_cross_entropy,
    squared_error,
    tiny,
)
from backproof.checking.regions import prove_regions
from backproof.checking.schwartz_zippel import schwartz_zippel

REPEATS = 3
INNER = 50  # float passes are too short to time one by one


def fastest(run: Callable[[], object], inner: int = 1) -> float:
    """Return the least processor time of one run, in seconds."""
    times = []
    for _ in range(REPEATS):
        clear_cache()  # SymPy remembers what it has simplified before
        began = process_time()
        for _ in range(inner):
            run()
        times.append((process_time() - began) / inner)
    return min(times)


def float_pass(widths: list[int]) -> float:
    """Return the time of one float64 forward and backward pass of two examples."""
    network = Network.he(widths, seed=0)
    x, y = np.ones((widths[0], 2)), np.ones((widths[-1], 2))

    def run() -> object:
        tape = forward(network, x)
        return backward(network, tape, squared_error.start(tape.output, y))

    return fastest(run, INNER)


def report(name: str, widths: list[int], run: Callable[[], object]) -> None:
    """Print one row."""
    seconds = fastest(run)
    label = f"{name}, {'-'.join(map(str, widths))}"
    print(f"{label:<48} {seconds:8.3f} s {seconds / float_pass(widths):10.0f} float passes")


def proof(widths: list[int], loss: Loss) -> object:
    """Name the entries and prove the gradient, the forward pass in symbols included."""
    return prove(tiny(*widths, loss=loss))


def main() -> None:
    """Print the table."""
    for widths in ([2, 3, 2], [2, 2, 2, 2, 1], [2, 2, 2, 2, 2]):
        for loss in (squared_error, softmax_cross_entropy, binary_cross_entropy):
            report(f"prove, {loss.name}", widths, partial(proof, widths, loss))
    report("prove_regions", [2, 3, 2], partial(prove_regions, [2, 3, 2]))
    for widths in ([2, 3, 2], [64, 128, 128, 10]):
        report("schwartz_zippel", widths, partial(schwartz_zippel, widths, seed=0))


if __name__ == "__main__":
    main()
