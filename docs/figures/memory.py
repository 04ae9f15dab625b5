"""Peak memory of one gradient against depth, measured here and now, beside the formulas."""

import tracemalloc
from collections.abc import Callable
from math import isqrt

import numpy as np
from style import BACKWARD, FORWARD, panel, svg_from_matplotlib

from backproof import Gradient, Network, backward, cost, forward, squared_error
from backproof.checkpointing import checkpointed

D, N = 8, 8192
MEBIBYTE = 2**20
WORK = 3 * D * N * 8  # ∂L/∂z_M, ∂L/∂z_k and W_kᵀ ∂L/∂z_k, in bytes
DEPTHS = range(1, 65)
MEASURED = (1, 4, 9, 16, 25, 36, 49, 64)


def start(z: np.ndarray) -> np.ndarray:
    return squared_error.start(z, np.ones((D, N)))


def store_all(network: Network) -> Gradient:
    tape = forward(network, np.ones((D, N)))
    return backward(network, tape, start(tape.output))


def with_checkpoints(network: Network) -> Gradient:
    return checkpointed(network, np.ones((D, N)), start, every=isqrt(network.maps))


def peak(run: Callable[[Network], Gradient], maps: int) -> int:
    network = Network.he([D] * (maps + 1), seed=0)
    tracemalloc.start()
    try:
        run(network)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def stored_bytes(maps: int) -> int:
    return 8 * cost.tape_numbers([D] * (maps + 1), N)


def checkpointed_bytes(maps: int) -> int:
    return 8 * cost.checkpointed_numbers(D, maps, N, isqrt(maps))


def above(measured: float, formula: float) -> str:
    return f"{measured / formula - 1:+.1%}".replace("%", "\N{NARROW NO-BREAK SPACE}%")


def draw() -> str:
    figure, axes = panel()
    for name, run, formula, colour, marker in (
        ("all stored", store_all, stored_bytes, FORWARD, "o"),
        ("checkpoints", with_checkpoints, checkpointed_bytes, BACKWARD, "s"),
    ):
        peaks = [peak(run, maps) for maps in MEASURED]
        deepest = formula(MEASURED[-1])
        label = f"{name}: {above(peaks[-1], deepest)} ({above(peaks[-1], deepest + WORK)})"
        axes.plot(DEPTHS, [formula(maps) / MEBIBYTE for maps in DEPTHS], color=colour)
        axes.plot(MEASURED, [p / MEBIBYTE for p in peaks], marker, color=colour, label=label)
    axes.set_xlabel("affine maps, M + 1")
    axes.set_ylabel("peak memory in MiB")
    axes.set_ylim(bottom=0)
    axes.legend()
    return svg_from_matplotlib(figure)
