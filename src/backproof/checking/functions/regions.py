"""The regions that code distinguishes, found by flipping its own questions one by one.

A question such as x > 0 splits the inputs into two sides.  From a point on one side the border is
found along one coordinate, exactly where the question is linear in it, and crossed by a hair; so
thin regions are found as well as wide ones, and the border itself can be looked at.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from backproof.checking.functions.exact_run import Coordinate, ExactRun, Point
from backproof.numbers import exact_real
from backproof.numbers.exact_real import Real, is_finite, wide
from backproof.numbers.traced import ANSWERS, Condition
from backproof.numbers.traced_sweep import Reals, recorded, sweep, values_of

FAR = 10**7
"""A border farther out than this is left alone: behind a mask of -1e9 is no place to look."""

HAIR = Fraction(1, 2**110)
"""How far beyond a border the other side is looked at, relative to the way there, or to where."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two points close to a border, one on each side, and the point on it where that is exact.

    `beyond` are the answers that the other side should give, by the formulas of this one.
    """

    condition: Condition
    coordinate: Coordinate
    before: Point
    border: Point | None
    after: Point
    beyond: tuple[Any, ...]


@dataclass(slots=True)
class Exploration:
    """The runs, one a region, the crossings, and whether all was looked at."""

    runs: dict[tuple[Any, ...], ExactRun] = field(default_factory=dict)
    crossings: list[Crossing] = field(default_factory=list)
    complete: bool = True
    answers: dict[tuple[Any, ...], set[bool]] = field(default_factory=dict)
    work: int = 0

    def add(self, run: ExactRun) -> bool:
        """Note the region of `run`; return whether it is a new one."""
        self.work += run.size
        for asked in run.conditions:
            if not asked.tie:
                self.answers.setdefault(_site(asked), set()).add(asked.answer)
        if run.answers in self.runs:
            return False
        self.runs[run.answers] = run
        return True

    def one_sided(self) -> list[tuple[Any, ...]]:
        """Return the questions that got only one answer."""
        return [
            site
            for site, seen in self.answers.items()
            if len(seen) == 1 and site[1] not in ("==", "!=")
        ]


def _site(asked: Condition) -> tuple[Any, ...]:
    return (asked.place, asked.operator)


def explore(
    starts: Iterable[ExactRun],
    again: Callable[[Point], ExactRun | None],
    *,
    regions: int,
    work: int,
) -> Exploration:
    """Visit the regions around `starts`, flipping every question of every run in turn.

    `again` runs the code at a point, or returns None where the point is not allowed or gives
    nothing finite.  At most `regions` regions are visited and about `work` operations recorded.
    """
    found = Exploration()
    waiting: deque[Iterator[Crossing]] = deque()
    for run in starts:
        if found.add(run):
            waiting.append(_crossings(run, found))
    while waiting:
        crossings = waiting.popleft()
        crossing = next(crossings, None)
        if crossing is None:
            continue
        waiting.append(crossings)
        found.crossings.append(crossing)
        if crossing.beyond in found.runs:
            continue
        if len(found.runs) >= regions or found.work >= work:
            found.complete = False
            break
        beyond = again(crossing.after)
        if beyond is not None and beyond.tied:  # to 60 digits on a border: there is no slope
            found.complete = False
        elif beyond is not None and found.add(beyond):
            waiting.append(_crossings(beyond, found))
    return found


def _crossings(run: ExactRun, found: Exploration) -> Iterator[Crossing]:
    borders: dict[tuple[Any, ...], Crossing] = {}
    for asked in _by_turns(run.conditions):
        way = _way(run, asked)
        if way is None:
            found.complete = False
        elif way in borders:  # the border of an earlier question, looked at from this one
            yield replace(borders[way], condition=asked)
        else:
            borders[way] = _over(run, asked, way)
            yield borders[way]


def _by_turns(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Yield one question of each line, then a second of each line, and so on."""
    sites: dict[Any, dict[int, Condition]] = {}
    for asked in conditions:
        if not asked.tie:
            sites.setdefault(_site(asked), {}).setdefault(asked.difference.index, asked)
    rows = [list(site.values()) for site in sites.values()]
    for index in range(max(map(len, rows), default=0)):
        yield from (row[index] for row in rows if index < len(row))


Way = tuple[int, Fraction, bool]
"""The entry that is moved, where the border is, and whether that is exact."""


def _way(run: ExactRun, asked: Condition) -> Way | None:
    """Return the way to the border of one question, along the coordinate that matters most."""
    slopes = sweep([(asked.difference, Fraction(1))], recorded, Reals())
    useful = [index for index in run.coordinates if _is_slope(slopes.get(index))]
    useful.sort(key=lambda index: -abs(wide(slopes[index])))
    for index in useful[:3]:
        root = _root(run, asked, index, slopes[index])
        if root is not None and abs(root[0]) <= FAR:
            return (index, *root)
    return None


def _is_slope(slope: Real | None) -> bool:
    return slope is not None and is_finite(slope) and slope != 0


def _over(run: ExactRun, asked: Condition, way: Way) -> Crossing:
    index, border, known = way
    coordinate, value = run.coordinates[index]
    way_there = border - _fraction(value)
    # A start that is itself a hair away still has to come out where the question has an answer.
    step = max(abs(way_there), abs(border)) * HAIR * (1 if way_there > 0 else -1)
    point, after = run.point, border + step
    return Crossing(
        asked,
        coordinate,
        point.moved(coordinate, border - step),
        point.moved(coordinate, border) if known else None,
        point.moved(coordinate, after),
        _answers_at(run, index, after),
    )


def _answers_at(run: ExactRun, moved: int, value: Real) -> tuple[Any, ...]:
    """Return the answers to be expected where one coordinate has another value."""
    values = {index: old for index, (_, old) in run.coordinates.items()} | {moved: value}
    differences = [asked.difference for asked in run.conditions]
    at = values_of(differences, values, Reals())

    def answer(asked: Condition) -> bool:
        return ANSWERS[asked.operator](exact_real.sign(at(asked.difference)))

    answers = [(asked.place, asked.operator, answer(asked)) for asked in run.conditions]
    return (*answers, run.answers[-1])


def _root(run: ExactRun, asked: Condition, index: int, slope: Real) -> tuple[Fraction, bool] | None:
    """Return where the question changes its answer along one coordinate, and whether exactly so."""
    values = {i: value for i, (_, value) in run.coordinates.items()}
    start, height = values[index], asked.difference.value

    def at(place: Real) -> Real:
        return values_of([asked.difference], {**values, index: place}, Reals())(asked.difference)

    old = (start, height)
    new = exact_real.subtract(start, exact_real.divide(height, slope))
    for _ in range(60):
        reached = at(new)
        if not is_finite(reached):
            return None
        if exact_real.sign(reached, height) == 0:
            return _fraction(new), reached == 0 and isinstance(reached, Fraction)
        rise = exact_real.subtract(reached, old[1])
        if rise == 0:
            return None
        run_ = exact_real.subtract(new, old[0])
        old, new = (
            (new, reached),
            exact_real.subtract(new, exact_real.divide(exact_real.multiply(reached, run_), rise)),
        )
        new = exact_real.wide(new)
    return None


def _fraction(value: Real) -> Fraction:
    if isinstance(value, Fraction):
        return value
    sign, mantissa, exponent, _ = value._mpf_
    size: Fraction = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return -size if sign else size
