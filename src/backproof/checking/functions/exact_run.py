"""One run of forward and backward on exact numbers, and the derivative it should have given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backproof.numbers import exact_real
from backproof.numbers.exact_real import Real, is_finite, wide
from backproof.numbers.traced import (
    Broadcast,
    Condition,
    Graph,
    Operand,
    Traced,
    Unsupported,
    value_of,
)
from backproof.numbers.traced_array import plain, traced_array
from backproof.numbers.traced_numpy import calling_line, patched
from backproof.numbers.traced_sweep import Arithmetic, Reals, Values, reachable, recorded, sweep

if TYPE_CHECKING:
    from backproof.checking.functions.calling import Subject

TOLERANCE = exact_real.mp.mpf("1e-12")
"""How far two numbers of 60 digits may be apart, relative to the largest of their array.

Not smaller, because the code may hold constants that were rounded to float64.
"""

Coordinate = tuple[str, tuple[int, ...]]
"""The name of an input, or of a cotangent, and the place of an entry."""


class Singular(Exception):  # noqa: N818  a property of the point, not an error
    """There is no finite derivative at this point."""


@dataclass(frozen=True, slots=True)
class Point:
    """Exact inputs and cotangents: object arrays for what varies, `fixed` for the rest."""

    varying: Mapping[str, Any]
    fixed: Mapping[str, Any]
    douts: tuple[Any, ...]

    def coordinates(self) -> Iterator[tuple[Coordinate, Real]]:
        """Yield every entry of the inputs that vary, in order, and then of the cotangents."""
        for name, array in (
            *self.varying.items(),
            *zip(dout_names(self.douts), self.douts, strict=True),
        ):
            for place in np.ndindex(np.shape(array)):
                yield (name, place), array[place] if np.ndim(array) else _scalar(array)

    def moved(self, coordinate: Coordinate, value: Real) -> "Point":
        """Return the point with one entry changed."""
        name, place = coordinate
        if name in self.varying:
            return Point(
                {**self.varying, name: _with(self.varying[name], place, value)},
                self.fixed,
                self.douts,
            )
        index = dout_names(self.douts).index(name)
        changed = _with(self.douts[index], place, value)
        return Point(
            self.varying, self.fixed, (*self.douts[:index], changed, *self.douts[index + 1 :])
        )


def _scalar(array: Any) -> Real:
    return array[()] if isinstance(array, np.ndarray) else array


def _with(array: Any, place: tuple[int, ...], value: Real) -> Any:
    changed = np.array(array, dtype=object)
    changed[place] = value
    return changed


def dout_names(douts: Sequence[Any]) -> list[str]:
    """Return what the cotangents are called: dout, or dout[0], dout[1], …"""
    return ["dout"] if len(douts) == 1 else [f"dout[{index}]" for index in range(len(douts))]


@dataclass(frozen=True)
class ExactRun:
    """What the code did at `point`: entries that know their history, and the questions asked."""

    point: Point
    wrt: tuple[str, ...]
    inputs: dict[str, Any]
    douts: tuple[Any, ...]
    outputs: tuple[Any, ...]
    claimed: dict[str, Any]
    conditions: tuple[Condition, ...]
    forward_conditions: int
    size: int
    broadcasts: tuple[Broadcast, ...]
    changed: tuple[str, ...]

    @cached_property
    def finite(self) -> bool:
        """Whether every output is finite."""
        return all(is_finite(value_of(entry)) for out in self.outputs for entry in flat(out))

    @cached_property
    def true(self) -> dict[str, Any]:
        """The exact derivative of the sum of dout × output, by input; raises Singular."""
        true = self._shaped(self._swept, Fraction(0))
        for name, array in true.items():
            if not all(map(is_finite, array.flat)):
                raise Singular(name)
        return true

    @cached_property
    def magnitude(self) -> Any:
        """The largest number met on the way to the derivative; rounding is 60 digits below it.

        It is known to a factor of 4, which is quick: there may be a hundred thousand of them.
        """
        sizes = [exact_real.bits(part) for part in self._swept.values() if is_finite(part) and part]
        return exact_real.mp.mpf(2) ** max(sizes) if sizes else exact_real.mp.mpf(0)

    @cached_property
    def _swept(self) -> dict[int, Real]:
        return self._sweep(recorded, Reals())

    def derivative(self, value: Values, numbers: Arithmetic) -> dict[str, Any]:
        """Return the derivative in other numbers, as arrays of the inputs' shapes."""
        return self._shaped(self._sweep(value, numbers), numbers.constant(Fraction(0)))

    def _sweep(self, value: Values, numbers: Arithmetic) -> dict[int, Any]:
        starts = [
            (entry, value(cotangent))
            for out, dout in zip(self.outputs, self.douts, strict=True)
            for entry, cotangent in zip(flat(out), flat(dout), strict=True)
        ]
        return sweep(starts, value, numbers)

    def _shaped(self, found: Mapping[int, Any], zero: Any) -> dict[str, Any]:
        arrays = {name: self.inputs[name] for name in self.wrt}
        return {
            name: shaped([found.get(entry.index, zero) for entry in flat(array)], np.shape(array))
            for name, array in arrays.items()
        }

    def far(self) -> tuple[Any, str, tuple[int, ...]]:
        """Return how far the claim is from the derivative, and where; see `distance`."""
        return distance(self.true, self.claimed, self.magnitude)

    @cached_property
    def answers(self) -> tuple[Any, ...]:
        """The region: what was asked where, and how it was answered."""
        asked = tuple((each.place, each.operator, each.answer) for each in self.conditions)
        return (*asked, repr(self.point.fixed))

    @cached_property
    def tied(self) -> bool:
        """Whether some question of the forward pass was asked exactly on its border."""
        return any(asked.tie for asked in self.conditions[: self.forward_conditions])

    @cached_property
    def coordinates(self) -> dict[int, tuple[Coordinate, Real]]:
        """Return the coordinates by the index of their entries."""
        entries = [e for array in self.inputs_that_vary() for e in flat(array)]
        entries += [e for dout in self.douts for e in flat(dout)]
        return {
            entry.index: pair for entry, pair in zip(entries, self.point.coordinates(), strict=True)
        }

    def inputs_of(self, operand: Operand) -> list[int]:
        """Return the coordinates that an entry was computed from."""
        return [entry.index for entry in reachable([operand]) if entry.operation == "input"]

    def inputs_that_vary(self) -> list[Any]:
        """Return the arrays of traced entries, in order."""
        return [self.inputs[name] for name in self.point.varying]


def flat(array: Any) -> list[Any]:
    """Return the entries of an array, or a number as a list of one."""
    return list(plain(array).flat) if isinstance(array, np.ndarray) else [array]


def shaped(entries: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return an object array of these entries."""
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape)


def exact_run(
    subject: "Subject", point: Point, functions: Sequence[Any], *, backward: bool = True
) -> ExactRun:
    """Run forward at `point`, and backward unless told not to.

    Raises Unsupported for what traced numbers cannot do.
    """
    try:
        return _run(subject, point, functions, backward=backward, floats=False)
    except Unsupported as reason:
        if not str(reason).startswith("float()"):
            raise
        return _run(subject, point, functions, backward=backward, floats=True)


def _run(
    subject: "Subject", point: Point, functions: Sequence[Any], *, backward: bool, floats: bool
) -> ExactRun:
    graph = Graph(where=calling_line)
    inputs = {name: _entries(graph, array) for name, array in point.varying.items()}
    douts = tuple(_entries(graph, array) for array in point.douts)
    given = {name: inputs[name].copy() for name in inputs} | dict(point.fixed)
    with patched(functions, floats=floats):
        run = subject.run({name: given[name] for name in subject.names})
        outputs = tuple(_kept(out) for out in run.outputs)
        asked, broadcasts = len(graph.conditions), tuple(graph.broadcasts)
        handed = tuple(dout.copy() for dout in douts)
        claimed = run.backward(handed) if backward else {}
        changed = [name for name in inputs if not _is_same(inputs[name], given[name])]
        changed += [
            name
            for name, old, new in zip(dout_names(douts), douts, handed, strict=True)
            if not _is_same(old, new)
        ]
    kept = {name: _kept(gradient) for name, gradient in claimed.items()}
    questions = tuple(graph.conditions)
    return ExactRun(
        point,
        subject.wrt,
        inputs,
        douts,
        outputs,
        kept,
        questions,
        asked,
        graph.size,
        broadcasts,
        tuple(changed),
    )


def _entries(graph: Graph, array: Any) -> Any:
    made = np.frompyfunc(lambda value: graph.entry(value, "input"), 1, 1)(
        np.asarray(array, dtype=object)
    )
    return traced_array(np.asarray(made, dtype=object))


def _kept(array: Any) -> Any:
    """Return a copy of exact numbers: what comes later may overwrite the array."""
    made: Any = np.asarray(plain(array), dtype=object)
    return shaped([_number(entry) for entry in made.flat], made.shape)


def _is_same(old: Any, new: Any) -> bool:
    """Return whether every entry is the very one that was handed over."""
    return all(a is b for a, b in zip(flat(old), flat(new), strict=True))


def _number(entry: Any) -> Operand:
    return entry if isinstance(entry, Traced) else exact_real.exact(entry)


def values(array: Any) -> list[Real]:
    """Return the exact values of the entries of an array."""
    return [value_of(entry) for entry in flat(array)]


def distance(
    true: Mapping[str, Any], claimed: Mapping[str, Any], magnitude: Any = 0
) -> tuple[Any, str, tuple[int, ...]]:
    """Return the largest relative distance of two sets of gradients, and the entry it is at.

    Each is measured against the largest entry of its array, or what is 25 digits below the largest
    of all, or 40 below `magnitude`.  What is not finite is infinitely far.
    """
    largest = max((_largest(array) for array in true.values()), default=0)
    floor = max(largest * exact_real.mp.mpf("1e-25"), magnitude * exact_real.mp.mpf("1e-40"))
    worst: tuple[Any, str, tuple[int, ...]] = (exact_real.mp.mpf(0), "", ())
    for name, array in claimed.items():
        size = max(_largest(true[name]), _largest(array), floor)
        for place, entry in np.ndenumerate(array):
            apart = _apart(true[name][place], value_of(entry), size)
            if apart > worst[0]:
                worst = (apart, name, place)
    return worst


def _apart(true: Real, claimed: Real, size: Any) -> Any:
    if not is_finite(claimed):
        return exact_real.INFINITY
    difference = abs(wide(exact_real.subtract(true, claimed)))
    return difference / size if difference else difference


def _largest(array: Any) -> Any:
    found = [abs(wide(value)) for value in values(array) if is_finite(value)]
    return max(found, default=exact_real.mp.mpf(0))
