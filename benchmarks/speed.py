"""The plan and other libraries on the same gradients, taken in turn: `make bench`, or

    pip install -e '.[bench]' && python benchmarks/speed.py

Writes docs/speed.json, from which docs/speed.md is made.  One thread is measured in processor
time on one core, two threads by the clock on the wall, which only means something on a quiet
machine.  Names of cases, such as C F, measure these alone and write nothing.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import paired
from speed_epochs import EPOCHS as TRAINERS
from speed_epochs import Epoch
from speed_norms import calls as norm_calls
from speed_norms import hold_together
from speed_peers import PEERS

from backproof import Network

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "speed.json"
CASES = {
    "G": ([2, 3, 1], 1),
    "E": ([1, 6, 6, 6, 6, 6, 1], 1),
    "C": ([40, 100, 100, 10], 100),
    "F": ([64] * 51, 64),
    "A": ([784, 128, 10], 32),
    "B": ([784, 512, 512, 10], 128),
    "I": ([512] * 5, 512),
    "D": ([1024] * 5, 256),
}
"""Widths and batch size of each network."""

SMALL_CALLS = "45 small calls"
AIMS = {
    "E": (SMALL_CALLS, 1.00),
    "C": ("products only", 1.28),
    "F": ("products only", 1.38),
    "A": ("products only", 1.10),
    "B": ("products only", 1.06),
    "I": ("products only", 1.06),
    "D": ("products only", 1.06),
}
"""What a gradient of the plan was to take at most, over what, on one thread."""

EPOCHS = {
    "digits": ([64, 100, 10], 32, 56, 0.1),
    "MNIST-1D": ([40, 100, 100, 10], 100, 40, 0.1),
    "MNIST": ([784, 128, 10], 64, 156, 0.1),
}
"""Widths, batch size, number of batches and rate, after the data sets of that size."""

NORMS = {f"norms {case}": case for case in ("E", "C", "F", "A", "B")}
"""The networks for which the lengths of the gradients of single examples are found."""

SMALL = np.zeros(6)
Calls = dict[str, Callable[[], object]]
Times = dict[str, dict[str, Any]]
ROUNDS, SAMPLES = 9, 3
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def environment(threads: int) -> dict[str, str]:
    """Return the environment in which every library uses so many threads."""
    many = "true" if threads > 1 else "false"
    flags = f"--xla_cpu_multi_thread_eigen={many} intra_op_parallelism_threads={threads}"
    return os.environ | dict.fromkeys(THREADS, str(threads)) | {"XLA_FLAGS": flags}


def measure(case: str, dtype: str, threads: int) -> Times:
    """Measure one case in this process, whose environment has the number of threads."""
    import torch

    torch.set_num_threads(threads)
    calls = calls_of(case, dtype)
    if threads == 1:
        paired.pin_to_one_core()
    clock = time.process_time if threads == 1 else time.perf_counter
    seconds = paired.compare(calls, rounds=ROUNDS, samples=SAMPLES, clock=clock)
    return {
        name: {
            "microseconds": 1e6 * statistics.median(taken),
            "of plan": paired.ratio(seconds, name, "plan"),
            "of first": paired.ratio(seconds, name, next(iter(calls))),
        }
        for name, taken in seconds.items()
    }


def calls_of(case: str, dtype: str) -> Calls:
    """Return what is timed in one case, by name."""
    if case in EPOCHS:
        return epoch_calls(case)
    if case in NORMS:
        found = norm_calls(*problem(NORMS[case], dtype))
        hold_together(found)
        return found
    return gradient_calls(case, dtype)


def problem(case: str, dtype: str) -> tuple[Network, np.ndarray, np.ndarray]:
    """Return a network, inputs and targets."""
    widths, N = CASES[case]
    draw = np.random.default_rng(0)
    network = Network.he(widths, seed=draw).map(lambda array: array.astype(dtype))
    x, y = (np.asfortranarray(draw.standard_normal((D, N)), dtype) for D in (widths[0], widths[-1]))
    return network, x, y


def gradient_calls(case: str, dtype: str) -> Calls:
    network, x, y = problem(case, dtype)
    peers = {name: make(network, x, y) for name, (make, _, _) in PEERS.items()}
    _hold_to_recursion({name: peer.answer() for name, peer in peers.items()}, dtype)
    calls: Calls = {name: peer.run for name, peer in peers.items()}
    if (
        x.shape[1] == 1
    ):  # where overhead is all, the measure is the cheapest call that does anything
        calls[SMALL_CALLS] = _small_calls
    return calls


def _small_calls() -> None:
    for _ in range(45):
        np.add(SMALL, SMALL, out=SMALL)


def epoch_calls(case: str) -> Calls:
    widths, batch, batches, rate = EPOCHS[case]
    draw = np.random.default_rng(0)
    network = Network.he(widths, seed=draw).map(lambda array: array.astype(np.float32))
    x = draw.standard_normal((batch * batches, widths[0])).astype(np.float32)
    y = (x @ draw.standard_normal((widths[0], widths[-1]))).argmax(axis=1)
    epoch = Epoch(x, y, draw.permutation(len(x)).reshape(batches, batch), rate)
    peers = {name: make(network, epoch) for name, (make, _) in TRAINERS.items()}
    losses = [peer.run() for peer in peers.values()]
    if not np.ptp(losses) < 1e-3 * losses[0]:
        raise AssertionError(f"the losses of the first epoch differ: {losses}")
    return {name: peer.run for name, peer in peers.items()}


def _hold_to_recursion(answers: dict[str, list[Any]], dtype: str) -> None:
    """Raise AssertionError unless all peers have computed the same gradient.

    In float32 a unit next to its kink may fall on either side, which changes a row of a gradient.
    """
    digits = {"float32": 1e-2, "float64": 1e-9}[dtype]
    for name, answer in answers.items():
        for ours, theirs in zip(answers["recursion"], answer, strict=True):
            error = np.linalg.norm(ours - theirs) / np.linalg.norm(ours)
            if not error < digits:
                raise AssertionError(f"{name} computes another gradient, {error:.0e} off")


def in_a_process(case: str, dtype: str, threads: int) -> Times:
    """Measure a case in a process of its own: the threads of a library are set when it starts."""
    command = [sys.executable, __file__, "--measure", case, dtype, str(threads)]
    done = subprocess.run(
        command, env=environment(threads), check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def machine() -> dict[str, Any]:
    """Return what has to be known of where and with what a record was measured."""
    packages = sorted({package for _, package, _ in PEERS.values()})
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()}",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in packages},
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return platform.processor()
    lines = information.read_text(encoding="utf-8").splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _kind(case: str) -> str:
    return "epoch" if case in EPOCHS else "norms" if case in NORMS else "gradient"


def show(case: str, dtype: str, threads: int, found: Times) -> None:
    ratios = ", ".join(f"{name} {t['of plan'][1]:.2f}" for name, t in found.items())
    plan = found["plan"]["microseconds"]
    print(f"{case} {dtype}, {threads} thread(s): plan {plan:.1f} us, times {ratios}", flush=True)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        case, dtype, threads = arguments[1:]
        print(json.dumps(measure(case, dtype, int(threads))))
        return
    gradients = [(case, dtype) for case in CASES for dtype in ("float32", "float64")]
    runs = [(*run, 1) for run in gradients]
    runs += [(case, "float32", 1) for case in (*EPOCHS, *NORMS)]
    runs += [(*run, 2) for run in gradients]
    how = {name: told for name, (*_, told) in PEERS.items()}
    how |= {f"{name}, an epoch": told for name, (*_, told) in TRAINERS.items()}
    record = {**machine(), "how": how, "aims": AIMS, "results": []}
    for case, dtype, threads in runs:
        if not arguments or case in arguments:
            found = in_a_process(case, dtype, threads)
            show(case, dtype, threads, found)
            widths, N = CASES.get(NORMS.get(case, case), ([], 0))
            about = {"kind": _kind(case), "case": case, "widths": widths, "N": N}
            about |= {"dtype": dtype, "threads": threads}
            record["results"].append(about | {"times": found})
        if not arguments:  # after every case: whoever stops it keeps what is measured
            RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
