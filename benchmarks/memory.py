"""Time and peak memory of one gradient against depth, for the orders of a plan and for PyTorch:

    pip install -e '.[bench]' && python benchmarks/memory.py

Part of `make bench`.  Writes docs/memory.json, from which the figures of docs/memory.md are drawn.
Memory is what is allocated while a gradient is computed, as tracemalloc and the profiler of PyTorch
record it, without the parameters and their derivatives; for a plan, all that it holds.
"""

import json
import os
import sys
import tracemalloc
from collections.abc import Callable
from itertools import accumulate
from math import isqrt
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy and PyTorch read it

import numpy as np  # noqa: E402
import paired  # noqa: E402
from speed import machine  # noqa: E402

from backproof import Network, Plan, squared_error  # noqa: E402
from backproof.planned import Order, binomial, every, store_all  # noqa: E402

RECORD = Path(__file__).parent.parent / "docs" / "memory.json"
WIDTH, N = 64, 4096
SLAB = WIDTH * N * 4
DEPTHS = (1, 3, 10, 30, 100, 300, 1000)
"""Numbers of affine maps of 64 units; batches of 4096 in float32: a slab is 1 MiB."""

NEW = {"use_reentrant": False}
"""How PyTorch recommends to call its checkpoints."""

ORDERS: dict[str, Callable[[int], Order]] = {
    "store all": lambda _: store_all,
    "every √(M + 1)": lambda maps: every(isqrt(maps)),
    "binomial, 10 snapshots": lambda _: binomial(10),
    "binomial, 3 snapshots": lambda _: binomial(3),
}


def plan(maps: int, order: Order) -> tuple[Callable[[], object], float]:
    """Return a call that computes the gradient, and the peak in slabs of making and running it."""
    network, x, y = _problem(maps)
    single = Plan(network, squared_error, batch_size=1, order=order)  # parameters are not counted
    tracemalloc.start()
    made = single.resized(N)
    made.gradient(x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return lambda: made.gradient(x, y), peak / SLAB


def torch_gradient(maps: int, segments: int) -> tuple[Callable[[], object], float]:
    """The same for PyTorch; with `segments`, through torch.utils.checkpoint."""
    import torch
    from torch.utils.checkpoint import checkpoint_sequential

    network, x, y = _problem(maps)
    layers: list[Any] = []
    for W, b in zip(network.W, network.b, strict=True):
        linear = torch.nn.Linear(WIDTH, WIDTH)
        linear.weight.data, linear.bias.data = torch.tensor(W), torch.tensor(b[:, 0])
        layers.append(torch.nn.Sequential(linear, torch.nn.ReLU()))
    layers[-1] = layers[-1][0]
    model = torch.nn.Sequential(*layers)
    X, Y = torch.tensor(x.T.copy()), torch.tensor(y.T.copy())
    leaves = list(model.parameters())
    for leaf in leaves:
        leaf.grad = torch.zeros_like(leaf)

    def run() -> Any:
        for leaf in leaves:
            leaf.grad.zero_()
        z = checkpoint_sequential(model, segments, X, **NEW) if segments else model(X)
        ((z - Y) ** 2).sum().backward()

    run()
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        run()
    events = [e for e in profile.profiler.kineto_results.events() if e.name() == "[memory]"]
    steps = [event.nbytes() for event in sorted(events, key=lambda event: event.start_ns())]
    return run, max(accumulate(steps)) / SLAB


def _problem(maps: int) -> tuple[Network, np.ndarray, np.ndarray]:
    network = Network.he([WIDTH] * (maps + 1), seed=0).map(lambda array: array.astype(np.float32))
    x, y = np.random.default_rng(1).standard_normal((2, WIDTH, N)).astype(np.float32)
    return network, np.asfortranarray(x), np.asfortranarray(y)


def measure(maps: int) -> dict[str, dict[str, Any]]:
    import torch

    torch.set_num_threads(1)
    made = {name: plan(maps, order(maps)) for name, order in ORDERS.items()}
    made["torch eager"] = torch_gradient(maps, 0)
    made["torch.utils.checkpoint"] = torch_gradient(maps, max(1, isqrt(maps)))
    calls = {name: call for name, (call, _) in made.items()}
    seconds = paired.compare(calls, rounds=5, samples=2)
    return {
        name: {"slabs": peak, "of store all": paired.ratio(seconds, name, "store all")}
        for name, (_, peak) in made.items()
    }


def main(arguments: list[str]) -> None:
    paired.pin_to_one_core()
    found = {}
    for maps in map(int, arguments or DEPTHS):
        found[maps] = measure(maps)
        told = (
            f"{name} {f['slabs']:.1f} slabs {f['of store all'][1]:.2f}"
            for name, f in found[maps].items()
        )
        print(f"{maps} maps:", ", ".join(told), flush=True)
    if not arguments:
        record = {**machine(), "width": WIDTH, "N": N, "depths": found}
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
