"""What would have to stand in the place of an expression, found by numbers before any code is run.

A gradient depends on most expressions of a backward pass in a linear way.  The slope of that
dependence tells of any array whether it would make the gradients right in that place: thousands
of products of two things at hand are tried in the time that one run takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.checking.functions.edits import Spot
from backproof.checking.functions.probe import Probe, is_float
from backproof.checking.functions.reruns import Reruns
from backproof.checking.functions.vocabulary import Word

ENTRIES = 40
"""An expression with more entries than this is left alone: each entry takes a run."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place with the value that is there, and what the gradients make of another one.

    `slopes` has a row for each entry of the value and a column for each gradient, which is a sum of
    the gradient's entries with weights; `lacks` are the same sums of what is missing there.
    """

    value: Any
    slopes: Any
    lacks: Any

    def filled(self, tried: Any) -> list[int]:
        """Return which of the arrays make a wrong gradient right, and spoil none."""
        moves = (tried - self.value.ravel()) @ self.slopes
        right = np.abs(moves - self.lacks) <= 1e-7 * (np.abs(self.lacks) + np.abs(moves)) + 1e-12
        wrong = self.lacks != 0
        fits = right[:, wrong].any(axis=1) & right[:, ~wrong].all(axis=1)
        return [int(k) for k in np.flatnonzero(fits)]


RUNS = 1500
"""How many runs all holes together may take."""


class Holes:
    """The holes of one function at one sample, as long as there are runs left for them."""

    def __init__(self, seen: Probe, reruns: Reruns, k: int, words: Sequence[Word]) -> None:
        self.seen, self.reruns, self.k, self.words = seen, reruns, k, words
        self.runs = RUNS
        self.true = reruns.samples[k].true
        self.weights = {n: np.cos(3 + 11.0 * np.arange(np.size(v))) for n, v in self.true.items()}
        self.usual: Mapping[str, Any] = self._claimed() or {}
        self.lacks: Any = ()
        if self.usual:
            lacks = {n: _lack(self.usual[n], true) for n, true in self.true.items()}
            self.lacks = _sums(lacks, self.weights)

    @property
    def wrong(self) -> set[str]:
        """The inputs whose gradients are wrong here, or all if backward cannot tell."""
        wrong = {name for name, lack in zip(self.weights, self.lacks, strict=False) if lack}
        return wrong or set(self.weights)

    def at(self, spot: Spot) -> Hole | None:
        """Return the hole at an expression that is come to once and has few entries."""
        key = id(spot.node)
        value = self.seen.values.get(key)
        if not self.usual or not is_float(value) or self.seen.visits[key] != 1:
            return None
        array = np.asarray(value)
        if not np.isfinite(array).all() or array.size > min(ENTRIES, self.runs):
            return None
        self.runs -= array.size
        return self._hole(key, array)

    def _hole(self, key: int, value: Any) -> Hole | None:
        rows = []
        for index in np.ndindex(value.shape):
            moved = value.copy()
            moved[index] += 1
            claimed = self._claimed(key, moved)
            if claimed is None:
                return None
            rows.append(_sums({n: claimed[n] - self.usual[n] for n in claimed}, self.weights))
        return Hole(value, np.array(rows), self.lacks) if rows and np.any(rows) else None

    def _claimed(self, key: int = -2, value: Any = None) -> dict[str, Any] | None:
        """Return the claim with a value at one place, None if it fails or has other shapes."""
        claimed = self.seen.run(self.reruns, self.k, key, value) if self.seen.function else None
        fits = claimed is not None and all(
            claimed[n].shape == np.shape(true) for n, true in self.true.items()
        )
        return claimed if fits else None


def _sums(gradients: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:
    return np.array([gradients[name].ravel() @ own for name, own in weights.items()])


def _lack(claimed: Any, true: Any) -> Any:
    lack = np.asarray(true) - claimed
    return np.where(np.abs(lack) <= 1e-9 * np.abs(true).max(initial=1e-12), 0, lack)
