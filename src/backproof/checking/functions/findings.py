"""What may be found beside the formula, and how floats are compared to find it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Run
from backproof.checking.verdict import Status

ROUNDING = 1e-12
"""How far apart floats may be that come from numbers around 1, which may have cancelled."""

Arrays = Mapping[str, Any]
Douts = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or cannot be judged, with its cause in a word."""

    status: Status
    cause: str
    message: str


def note(cause: str, message: str) -> Finding:
    """Return something a reader should know."""
    return Finding(Status.AGREES, cause, message)


def differs(cause: str, message: str) -> Finding:
    """Return something that is wrong."""
    return Finding(Status.DIFFERS, cause, message)


def copied(value: Any) -> Any:
    """Return a copy of an array, and anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def fresh(arrays: Arrays) -> dict[str, Any]:
    """Return copies of the inputs, into which the code may write."""
    return {name: copied(value) for name, value in arrays.items()}


def same(a: Any, b: Any) -> bool:
    """Return whether two arrays are equal to the last bit."""
    return bool(np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True))


def close(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Return whether two sets of gradients are the same but for rounding."""
    return all(near(a[name], b[name]) for name in a)


def near(a: Any, b: Any, floor: float = ROUNDING) -> bool:
    """Return whether two arrays are the same but for rounding."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return a.shape == b.shape and bool((np.abs(a - b) <= 1e-9 * size + floor).all())


def gradients(run: Run, douts: Douts) -> dict[str, Any]:
    """Return what backward gives, as arrays of its own."""
    return {name: np.array(g) for name, g in run.backward(tuple(map(copied, douts))).items()}
