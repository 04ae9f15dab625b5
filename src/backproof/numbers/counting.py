"""Numbers that count what is done to them: docs/cost.md.

A counted number is an ordinary one that reports every addition, multiplication and comparison to
a tally.  A subtraction counts as an addition.  Nothing else is defined, so a run that ends has used
nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.arrays import Array


@dataclass(slots=True)
class Tally:
    """How many operations have run."""

    additions: int = 0
    multiplications: int = 0
    comparisons: int = 0

    def counted(self, array: Array) -> Array:
        """Return `array` with entries that report to this tally."""
        return np.frompyfunc(lambda entry: Counted(entry, self), 1, 1)(array)


class Counted:
    """A number with its tally."""

    __slots__ = ("tally", "value")

    def __init__(self, value: Any, tally: Tally) -> None:
        self.value, self.tally = value, tally

    def __add__(self, other: Any) -> "Counted":
        self.tally.additions += 1
        return Counted(self.value + _value(other), self.tally)

    def __sub__(self, other: Any) -> "Counted":
        self.tally.additions += 1
        return Counted(self.value - _value(other), self.tally)

    def __mul__(self, other: Any) -> "Counted":
        self.tally.multiplications += 1
        return Counted(self.value * _value(other), self.tally)

    def __gt__(self, other: Any) -> bool:
        self.tally.comparisons += 1
        return bool(self.value > _value(other))

    __radd__, __rmul__ = __add__, __mul__

    def __repr__(self) -> str:
        return f"Counted({self.value})"


def _value(number: Any) -> Any:
    return number.value if isinstance(number, Counted) else number


def count(run: Callable[[], Any], tally: Tally) -> Tally:
    """Return what `run` adds to `tally`."""
    before = Tally(tally.additions, tally.multiplications, tally.comparisons)
    run()
    return Tally(
        tally.additions - before.additions,
        tally.multiplications - before.multiplications,
        tally.comparisons - before.comparisons,
    )
