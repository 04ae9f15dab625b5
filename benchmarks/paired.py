"""Times of several ways to do one thing, taken in turn in one process.

On a machine that others use too, a time says little and a ratio of two times that were taken
together says much.  So every round times every candidate, in an order drawn anew, and what counts
is the median over the rounds of a candidate's time over that of the reference in the same round.
`pytest-benchmark` and `asv` time one candidate after the other, minutes apart.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Mapping

SHORTEST = 2e-3
"""A sample repeats a call until it lasts so many seconds."""


Seconds = dict[str, list[float]]
"""The seconds of one call of each candidate, round by round."""


def ratio(seconds: Seconds, name: str, other: str) -> list[float]:
    """Return the quartiles, with the median in the middle, of the ratios taken round by round."""
    pairs = zip(seconds[name], seconds[other], strict=True)
    return statistics.quantiles([ours / theirs for ours, theirs in pairs], n=4)


def pin_to_one_core() -> None:
    """Keep this process on one core, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def compare(
    candidates: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    samples: int,
    clock: Callable[[], float] = time.process_time,
) -> Seconds:
    """Time every candidate in every round, the best of some samples each."""
    repeats = {name: _repeats(call, clock) for name, call in candidates.items()}
    seconds: Seconds = {name: [] for name in candidates}
    for _ in range(rounds):
        names = list(candidates)
        random.shuffle(names)
        for name in names:
            taken = [_sample(candidates[name], repeats[name], clock) for _ in range(samples)]
            seconds[name].append(min(taken))
    return seconds


def _repeats(call: Callable[[], object], clock: Callable[[], float]) -> int:
    for _ in range(3):  # the first calls compile, allocate and fill caches
        call()
    once = min(_sample(call, 1, clock) for _ in range(3))
    return max(1, round(SHORTEST / max(once, 1e-7)))


def _sample(call: Callable[[], object], repeats: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(repeats):
        call()
    return (clock() - start) / repeats
