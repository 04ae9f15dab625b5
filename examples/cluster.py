"""One gradient on a cluster of processes, one of which is killed before the sum: docs/machines.md.

The cluster is made on this machine.  For another, give `Client` the address of its scheduler.
"""

import os
import signal
from typing import Any

import numpy as np
from distributed import Client, LocalCluster, wait

from backproof import Network, backward, forward, squared_error
from backproof.numbers.integers import small_integer_network, small_integers

WIDTHS, EXAMPLES = [3, 5, 4, 2], 64
WORKERS, PARTS = 3, 7


def part(network: Network, x: Any, y: Any) -> list[Any]:
    """Return the gradient of some examples: every ∂L/∂W_k, and then every ∂L/∂b_k."""
    tape = forward(network, x)
    found = backward(network, tape, squared_error.start(tape.output, y))
    return [*found.W, *found.b]


def total(parts: list[list[Any]]) -> list[Any]:
    """Return the gradient of all examples, which is the sum of the parts."""
    return [sum(arrays) for arrays in zip(*parts, strict=True)]


def split(client: Client, network: Network, x: Any, y: Any) -> list[Any]:
    """Ask the workers for the gradient of the batch in parts of about equal size."""
    columns = np.array_split(np.arange(x.shape[1]), PARTS)
    return [client.submit(part, network, x[:, i], y[:, i]) for i in columns]


def kill_one(client: Client, parts: list[Any]) -> int:
    """Kill the process of a worker that keeps parts; return how many of them are lost with it."""
    keeps = client.has_what()
    worker = max(keeps, key=lambda address: len(keeps[address]))
    lost = {key for key in keeps[worker] if key in {each.key for each in parts}}
    os.kill(client.run(os.getpid)[worker], signal.SIGKILL)
    return len(lost)


def main() -> None:
    """Compare with NumPy's gradient on one machine, although a worker died on the way."""
    generator = np.random.default_rng(0)
    network = small_integer_network(WIDTHS, seed=1)
    x, y = (small_integers((D, EXAMPLES), generator) for D in (WIDTHS[0], WIDTHS[-1]))
    cluster = LocalCluster(
        n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=":0"
    )
    with cluster, Client(cluster) as client:
        parts = split(client, network, x, y)
        wait(parts)
        lost = kill_one(client, parts)
        found = client.submit(total, parts).result()
    print(f"workers: {WORKERS}, parts of the batch: {PARTS}")
    print(f"killed one worker, and lost {lost} of them")
    print(f"equal to NumPy on one machine: {all(map(np.array_equal, found, part(network, x, y)))}")


if __name__ == "__main__":
    main()
