"""Which memory each array of an order lives in, so that none is held longer than it is needed.

An array is a pair: ("x", k) is x_k and ("dz", k) is ∂L/∂z_k.  x_0 is the caller's and needs no
memory.  An array that is made twice lives twice, each time until the last step that reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backproof.planned.order import Back, Make, Step, Turn

Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A step, and the slots it reads x and ∂L/∂z from and writes its result to."""

    step: Step
    x: int | None
    dz: int | None
    result: int | None


def placed(steps: Sequence[Step], heights: dict[Name, int]) -> tuple[list[Placed], list[int]]:
    """Return where every step reads and writes, and how many numbers an example each slot holds.

    `heights` says how many numbers an example an array has; it is the array's name that is looked
    up.  A slot is used again as soon as what it holds has been read for the last time.
    """
    M = max(step.k for step in steps if isinstance(step, Back))
    ends = _last_readings(steps, M)
    sizes: list[int] = []
    free: list[int] = []
    where: dict[Name, int] = {}
    found = []
    for i, step in enumerate(steps):
        x, dz, result = (name if name in heights else None for name in _names(step, M))
        slots = [None if name is None else where[name] for name in (x, dz)]
        if result is not None:
            where[result] = _taken(free, sizes, heights[result])
        found.append(Placed(step, slots[0], slots[1], None if result is None else where[result]))
        free += [where.pop(name) for name in (x, dz) if name is not None and ends[i, name]]
    return found, sizes


def _names(step: Step, M: int) -> tuple[Name, Name | None, Name]:
    """Return what a step reads, x and ∂L/∂z, and what it writes."""
    match step:
        case Make(k):
            return ("x", k - 1), None, ("x", k)
        case Turn():
            return ("x", M), None, ("dz", M)
        case Back(k):
            return ("x", k), ("dz", k), ("dz", k - 1)


def _last_readings(steps: Sequence[Step], M: int) -> dict[tuple[int, Name | None], bool]:
    """Return, for each step and each name it reads, whether nobody reads it after that."""
    last: dict[tuple[int, Name | None], bool] = {}
    read_later: set[Name] = set()
    for i in range(len(steps) - 1, -1, -1):
        x, dz, result = _names(steps[i], M)
        read_later.discard(result)  # before it is made, it is another array
        for name in (x, dz):
            if name is not None:
                last[i, name] = name not in read_later
                read_later.add(name)
    return last


def _taken(free: list[int], sizes: list[int], height: int) -> int:
    """Return the free slot that has to grow least, or a new one, and take it."""
    if not free:
        sizes.append(height)
        return len(sizes) - 1
    slot = min(free, key=lambda slot: (max(height - sizes[slot], 0), sizes[slot]))
    free.remove(slot)
    sizes[slot] = max(sizes[slot], height)
    return slot
